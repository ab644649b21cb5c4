import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSettings } from '../../src/config/load.js';
import { parseSettings } from '../../src/config/parse.js';
import { packageRoot } from '../../src/io/package-root.js';

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly network_mode?: string;
  readonly cap_drop?: readonly string[];
  readonly group_add?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: readonly string[];
}

interface Reader {
  readCompose(files: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Compose>;
  inOrder(services: Compose['services']): readonly string[];
}

const FOLDER = join(packageRoot(), 'compose');
const PASSWORD = { IDENTITY_DB_PASSWORD: 'from .env' };
const OVERRIDES = ['sandbox', 'alpine', 'postgresql', 'mysql'];
const TOOL = ['prepare', 'register', 'watch'];
const SERVERS = ['is7', 'apim'];

/** The reader of scripts/, which is no TypeScript. */
async function reader(): Promise<Reader> {
  return import(pathToFileURL(join(packageRoot(), 'scripts', 'smoke-compose-file.mjs')).href) as Promise<Reader>;
}

async function compose(override?: string): Promise<Compose> {
  const names = ['compose.yaml', ...(override ? [`compose.${override}.yaml`] : [])];
  const files = names.map((name) => join(FOLDER, name));
  return (await reader()).readCompose(files, PASSWORD);
}

function service({ services }: Compose, name: string): Service {
  const found = services[name];
  assert.ok(found, `there is a service ${name}`);
  return found as Service;
}

test('seeds come before prepare, prepare before the servers, and register once both are healthy', async () => {
  const base = await compose();
  const waits = (name: string) => service(base, name).depends_on;
  const completed = { condition: 'service_completed_successfully' };
  assert.equal(waits('prepare'), { 'is7-seed': completed, 'apim-seed': completed });
  for (const server of SERVERS) assert.equal(waits(server), { prepare: completed });
  const healthy = { condition: 'service_healthy' };
  assert.equal(waits('register'), { is7: healthy, apim: healthy });
  const { inOrder } = await reader();
  assert.equal(inOrder(base.services), ['is7-seed', 'apim-seed', 'prepare', 'is7', 'apim', 'register', 'watch']);
});

for (const override of [undefined, ...OVERRIDES]) {
  test(`what is used is declared, and no password stands in it: compose.yaml${override ? ` with ${override}` : ''}`, async () => {
    const { services, volumes } = await compose(override);
    for (const [name, { volumes: mounts = [], depends_on: awaited = {} }] of Object.entries(services)) {
      for (const mount of mounts) {
        const [source = ''] = mount.split(':');
        assert.ok(source.startsWith('./') || volumes.includes(source), `${name} mounts ${source}`);
      }
      for (const other of Object.keys(awaited)) assert.ok(services[other], `${name} waits for ${other}`);
    }
    for (const { environment = {} } of Object.values(services)) {
      for (const [variable, value] of Object.entries(environment))
        if (/PASSWORD$/.test(variable) && !/RANDOM/.test(variable)) assert.is(value, 'from .env');
    }
  });
}

test('an override names services of compose.yaml only, but for a database of its own', async () => {
  const known = Object.keys((await compose()).services);
  for (const override of OVERRIDES) {
    const alone = await (await reader()).readCompose([join(FOLDER, `compose.${override}.yaml`)], PASSWORD);
    const added = Object.keys(alone.services).filter((name) => !known.includes(name));
    assert.equal(added, ['postgresql', 'mysql'].includes(override) ? ['identity-db'] : [], override);
  }
});

test('the tool is no root, on a read-only root, without rights, and prepare and the seeds without a network', async () => {
  const base = await compose();
  for (const name of TOOL) {
    const { user, read_only, cap_drop } = service(base, name);
    assert.equal({ user, read_only, cap_drop }, { user: '65532:65532', read_only: true, cap_drop: ['ALL'] }, name);
  }
  for (const name of ['is7-seed', 'apim-seed', 'prepare']) assert.is(service(base, name).network_mode, 'none', name);
  for (const name of SERVERS) assert.equal(service(base, name).group_add, ['65532']);
});

test('a server reads the overlay and cannot write to it; its databases are a volume on the home', async () => {
  const base = await compose();
  for (const name of SERVERS) {
    const { volumes = [] } = service(base, name);
    assert.ok(volumes.includes(`${name}-overlay:/home/wso2carbon/wso2-artifact-volume:ro`));
    const database = volumes.find((mount) => mount.startsWith(`${name}-database:`)) ?? '';
    assert.match(database, /^[a-z0-9]+-database:\/home\/wso2carbon\/wso2(is|am)-[0-9.]+\/repository\/database$/);
  }
  const mounts = TOOL.flatMap((name) => service(base, name).volumes ?? []);
  const homes = mounts.filter((mount) => /^(is7|apim)-home:/.test(mount));
  assert.ok(homes.length === 6 && homes.every((mount) => mount.endsWith(':ro')));
  assert.ok(mounts.every((mount) => !/^[a-z0-9]+-database:\/overlays/.test(mount)));
});

test('a health check believes the certificate that prepare wrote, and nothing else', async () => {
  const base = await compose();
  for (const [name, home, port] of [
    ['is7', 'wso2is-7.2.0', 9444],
    ['apim', 'wso2am-4.5.0', 9443],
  ] as const) {
    const words = service(base, name).healthcheck?.test ?? [];
    const authority = words[words.indexOf('--cacert') + 1];
    assert.is(authority, `/home/wso2carbon/${home}/repository/resources/security/km-bootstrap-tls.pem`);
    assert.match(words.at(-1) ?? '', `https://${name}:${port}/`);
    assert.ok(words.includes('--fail'));
  }
});

test('nowhere is verification switched off, and without curl nothing is asked from inside', async () => {
  for (const file of await readdir(FOLDER, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const text = await readFile(join(file.parentPath ?? file.path, file.name), 'utf8');
    assert.not.match(
      text,
      /(^|\s)(-k|--insecure|--no-check-certificate)(\s|$)|NODE_TLS_REJECT_UNAUTHORIZED/m,
      file.name,
    );
  }
  const alpine = await compose('alpine');
  for (const name of SERVERS) assert.is(service(alpine, name).healthcheck?.disable, true);
  const started = { condition: 'service_started' };
  assert.equal(service(alpine, 'register').depends_on, { is7: started, apim: started });
});

test('the sandbox replaces images and users, and keeps order, volumes and health checks', async () => {
  const [base, sandbox] = [await compose(), await compose('sandbox')];
  assert.equal(Object.keys(sandbox.services), Object.keys(base.services));
  for (const name of Object.keys(base.services)) {
    const [before, after] = [service(base, name), service(sandbox, name)];
    assert.equal(after.volumes, before.volumes);
    assert.equal(after.depends_on, before.depends_on);
    assert.equal(after.healthcheck?.test, before.healthcheck?.test);
    assert.is(after.image, TOOL.includes(name) ? 'km-bootstrap' : 'km-bootstrap-sandbox');
  }
  assert.is(service(sandbox, 'is7').user, '802:802');
  assert.is(service(sandbox, 'apim').user, '10001:10001');
});

test('a password that is not set is asked for by name', async () => {
  const { readCompose } = await reader();
  const files = ['compose.yaml', 'compose.postgresql.yaml'].map((name) => join(FOLDER, name));
  const failure = await readCompose(files, {}).catch((error: Error) => error.message);
  assert.is(failure, 'IDENTITY_DB_PASSWORD: set it in .env');
});

test('km-bootstrap.toml holds settings that there are, and nothing secret', () => {
  const configFile = join(FOLDER, 'km-bootstrap.toml');
  const settings = parseSettings(loadSettings({ flags: new Map(), configFile, workingFolder: FOLDER }, {}));
  assert.is(settings['is7.hostname'], 'is7');
  assert.is(settings['apim.hostname'], 'apim');
  assert.is(settings['tls.generate'], true);
  assert.ok(Object.keys(settings).every((key) => !key.includes('password')));
});

test('.env.example names every variable that the compose files read', async () => {
  const example = await readFile(join(FOLDER, '.env.example'), 'utf8');
  const texts = await Promise.all(
    ['compose.yaml', 'compose.postgresql.yaml', 'compose.mysql.yaml'].map((name) =>
      readFile(join(FOLDER, name), 'utf8'),
    ),
  );
  const names = new Set([...texts.join('\n').matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  for (const name of names) assert.match(example, new RegExp(`^#?${name}=`, 'm'));
});

test.run();
