import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lookAt } from '../../src/database/mvstore/look.js';
import { readDatabase } from '../../src/database/mvstore/read-table.js';
import { readRows } from '../../src/database/mvstore/rows.js';
import type { Store } from '../../src/database/mvstore/store.js';
import { km, MAIN, withSandbox } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { freeOffset } from '../support/free-offset.js';
import { patient } from '../support/patience.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { setOffset } from '../support/set-offset.js';
import { withTempFolder } from '../support/temp-folder.js';

const OFFSET = await freeOffset();
/** What may be asked of a server with POST without changing it, but for our one client and the tokens it gets. */
const HARMLESS =
  /^POST \S+\/(client-registration\/v0\.17\/register|oauth2\/(token|introspect)|key-managers\/discover) /;
/** System calls that change a file, a folder or a name; of those that open only the ones for writing do. */
const CHANGING = ['creat', 'truncate', 'ftruncate', 'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'rmdir'];
CHANGING.push('mkdir', 'mkdirat', 'link', 'linkat', 'symlink', 'symlinkat', 'mknodat', 'chmod', 'fchmodat', 'chown');
CHANGING.push('lchown', 'fchownat', 'utimensat', 'setxattr');

test('in sync, an apply opens no file for writing, names, moves or removes none, and changes nothing on the servers', () =>
  withTempFolder(async (folder) => {
    const homes = await makePair(folder);
    const run = async (...words: string[]) => {
      const { exitCode, stdout, stderr } = await km(['apply', ...words, ...homes]);
      assert.is(exitCode, 0, stdout + stderr);
    };
    // So it is known to see what a run does that is not in sync.
    const { changes: first } = await traced(folder, ['--phase', 'offline', ...homes]);
    for (const change of first === undefined ? [] : CHANGES_OF_THE_FIRST) assert.match(first ?? '', change);
    const before = await snapshot(folder);
    await changesNothing(folder, ['--phase', 'offline', ...homes]);
    assert.equal(await snapshot(folder), before);

    await withSandbox(['--dir', folder], async () => {
      await run();
      const [held, files] = [[await heldByApim(folder), await heldByIs7(folder)], await names(folder)];
      const trace = await changesNothing(folder, homes);
      assert.equal([await heldByApim(folder), await heldByIs7(folder)], held);
      assert.equal(await names(folder), files);
      const requests = trace.match(/^(?:GET|POST|PUT|PATCH|DELETE) https:.*$/gm) ?? [];
      assert.ok(requests.length >= 5, trace);
      const others = requests.filter((request) => !request.startsWith('GET ') && !HARMLESS.test(request));
      assert.equal(others, []);
    });
  }));

/** What a first apply must be seen to do. */
const CHANGES_OF_THE_FIRST = [
  /rename\w*\(.*deployment\.toml"/,
  /rename\w*\(.*client-truststore\.p12"/,
  /open\w*\(.*client-truststore\.jks\S*".*O_WRONLY/,
  /open\w*\(.*WSO2IDENTITY_DB\.mv\.db".*O_RDWR/,
  /unlink\w*\(.*\.km-bootstrap\.lock"/,
];

/** Applies once more. Returns the trace of its requests. */
async function changesNothing(folder: string, words: readonly string[]): Promise<string> {
  const { said, requests, changes } = await traced(folder, words);
  assert.match(said, 'Nothing changed');
  assert.is(changes ?? '', '');
  return requests;
}

interface Traced {
  readonly said: string;
  readonly requests: string;
  /** The calls that change something below the folder; undefined without strace. */
  readonly changes: string | undefined;
}

/** Applies, under strace where it is there. */
async function traced(folder: string, words: readonly string[]): Promise<Traced> {
  const strace = hasStrace() ? ['strace', '-f', '-qq', '-s', '512', '-o', `${folder}.strace`] : [];
  if (strace.length > 0) strace.push('-e', `trace=open,openat,${CHANGING.join(',')}`);
  const [program = 'node', ...before] = [...strace, 'node'];
  const { exitCode, stdout, stderr } = await execa(program, [...before, MAIN, 'apply', '-vv', ...words], {
    reject: false,
    stdin: 'ignore',
    timeout: patient(120_000),
  });
  assert.is(exitCode, 0, stdout + stderr);
  if (strace.length === 0) return { said: stdout, requests: stderr, changes: undefined };
  const calls = await readFile(`${folder}.strace`, 'utf8');
  await rm(`${folder}.strace`);
  return { said: stdout, requests: stderr, changes: changesIn(calls, folder) };
}

function changesIn(trace: string, folder: string): string {
  // What is written is reached by way of its folder, held open; keytool works in a folder of ours.
  const ours = [`"${folder}`, '"/proc/self/fd/', join(tmpdir(), 'km-bootstrap-')];
  const calls = trace.split('\n').filter((line) => ours.some((path) => line.includes(path)));
  assert.ok(calls.length > 5, 'strace saw the homes');
  return calls.filter((line) => !/ open(at)?\(/.test(line) || /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(line)).join('\n');
}

function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stdout.write('skipped: the system calls of a run in sync, which takes strace (apt-get install strace)\n');
    return false;
  }
}

async function makePair(folder: string): Promise<readonly string[]> {
  await makeSandboxHomes(folder);
  const [is7, apim] = [join(folder, 'wso2is-7.2.0'), join(folder, 'wso2am-4.5.0')];
  await setOffset(is7, OFFSET + 1);
  await setOffset(apim, OFFSET);
  return ['--is7-home', is7, '--apim-home', apim];
}

/** Rows of every kind that the stand-in of API Manager holds, and its Key Managers whole; tokens come and go. */
async function heldByApim(folder: string): Promise<unknown> {
  const file = join(folder, 'wso2am-4.5.0', 'repository', 'database', 'sandbox-apim.json');
  const state = JSON.parse(await readFile(file, 'utf8')) as Record<string, readonly unknown[]>;
  const { tokens, ...lasting } = state;
  return {
    ...Object.fromEntries(Object.entries(lasting).map(([name, rows]) => [name, rows.length])),
    keyManagers: lasting['keyManagers'],
  };
}

/** How many rows each table of the identity database has, while the server holds the file. */
async function heldByIs7(folder: string): Promise<readonly string[]> {
  const path = join(folder, 'wso2is-7.2.0', 'repository', 'database', 'WSO2IDENTITY_DB.mv.db');
  const count = (store: Store) => {
    const { definition, ...database } = readDatabase(store);
    return definition.tables.map(({ id, name }) => {
      const pages = [...readRows({ ...database, mapName: `table.${id}`, columns: [] })];
      return `${name}: ${pages.flat().length}`;
    });
  };
  const counts = await lookAt(path, count, new AbortController().signal);
  assert.ok(
    counts.some((row) => /^IDN_OAUTH_CONSUMER_APPS: \d+$/.test(row)),
    counts.join(),
  );
  return counts;
}

async function names(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

test.run();
