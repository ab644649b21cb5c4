import { lstat, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processStart } from './process-start.js';
import { unwritable } from './unwritable.js';

/** `km-bootstrap-<name space of its process id>-<process id>-<when it started>-<random>` */
const NAME = /^km-bootstrap-(\d*)-(\d+)-(\d*)-[A-Za-z0-9]{6}$/;

/**
 * Lends an empty folder among temporary files that nobody else may look into, for what is worked on by name: copies of stores, bundles.
 * It is removed afterwards, and with it those of runs of this user that were killed.
 *
 * @throws BootstrapError `FILE_UNWRITABLE`
 */
export async function withPrivateFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await sweep(tmpdir());
  const start = (await processStart(process.pid)) ?? '';
  const beginning = join(tmpdir(), `km-bootstrap-${await nameSpace()}-${process.pid}-${digitsOf(start)}-`);
  const folder = await mkdtemp(beginning).catch(async (cause) => {
    throw await unwritable(`make a folder in ${tmpdir()} (TMPDIR names another)`, tmpdir(), cause);
  });
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Only what is this user's own, so that nobody else decides what is removed. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const [, space, pid, start] = NAME.exec(name) ?? [];
    // Of a process in another container nobody can tell from here whether it lives.
    if (pid === undefined || start === undefined || space !== (await nameSpace())) continue;
    const found = await lstat(join(root, name)).catch(() => undefined);
    if (!found?.isDirectory() || found.uid !== process.geteuid?.() || (found.mode & 0o077) !== 0) continue;
    if (digitsOf((await processStart(Number(pid))) ?? 'gone') === start) continue;
    await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function nameSpace(): Promise<string> {
  return digitsOf(await readlink('/proc/self/ns/pid').catch(() => ''));
}

function digitsOf(start: string): string {
  return start.replace(/\D/g, '');
}
