import type { BootstrapError } from '../../errors.js';
import { listEntries } from '../../jvm/keytool.js';
import type { RawEntry, RawStore } from './raw-entry.js';
import type { StoreFile } from './store-file.js';
import type { StoreFormat } from './store-format.js';

/** Why Java did not read a store; the message ends a sentence. */
export interface JavaRefusal {
  readonly failure: 'wrong-password' | 'damaged' | 'unsupported';
  readonly message: string;
}

/**
 * Reads a store through keytool, with the providers that its Java is set up with. Private keys are not seen: that one is there, and its
 * certificates, is all that is told.
 */
export async function readByJava(store: StoreFile, format: StoreFormat): Promise<RawStore | JavaRefusal> {
  const { path, password, keytool } = store;
  if (!keytool) return { failure: 'unsupported', message: 'there is no Java to ask' };
  try {
    const listing = await listEntries({ path, format, password }, keytool);
    return { entries: entriesIn(listing), protection: `that of Java's ${format}`, hasMac: true };
  } catch (error) {
    return refusalOf(error as BootstrapError, format);
  }
}

/** Of SunJCE; of Bouncy Castle's BKS; of its BCFKS. */
const WRONG_PASSWORD = /password was incorrect|integrity check failed|MAC calculation failed/;

function refusalOf({ code, message }: BootstrapError, format: StoreFormat): JavaRefusal {
  const reason = message.split('\n')[0] ?? '';
  if (code === 'KEYTOOL_MISSING') return { failure: 'unsupported', message: reason };
  if (/ not found$/.test(reason)) return { failure: 'unsupported', message: `the Java of keytool has no ${format}` };
  return { failure: WRONG_PASSWORD.test(reason) ? 'wrong-password' : 'damaged', message: reason };
}

const KINDS = { trustedCertEntry: 'trusted', PrivateKeyEntry: 'key', SecretKeyEntry: 'secret' } as const;
const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g;

/** Each entry is a paragraph of its own that begins with its alias. */
function entriesIn(listing: string): readonly RawEntry[] {
  return listing
    .split(/^Alias name: /m)
    .slice(1)
    .map(entryOf);
}

function entryOf(text: string): RawEntry {
  const [alias = ''] = text.split(/\r?\n/, 1);
  const kind = KINDS[(/^Entry type: (\w+)/m.exec(text)?.[1] ?? '') as keyof typeof KINDS] ?? 'secret';
  const createdAtMs = Date.parse(`${/^Creation date: (.+)$/m.exec(text)?.[1]} UTC`);
  return {
    alias: alias.toLowerCase(),
    kind,
    chain: [...text.matchAll(CERTIFICATE_BLOCK)].map(([, base64 = '']) => Buffer.from(base64, 'base64')),
    sealedKey: Buffer.alloc(0),
    ...(Number.isNaN(createdAtMs) ? {} : { createdAtMs }),
  };
}
