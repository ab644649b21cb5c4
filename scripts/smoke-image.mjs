// What is shown of the image by itself.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const ROOT = join(import.meta.dirname, '..');
/** Their tags. */
export const IMAGES = { tool: 'km-bootstrap', sandbox: 'km-bootstrap-sandbox' };
const MIB = 1024 * 1024;
/** Of all that is added to the base, bytes. */
const SIZE_LIMIT = 160 * 1000 * 1000;
const START_LIMIT_MS = 250;
const LOCKED_DOWN = ['--rm', '--network', 'none', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL'];

/** The image and, on top of it, that of the stand-ins. */
export async function buildImages(engine, say) {
  say('building the image and that of the stand-ins; with an empty cache this takes minutes');
  await engine.prepareBases();
  await engine.build(IMAGES.tool, ROOT, ['--target', 'runtime']);
  await engine.build(IMAGES.sandbox, ROOT, ['--target', 'sandbox', '--build-arg', `RUNTIME_IMAGE=${IMAGES.tool}`]);
  return IMAGES;
}

export async function smokeImage({ engine, images, say }) {
  const files = await filesOf(engine, images.tool);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  say(`${files.length} files over the base, ${(bytes / 1e6).toFixed(1)} MB (at most ${SIZE_LIMIT / 1e6})`);
  for (const [folder, size] of sizes(files)) say(`  ${folder.padEnd(24)} ${(size / MIB).toFixed(1)} MiB`);
  if (bytes > SIZE_LIMIT) throw new Error('the image is larger than it may be');
  const times = [];
  for (let round = 0; round < 3; round++) times.push(await startMs(engine, images.tool));
  const [median] = times.sort((a, b) => a - b).slice(1);
  say(
    `first line of the log ${median} ms after the start, median of ${times.join(', ')}; load ${loadavg()[0].toFixed(1)}`,
  );
  if (median > START_LIMIT_MS) say(`that is more than ${START_LIMIT_MS} ms: on an idle machine it must not be`);
  await holdsFreeDriversOnly(engine, images.tool);
  say('no driver of Oracle or IBM is in it; the bill of materials is');
}

/** Everything that this Dockerfile adds, from inside: path, mode, size, hash. */
async function filesOf(engine, image) {
  const words = ['run', '--rm', '--network', 'none', '--entrypoint', 'node', image, '-e', `(${listFiles})()`];
  const { stdout } = await engine.command(words);
  return JSON.parse(stdout);
}

/** Runs in the container. */
function listFiles() {
  const { createHash } = require('node:crypto');
  const { lstatSync, readdirSync, readFileSync, readlinkSync } = require('node:fs');
  const { join } = require('node:path');
  const found = [];
  const look = (path) => {
    const stat = lstatSync(path);
    const content = stat.isSymbolicLink() ? readlinkSync(path) : stat.isDirectory() ? '' : readFileSync(path);
    const sha256 = createHash('sha256').update(content).digest('hex');
    found.push({ path, mode: stat.mode.toString(8), size: stat.isDirectory() ? 0 : stat.size, sha256 });
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) look(join(path, name));
  };
  for (const path of ['/opt', '/etc/km-bootstrap', '/usr/local/bin/km-bootstrap', '/usr/local/bin/node']) look(path);
  process.stdout.write(JSON.stringify(found));
}

function sizes(files) {
  const under = (prefix) =>
    files.filter(({ path }) => path.startsWith(prefix)).reduce((sum, { size }) => sum + size, 0);
  return ['/usr/local/bin/node', '/opt/java', '/opt/km-bootstrap'].map((folder) => [folder, under(folder)]);
}

/** From the start of the container to the first line of its log, by the engine's own clock. */
async function startMs(engine, image) {
  const name = `km-bootstrap-smoke-${process.pid}`;
  await engine.command(
    ['run', '--name', name, '--network', 'none', '--read-only', '--tmpfs', '/tmp', image, 'prepare'],
    { reject: false },
  );
  try {
    const { stdout: state } = await engine.command(['inspect', '--format', '{{json .State.StartedAt}}', name]);
    const { all } = await engine.command(['logs', '--timestamps', name], { all: true });
    const first = all
      .split('\n')
      .find((line) => /^\d{4}-/.test(line))
      ?.split(' ')[0];
    return milliseconds(first) - milliseconds(JSON.parse(state));
  } finally {
    await engine.command(['rm', '--force', name], { reject: false });
  }
}

function milliseconds(text) {
  return Date.parse(text.replace(/(\.\d{3})\d*/, '$1').replace(/ (\+\d{4}) UTC$/, '$1'));
}

async function holdsFreeDriversOnly(engine, image) {
  const list = [
    'run',
    ...LOCKED_DOWN,
    '--entrypoint',
    'ls',
    image,
    '/opt/km-bootstrap/java/lib',
    '/opt/km-bootstrap/sbom.cdx.json',
  ];
  const { stdout } = await engine.command(list);
  if (/ojdbc|jcc-/.test(stdout) || !/h2-.*\n.*mssql/s.test(stdout))
    throw new Error(`the drivers in the image are ${stdout}`);
}

/** From two copies of the files that git has, in folders of different names, without a cache. */
export async function smokeTwice({ engine, images, say }) {
  const folder = await mkdtemp(join(tmpdir(), 'km-bootstrap-twice-'));
  const copy = join(folder, 'another-checkout');
  const tag = `${images.tool}-again`;
  try {
    await execa('git', ['checkout-index', '--all', `--prefix=${copy}/`], { cwd: ROOT });
    await engine.build(tag, copy, ['--no-cache', '--target', 'runtime']);
    const [one, other] = [await filesOf(engine, images.tool), await filesOf(engine, tag)];
    const [first, second] = [one, other].map(
      (files) => new Map(files.map((file) => [file.path, JSON.stringify(file)])),
    );
    const different = [...new Set([...first.keys(), ...second.keys()])].filter(
      (path) => first.get(path) !== second.get(path),
    );
    if (different.length > 0) throw new Error(`${different.length} files differ: ${different.slice(0, 20).join(', ')}`);
    const digest = createHash('sha256').update(JSON.stringify(one)).digest('hex');
    say(`${one.length} files equal in path, mode and hash; the digest of the list is ${digest}`);
  } finally {
    await engine.command(['rmi', '--force', tag], { reject: false });
    await rm(folder, { recursive: true, force: true });
  }
}

export async function smokeUsers({ engine, images, say }) {
  const homes = '--is7-home /tmp/s/wso2is-7.2.0 --apim-home /tmp/s/wso2am-4.5.0';
  const apply = `km-bootstrap apply --phase offline ${homes} -q`;
  const script = `km-bootstrap sandbox --create-only --dir /tmp/s >/dev/null && ${apply} && ${apply} && km-bootstrap verify --phase offline ${homes} -q`;
  for (const user of ['65532:65532', '123456:0', '802:802', '0:0']) {
    await engine.command(['run', ...LOCKED_DOWN, '--user', user, '--entrypoint', 'sh', images.tool, '-c', script]);
    say(`as ${user.padEnd(12)} two homes were made, prepared, prepared again and verified`);
  }
}

/** The vendor's jar as it is mounted, and a database where nothing listens. */
const MOUNTED = { ojdbc11: 'jdbc:oracle:thin:@//127.0.0.1:1/identity', jcc: 'jdbc:db2://127.0.0.1:1/identity' };

/** Without its jar a database is refused by name; with it the driver itself says that nothing listens. */
export async function smokeDrivers({ engine, images, say }) {
  const jars = await readdir(join(ROOT, 'java', 'lib'));
  for (const [driver, url] of Object.entries(MOUNTED)) {
    const jar = jars.find((name) => name.startsWith(`${driver}-`));
    if (!jar) throw new Error(`java/lib has no ${driver}: run scripts/setup`);
    const at = '/drivers/driver.jar';
    const login = ['KMB_DATABASE_USERNAME=u', 'KMB_DATABASE_PASSWORD=p', `KMB_DATABASE_URL=${url}`];
    const tried = async (options, code, exit) => {
      const words = ['apply', '--only', 'database/consumer-key', '--timeout', '20s'];
      const environment = [...login, ...options.env].flatMap((variable) => ['-e', variable]);
      const run = ['run', ...LOCKED_DOWN, ...options.mount, ...environment, images.tool, ...words];
      const { exitCode, all } = await engine.command(run, { all: true, reject: false });
      if (exitCode !== exit || !all.includes(code)) throw new Error(`${driver}: not ${exit} with ${code}:\n${all}`);
    };
    await tried({ env: [], mount: [] }, 'DATABASE_DRIVER_MISSING', 1);
    const mount = ['-v', `${join(ROOT, 'java', 'lib', jar)}:${at}:ro`];
    await tried({ env: [`KMB_DATABASE_DRIVER_JAR=${at}`], mount }, 'DATABASE_UNREACHABLE', 3);
    say(`${driver}: missing it is named; mounted it is loaded, and says that nothing listens`);
  }
}
