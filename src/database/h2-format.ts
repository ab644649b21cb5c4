import { readSync } from 'node:fs';
import { basename } from 'node:path';
import { BootstrapError } from '../errors.js';
import { withDescriptor } from '../io/read-whole.js';

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
  throw new BootstrapError(
    `the database ${file.label} has the older format ${found}, which ${basename(engineJar)} would upgrade to ${written} for good: ${file.path}`,
    {
      code: 'DATABASE_FORMAT_OLDER',
      hint: 'Nothing was changed. Give the H2 jar that the server itself ships (repository/components/plugins/h2-engine_*.jar) as database.driver_jar.',
    },
  );
}

const HEADER_BYTES = 4096;

/** Undefined for a file that is encrypted or empty: H2 itself will tell. */
async function formatOf(path: string): Promise<number | undefined> {
  const header = Buffer.alloc(HEADER_BYTES);
  const length = withDescriptor(path, (file) => readSync(file, header, 0, HEADER_BYTES, 0));
  const format = /^H:2,[^\n]*\bformat:(\d+)/.exec(header.toString('latin1', 0, length))?.[1];
  return format === undefined ? undefined : Number(format);
}

/** By the version in the jar's name (https://h2database.com/html/migration-to-v2.html, changelog 2.2.220); one without is taken for new. */
function formatWrittenBy(jar: string): number {
  const [, major, minor] = /(\d+)\.(\d+)\.\d+/.exec(jar) ?? [];
  if (major === '1') return 1;
  return major === '2' && Number(minor) < 2 ? 2 : 3;
}
