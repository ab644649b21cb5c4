import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes a jar with nothing of use in it. */
export async function makeJar(file: string): Promise<void> {
  const folder = await mkdtemp(join(dirname(file), 'jar-'));
  try {
    await writeFile(join(folder, 'content'), '');
    await run('jar', ['cf', file, '-C', folder, 'content']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
