import childProcess from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import fs from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

/**
 * Loaded before the program (`node --import`), for tests only: numbers every write, rename, child process, statement and request of a run,
 * and kills the process there, or makes that operation fail.
 *
 * `FAULT_LOG` a file that gets a line for each point as it is reached; `FAULT_AT` the point, from 1; `FAULT` what happens there: `before`
 * and `after` are SIGKILL around the operation, anything else is the code of the error that it fails with (`ENOSPC`): then only operations
 * on files count.
 */
const { FAULT_LOG, FAULT_AT, FAULT } = process.env;
const isDeath = FAULT === 'before' || FAULT === 'after';
let reached = 0;

interface Point {
  readonly isHere: boolean;
}

/** Only what works on a file can fail by an error of the disk: these are counted apart. */
function point(name: string, kind: 'file' | 'other' = 'other'): Point {
  if (FAULT_LOG) fs.appendFileSync(FAULT_LOG, `${kind} ${name}\n`);
  if (!isDeath && kind === 'other') return { isHere: false };
  reached += 1;
  const isHere = String(reached) === FAULT_AT;
  if (isHere && FAULT === 'before') die();
  if (isHere && !isDeath) throw Object.assign(new Error(`${FAULT}: injected at ${name}`), { code: FAULT });
  return { isHere };
}

function leave({ isHere }: Point): void {
  if (isHere && FAULT === 'after') die();
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way: nothing else is done.
  for (;;);
}

type Operation = (...args: unknown[]) => Promise<unknown>;

/** Around an asynchronous operation. */
function around(holder: object, name: string, describe: (args: readonly unknown[]) => string | undefined): void {
  const operations = holder as Record<string, Operation>;
  const original = operations[name];
  if (!original) throw new Error(`there is no ${name} to watch`);
  operations[name] = async function watched(this: unknown, ...args: unknown[]) {
    const what = describe(args);
    if (what === undefined) return original.apply(this, args);
    const here = point(`${name} ${what}`, 'file');
    try {
      return await original.apply(this, args);
    } finally {
      leave(here);
    }
  };
}

const fileNamed = ([path]: readonly unknown[]) =>
  basename(String(path)).replace(/[0-9a-f]{12}|-\w{6}$|^km-bootstrap-[\d-]+$/, 'RANDOM');

for (const name of [
  'rename',
  'rm',
  'rmdir',
  'unlink',
  'mkdir',
  'mkdtemp',
  'chmod',
  'chown',
  'copyFile',
  'writeFile',
  'appendFile',
  'link',
  'unlink',
]) {
  around(promises, name, fileNamed);
}
/** To write: by letters, or by bits. */
const writes = (flags: unknown) =>
  typeof flags === 'number'
    ? (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0
    : /[wax+]/.test(String(flags));
around(promises, 'open', (args) => (writes(args[1] ?? 'r') ? fileNamed(args) : undefined));
const handle = await promises.open('/dev/null', 'r');
const handles = Object.getPrototypeOf(handle) as FileHandle;
await handle.close();
for (const name of ['writeFile', 'write', 'truncate', 'sync', 'chmod', 'chown']) around(handles, name, () => 'a file');

const spawn = childProcess.spawn as unknown as (...args: unknown[]) => childProcess.ChildProcess;
childProcess.spawn = ((...args: unknown[]) => {
  const name = basename(String(args[0]));
  const here = point(`spawn ${name}`);
  const child = spawn(...args);
  leave(here);
  child.once('exit', () => leave(point(`exit of ${name}`)));
  return child;
}) as typeof childProcess.spawn;
syncBuiltinESMExports();

/** What a database is told. */
const SPOKEN = new Set(['connect', 'execute', 'executeQuery', 'close']);
watchJava();

/** The bridge to Java is wrapped as it is loaded. */
function watchJava(): void {
  const require = createRequire(import.meta.url);
  const { _load: load } = require('node:module') as { _load: (...args: unknown[]) => unknown };
  (require('node:module') as { _load: unknown })._load = function watched(this: unknown, ...args: unknown[]) {
    const loaded = load.apply(this, args);
    if (args[0] === 'java') watchCalls(loaded as Record<string, unknown>);
    return loaded;
  };
}

const watched = new WeakSet<object>();

function watchCalls(java: Record<string, unknown>): void {
  if (watched.has(java)) return;
  watched.add(java);
  const original = java['callMethod'] as (...args: unknown[]) => void;
  java['callMethod'] = (...args: unknown[]) => {
    const method = String(args[1]);
    if (!SPOKEN.has(method)) return original.apply(java, args);
    const callback = args.at(-1) as (...results: unknown[]) => void;
    const here = point(`${method} ${method.startsWith('execute') ? String(args[2]).trim().slice(0, 40) : ''}`);
    return original.call(java, ...args.slice(0, -1), (...results: unknown[]) => {
      leave(here);
      callback(...results);
    });
  };
}

/** Requests, by what the HTTP client tells of itself. */
const requests = new WeakMap<object, Point>();
diagnostics.subscribe('undici:request:create', (message) => {
  const { request } = message as { request: { method: string; path: string } };
  requests.set(request, point(`${request.method} ${request.path.replace(/[0-9a-f-]{36}/g, 'ID').replace(/\?.*/, '')}`));
});
diagnostics.subscribe('undici:request:trailers', (message) => {
  const here = requests.get((message as { request: object }).request);
  if (here) leave(here);
});
