import { readFile, writeFile } from 'node:fs/promises';
import type { Engine } from './engine.js';

const BLOCK = 4096;

/** Changes fields of the store header and its copy, and signs them anew with H2's own checksum. */
export async function changeHeaders(
  { java }: Engine,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  const bytes = await readFile(path);
  for (const start of [0, BLOCK]) {
    const text = bytes.toString('latin1', start, start + BLOCK).replace(/,fletcher:.*$/s, '');
    const changed = Object.entries(fields).reduce(
      (header, [key, value]) => header.replace(new RegExp(`\\b${key}:[^,]*`), `${key}:${value}`),
      text,
    );
    const signed = java.newArray('byte', [...Buffer.from(changed, 'latin1')]);
    const checksum: number = java.callStaticMethodSync(
      'org.h2.mvstore.DataUtils',
      'getFletcher32',
      signed,
      0,
      changed.length,
    );
    const header = `${changed},fletcher:${(checksum >>> 0).toString(16)}\n`;
    bytes.fill(0, start, start + BLOCK).write(header, start, 'latin1');
  }
  await writeFile(path, bytes);
}
