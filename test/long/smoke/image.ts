import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../../src/io/package-root.js';
import type { Engine } from './engine.js';
import type { Images, Smoke } from './part.js';

const MIB = 1024 * 1024;
/** Of all that is added to the base, bytes. */
const SIZE_LIMIT = 160 * 1000 * 1000;
const START_LIMIT_MS = 250;
const LOCKED_DOWN = ['--rm', '--network', 'none', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL'];

/** A file, folder or link that the Dockerfile adds to its base. */
interface Added {
  readonly path: string;
  readonly mode: string;
  readonly size: number;
  readonly sha256: string;
}

/** The image and, on top of it, that of the stand-ins. */
export async function buildImages(engine: Engine, { tool, sandbox }: Images): Promise<void> {
  await engine.build(tool, 'runtime');
  await engine.build(sandbox, 'sandbox', ['--build-arg', `RUNTIME_IMAGE=${tool}`]);
}

/** Size, start, and what is not in it. */
export async function showImage({ engine, images, say }: Smoke): Promise<void> {
  const files = await addedFiles(engine, images.tool);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  say(`${files.length} files over the base, ${(bytes / 1e6).toFixed(1)} MB (at most ${SIZE_LIMIT / 1e6})`);
  for (const folder of ['/usr/local/bin/node', '/opt/java', '/opt/km-bootstrap']) {
    const below = files.filter(({ path }) => path.startsWith(folder)).reduce((sum, { size }) => sum + size, 0);
    say(`  ${folder.padEnd(24)} ${(below / MIB).toFixed(1)} MiB`);
  }
  if (bytes > SIZE_LIMIT) throw new Error('the image is larger than it may be');
  const times: number[] = [];
  for (let round = 0; round < 3; round++) times.push(await startMs(engine, images.tool));
  const median = times.toSorted((a, b) => a - b)[1] ?? 0;
  const load = loadavg()[0]?.toFixed(1);
  say(`first line of the log ${median} ms after the start, median of ${times.join(', ')}; load ${load}`);
  if (median > START_LIMIT_MS) say(`that is more than ${START_LIMIT_MS} ms: on an idle machine it must not be`);
  const contents = ['/opt/km-bootstrap/java/lib', '/opt/km-bootstrap/sbom.cdx.json'];
  const { stdout } = await engine.run('run', ...LOCKED_DOWN, '--entrypoint', 'ls', images.tool, ...contents);
  if (/ojdbc|jcc-/.test(stdout) || !/h2-.*\n.*mssql/s.test(stdout))
    throw new Error(`the drivers in the image are ${stdout}`);
  say('no driver of Oracle or IBM is in it; the bill of materials is');
}

/** From two copies of the files that git has, in folders of different names, without a cache. */
export async function showTwice({ engine, images, say }: Smoke): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'km-bootstrap-twice-'));
  const [copy, tag] = [join(folder, 'another-checkout'), `${images.tool}-again`];
  try {
    await execa('git', ['checkout-index', '--all', `--prefix=${copy}/`], { cwd: packageRoot() });
    await engine.build(tag, 'runtime', ['--no-cache'], copy);
    const [one, other] = [await addedFiles(engine, images.tool), await addedFiles(engine, tag)];
    const [first, second] = [byPath(one), byPath(other)];
    const different = [...new Set([...first.keys(), ...second.keys()])].filter(
      (path) => first.get(path) !== second.get(path),
    );
    if (different.length > 0) throw new Error(`${different.length} files differ: ${different.slice(0, 20).join(', ')}`);
    const digest = createHash('sha256').update(JSON.stringify(one)).digest('hex');
    say(`${one.length} files equal in path, mode and hash; the digest of the list is ${digest}`);
  } finally {
    await engine.attempt('rmi', '--force', tag);
    await rm(folder, { recursive: true, force: true });
  }
}

function byPath(files: readonly Added[]): ReadonlyMap<string, string> {
  return new Map(files.map((file) => [file.path, JSON.stringify(file)]));
}

/** Any user, on a read-only root, without rights or a network. */
export async function showUsers({ engine, images, say }: Smoke): Promise<void> {
  const homes = '--is7-home /tmp/s/wso2is-7.2.0 --apim-home /tmp/s/wso2am-4.5.0';
  const apply = `km-bootstrap apply --phase offline ${homes} -q`;
  const script = `km-bootstrap sandbox --create-only --dir /tmp/s >/dev/null && ${apply} && ${apply} && km-bootstrap verify --phase offline ${homes} -q`;
  for (const user of ['65532:65532', '123456:0', '802:802', '0:0']) {
    await engine.run('run', ...LOCKED_DOWN, '--user', user, '--entrypoint', 'sh', images.tool, '-c', script);
    say(`as ${user.padEnd(12)} two homes were made, prepared, prepared again and verified`);
  }
}

/** Whom the homes belong to, their mode, who runs, and whom everything belongs to afterwards but for what the run could not give away. */
const FOREIGN: readonly (readonly [string, string, string, RegExp])[] = [
  ['802:802', 'u=rwX,go=rX', '0:0', /^$/],
  ['1000:1000', 'u=rwX,go=rX', '1000', /^(1000:0 \S*km-bootstrap-tls\.(p12|pem)\n)*$/],
  ['802:0', 'ug=rwX,o=rX', '123456:0', /^(123456:0 \S*km-bootstrap-tls\.(p12|pem)\n)*$/],
];

/** Homes of other users, mounted: whoever runs it, the servers can still read what is theirs. */
export async function showOwners({ engine, images, say }: Smoke): Promise<void> {
  const volume = `${images.tool.replaceAll(/\W/g, '-')}-homes-${process.pid}`;
  const mount = ['--volume', `${volume}:/servers`];
  const asRoot = (script: string) =>
    engine.run(
      'run',
      '--rm',
      '--network',
      'none',
      ...mount,
      '--user',
      '0:0',
      '--entrypoint',
      'sh',
      images.tool,
      '-c',
      script,
    );
  const homes = ['--is7-home', '/servers/wso2is-7.2.0', '--apim-home', '/servers/wso2am-4.5.0'];
  for (const [owner, mode, user, allowed] of FOREIGN) {
    try {
      const give = `chown -R ${owner} /servers && chmod -R ${mode} /servers`;
      await asRoot(`km-bootstrap sandbox --create-only --dir /servers >/dev/null && ${give}`);
      const as = (...words: string[]) =>
        engine.run(
          'run',
          ...LOCKED_DOWN,
          ...(user === '0:0' ? ['--cap-add', 'CHOWN', '--cap-add', 'DAC_OVERRIDE', '--cap-add', 'FOWNER'] : []),
          ...mount,
          '--user',
          user,
          '--env',
          'KMB_TLS_GENERATE=true',
          images.tool,
          ...words,
          ...homes,
        );
      await as('prepare');
      await as('verify', '--phase', 'offline');
      await as('doctor');
      const [uid, gid] = owner.split(':');
      const { stdout } = await asRoot(
        `find /servers -mindepth 1 \\( -not -uid ${uid} -o -not -gid ${gid} \\) -printf '%U:%G %p\\n'`,
      );
      if (!allowed.test(stdout && `${stdout}\n`)) throw new Error(`${user} on homes of ${owner} left\n${stdout}`);
      say(
        `as ${user.padEnd(9)} on homes of ${owner.padEnd(9)}: prepared; verify and doctor find nothing; ${stdout ? `new and not the home's: ${stdout.split('\n').length} files, which the servers can read` : 'every file is the home’s'}`,
      );
    } finally {
      await engine.run('volume', 'rm', '--force', volume);
    }
  }
}

/** The vendor's jar as it is mounted, and a database where nothing listens. */
const MOUNTED = {
  ojdbc11: 'jdbc:oracle:thin:@//127.0.0.1:1/identity',
  jcc: 'jdbc:db2://127.0.0.1:1/identity:sslConnection=true;',
};

/** Without its jar a database is refused by name; with it the driver itself says that nothing listens. */
export async function showDrivers({ engine, images, say }: Smoke): Promise<void> {
  const library = join(packageRoot(), 'java', 'lib');
  const jars = await readdir(library);
  for (const [driver, url] of Object.entries(MOUNTED)) {
    const jar = jars.find((name) => name.startsWith(`${driver}-`));
    if (!jar) throw new Error(`java/lib has no ${driver}: run scripts/setup`);
    const at = '/drivers/driver.jar';
    const login = ['KMB_DATABASE_USERNAME=u', 'KMB_DATABASE_PASSWORD=p', `KMB_DATABASE_URL=${url}`];
    const expect = async (code: string, exitCode: number, variables: readonly string[], mount: readonly string[]) => {
      const environment = [...login, ...variables].flatMap((variable) => ['--env', variable]);
      const words = ['apply', '--only', 'database/consumer-key', '--timeout', '20s'];
      const tried = await engine.attempt('run', ...LOCKED_DOWN, ...mount, ...environment, images.tool, ...words);
      if (tried.exitCode !== exitCode || !tried.all.includes(code))
        throw new Error(`${driver}: not ${exitCode} with ${code}:\n${tried.all}`);
    };
    await expect('DATABASE_DRIVER_MISSING', 1, [], []);
    const mount = ['--volume', `${join(library, jar)}:${at}:ro`];
    await expect('DATABASE_UNREACHABLE', 3, [`KMB_DATABASE_DRIVER_JAR=${at}`], mount);
    say(`${driver}: missing it is named; mounted it is loaded, and says that nothing listens`);
  }
}

/** Everything that the Dockerfile adds, from inside: path, mode, size, hash. */
async function addedFiles(engine: Engine, image: string): Promise<readonly Added[]> {
  const { stdout } = await engine.run('run', '--rm', '--network', 'none', '--entrypoint', 'node', image, '-e', LISTING);
  return JSON.parse(stdout);
}

/** Runs in the container, which knows nothing of this program's modules. */
const LISTING = `
  const { createHash } = require('node:crypto');
  const { lstatSync, readdirSync, readFileSync, readlinkSync } = require('node:fs');
  const found = [];
  const look = (path) => {
    const stat = lstatSync(path);
    const content = stat.isSymbolicLink() ? readlinkSync(path) : stat.isDirectory() ? '' : readFileSync(path);
    const sha256 = createHash('sha256').update(content).digest('hex');
    found.push({ path, mode: stat.mode.toString(8), size: stat.isDirectory() ? 0 : stat.size, sha256 });
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) look(path + '/' + name);
  };
  for (const path of ['/opt', '/etc/km-bootstrap', '/usr/local/bin/km-bootstrap', '/usr/local/bin/node']) look(path);
  process.stdout.write(JSON.stringify(found));
`;

/** From the start of the container to the first line of its log, by the engine's own clock. */
async function startMs(engine: Engine, image: string): Promise<number> {
  const name = `km-bootstrap-smoke-${process.pid}`;
  await engine.attempt('run', '--name', name, '--network', 'none', '--read-only', '--tmpfs', '/tmp', image, 'prepare');
  try {
    const { stdout: state } = await engine.run('inspect', '--format', '{{json .State.StartedAt}}', name);
    const { all } = await engine.run('logs', '--timestamps', name);
    const first = all.split('\n').find((line) => /^\d{4}-/.test(line)) ?? '';
    return milliseconds(first.split(' ')[0] ?? '') - milliseconds(JSON.parse(state));
  } finally {
    await engine.run('rm', '--force', name);
  }
}

function milliseconds(text: string): number {
  return Date.parse(text.replace(/(\.\d{3})\d*/, '$1').replace(/ (\+\d{4}) UTC$/, '$1'));
}
