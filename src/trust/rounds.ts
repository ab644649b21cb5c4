import { type Asn1, childrenOf, integerOf, oidOf } from './asn1.js';

const PBES2 = '1.2.840.113549.1.5.13';

/** What the JDK takes at the most for one key. */
const MOST_FOR_ONE_KEY = 5_000_000;

/** What is derived in this process, where nothing else goes on meanwhile: a second or so. Shipped stores ask for 200,000 at the most. */
const MOST_HERE = 1_000_000;

/**
 * Judges rounds of key derivation before any is made: a hostile file must not keep us busy.
 *
 * @param counts the rounds that each key of one file takes
 * @returns `too many`: more than can be made in this process; Java, which is a process of its own that can be ended, may try
 * @throws Error with the reason, when one key asks for more than even Java makes, or for none
 */
export function judgeRounds(counts: readonly number[]): 'fine' | 'too many' {
  for (const rounds of counts) {
    if (!(rounds >= 1 && rounds <= MOST_FOR_ONE_KEY))
      throw new Error(`it asks for ${rounds} iterations of key derivation, and 1 to ${MOST_FOR_ONE_KEY} are allowed`);
  }
  return counts.reduce((sum, rounds) => sum + rounds, 0) > MOST_HERE ? 'too many' : 'fine';
}

/** The rounds that an AlgorithmIdentifier of encryption by password asks for; none where it is no such thing, which shows when it is used. */
export function roundsOf(algorithm: Asn1 | undefined): readonly number[] {
  try {
    const [scheme, parameters] = childrenOf(algorithm);
    const derivation = oidOf(scheme) === PBES2 ? childrenOf(childrenOf(parameters)[0])[1] : parameters;
    const count = childrenOf(derivation)[1];
    return count ? [integerOf(count)] : [];
  } catch {
    return [];
  }
}
