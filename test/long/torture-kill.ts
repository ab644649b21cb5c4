// Kills an offline apply before and after every write, rename, child process and statement, and fails every operation on a file with a
// full and a broken disk: the next apply must end where an undisturbed one does. Then the same deaths for registering and for the proof,
// at every request.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withRaceTrack } from '../races/race.js';
import { type Fault, prepareTrial, recovers, type Trial } from '../support/faults.js';

const WORDS = ['apply', '--phase', 'offline', '--json'];
const OFFSET = 35_500;

/** Each kind of fault by the word of --faults that asks for it alone. */
const KINDS: Readonly<Record<string, (trial: Trial, every: number) => readonly Fault[]>> = {
  kills: (trial, every) => atEach(trial.points.length, every, ['before', 'after']),
  errors: (trial, every) => atEach(filePoints(trial), every, ['ENOSPC', 'EIO', 'EACCES']),
};

interface KillOptions {
  /** Of so many points one is tried: 1 is all of them. */
  readonly every: number;
  /** Words of {@link KINDS}, or `online`. */
  readonly kinds?: readonly string[] | undefined;
}

/** @returns what held, in a sentence */
export async function tortureKill({ every, kinds = [...Object.keys(KINDS), 'online'] }: KillOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'km torture-'));
  try {
    const said = [];
    for (const kind of kinds)
      said.push(await (kind === 'online' ? killOnline : faultOffline)({ every, kind, folder: join(folder, kind) }));
    return said.join('; ');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Killing {
  readonly every: number;
  readonly kind: string;
  readonly folder: string;
}

/** Two at a time, each on homes of its own. */
async function faultOffline({ every, kind, folder }: Killing): Promise<string> {
  const faultsOf = KINDS[kind];
  if (!faultsOf) throw new Error(`there is no kind of fault ${kind}: ${Object.keys(KINDS).join(', ')}, online`);
  const trials: Trial[] = [];
  for (const name of ['one', 'other']) {
    await mkdir(join(folder, name), { recursive: true });
    trials.push(await prepareTrial(join(folder, name), WORDS));
  }
  const [first] = trials as [Trial];
  const faults = faultsOf(first, every);
  const [count, queue] = [faults.length, [...faults]];
  let killed = 0;
  const work = async (trial: Trial) => {
    for (let fault = queue.shift(); fault; fault = queue.shift())
      if ((await recovers(trial, WORDS, fault)).signal === 'SIGKILL') killed += 1;
  };
  await Promise.all(trials.map(work));
  const tried = `${first.points.length} points, ${filePoints(first)} of them on files`;
  return `${kind} at ${tried}: killed ${killed} times, ${count - killed} other faults, each mended by the next apply`;
}

function filePoints({ points }: Trial): number {
  return points.filter((point) => point.startsWith('file ')).length;
}

function atEach(last: number, every: number, does: readonly Fault['does'][]): readonly Fault[] {
  return upTo(last, every).flatMap((at) => does.map((fault) => ({ at, does: fault })));
}

async function killOnline({ every, folder }: Killing): Promise<string> {
  await mkdir(folder);
  const said: string[] = [];
  await withRaceTrack(folder, OFFSET, async ({ recovers }) => {
    for (const verb of ['apply', 'verify']) {
      const words = [verb, '--phase', 'online'];
      const { points } = await recovers(words);
      let killed = 0;
      for (const at of upTo(points.length, every))
        for (const does of ['before', 'after'] as const)
          if ((await recovers(words, { at, does })).signal === 'SIGKILL') killed += 1;
      said.push(
        `${verb} of the online phase, ${points.length} points: killed ${killed} times, one result with the next`,
      );
    }
  });
  return said.join('; ');
}

function upTo(last: number, every: number): readonly number[] {
  return Array.from({ length: Math.ceil(last / every) }, (_, index) => 1 + index * every);
}
