import { execFileSync } from 'node:child_process';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFile } from '../../../src/database/mvstore/check-file.js';
import { lookAt } from '../../../src/database/mvstore/look.js';
import { withTempFolder } from '../../support/temp-folder.js';
import { kindOf, makeSmallDatabase, outcomeOfEachByte } from './changed-bytes.js';
import { type Engine, engineOf } from './engine.js';
import { factsIn, readFacts, readFactsAtOnce } from './facts.js';
import { changeHeaders } from './headers.js';

const BLOCK = 4096;

/** Every byte is a case in the long round; here, one in so many. */
const STRIDE = 499;

const engine: Engine = engineOf('2.2.224');

test('a file with any byte changed reads as before, or as something else, or not at all', () =>
  withDatabase(async (path) => {
    const { same, refused } = await outcomeOfEachByte(path, STRIDE);
    assert.ok(same > 0 && refused > 0, `${same} the same, ${refused} refused`);
  }));

test('a file that was cut off anywhere is damaged', () =>
  withDatabase(async (path) => {
    for (let size = (await readFile(path)).length - 1; size > 0; size -= BLOCK + 1) {
      await truncate(path, size);
      assert.is(await readFactsAtOnce(path).catch(kindOf), 'damaged', String(size));
    }
  }));

test('what is no store of H2 2.2 or later is said to be so', () =>
  withDatabase(async (path, folder) => {
    const [directory, pipe, other] = ['folder', 'pipe', 'other'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await mkdir(directory);
    execFileSync('mkfifo', [pipe]);
    for (const place of [directory, pipe, '/dev/zero']) {
      assert.is(await readFacts(place).catch(kindOf), 'not a file', place);
    }
    for (const [text, kind] of [
      ['', 'damaged'],
      ['H2encrypt\n', 'encrypted'],
      ['-- H2 0.5/B --      \n', 'unknown format'],
      ['PK\u0003\u0004', 'unknown format'],
      ['H:2,', 'damaged'],
    ] as const) {
      await writeFile(other, text.padEnd(text === '' ? 0 : BLOCK * 4, '\0'));
      assert.is(await readFacts(other).catch(kindOf), kind, JSON.stringify(text));
    }
    for (const format of ['1', '2', '4']) {
      await changeHeaders(engine, path, { format });
      assert.is(await readFactsAtOnce(path).catch(kindOf), 'unknown format', format);
    }
  }));

test('a file that H2 encrypted is said to be so', () =>
  withTempFolder(async (folder) => {
    const path = join(folder, 'E');
    const connection = engine.connect(path, ';CIPHER=AES', 'file user');
    connection.execute('CREATE TABLE T (A INT)');
    connection.close();
    assert.is(await readFacts(`${path}.mv.db`).catch(kindOf), 'encrypted');
    assert.is(await checkFile(`${path}.mv.db`).catch(kindOf), 'encrypted');
  }));

test('an abort ends a look at a file that is never at rest', () =>
  withDatabase(async (path) => {
    await writeFile(path, 'H:2,');
    const writing = setInterval(() => writeFile(path, 'H:2,'), 1);
    const error = await lookAt(path, factsIn, AbortSignal.timeout(200)).catch((thrown: Error) => thrown);
    clearInterval(writing);
    assert.match(String(error), /abort|timeout/i);
  }));

async function withDatabase(use: (path: string, folder: string) => Promise<void>): Promise<void> {
  await withTempFolder((folder) => use(makeSmallDatabase(engine, folder), folder));
}

test.run();
