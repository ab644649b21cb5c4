import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../../src/io/package-root.js';
import { attempt, type Engine, type Outcome } from './engine.js';
import type { Smoke } from './part.js';
import { leftOf, type Project, withProject } from './project.js';

const UNCHANGED = /Nothing changed/;
const PROVED = /in sync, and proved by use/;
/** Ended by the SIGTERM that the engine sends, not by the SIGKILL after it. */
const TERMINATED = '143';

/** The commands of docs/compose.md, from fresh volumes to the end. */
export async function showCompose(smoke: Smoke): Promise<void> {
  const { engine, rounds, say } = smoke;
  for (let round = 1; round <= rounds; round++) {
    await withProject(smoke, async (project) => {
      const { seconds } = await project.documented('sandbox');
      say(`${round} of ${rounds}: from fresh volumes to a token through the Key Manager: 0, ${seconds.toFixed(1)} s`);
      if (round === rounds) await showDayByDay(smoke, project);
      await project.documented('end');
      await project.documented('end-with-data');
      const left = await leftOf(engine, project.name);
      if (left.length > 0) throw new Error(`after down --volumes is left: ${left.join(', ')}`);
    });
  }
  say('after `down --volumes` no container, volume or network is left');
}

async function showDayByDay({ engine, images, say }: Smoke, project: Project): Promise<void> {
  says(await project.documented('pipeline'), UNCHANGED);
  say('the command for pipelines, again: 0, nothing changed');
  const refused = await project.tryCompose(
    'run --rm --env KMB_APIM_PASSWORD=wrong --env KMB_IS7_PASSWORD=wrong register',
  );
  if (refused.exitCode === 0) throw new Error(`register with a wrong password ended with 0: ${refused.all}`);
  say(`the same with a wrong password: ${refused.exitCode}, ${/error (\w+)/.exec(refused.all)?.[1]}`);

  const { seconds } = await project.documented('watch');
  say(`watch is healthy after ${seconds.toFixed(1)} s`);
  await readyBeside(project, 'up --detach');
  await readyBeside(project, 'run --rm register');
  await project.compose('restart');
  await ended(project, 'prepare');
  await ended(project, 'register');
  await ready(project);
  for (const name of ['prepare', 'register'])
    if ((await project.inspect(name, '{{.State.ExitCode}}')) !== '0') throw new Error(`after restart ${name} failed`);
  say('beside `up`, `run` and `restart` of all the rest, watch is ready; prepare and register ended with 0 again');

  await readableByBothServers(engine, images.tool, project, say);
  const stopped = await project.compose('--profile watch stop');
  for (const name of ['is7', 'apim', 'watch']) {
    const code = await project.inspect(name, '{{.State.ExitCode}}');
    if (code !== TERMINATED) throw new Error(`${name} ended with ${code}, not by SIGTERM`);
  }
  say(`stop: both servers and watch ended on SIGTERM, ${stopped.seconds.toFixed(1)} s`);
  await project.documented('end');
  says(await project.documented('pipeline'), UNCHANGED);
  say('after `down` the volumes hold everything: the Key Manager is there, nothing changed');
}

async function readyBeside(project: Project, words: string): Promise<void> {
  await project.compose(words);
  await ready(project);
}

/** Within the time in which watch looks again, and once it has looked. */
async function ready(project: Project): Promise<void> {
  const asking = `fetch("http://127.0.0.1:9095/readyz").then(async (r) => { console.log(r.status, await r.text()); process.exit(r.ok ? 0 : 1) })`;
  let last: Outcome | undefined;
  for (let attempts = 0; attempts < 40; attempts++) {
    last = await project.tryCompose(`--profile watch exec -T watch node -e '${asking}'`);
    if (last.exitCode === 0) return;
    await sleep(3_000);
  }
  throw new Error(`watch does not get ready: ${last?.all}`);
}

async function ended(project: Project, service: string): Promise<void> {
  for (let attempts = 0; attempts < 120; attempts++) {
    if ((await project.inspect(service, '{{.State.Status}}')) === 'exited') return;
    await sleep(1_000);
  }
  throw new Error(`${service} does not end`);
}

/** What user 65532 wrote, by the users of both servers, as members of the group; and by nobody else. */
async function readableByBothServers(
  engine: Engine,
  image: string,
  project: Project,
  say: Smoke['say'],
): Promise<void> {
  const volumes = ['is7-overlay', 'apim-overlay'].flatMap((name) => [
    '--volume',
    `${project.volume(name)}:/${name}:ro`,
  ]);
  const script = 'ls /is7-overlay /apim-overlay >/dev/null && cat $(find /is7-overlay /apim-overlay -type f) | wc -c';
  const look = async (...user: readonly string[]) => {
    const words = ['run', '--rm', '--network', 'none', ...user, ...volumes, '--entrypoint', 'sh', image, '-c', script];
    return Number((await engine.attempt(...words)).stdout.trim());
  };
  for (const user of ['802:802', '10001:10001']) {
    const bytes = await look('--user', user, '--group-add', '65532');
    if (!(bytes > 0)) throw new Error(`${user} cannot read what prepare wrote`);
    say(`as ${user} in group 65532: ${bytes} bytes of both overlays read`);
  }
  if ((await look('--user', '999:999')) > 0) throw new Error('anybody can read what prepare wrote');
  say('as 999:999: nothing');
}

/** Each service that changes something is killed at four points of its work, and then has to do it. */
export async function showKills(smoke: Smoke): Promise<void> {
  const { engine, say } = smoke;
  const seconds = new Map<string, number>();
  await withProject(smoke, async (project) => {
    for (const service of KILLED) {
      if (service === 'register') await project.compose('up --detach --wait is7 apim');
      const id = await makeSlow(engine, project, service);
      await engine.run('start', '--attach', id);
      const [start = '', end = ''] = (await timesOf(engine, id)).split(' ');
      seconds.set(service, (Date.parse(end) - Date.parse(start)) / 1000);
    }
  });
  await withProject(smoke, async (project) => {
    for (const service of KILLED) {
      if (service === 'register') await project.compose('up --detach --wait is7 apim');
      const points = [0.15, 0.4, 0.65, 0.9].map((share) => share * (seconds.get(service) ?? 0));
      const killed: string[] = [];
      for (const point of points) {
        const id = await makeSlow(engine, project, service);
        await engine.run('start', id);
        const began = Date.parse((await timesOf(engine, id)).split(' ')[0] ?? '');
        await sleep(Math.max(0, began + point * 1000 - Date.now()));
        await engine.attempt('kill', id);
        killed.push(await project.inspect(service, '{{.State.ExitCode}}'));
      }
      if (killed.every((code) => code !== '137')) throw new Error(`no kill reached ${service}`);
      await project.compose(`run --rm --no-deps ${service}`);
      const at = points.map((point, index) => `${point.toFixed(1)} s (${killed[index]})`).join(', ');
      say(`${service.padEnd(10)} of ${seconds.get(service)?.toFixed(1)} s: killed after ${at}, then 0`);
    }
    says(await project.compose('run --rm register'), UNCHANGED);
    says(await project.compose('run --rm register verify'), PROVED);
    say('after all of that nothing is left to do, and verify holds');
  });
}

/** What changes something, and on how much of a processor: a seed is done sooner than anybody could kill it. */
const CPUS: Readonly<Record<string, string>> = { 'is7-seed': '0.04', 'apim-seed': '0.04', prepare: '2', register: '2' };
const KILLED = Object.keys(CPUS);

/** A fresh container of a service that is not started yet. */
async function makeSlow(engine: Engine, project: Project, service: string): Promise<string> {
  await project.compose(`up --no-start --no-deps --force-recreate ${service}`);
  const id = await project.inspect(service, '{{.Id}}');
  await engine.run('update', '--cpus', CPUS[service] ?? '1', id);
  return id;
}

async function timesOf(engine: Engine, id: string): Promise<string> {
  return (await engine.run('inspect', '--format', '{{.State.StartedAt}} {{.State.FinishedAt}}', id)).stdout.trim();
}

/** Each file that goes on top, as far as the stand-ins go. */
export async function showOverrides(smoke: Smoke): Promise<void> {
  const { engine, say } = smoke;
  await withProject(
    smoke,
    async (project) => {
      const { seconds } = await project.documented('pipeline');
      says(await project.compose('run --rm register verify'), PROVED);
      if ((await project.inspect('is7', '{{json .Config.Healthcheck.Test}}')) !== '["NONE"]')
        throw new Error('with compose.alpine.yaml the engine still asks IS 7');
      say(`alpine: register waited by itself, without any health check: 0, ${seconds.toFixed(1)} s`);
    },
    ['alpine'],
  );
  for (const [name, variable, image] of DATABASES) {
    const used = process.env[variable] ?? image;
    if ((await engine.attempt('image', 'inspect', used)).exitCode !== 0) {
      say(`${name}: NOT SHOWN, since there is no image ${used} here; pull it, or name one by ${variable}`);
      await withProject(smoke, async (project) => void (await project.compose('config --quiet')), [name], {
        IDENTITY_DB_PASSWORD: 'x',
      });
      say(`${name}: Compose takes the files, which is all that was seen`);
      continue;
    }
    await showDatabase(smoke, name);
  }
}

const DATABASES = [
  ['postgresql', 'POSTGRESQL_IMAGE', 'postgres:16'],
  ['mysql', 'MYSQL_IMAGE', 'mysql:8.4'],
] as const;

async function showDatabase(smoke: Smoke, name: string): Promise<void> {
  const { say } = smoke;
  const constraint = 'run --rm --no-deps register apply --only database/consumer-key';
  await withProject(
    smoke,
    async (project) => {
      const refused = await project.tryCompose('config --quiet');
      if (refused.exitCode !== 0) throw new Error(refused.all);
      await project.compose('up --detach --wait identity-db');
      await project.compose('run --rm prepare');
      says(await project.compose(constraint), /1 change made/);
      says(await project.compose(constraint), UNCHANGED);
      await project.compose('run --rm --no-deps register verify --only database/consumer-key');
      say(
        `${name}: the scripts of IS 7's image made the tables, prepare took the settings, and register the constraint`,
      );
      say(
        `${name}: the server was NOT started with it: the stand-in of IS 7 keeps its applications in an H2 file only`,
      );
    },
    [name],
    { IDENTITY_DB_PASSWORD: 'of-the-smoke-1' },
  );
}

/** What people get wrong, and what they are told. */
export async function showMistakes(smoke: Smoke): Promise<void> {
  const { engine, images, say } = smoke;
  await withProject(
    smoke,
    async (project) => {
      const { exitCode, all } = await project.tryCompose('run --rm register');
      const { all: log } = await project.tryCompose('logs is7-seed');
      if (exitCode === 0 || !/no \S+wso2is-7\.1\.0, but \S+wso2is-7\.2\.0/.test(all + log)) throw new Error(all + log);
      if ((await project.inspect('is7-seed', '{{.State.ExitCode}}')) !== '78')
        throw new Error('the seed did not refuse');
      say(`IS7_VERSION that is not the image’s: ${exitCode}; the seed names both, and ends with 78`);
    },
    [],
    { IS7_VERSION: '7.1.0' },
  );
  const folder = await mkdtemp(join(tmpdir(), 'km-bootstrap-smoke-'));
  try {
    await cp(join(packageRoot(), 'compose'), join(folder, 'compose'), { recursive: true });
    await rm(join(folder, 'compose', 'km-bootstrap.toml'));
    const name = `km-bootstrap-smoke-${process.pid}-missing`;
    const files = ['-f', 'compose.yaml', '-f', 'compose.sandbox.yaml', '-p', name];
    const env = { KM_BOOTSTRAP_IMAGE: images.tool, KM_BOOTSTRAP_SANDBOX_IMAGE: images.sandbox };
    const compose = (...words: readonly string[]) =>
      attempt('docker', ['compose', ...files, ...words], { cwd: join(folder, 'compose'), env });
    const { exitCode, all } = await compose('up', '--detach');
    await compose('down', '--volumes');
    if (exitCode === 0 || !/does not exist.*km-bootstrap\.toml/.test(all)) throw new Error(all);
    const left = await leftOf(engine, name);
    if (left.length > 0) throw new Error(`is left: ${left.join(', ')}`);
    say(`km-bootstrap.toml that is missing: ${exitCode}, and Compose names it; no folder is made in its place`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two checkouts on one machine. */
export async function showNeighbours(smoke: Smoke): Promise<void> {
  await withProject(smoke, async (one) => {
    await one.documented('pipeline');
    const id = await one.inspect('is7', '{{.Id}} {{.State.StartedAt}}');
    await withProject(smoke, async (other) => void (await other.documented('pipeline')));
    if ((await one.inspect('is7', '{{.Id}} {{.State.StartedAt}}')) !== id)
      throw new Error('its IS 7 was taken from it');
    says(await one.documented('pipeline'), UNCHANGED);
  });
  smoke.say('a second project, with a name and ports of its own, came and went; the first one did not notice');
}

function says({ all }: Outcome, pattern: RegExp): void {
  if (!pattern.test(all)) throw new Error(`this does not say ${pattern}: ${all.slice(-4000)}`);
}
