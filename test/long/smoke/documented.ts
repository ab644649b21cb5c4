import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../src/io/package-root.js';

/**
 * The blocks of a page that say by what they are run: `<!-- not run: …; scripts/smoke runs it: NAME -->` before a block of shell.
 *
 * @returns text by name; blocks of one name follow each other
 */
export async function documentedCommands(page: string): Promise<ReadonlyMap<string, string>> {
  const markdown = await readFile(join(packageRoot(), page), 'utf8');
  const found = new Map<string, string>();
  for (const [, name = '', text = ''] of markdown.matchAll(BLOCK)) found.set(name, (found.get(name) ?? '') + text);
  return found;
}

const BLOCK = /<!-- not run: [^>]*scripts\/smoke runs it: ([\w-]+) -->\n```sh\n([\s\S]*?)```/g;
