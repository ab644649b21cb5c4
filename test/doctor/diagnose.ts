import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCommandLine } from '../../src/cli/parse.js';
import { diagnose } from '../../src/commands/doctor.js';
import type { Finding } from '../../src/doctor/finding.js';
import { createReporter } from '../../src/report/reporter.js';
import { makeZip } from './make-zip.js';
import { type Pair, zipEntriesOf } from './pairs.js';

/** What `km-bootstrap doctor` finds, in this process. */
export async function findingsOf(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly Finding[]> {
  const command = parseCommandLine(['doctor', ...words]);
  if (command.name !== 'doctor') throw new Error('doctor is a command of its own');
  return diagnose(command, {
    reporter: createReporter({ json: false, verbosity: -1, color: false }),
    signal: new AbortController().signal,
    environment,
    workingFolder: '/',
  });
}

export function ofHomes({ is7, apim, environment }: Pair): Promise<readonly Finding[]> {
  return findingsOf(['--is7-home', is7, '--apim-home', apim], environment);
}

/** The same homes as a person would send them: one ZIP file, a folder deep, volumes and all. */
export async function ofBundle(pair: Pair): Promise<readonly Finding[]> {
  const entries = await zipEntriesOf(pair.folder, 'case-4711/');
  const path = join(pair.folder, 'support.zip');
  await writeFile(path, makeZip(entries));
  return findingsOf(['--bundle', path], pair.environment);
}
