import type { X509Certificate } from 'node:crypto';
import { BootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';
import { MESSAGES } from './errors.js';
import { parseX509 } from './x509.js';

const CERTIFICATE_BLOCK =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/**
 * Reads every certificate of a PEM file, in its order; a file of DER holds one.
 *
 * @param settings what names this file, for messages: `is7.certificate`
 * @throws BootstrapError `FILE_UNREADABLE`, `CERTIFICATE_UNREADABLE`
 */
export async function readPemCertificates(
  path: string,
  settings: string,
): Promise<readonly [X509Certificate, ...X509Certificate[]]> {
  const bytes = await readPemBytes(path, settings);
  const blocks = bytes.toString('latin1').match(CERTIFICATE_BLOCK) ?? [];
  const parts = blocks.length > 0 ? blocks.map((block) => Buffer.from(block)) : [bytes];
  const [first, ...others] = parts.flatMap((part) => parseX509(part) ?? []);
  if (first && others.length === parts.length - 1) return [first, ...others];
  throw new BootstrapError(MESSAGES.CERTIFICATE_UNREADABLE.inFile(path, first));
}

/** The bytes of a PEM file. @throws BootstrapError `FILE_UNREADABLE` */
export async function readPemBytes(path: string, settings: string): Promise<Buffer> {
  try {
    return readWhole(path);
  } catch (cause) {
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE.pem(path, (cause as Error).message, settings), { cause });
  }
}
