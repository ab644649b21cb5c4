import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import yaml from 'js-yaml';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSettings } from '../../src/config/load.js';
import { parseSettings } from '../../src/config/parse.js';
import { packageRoot } from '../../src/io/package-root.js';

interface Bind {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly bind?: { readonly create_host_path?: boolean };
}

interface Service {
  readonly image: string;
  readonly pull_policy?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly network_mode?: string;
  readonly cap_drop?: readonly string[];
  readonly group_add?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly (string | Bind)[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
}

interface Compose {
  readonly name?: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, null>>;
}

const FOLDER = join(packageRoot(), 'compose');
const OVERRIDES = ['sandbox', 'alpine', 'postgresql', 'mysql'];
const TOOL = ['prepare', 'register', 'watch'];
const SERVERS = ['is7', 'apim'];

/** One file as it is written; what it means together with others is Compose's to say (scripts/smoke). */
async function compose(override?: string): Promise<Compose> {
  const file = join(FOLDER, override ? `compose.${override}.yaml` : 'compose.yaml');
  return yaml.load(await readFile(file, 'utf8')) as Compose;
}

function service({ services }: Compose, name: string): Service {
  const found = services[name];
  assert.ok(found, `there is a service ${name}`);
  return found as Service;
}

/** Those in the short form: `volume:/path:options`. */
function mountsOf({ volumes = [] }: Service): readonly string[] {
  return volumes.filter((mount) => typeof mount === 'string');
}

function bindsOf({ volumes = [] }: Service): readonly Bind[] {
  return volumes.filter((mount) => typeof mount !== 'string');
}

test('seeds come before prepare, prepare before the servers, and register once both are healthy', async () => {
  const base = await compose();
  const waits = (name: string) => service(base, name).depends_on;
  const completed = { condition: 'service_completed_successfully' };
  assert.equal(waits('prepare'), { 'is7-seed': completed, 'apim-seed': completed });
  for (const server of SERVERS) assert.equal(waits(server), { prepare: completed });
  const healthy = { condition: 'service_healthy' };
  assert.equal(waits('register'), { is7: healthy, apim: healthy });
  assert.equal(waits('watch'), { register: completed });
});

for (const override of [undefined, ...OVERRIDES]) {
  test(`what is used is declared, and no password stands in it: compose${override ? `.${override}` : ''}.yaml`, async () => {
    const [base, file] = [await compose(), await compose(override)];
    const volumes = Object.keys({ ...base.volumes, ...file.volumes });
    for (const [name, used] of Object.entries(file.services)) {
      for (const mount of mountsOf(used)) {
        const [source = ''] = mount.split(':');
        assert.ok(volumes.includes(source), `${name} mounts ${source}`);
      }
      for (const other of Object.keys(used.depends_on ?? {}))
        assert.ok({ ...base.services, ...file.services }[other], `${name} waits for ${other}`);
      for (const [variable, value] of Object.entries(used.environment ?? {}))
        if (/PASSWORD$/.test(variable) && !/RANDOM/.test(variable))
          assert.is(value, '${IDENTITY_DB_PASSWORD:?set it in .env}');
    }
  });
}

test('no image fills a volume before its seed has run, and a file that is missing is no folder', async () => {
  for (const file of [await compose(), ...(await Promise.all(OVERRIDES.map(compose)))]) {
    for (const [name, used] of Object.entries(file.services)) {
      // A database server's own image fills its data.
      for (const mount of mountsOf(used).filter((text) => !text.startsWith('identity-data:')))
        assert.match(mount, /:(ro,)?nocopy$/, name);
      for (const { type, read_only, bind } of bindsOf(used))
        assert.equal({ type, read_only, bind }, { type: 'bind', read_only: true, bind: { create_host_path: false } });
    }
  }
});

test('two checkouts can run side by side: name and ports are for the user to say', async () => {
  const { name, services } = await compose();
  assert.is(name, undefined);
  const ports = Object.values(services).flatMap((used) => used.ports ?? []);
  assert.is(ports.length, 5);
  for (const port of ports) assert.match(port, /^127\.0\.0\.1:\$\{[A-Z0-9_]+_PORT:-\d+\}:\d+$/);
});

test('an image of ours is built, or pulled from the registry that is named', async () => {
  const [base, sandbox] = [await compose(), await compose('sandbox')];
  for (const name of TOOL) assert.is(service(base, name).pull_policy, '${KM_BOOTSTRAP_PULL_POLICY:-never}', name);
  for (const used of Object.values(sandbox.services)) assert.is(used.pull_policy, 'never');
});

test('an override names services of compose.yaml only, but for a database of its own', async () => {
  const known = Object.keys((await compose()).services);
  for (const override of OVERRIDES) {
    const added = Object.keys((await compose(override)).services).filter((name) => !known.includes(name));
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
  for (const [name, home] of [
    ['is7', 'wso2is-${IS7_VERSION:-7.2.0}'],
    ['apim', 'wso2am-${APIM_VERSION:-4.5.0}'],
  ] as const) {
    const mounts = mountsOf(service(base, name));
    assert.ok(mounts.includes(`${name}-overlay:/home/wso2carbon/wso2-artifact-volume:ro,nocopy`));
    assert.ok(mounts.includes(`${name}-database:/home/wso2carbon/${home}/repository/database:nocopy`));
  }
  const mounts = TOOL.flatMap((name) => mountsOf(service(base, name)));
  const homes = mounts.filter((mount) => /^(is7|apim)-home:/.test(mount));
  assert.ok(homes.length === 6 && homes.every((mount) => mount.endsWith(':ro,nocopy')));
  assert.ok(mounts.every((mount) => !/^[a-z0-9]+-database:\/overlays/.test(mount)));
});

test('register and watch look into the database of IS 7, and only prepare writes to it', async () => {
  const base = await compose();
  const database = (name: string) => mountsOf(service(base, name)).filter((mount) => mount.startsWith('is7-database:'));
  const at = 'is7-database:/servers/wso2is-${IS7_VERSION:-7.2.0}/repository/database';
  assert.equal(database('prepare'), [`${at}:nocopy`]);
  for (const name of ['register', 'watch']) assert.equal(database(name), [`${at}:ro,nocopy`], name);
});

test('a health check believes the certificate that prepare wrote, and nothing else', async () => {
  const base = await compose();
  for (const [name, home, port] of [
    ['is7', 'wso2is-${IS7_VERSION:-7.2.0}', 9444],
    ['apim', 'wso2am-${APIM_VERSION:-4.5.0}', 9443],
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
  const sandbox = await compose('sandbox');
  assert.equal(Object.keys(sandbox.services), ['is7-seed', 'apim-seed', 'is7', 'apim']);
  for (const [name, used] of Object.entries(sandbox.services)) {
    assert.is(used.image, '${KM_BOOTSTRAP_SANDBOX_IMAGE:-km-bootstrap-sandbox}', name);
    assert.equal([used.volumes, used.depends_on, used.healthcheck?.test], [undefined, undefined, undefined], name);
  }
  assert.is(service(sandbox, 'is7').user, '802:802');
  assert.is(service(sandbox, 'apim').user, '10001:10001');
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
    ['compose.yaml', ...OVERRIDES.map((override) => `compose.${override}.yaml`)].map((name) =>
      readFile(join(FOLDER, name), 'utf8'),
    ),
  );
  const names = new Set([...texts.join('\n').matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  for (const name of names) assert.match(example, new RegExp(`^#?${name}=`, 'm'));
});

test.run();
