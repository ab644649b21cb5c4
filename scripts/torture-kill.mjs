// Kills an offline apply before and after every write, rename, child process and statement, and fails every operation on a file with a
// full and a broken disk: the next apply must end where an undisturbed one does. Then the same deaths for registering and for the proof,
// at every request.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WORDS = ['apply', '--phase', 'offline', '--json'];
const OFFSET = 35_500;

/** Each kind of fault by the word of --faults that asks for it alone. */
const KINDS = {
  kills: (trial, every) => atEach(trial.points.length, every, ['before', 'after']),
  errors: (trial, every) => atEach(filePoints(trial), every, ['ENOSPC', 'EIO', 'EACCES']),
};

/** @param every of so many points one is tried: 1 is all of them   @param kinds words of {@link KINDS}, or `online` */
export async function tortureKill({ build, every, kinds = [...Object.keys(KINDS), 'online'] }) {
  const folder = await mkdtemp(join(tmpdir(), 'km torture-'));
  try {
    const said = [];
    for (const kind of kinds)
      said.push(
        await (kind === 'online' ? killOnline : faultOffline)({ build, every, kind, folder: join(folder, kind) }),
      );
    return said.join('; ');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two at a time, each on homes of its own. */
async function faultOffline({ build, every, kind, folder }) {
  const { prepareTrial, recovers } = await import(join(build, 'test', 'support', 'faults.js'));
  const trials = [];
  for (const name of ['one', 'other']) {
    await mkdir(join(folder, name), { recursive: true });
    trials.push(await prepareTrial(join(folder, name), WORDS));
  }
  const faults = KINDS[kind](trials[0], every);
  const [count, queue] = [faults.length, [...faults]];
  let killed = 0;
  const work = async (trial) => {
    for (let fault = queue.shift(); fault; fault = queue.shift())
      if ((await recovers(trial, WORDS, fault)).signal === 'SIGKILL') killed += 1;
  };
  await Promise.all(trials.map(work));
  const tried = `${trials[0].points.length} points, ${filePoints(trials[0])} of them on files`;
  return `${kind} at ${tried}: killed ${killed} times, ${count - killed} other faults, each mended by the next apply`;
}

function filePoints({ points }) {
  return points.filter((point) => point.startsWith('file ')).length;
}

function atEach(last, every, does) {
  return upTo(last, every).flatMap((at) => does.map((fault) => ({ at, does: fault })));
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
