import forge from 'node-forge';

const BLOCK = 8;
const ROTATIONS = [1, 2, 3, 5] as const;

/**
 * Decrypts RC2 in CBC mode (RFC 2268), the padding left on. Stores of IS 7.1 and later are encrypted so; OpenSSL 3 has no RC2 any more,
 * and node-forge's takes a second for such a store, so only its key expansion is used.
 */
export function decryptRc2Cbc(key: Buffer, effectiveBits: number, iv: Buffer, sealed: Buffer): Buffer {
  const schedule = expandKey(key, effectiveBits);
  const clear = Buffer.alloc(sealed.length);
  const words = new Uint16Array(4);
  for (let at = 0; at + BLOCK <= sealed.length; at += BLOCK) {
    for (let i = 0; i < 4; i++) words[i] = sealed.readUInt16LE(at + 2 * i);
    decryptBlock(words, schedule);
    const [previous, from] = at === 0 ? [iv, 0] : [sealed, at - BLOCK];
    for (let i = 0; i < 4; i++) clear.writeUInt16LE((words[i] ?? 0) ^ previous.readUInt16LE(from + 2 * i), at + 2 * i);
  }
  return clear;
}

function expandKey(key: Buffer, effectiveBits: number): Uint16Array {
  const expanded = forge.rc2.expandKey(key.toString('latin1'), effectiveBits).getBytes();
  const bytes = Buffer.from(expanded, 'latin1');
  return Uint16Array.from({ length: 64 }, (_, index) => bytes.readUInt16LE(2 * index));
}

/** Sixteen mixing rounds backwards, with a mashing round after the fifth and the eleventh. */
function decryptBlock(words: Uint16Array, schedule: Uint16Array): void {
  for (let round = 15; round >= 0; round--) {
    for (let i = 3; i >= 0; i--) unmix(words, i, schedule[4 * round + i] ?? 0);
    if (round === 11 || round === 5) unmash(words, schedule);
  }
}

function unmix(words: Uint16Array, i: number, subkey: number): void {
  const [one, two, three] = [words[(i + 3) & 3] ?? 0, words[(i + 2) & 3] ?? 0, words[(i + 1) & 3] ?? 0];
  const word = words[i] ?? 0;
  const turn = ROTATIONS[i as 0 | 1 | 2 | 3];
  words[i] = ((word >>> turn) | (word << (16 - turn))) - subkey - (one & two) - (~one & three);
}

function unmash(words: Uint16Array, schedule: Uint16Array): void {
  for (let i = 3; i >= 0; i--) words[i] = (words[i] ?? 0) - (schedule[(words[(i + 3) & 3] ?? 0) & 63] ?? 0);
}
