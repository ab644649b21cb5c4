// What scripts/bench runs, once everything is there. Every figure is the median of the rounds; in each round every command runs once,
// so that a machine whose speed drifts is the same to all of them.
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { argv, chalk, echo } from 'zx';
import { measureHealth, SELF_SIGNED } from './bench-health.mjs';
import { writeReport } from './bench-report.mjs';

const ROOT = join(import.meta.dirname, '..');
const CLI = join(ROOT, 'dist', 'main.js');
const ENTRYPOINT = join(ROOT, 'dist', 'container', 'entrypoint.js');
const NAIVE = join(ROOT, 'scripts', 'naive.sh');
const ROUNDS = Number(argv.rounds ?? 10);
const OFFSET = Number(argv.offset ?? 0);
const URLS = { is7: `https://localhost:${9444 + OFFSET}`, apim: `https://localhost:${9443 + OFFSET}` };
const REPORT_MEMORY =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))';
const SECTIONS = { start, offline, parts, register, health, 'key-managers': keyManagers };

const work = await mkdtemp(join(tmpdir(), 'km-bench-'));
const [pack, homes] = [join(work, 'pack'), join(work, 'homes')];
let is7;
let apim;
/** `{ what, ours, theirs, ratio, most, unit, isScript }` (against scripts/naive.sh, or something else), or `{ what, figure, most, unit }` */
const figures = [];

try {
  await makeHomes();
  for (const [name, section] of Object.entries(SECTIONS)) {
    // A thousand Key Managers take minutes and compare with nothing: only when they are asked for.
    if (argv.only ? argv.only === name : name !== 'key-managers') await section();
  }
} finally {
  await rm(work, { recursive: true, force: true });
}

for (const figure of figures) echo(`${mark(figure)} ${sentence(figure)}`);
if (!argv.only && ROUNDS === 10) await writeReport(figures, ROOT);
process.exit(figures.every(holds) ? 0 : 1);

/** `--version` against a Node that does nothing, and how soon the image's entrypoint says something. */
async function start() {
  const times = await race([
    { name: 'ours', command: ['node', CLI, '--version'] },
    { name: 'theirs', command: ['node', '-e', '0'] },
  ]);
  compare('`--version`, against `node -e 0`', times, 1.5, false);
  const delays = [];
  for (let round = 0; round < ROUNDS; round++)
    delays.push(await firstLineOf([ENTRYPOINT, 'prepare', '--is7-home', work]));
  figures.push({ what: 'the image’s entrypoint, to its first line', figure: median(delays), most: 250, unit: 'ms' });
}

async function firstLineOf(words) {
  const started = performance.now();
  const child = execa('node', words, { reject: false });
  const delay = await new Promise((resolve) => child.stderr.once('data', () => resolve(performance.now() - started)));
  await child;
  return delay;
}

async function offline() {
  const apply = ['node', CLI, 'apply', '--phase', 'offline', ...homeOptions()];
  const naive = [NAIVE, 'offline', is7, apim];
  const first = await race([
    { name: 'ours', command: apply, prepare: asPacked },
    { name: 'theirs', command: naive, prepare: asPacked },
  ]);
  await asPacked();
  await execa(apply[0], apply.slice(1));
  const again = await race([
    { name: 'ours', command: apply },
    { name: 'theirs', command: naive },
    { name: 'plan', command: ['node', CLI, 'plan', '--phase', 'offline', ...homeOptions()] },
  ]);
  compare('first `apply`, offline', first, 0.5);
  compare('`apply` again, in sync', again, 0.35);
  // No dearer, but for what a clock can tell on a machine that does other things, too.
  compare('`plan`, against `apply` in sync', { ours: again.plan, theirs: again.ours }, 1.05, false);
  await asPacked();
  const { stderr } = await execa('node', ['--import', REPORT_MEMORY, ...apply.slice(1)]);
  figures.push({
    what: 'peak memory of a first `apply`, the JVM included',
    figure: Number(/^peak (\d+)$/m.exec(stderr)[1]) / 1024,
    most: 160,
    unit: 'MB',
  });
}

/** What a run in sync is made of, and what the two writes of a first one cost beyond us. */
async function parts() {
  await asPacked();
  await execa('node', [CLI, 'apply', '--phase', 'offline', ...homeOptions()]);
  const { QUICK_START } = await import(join(ROOT, '.build', 'src', 'jvm', 'quick-start.js'));
  const pem = join(work, 'other.pem');
  await execa('openssl', [...SELF_SIGNED, '-keyout', join(work, 'other-key.pem'), '-out', pem]);
  const only = (steps) => ['node', CLI, 'apply', '--only', steps, ...homeOptions()];
  const importInto = (store) => ({
    prepare: () => cp(store, join(work, 'store'), { force: true }),
    command: [
      ...[
        'keytool',
        ...QUICK_START.map((flag) => `-J${flag}`),
        '-importcert',
        '-noprompt',
        '-alias',
        'other',
        '-file',
        pem,
      ],
      ...['-keystore', join(work, 'store'), '-storepass', 'wso2carbon'],
    ],
  });
  const times = await race([
    { name: 'Node that does nothing', command: ['node', '-e', '0'] },
    { name: 'only `deployment-toml/*`: Node, our code, both files', command: only('deployment-toml/*') },
    { name: 'only `trust/*`: the same, and four stores', command: only('trust/*') },
    { name: 'only `database/consumer-key`: the same, JVM and H2', command: only('database/consumer-key') },
    { name: 'all of it, in sync', command: ['node', CLI, 'apply', '--phase', 'offline', ...homeOptions()] },
    { name: 'one `keytool -importcert` into IS 7’s truststore', ...importInto(truststoreOf(is7, 'p12')) },
    { name: 'one `keytool -importcert` into API Manager’s', ...importInto(truststoreOf(apim, 'jks')) },
  ]);
  for (const [what, seconds] of Object.entries(times)) figures.push({ what, seconds });
}

function truststoreOf(home, ending) {
  return join(home, 'repository', 'resources', 'security', `client-truststore.${ending}`);
}

/** Against a sandbox that is ready, with homes that are applied. */
async function register() {
  await asPacked();
  await execa('node', [CLI, 'apply', '--phase', 'offline', ...homeOptions()]);
  const apply = ['node', CLI, 'apply', '--phase', 'online', ...homeOptions(), ...urlOptions()];
  const naive = ['env', `IS7_URL=${URLS.is7}`, `APIM_URL=${URLS.apim}`, NAIVE, 'register', is7, apim];
  await withSandbox(async () => {
    const first = await race([
      { name: 'ours', command: apply, prepare: forgetKeyManager },
      { name: 'theirs', command: naive, prepare: forgetKeyManager },
    ]);
    await forgetKeyManager();
    const traces = [await trace(apply), await trace(apply)];
    const again = await race([
      { name: 'ours', command: apply },
      { name: 'theirs', command: naive },
    ]);
    compare('register, both servers ready', first, 0.5);
    compare('register again, in sync', again, 0.5);
    for (const [index, [what, most]] of [
      ['requests to register', 10],
      ['requests in sync', 8],
    ].entries()) {
      echo(chalk.dim(traces[index].join('\n')));
      figures.push({ what, figure: traces[index].length, most, unit: '' });
      figures.push({ what: `${what}, asked twice for one answer`, figure: repeated(traces[index]), most: 0, unit: '' });
    }
  });
}

async function health() {
  for (const [what, lateMs] of await measureHealth({ cli: CLI, folder: work, runs: ROUNDS })) {
    figures.push({ what: `goes on after ${what}`, figure: lateMs, most: 100, unit: 'ms' });
  }
}

async function keyManagers() {
  await execa(join(ROOT, 'node_modules', '.bin', 'tsc'), { cwd: ROOT });
  await execa('node', [join(ROOT, 'scripts', 'bench-key-managers.mjs')], { stdio: 'inherit' });
}

async function makeHomes() {
  await mkdir(pack);
  await execa('node', [CLI, 'sandbox', '--create-only', '--dir', pack]);
  const names = await readdir(pack);
  is7 = join(
    homes,
    names.find((name) => name.startsWith('wso2is')),
  );
  apim = join(
    homes,
    names.find((name) => name.startsWith('wso2am')),
  );
}

function homeOptions() {
  return ['--is7-home', is7, '--apim-home', apim];
}

function urlOptions() {
  return ['--is7-url', URLS.is7, '--apim-url', URLS.apim];
}

async function asPacked() {
  await rm(homes, { recursive: true, force: true });
  await cp(pack, homes, { recursive: true, preserveTimestamps: true });
}

/** Seconds of each command by its name, the median of the rounds, after one round that does not count. */
async function race(runners) {
  const seconds = Object.fromEntries(runners.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, command, prepare = async () => {} } of runners) {
      await prepare();
      const taken = await timeOnce(command);
      if (round > 0) seconds[name].push(taken);
    }
  }
  return Object.fromEntries(runners.map(({ name }) => [name, median(seconds[name])]));
}

async function timeOnce(command) {
  const file = join(work, 'times.json');
  const quoted = command.map((word) => `'${word}'`).join(' ');
  await execa('hyperfine', ['--shell=none', '--style=none', '--runs=1', '--export-json', file, quoted]);
  const { results } = JSON.parse(await readFile(file, 'utf8'));
  return results[0].times[0];
}

async function withSandbox(use) {
  const offsets = ['--apim-offset', OFFSET, '--is7-offset', OFFSET + 1];
  const server = execa('node', [CLI, 'sandbox', '--dir', homes, ...offsets], {
    reject: false,
    stdin: 'ignore',
    all: true,
  });
  try {
    await new Promise((resolve, reject) => {
      server.stdout.on('data', (text) => text.includes('press Ctrl-C') && resolve());
      server.then(({ all }) => reject(new Error(`the sandbox ended: ${all}`)));
    });
    await use();
  } finally {
    server.kill('SIGINT');
    await server;
  }
}

/** Outside what is timed. */
async function forgetKeyManager() {
  const pem = join(work, 'apim.pem');
  const store = join(apim, 'repository', 'resources', 'security', 'wso2carbon.jks');
  if (!existsSync(pem))
    await execa('keytool', [
      '-exportcert',
      '-rfc',
      '-alias',
      'wso2carbon',
      '-keystore',
      store,
      '-storepass',
      'wso2carbon',
      '-file',
      pem,
    ]);
  const curl = (...words) => execa('curl', ['-fsS', '--cacert', pem, '-u', 'admin:admin', ...words]);
  const url = `${URLS.apim}/api/am/admin/v4/key-managers`;
  const { list } = JSON.parse((await curl(url)).stdout);
  for (const { id, type } of list) if (type === 'WSO2-IS-7') await curl('-X', 'DELETE', `${url}/${id}`);
}

/** The requests of a run, `GET https://…`. */
async function trace([node, ...words]) {
  const { stderr } = await execa(node, [...words, '-vv']);
  return [...stderr.matchAll(/^((?:GET|POST|PUT|DELETE) https\S+ \d+)/gm)].map(([, line]) => line);
}

/** How often something was asked again although nothing had been written since. */
function repeated(lines) {
  const known = new Set();
  return lines.filter((line) => {
    if (/^(?:POST|PUT|DELETE) .*\/key-managers/.test(line)) known.clear();
    const isKnown = known.has(line);
    known.add(line);
    return isKnown;
  }).length;
}

function compare(what, { ours, theirs }, most, isScript = true) {
  figures.push({ what, ours, theirs, ratio: ours / theirs, most, unit: 's', isScript });
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 0 ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle];
}

function holds({ ratio, figure, most = Infinity }) {
  return (ratio ?? figure ?? 0) <= most;
}

function mark(figure) {
  if (figure.seconds !== undefined) return '    ';
  return holds(figure) ? chalk.green('ok  ') : chalk.red('FAIL');
}

function sentence({ what, seconds, ours, theirs, ratio, figure, most, unit }) {
  if (seconds !== undefined) return `${what}: ${seconds.toFixed(2)} s`;
  if (ratio === undefined) return `${what}: ${Math.round(figure)} ${unit} (at most ${most})`;
  return `${what}: ${ours.toFixed(2)} s against ${theirs.toFixed(2)} s, ratio ${ratio.toFixed(2)} (at most ${most})`;
}
