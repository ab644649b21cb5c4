// Kills an offline apply before and after every write, rename, child process and statement, and fails every operation on a file with a
// full and a broken disk: the next apply must end where an undisturbed one does. Then the same deaths for registering and for the proof,
// at every request.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WORDS = ['apply', '--phase', 'offline', '--json'];
const OFFSET = 35_500;

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
    const online = await killOnline({ build, every, folder: join(folder, 'online') });
    return `${trial.points.length} points, one in ${every} tried: killed ${killed} times, ${faults.length - killed} other faults, each mended by the next apply; ${online}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function killOnline({ build, every, folder }) {
  const { withRaceTrack } = await import(join(build, 'test', 'races', 'race.js'));
  await mkdir(folder);
  const said = [];
  await withRaceTrack(folder, OFFSET, async ({ recovers }) => {
    for (const verb of ['apply', 'verify']) {
      const words = [verb, '--phase', 'online'];
      const { points } = await recovers(words);
      let killed = 0;
      for (const at of upTo(points.length, every))
        for (const does of ['before', 'after'])
          if ((await recovers(words, { at, does })).signal === 'SIGKILL') killed += 1;
      said.push(
        `${verb} of the online phase, ${points.length} points: killed ${killed} times, one result with the next`,
      );
    }
  });
  return said.join('; ');
}

function upTo(last, every) {
  return Array.from({ length: Math.ceil(last / every) }, (_, index) => 1 + index * every);
}
