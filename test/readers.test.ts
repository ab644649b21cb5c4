import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../src/io/package-root.js';

const SRC = join(packageRoot(), 'src');
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(SRC, path), 'utf8') }));

/** What opens a file for its content. */
const READS =
  /\b(?:readFile(?:Sync)?|createReadStream|openSync|open|openAsBlob|readv|FileHandle)\b[^;]*?\bfrom 'node:fs(?:\/promises)?'/;

/** Files that read what no user and no home names, or that write: each says why it may. */
const MAY_READ: Readonly<Record<string, string>> = {
  'io/read-whole.ts': 'it is the reader of all that is named by others',
  'io/package-root.ts': 'package.json of this program',
  'io/mounts.ts': '/proc',
  'io/process-identity.ts': '/proc',
  'io/process-start.ts': '/proc',
  'io/held-folder.ts': 'opens folders',
  'io/make-folder.ts': 'opens folders, which it has just made',
  'io/ownership.ts': 'opens what was just made, to give it away',
  'io/lock.ts': 'locks have an opening of their own: without following links, of so many bytes',
  'io/write-file.ts': 'opens to write, what was not there, and folders; /proc',
  'io/overwrite-file.ts': 'opens to write',
  'io/backup.ts': 'opens what it has just written',
  'local-stack/start-server.ts': 'opens to write',
  'container/entrypoint.ts': 'opens to write',
  'database/drivers/h2-file.ts': 'asks for the right to write the file, which H2 does',
};

test('nobody but config/environment reads the variables of the process', () => {
  const readers = sources.filter(({ text }) => /\bprocess\s*\.\s*env\b|\benv\b[^;]*from 'node:process'/.test(text));
  assert.equal(
    readers.map(({ path }) => path),
    ['config/environment.ts'],
  );
});

test('what a user or a home names is read by io/read-whole alone', () => {
  const readers = sources.filter(({ text }) => text.split(/(?<=;)\n/).some((statement) => READS.test(statement)));
  assert.equal(
    readers.map(({ path }) => path).filter((path) => !(path in MAY_READ)),
    [],
  );
  const paths = readers.map(({ path }) => path);
  assert.equal(
    Object.keys(MAY_READ).filter((path) => !paths.includes(path)),
    [],
    'these read nothing any more',
  );
});

test('nobody takes all of node:fs, by which a reader could be missed', () => {
  const whole = sources.filter(({ text }) =>
    /import (?!type\b)(?:\w+|\* as \w+)[^;]*from 'node:fs|require\('(?:node:)?fs/.test(text),
  );
  assert.equal(
    whole.map(({ path }) => path),
    [],
  );
});

test.run();
