import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Gives a fresh home of the sandbox a `[server] offset`; both servers take a number and a text. */
export async function setOffset(home: string, offset: number | string): Promise<void> {
  const file = join(home, 'repository', 'conf', 'deployment.toml');
  const entry = `[server]\noffset = ${JSON.stringify(offset)}\n`;
  await writeFile(file, (await readFile(file, 'utf8')).replace('[server]\n', entry));
}
