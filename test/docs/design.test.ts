import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/io/package-root.js';
import { FLOORS } from '../support/house.js';

const ROOT = packageRoot();

test('what a comment cites of the docs is there, page and section', () => {
  const missing = sourceFiles().flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return [...text.matchAll(/\b(docs\/[\w/-]+\.md)(?:, ([\w .,-]+)\))?/g)]
      .filter(([, page = '', section]) => !isThere(page, section))
      .map(([cited]) => `${path} cites ${cited}`);
  });
  assert.equal(missing, []);
});

test('docs/design/architecture.md has every room of the house', () => {
  const page = readFileSync(join(ROOT, 'docs', 'design', 'architecture.md'), 'utf8');
  const rooms = FLOORS.flat().filter((room) => !['main.ts', 'container'].includes(room));
  assert.equal(
    rooms.filter((room) => !page.includes(`\`${room}\``)),
    [],
  );
});

test('every row of docs/design/facts.md says how it is known', () => {
  const page = readFileSync(join(ROOT, 'docs', 'design', 'facts.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| fact |'));
  const facts = rows.slice(rows.findIndex((line) => line.startsWith('| page |')) + 1);
  assert.ok(facts.length > 40);
  assert.equal(
    facts.filter((row) => !/\| (run|recorded|definition|read|file|page)(:|;| \|)[^|]*\|?$/.test(row)),
    [],
  );
});

function isThere(page: string, section: string | undefined): boolean {
  if (!existsSync(join(ROOT, page))) return false;
  return section === undefined || readFileSync(join(ROOT, page), 'utf8').includes(`\n## ${section}\n`);
}

function sourceFiles(): readonly string[] {
  return ['src', 'sandbox'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
}

test.run();
