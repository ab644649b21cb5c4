import type { X509Certificate } from 'node:crypto';
import { BootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';
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
  throw new BootstrapError(`${path} holds ${first ? 'a block that is no' : 'no'} X.509 certificate`, {
    code: 'CERTIFICATE_UNREADABLE',
    hint: 'Give a file with the PEM of the server certificate: a block from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".',
  });
}

/** The bytes of a PEM file. @throws BootstrapError `FILE_UNREADABLE` */
export async function readPemBytes(path: string, settings: string): Promise<Buffer> {
  try {
    return readWhole(path);
  } catch (cause) {
    throw new BootstrapError(`cannot read ${path}: ${(cause as Error).message}`, {
      code: 'FILE_UNREADABLE',
      hint: `Check the setting ${settings}, and that the user that runs km-bootstrap may read the file.`,
      cause,
    });
  }
}
