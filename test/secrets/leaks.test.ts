import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km, MAIN } from '../support/cli.js';
import { freeOffset } from '../support/free-offset.js';
import { javaEnvironment } from '../support/java-home.js';
import { patient } from '../support/patience.js';
import { withTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';
import { type Canaries, everythingIn, leaksIn } from './canaries.js';
import { AUTHORITY, type CanaryHomes, EC_AUTHORITY, makeCanaryHomes } from './canary-homes.js';

const OFFSET = await freeOffset();
const LISTEN = `127.0.0.1:${41_000 + (process.pid % 4_000)}`;

/** IS 7 is told an account of API Manager, to which it reports revoked tokens. */
const REVOCATION = ['--config', 'revocation.toml', '--only', 'deployment-toml/*'];
/** The servers' certificates come from another authority, with keys on an elliptic curve. */
const EC = ['--config', 'ec.toml', '--phase', 'offline'];

/** Before the servers run, each with what it must end with; with and without --json. A new command is a line here. */
const OFFLINE: readonly (readonly [exitCode: number, ...words: string[]])[] = [
  [2, 'plan'],
  [2, 'plan', ...REVOCATION],
  [0, 'plan', '--sql'],
  [2, 'verify', '--phase', 'offline'],
  [0, 'explain'],
  [0, 'explain', 'apim.password'],
  [0, 'schema'],
  [1, 'doctor'],
];

/** When they have been stopped. */
const AFTERWARDS: typeof OFFLINE = [
  [2, 'plan', ...EC],
  [0, 'apply', ...EC],
  [0, 'apply', ...REVOCATION],
  [0, 'init', '--config', 'made.toml', '--json'],
];

/** While they run, one after the other. */
const ONLINE: readonly (readonly [exitCode: number, ...words: string[]])[] = [
  [0, 'plan', '--json'],
  [0, 'apply', '--resend-secret'],
  [0, 'verify', '--proof', 'token', '--json'],
];

test('no secret is in what any command says, in what it starts, or in what it leaves', () =>
  withTempFolder(async (folder) => {
    const homes = await makeCanaryHomes(folder, OFFSET);
    const { is7, apim, canaries } = homes;
    const { JAVA_HOME: jdk } = await javaEnvironment();
    const temp = join(folder, 'tmp');
    await mkdir(temp);
    const environment = {
      JAVA_HOME: homes.javaHome,
      TMPDIR: temp,
      KMB_IS7_HOME: is7,
      KMB_APIM_HOME: apim,
      KMB_APIM_PASSWORD_FILE: join(folder, 'apim.secret'),
      KMB_IS7_JAVA_HOME: jdk,
      KMB_APIM_JAVA_HOME: jdk,
    };
    await writeFile(join(folder, 'revocation.toml'), 'recipe = "current"\nrevocation = true\n');
    await writeFile(join(folder, 'apim.secret'), canaries['apimAdmin'] ?? '');
    const said: string[] = [];
    const run = async ([expected, ...words]: (typeof OFFLINE)[number]) => {
      const { exitCode, stdout, stderr } = await km([...words, '-vv'], environment, folder);
      const text = `${stdout}\n${stderr}`;
      assert.is(exitCode, expected, `${words.join(' ')}:\n${text}`);
      assert.equal(leaksIn(text, canaries), [], words.join(' '));
      said.push(text);
    };

    await Promise.all(OFFLINE.flatMap(([code, ...words]) => [run([code, ...words]), run([code, ...words, '--json'])]));
    await run([0, 'apply', '--phase', 'offline']);
    await signedBy(AUTHORITY, homes);
    try {
      await run([0, 'up', '--sandbox', '--dir', folder, '--detach', '--json']);
      for (const home of [is7, apim]) await serverWithout(home, canaries);
      for (const command of ONLINE) await run(command);
      said.push(await watchOnce(environment, folder, canaries));
    } finally {
      await run([0, 'down', '--sandbox', '--dir', folder, '--json']);
    }
    for (const command of AFTERWARDS) await run(command);
    await signedBy(EC_AUTHORITY, homes);
    await onlyTheStorePassword(homes);

    const remembered = await rememberedSecrets(apim);
    assert.ok(Object.keys(remembered).length > 2, 'the server knows client secrets and tokens');
    assert.equal(leaksIn(said.join('\n'), remembered), []);
    assert.equal(leaksIn(await everythingIn(temp), { ...canaries, ...remembered }), []);
    assert.equal(leaksIn(await readFile(join(folder, 'made.toml'), 'utf8'), canaries), []);
  }));

test('what is damaged beside a secret is told without it, also at -vv', () =>
  withTempFolder(async (folder) => {
    const secret = { password: 'cnry-broken-line' };
    const home = join(folder, 'wso2is-7.2.0', 'repository', 'conf');
    await mkdir(home, { recursive: true });
    const damages: readonly (readonly [file: string, text: string])[] = [
      [join(home, 'deployment.toml'), `[super_admin]\nusername = "admin"\npassword = "${secret.password}\n`],
      [join(home, 'deployment.toml'), `[super_admin]\nusername = admin\npassword = "${secret.password}"\n`],
      [join(home, 'deployment.toml'), `[super_admin]\npassword = "${secret.password}" "again"\n`],
      [join(folder, 'km-bootstrap.toml'), `[is7]\npassword = "${secret.password}\n`],
      [join(folder, 'km-bootstrap.toml'), `[is7]\npassword = '${secret.password}' x\n[apim\n`],
      [join(folder, 'km-bootstrap.toml'), `[is7]\npassword = ["${secret.password}"]\n`],
      [
        join(folder, 'km-bootstrap.toml'),
        `[is7]\npasword = "${secret.password}"\nurl = "https://u:${secret.password}@h"\n`,
      ],
      [join(folder, '.env'), `KMB_IS7_PASSWRD=${secret.password}\nKMB_TIMEOUT=soon`],
    ];
    for (const [file, text] of damages) {
      await writeFile(file, text);
      const runs = ['plan', 'doctor'].map((command) =>
        km([command, '-vv', '--is7-home', join(folder, 'wso2is-7.2.0')], {}, folder),
      );
      for (const { exitCode, stdout, stderr } of await Promise.all(runs)) {
        assert.is.not(exitCode, 0, text);
        assert.equal(leaksIn(stdout + stderr, secret), [], `${text}\n${stdout}${stderr}`);
      }
      await writeFile(file, '');
    }
  }));

test('a crash of ours shows no secret, whatever is in reach of it', () =>
  withTempFolder(async (folder) => {
    const homes = await makeCanaryHomes(folder, OFFSET);
    const crash = join(folder, 'crash.mjs');
    await writeFile(crash, CRASH);
    const options = ['--is7-home', homes.is7, '--apim-home', homes.apim, '--phase', 'offline', '-vv'];
    for (const words of [options, [...options, '--json']]) {
      const { stdout, stderr, exitCode } = await execa('node', ['--import', crash, MAIN, 'apply', ...words], {
        reject: false,
        env: { JAVA_HOME: homes.javaHome },
      });
      assert.is(exitCode, 1, stdout + stderr);
      assert.match(stdout + stderr, 'INTERNAL');
      assert.equal(leaksIn(stdout + stderr, homes.canaries), []);
    }
  }));

/** Something that we call breaks in a way that nobody foresaw. */
const CRASH = `
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
crypto.createHash = () => { throw new TypeError('provoked'); };
crypto.pbkdf2Sync = () => { throw new TypeError('provoked'); };
syncBuiltinESMExports();
`;

async function watchOnce(
  environment: Readonly<Record<string, string>>,
  folder: string,
  canaries: Canaries,
): Promise<string> {
  const { PATH = '' } = process.env;
  const watch = execa('node', [MAIN, 'watch', '-vv', '--json', '--reconcile', '--listen', LISTEN], {
    env: { PATH, ...environment },
    extendEnv: false,
    cwd: folder,
    reject: false,
    all: true,
    timeout: patient(60_000),
  });
  const served: string[] = [];
  try {
    await untilLooked();
    for (const path of ['/', '/healthz', '/readyz', '/metrics']) {
      served.push(await (await fetch(`http://${LISTEN}${path}`)).text());
    }
  } finally {
    watch.kill('SIGTERM');
  }
  const text = `${(await watch).all}\n${served.join('\n')}`;
  assert.match(text, 'trust/apim');
  assert.equal(leaksIn(text, canaries), [], 'watch');
  return text;

  async function untilLooked(): Promise<void> {
    await until('watch is ready', async () => {
      const page = await fetch(`http://${LISTEN}/readyz`).then(
        (reply) => reply.text(),
        () => '',
      );
      return page.startsWith('ready');
    });
  }
}

/** So the key of that authority, which is a canary, has been read. */
async function signedBy(authority: string, { is7, apim }: CanaryHomes): Promise<void> {
  for (const home of [is7, apim]) {
    const pem = join(home, 'repository', 'resources', 'security', 'km-bootstrap-tls.pem');
    assert.match(new X509Certificate(await readFile(pem)).issuer, `CN=${authority}`);
  }
}

/** What `up` gave to a server, and what it wrote down of it. */
async function serverWithout(home: string, canaries: Canaries): Promise<void> {
  const record = await readFile(join(home, '.km-bootstrap-up.json'), 'utf8');
  const { pid, log } = JSON.parse(record) as { readonly pid: number; readonly log: string };
  const given = ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1'));
  const texts = [record, await readFile(log, 'utf8'), ...(await Promise.all(given))];
  assert.equal(leaksIn(texts.join('\n'), canaries), [], home);
}

/** Each keytool got the password of the store that it opened, in one variable, and no other secret. */
async function onlyTheStorePassword({ recorded, canaries, storePasswords }: CanaryHomes): Promise<void> {
  const names = await readdir(recorded);
  assert.ok(names.length >= 4, `${names.length} records`);
  for (const name of names.filter((file) => file.endsWith('.arguments'))) {
    const words = await readFile(join(recorded, name), 'utf8');
    assert.equal(leaksIn(words, canaries), []);
    const store = /-keystore\n(.*)/.exec(words)?.[1] ?? '';
    const variables = (await readFile(join(recorded, name.replace('arguments', 'environment')), 'utf8')).split('\n');
    // It works on a copy, in a folder of ours.
    const [, password] = Object.entries(storePasswords).find(([file]) => basename(store) === basename(file)) ?? [];
    assert.ok(password, store);
    const own = `KMB_STOREPASS=${password}`;
    assert.ok(variables.includes(own), store);
    assert.equal(leaksIn(variables.filter((variable) => variable !== own).join('\n'), canaries), []);
  }
}

/** What the stand-in of API Manager gave out: client secrets and tokens. */
async function rememberedSecrets(apim: string): Promise<Canaries> {
  const file = join(apim, 'repository', 'database', 'sandbox-apim.json');
  const { clients, tokens } = JSON.parse(await readFile(file, 'utf8')) as Record<
    string,
    readonly Record<string, unknown>[]
  >;
  const found = [...(clients ?? []), ...(tokens ?? [])].flatMap((held, index) =>
    Object.entries(held)
      .filter(([name, value]) => /secret|^token$|accessToken|value/i.test(name) && typeof value === 'string')
      .map(([name, value]): [string, string] => [`${name} ${index}`, String(value)]),
  );
  return Object.fromEntries(found);
}

test.run();
