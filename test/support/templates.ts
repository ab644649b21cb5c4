import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the files of one run of the tests keep what all of them need; the runner makes it and removes it. */
export const TEMPLATES = process.env['TEST_TEMPLATES'];

/**
 * Fills a folder with a copy of what `make` makes, which is made once in a run of the tests. Outside of one it is made in the folder.
 *
 * @param name of the template: the same name, the same content
 */
export async function fromTemplate(
  name: string,
  folder: string,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (TEMPLATES === undefined) return make(folder);
  const template = join(TEMPLATES, encodeURIComponent(name));
  if (!existsSync(template)) await putInPlace(template, make);
  await cp(template, folder, { recursive: true, preserveTimestamps: true });
}

/** Two files that need the same at the same time both make it, and the first is kept. */
async function putInPlace(template: string, make: (folder: string) => Promise<void>): Promise<void> {
  const made = await mkdtemp(`${template}.`);
  await make(made);
  await rename(made, template).catch(async (error) => {
    if (!existsSync(template)) throw error;
    await rm(made, { recursive: true });
  });
}
