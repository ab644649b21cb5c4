// Kills an offline apply before and after every write, rename, child process and statement, and fails every operation on a file with a
// full and a broken disk: the next apply must end where an undisturbed one does.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WORDS = ['apply', '--phase', 'offline', '--json'];

/** @param every of so many points one is tried: 1 is all of them */
export async function tortureKill({ build, every }) {
  const { prepareTrial, recovers } = await import(join(build, 'test', 'support', 'faults.js'));
  const folder = await mkdtemp(join(tmpdir(), 'km torture-'));
  try {
    const trial = await prepareTrial(folder, WORDS);
    const onFiles = trial.points.filter((point) => point.startsWith('file ')).length;
    const faults = [
      ...upTo(trial.points.length, every).flatMap((at) => ['before', 'after'].map((does) => ({ at, does }))),
      ...upTo(onFiles, every).flatMap((at) => ['ENOSPC', 'EIO', 'EACCES'].map((does) => ({ at, does }))),
    ];
    let killed = 0;
    for (const fault of faults) if ((await recovers(trial, WORDS, fault)).signal === 'SIGKILL') killed += 1;
    return `${trial.points.length} points, one in ${every} tried: killed ${killed} times, ${faults.length - killed} other faults, each mended by the next apply`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function upTo(last, every) {
  return Array.from({ length: Math.ceil(last / every) }, (_, index) => 1 + index * every);
}
