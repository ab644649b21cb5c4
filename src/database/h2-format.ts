import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';

/**
 * Refuses to let an engine write a file of an older format, which it would upgrade for good, so that the server's own, older engine
 * could no longer open it. The format is in the clear at the start of the file.
 *
 * @throws BootstrapError `DATABASE_FORMAT_OLDER`
 */
export async function requireSameFormat(
  file: { readonly label: string; readonly path: string },
  engineJar: string,
): Promise<void> {
  const [found, written] = [await formatOf(file.path), formatWrittenBy(basename(engineJar))];
  if (found === undefined || found >= written) return;
  throw new BootstrapError(MESSAGES.DATABASE_FORMAT_OLDER(file.label, found, basename(engineJar), written, file.path));
}

const HEADER_BYTES = 4096;

/** Undefined for a file that is encrypted or empty: H2 itself will tell. */
async function formatOf(path: string): Promise<number | undefined> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const format = /^H:2,[^\n]*\bformat:(\d+)/.exec(buffer.toString('latin1', 0, bytesRead))?.[1];
    return format === undefined ? undefined : Number(format);
  } finally {
    await file.close();
  }
}

/** By the version in the jar's name (https://h2database.com/html/migration-to-v2.html, changelog 2.2.220); one without is taken for new. */
function formatWrittenBy(jar: string): number {
  const [, major, minor] = /(\d+)\.(\d+)\.\d+/.exec(jar) ?? [];
  if (major === '1') return 1;
  return major === '2' && Number(minor) < 2 ? 2 : 3;
}
