// What the README and docs/ say of containers, for real, part by part; each part is named when it begins, and what does not hold ends the
// run with 1. See scripts/smoke.
import { parseArgs } from 'node:util';
import { chalk, echo } from 'zx';
import { showCompose, showKills, showMistakes, showNeighbours, showOverrides } from './compose.js';
import { type Engine, findEngine } from './engine.js';
import { buildImages, showDrivers, showImage, showOwners, showTwice, showUsers } from './image.js';
import { KUBERNETES_PARTS } from './kubernetes.js';
import { type Images, NOTHING_MISSING, type Part } from './part.js';

const needsCompose = ({ hasCompose }: Engine) => (hasCompose ? undefined : 'it takes docker with its plugin compose');

const PARTS: Readonly<Record<string, Part>> = {
  image: { title: 'The image: size, start, what is in it', missing: NOTHING_MISSING, show: showImage },
  twice: { title: 'Built twice from two folders, it is the same', missing: NOTHING_MISSING, show: showTwice },
  users: { title: 'Any user, on a read-only root, without a network', missing: NOTHING_MISSING, show: showUsers },
  owners: { title: 'Homes of other users', missing: NOTHING_MISSING, show: showOwners },
  drivers: { title: 'Drivers of Oracle and IBM, mounted', missing: NOTHING_MISSING, show: showDrivers },
  compose: {
    title: 'The commands of docs/compose.md, on stand-ins of both servers',
    missing: needsCompose,
    show: showCompose,
  },
  overrides: { title: 'Each file on top of compose.yaml', missing: needsCompose, show: showOverrides },
  mistakes: { title: 'What people get wrong', missing: needsCompose, show: showMistakes },
  neighbours: { title: 'Two checkouts on one machine', missing: needsCompose, show: showNeighbours },
  kills: { title: 'Killed at any point, it converges', missing: needsCompose, show: showKills },
  ...KUBERNETES_PARTS,
};

const FLAGS = {
  once: { type: 'boolean', default: false },
  built: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '1' },
} as const;

const started = performance.now();
try {
  const notShown = await main();
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  echo(`\n${chalk.green.bold('All of it held')}, in ${seconds} s${notShown ? `; not shown: ${notShown}` : ''}.`);
} catch (error) {
  echo(`\n${chalk.red.bold('It did not hold:')} ${(error as Error).message}`);
  process.exitCode = 1;
}

/** Returns the parts that could not be shown here. */
async function main(): Promise<string> {
  const { values: flags, positionals } = parseArgs({ options: FLAGS, allowPositionals: true });
  const names = chosen(positionals, flags.once);
  const engine = await findEngine(process.env);
  const images = imagesFrom(process.env);
  const stand = Object.values(engine.bases).join(', ');
  echo(`with ${engine.versions}${stand ? `; in the place of the bases: ${stand}` : ''}`);
  if (!flags.built) {
    echo('building the image and that of the stand-ins; with an empty cache this takes minutes');
    await buildImages(engine, images);
  }
  const notShown: string[] = [];
  try {
    for (const [name, { title, missing, show }] of names) {
      echo(`\n${chalk.bold(`— ${title}`)}\n`);
      const why = missing(engine);
      if (why !== undefined) notShown.push(`${name} (${why})`);
      if (why !== undefined) echo(`  not shown: ${why}`);
      else await show({ engine, images, rounds: Number(flags.rounds), say: (line) => echo(`  ${line}`) });
    }
  } finally {
    if (!flags.keep && !flags.built) await engine.attempt('rmi', '--force', images.tool, images.sandbox);
  }
  return notShown.join(', ');
}

/** Tags of its own, so that nobody's images are replaced or removed. */
function imagesFrom({ SMOKE_TAG = 'km-bootstrap-smoke' }: Readonly<Record<string, string | undefined>>): Images {
  return { tool: SMOKE_TAG, sandbox: `${SMOKE_TAG}-sandbox` };
}

function chosen(named: readonly string[], isOnce: boolean): readonly (readonly [string, Part])[] {
  const unknown = named.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) throw new Error(`there is no part ${unknown}: ${Object.keys(PARTS).join(', ')}`);
  return Object.entries(PARTS).filter(([name]) =>
    named.length > 0 ? named.includes(name) : !(isOnce && name === 'twice'),
  );
}
