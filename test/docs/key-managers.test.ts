import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT_CODE_OF } from '../../src/codes.js';
import { KEY_MANAGER_KEYS, KEY_MANAGER_TABLES } from '../../src/config/key-manager.js';
import type { Shape } from '../../src/config/shape.js';
import { packageRoot } from '../../src/io/package-root.js';

const page = await readFile(join(packageRoot(), 'docs', 'key-managers.md'), 'utf8');

test('the table of docs/key-managers.md has every key of a [[key_manager]], in words of its own', () => {
  const tables: Readonly<Record<string, Shape>> = KEY_MANAGER_TABLES;
  const rows = Object.entries(KEY_MANAGER_KEYS).flatMap(([name, { meaning }]) => [
    [name, meaning],
    ...Object.entries(tables[name] ?? {}).map(([key, inner]) => [`${name}.${key}`, inner.meaning]),
  ]);
  assert.equal(rowsAfter('keys'), rows);
});

test('and every code of the proof', () => {
  const codes = Object.keys(EXIT_CODE_OF).filter((code) => code.startsWith('PROOF_') || code === 'ISSUER_MISMATCH');
  const named = rowsAfter('codes').map(([code]) => code);
  assert.equal([...named].sort(), codes.sort());
});

/** The rows of the table that follows a comment, without their backticks. */
function rowsAfter(comment: string): readonly (readonly string[])[] {
  const [, table = ''] = page.split(`<!-- ${comment} -->\n`);
  const [rows = ''] = table.split('\n\n');
  return rows
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.split(' | ').map((cell) => cell.replace(/^\| `?|`$| \|$/g, '')));
}

test.run();
