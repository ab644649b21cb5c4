import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import yaml from 'js-yaml';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSettings } from '../../src/config/load.js';
import { parseSettings } from '../../src/config/parse.js';
import { environmentName, SETTING_KEYS } from '../../src/config/settings.js';
import { packageRoot } from '../../src/io/package-root.js';
import { assertKnownToKubernetes, type Manifest } from './known-to-kubernetes.js';

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
}

interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly Mount[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly resources?: { readonly requests?: object; readonly limits?: object };
  readonly readinessProbe?: object;
  readonly terminationMessagePolicy?: string;
}

interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly items?: readonly { key: string }[] };
  readonly configMap?: { readonly name: string; readonly optional?: boolean };
}

interface Workload extends Manifest {
  readonly spec: {
    readonly activeDeadlineSeconds?: number;
    readonly ttlSecondsAfterFinished?: number;
    readonly backoffLimit?: number;
    readonly replicas?: number;
    readonly podManagementPolicy?: string;
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
    readonly template: {
      readonly metadata?: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly restartPolicy?: string;
        readonly securityContext?: Readonly<Record<string, unknown>>;
        readonly automountServiceAccountToken?: boolean;
        readonly initContainers?: readonly Container[];
        readonly containers?: readonly Container[];
        readonly volumes?: readonly Volume[];
      };
    };
  };
}

interface Kustomization {
  readonly kind: string;
  readonly resources?: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag?: string }[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
}

const FOLDER = join(packageRoot(), 'kubernetes');
const SERVERS = [
  { id: 'is7', peer: 'apim', uid: 802, home: 'wso2is', stop: 'wso2server.sh' },
  { id: 'apim', peer: 'is7', uid: 10_001, home: 'wso2am', stop: 'api-manager.sh' },
] as const;
const CHARTS = [
  { folder: 'charts/kubernetes-is', id: 'is7', container: 'wso2is', uid: 802 },
  { folder: 'charts/helm-apim', id: 'apim', container: 'wso2am', uid: 10_001 },
] as const;
const BASE = ['base/is7.yaml', 'base/apim.yaml', 'register/register.yaml'];
/** What kustomize lays over them, or over what a chart renders. */
const PATCHES = [
  'components/is7-deployment-toml/is7.yaml',
  'components/apim-deployment-toml/apim.yaml',
  'components/network-database/register.yaml',
  'components/watch/apim.yaml',
  ...CHARTS.map(({ folder }) => `${folder}/workload.yaml`),
];
const CREDENTIALS = ['is7-username', 'is7-password', 'apim-username', 'apim-password'];
const DATABASE = ['database-url', 'database-username', 'database-password'];
const LOCKED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
/** Containers that run something of ours. */
const OURS = ['seed', 'prepare', 'register', 'watch'];

/** The documents of files in kubernetes/, as they stand there: what kustomize and a cluster make of them, they show themselves. */
async function manifestsIn(...paths: readonly string[]): Promise<readonly Manifest[]> {
  const texts = await Promise.all(paths.map((path) => readFile(join(FOLDER, path), 'utf8')));
  return texts.flatMap((text) => yaml.loadAll(text) as Manifest[]);
}

async function workloadsIn(...paths: readonly string[]): Promise<readonly Workload[]> {
  const kinds = ['StatefulSet', 'Deployment', 'Job'];
  return (await manifestsIn(...paths)).filter(({ kind }) => kinds.includes(kind)) as Workload[];
}

async function workloadIn(path: string): Promise<Workload> {
  const [workload] = await workloadsIn(path);
  assert.ok(workload, `${path} has a workload`);
  return workload as Workload;
}

async function kustomizationIn(folder: string): Promise<Kustomization> {
  return yaml.load(await readFile(join(FOLDER, folder, 'kustomization.yaml'), 'utf8')) as Kustomization;
}

function containersOf({ spec }: Workload): readonly Container[] {
  const { initContainers = [], containers = [] } = spec.template.spec;
  return [...initContainers, ...containers];
}

function named(workload: Workload, name: string): Container {
  const found = containersOf(workload).find((container) => container.name === name);
  assert.ok(found, `${workload.metadata.name} has a container ${name}`);
  return found as Container;
}

function mountsOf(workload: Workload, name: string): ReadonlyMap<string, Mount> {
  return new Map((named(workload, name).volumeMounts ?? []).map((mount) => [mount.name, mount]));
}

test('Kubernetes knows every field of every manifest', async () => {
  const manifests = await manifestsIn(...BASE, 'components/watch/service.yaml');
  assert.ok(manifests.length >= BASE.length);
  for (const manifest of manifests) assertKnownToKubernetes(manifest);
});

test('nobody is root, or may become more, and pods get no token of the cluster', async () => {
  for (const workload of await workloadsIn(...BASE)) {
    const { automountServiceAccountToken, securityContext = {} } = workload.spec.template.spec;
    const { name } = workload.metadata;
    assert.is(automountServiceAccountToken, false, name);
    assert.is(securityContext['runAsNonRoot'], true, name);
    assert.ok(Number(securityContext['runAsUser']) > 0, name);
    assert.equal(securityContext['seccompProfile'], { type: 'RuntimeDefault' }, name);
    for (const container of containersOf(workload)) {
      const { readOnlyRootFilesystem, ...rest } = container.securityContext ?? {};
      assert.equal(rest, LOCKED, `${name}/${container.name}`);
      // The servers write to their homes.
      assert.is(readOnlyRootFilesystem, OURS.includes(container.name) ? true : undefined, `${name}/${container.name}`);
    }
  }
});

test('whatever runs something of ours has a read-only root, limits, and its last words in its termination message', async () => {
  for (const workload of await workloadsIn(...BASE, ...PATCHES)) {
    for (const container of containersOf(workload).filter(({ name }) => OURS.includes(name))) {
      if (!container.securityContext) continue;
      const place = `${workload.metadata.name}/${container.name}`;
      assert.is(container.securityContext['readOnlyRootFilesystem'], true, place);
      assert.equal(container.securityContext['capabilities'], { drop: ['ALL'] }, place);
      assert.ok(container.resources?.requests && container.resources.limits, place);
      if (container.name !== 'watch') assert.is(container.terminationMessagePolicy, 'FallbackToLogsOnError', place);
    }
  }
});

test('whatever is mounted is there, and nothing by a subPath, which is never updated', async () => {
  for (const workload of await workloadsIn(...BASE, ...CHARTS.map(({ folder }) => `${folder}/workload.yaml`))) {
    const claims = workload.spec.volumeClaimTemplates ?? [];
    const volumes = [...(workload.spec.template.spec.volumes ?? []), ...claims.map(({ metadata }) => metadata)];
    for (const { name, volumeMounts = [] } of containersOf(workload)) {
      for (const mount of volumeMounts) {
        assert.ok(
          volumes.some((volume) => volume.name === mount.name),
          `${workload.metadata.name}/${name} mounts ${mount.name}`,
        );
        assert.is(mount.subPath, undefined);
      }
    }
  }
});

test('no ConfigMap that need not be there is mounted: a folder with nothing in it ends the entrypoint of the images', async () => {
  for (const workload of await workloadsIn(...BASE, ...PATCHES)) {
    for (const { name, configMap } of workload.spec.template.spec.volumes ?? [])
      assert.is(configMap?.optional, undefined, name);
  }
});

test('no secret stands in a manifest; they come as files, and a private key only where it is needed', async () => {
  for (const manifest of await manifestsIn(...BASE, ...PATCHES)) assert.is.not(manifest.kind, 'Secret');
  for (const workload of await workloadsIn(...BASE, ...PATCHES)) {
    for (const { name, value } of containersOf(workload).flatMap(({ env = [] }) => env))
      if (/PASSWORD|USERNAME|DATABASE_URL/.test(name)) assert.match(`${name} ${value}`, /_FILE \/run\//);
    const own = containersOf(workload).flatMap(({ env = [] }) =>
      env.flatMap(({ name }) => /^KMB_TLS_(.*)_KEY$/.exec(name)?.[1]?.toLowerCase() ?? []),
    );
    for (const { secret } of workload.spec.template.spec.volumes ?? []) {
      if (!secret?.secretName.endsWith('-tls') || own.some((id) => secret.secretName === `${id}-tls`)) continue;
      assert.equal(secret.items, [{ key: 'tls.crt', path: 'tls.crt' }], secret.secretName);
    }
  }
});

test('what the tool is told are settings that there are, and what a setting says to be in a file is mounted there', async () => {
  const known = new Set(SETTING_KEYS.map(environmentName));
  for (const workload of await workloadsIn(...BASE, ...PATCHES)) {
    for (const { name: container, env = [], volumeMounts = [] } of containersOf(workload)) {
      for (const { name, value = '' } of env) {
        assert.ok(known.has(name) || known.has(name.replace(/_FILE$/, '')), `${container}: ${name}`);
        if (!value.startsWith('/run/') || volumeMounts.length === 0) continue;
        const mount = volumeMounts.find(({ mountPath }) => value.startsWith(`${mountPath}/`));
        assert.ok(mount, `${workload.metadata.name}/${container} mounts ${value}`);
        const key = value.slice((mount?.mountPath.length ?? 0) + 1);
        assert.ok([...CREDENTIALS, ...DATABASE, 'tls.crt', 'tls.key'].includes(key), key);
      }
    }
  }
});

for (const { id, peer, uid, home, stop } of SERVERS) {
  test(`${id}: seeds itself, prepares itself, starts; it has nothing of the other but a certificate`, async () => {
    const statefulSet = await workloadIn(`base/${id}.yaml`);
    const { securityContext = {}, volumes = [] } = statefulSet.spec.template.spec;
    assert.equal(
      containersOf(statefulSet).map(({ name }) => name),
      ['seed', 'prepare', id],
    );
    const { runAsUser, runAsGroup, fsGroup } = securityContext;
    assert.equal({ runAsUser, runAsGroup, fsGroup }, { runAsUser: uid, runAsGroup: uid, fsGroup: uid });
    assert.is(named(statefulSet, 'seed').image, named(statefulSet, id).image);
    assert.equal(named(statefulSet, 'prepare').args, ['prepare']);
    for (const { name } of named(statefulSet, 'prepare').env ?? []) assert.not.match(name, `_${peer.toUpperCase()}_`);
    const secrets = volumes.flatMap(({ secret }) => secret?.secretName ?? []);
    assert.equal(secrets.sort(), ['apim-tls', 'is7-tls']);
    assert.is(statefulSet.spec.replicas, 1);
    // Else a pod that cannot start is never replaced by one with corrected settings.
    assert.is(statefulSet.spec.podManagementPolicy, 'Parallel');
  });

  test(`${id}: the overlay lies where the server's entrypoint looks last, and data never lies in it`, async () => {
    const statefulSet = await workloadIn(`base/${id}.yaml`);
    const overlay = { name: 'overlay', mountPath: '/home/wso2carbon/wso2-artifact-volume', readOnly: true };
    assert.equal(mountsOf(statefulSet, id).get('overlay'), overlay);
    assert.is(mountsOf(statefulSet, 'prepare').get('database')?.mountPath, `/servers/${id}/repository/database`);
    assert.equal([...mountsOf(statefulSet, id).keys()], ['overlay', 'database']);
  });

  test(`${id}: image, seed and the mount of the database name one version`, async () => {
    const statefulSet = await workloadIn(`base/${id}.yaml`);
    const { images = [] } = await kustomizationIn('base');
    const version = images.find(({ name }) => name === named(statefulSet, id).image)?.newTag;
    assert.match(version ?? '', /^\d+\.\d+\.\d+$/);
    const folder = `/home/wso2carbon/${home}-${version}`;
    assert.equal(named(statefulSet, 'seed').command, ['/bin/sh', '/scripts/seed.sh', folder]);
    assert.is(mountsOf(statefulSet, id).get('database')?.mountPath, `${folder}/repository/database`);
    assert.match(JSON.stringify(named(statefulSet, id)), `/home/wso2carbon/${home}-*/bin/${stop} stop`);
  });

  test(`${id}: readiness is asked by name, with the certificate that prepare wrote`, async () => {
    const { readinessProbe } = named(await workloadIn(`base/${id}.yaml`), id);
    const { exec } = readinessProbe as { exec: { command: readonly string[] } };
    assert.is(
      exec.command[exec.command.indexOf('--cacert') + 1],
      '/home/wso2carbon/wso2-artifact-volume/repository/resources/security/km-bootstrap-tls.pem',
    );
    assert.match(exec.command.at(-1) ?? '', `https://${id}:9443/`);
  });

  test(`${id}: a deployment.toml of one's own is seen by seed and server alike`, async () => {
    const patch = await workloadIn(`components/${id}-deployment-toml/${id}.yaml`);
    const config = { name: 'config', mountPath: '/home/wso2carbon/wso2-config-volume', readOnly: true };
    for (const container of ['seed', id]) assert.equal([...mountsOf(patch, container).values()], [config], container);
    assert.is(patch.spec.template.spec.volumes?.[0]?.configMap?.name, `${id}-config`);
  });
}

test('the Job has time for all its attempts, ends for good where another cannot help, and is swept away', async () => {
  const job = await workloadIn('register/register.yaml');
  const { activeDeadlineSeconds = 0, ttlSecondsAfterFinished, backoffLimit = 0, template } = job.spec;
  const timeout = named(job, 'register').env?.find(({ name }) => name === 'KMB_TIMEOUT')?.value ?? '';
  const { timeout: attemptMs = 0 } = parseSettings(
    loadSettings({ flags: new Map(), configFile: null, workingFolder: FOLDER }, { KMB_TIMEOUT: timeout }),
  );
  // Pauses between attempts: 10, 20, 40 s.
  assert.ok(activeDeadlineSeconds > (backoffLimit + 1) * (attemptMs / 1000) + 70);
  assert.ok(ttlSecondsAfterFinished);
  assert.is(template.spec.restartPolicy, 'Never');
  assert.equal(named(job, 'register').args, ['register']);
  assert.match(JSON.stringify(job), '"values":[64,77,78]');
});

for (const folder of ['base', 'charts/shared']) {
  test(`${folder}: what servers and Job are told are settings that there are, nothing secret, and the same names`, async () => {
    const [servers, job] = ['km-bootstrap.toml', 'register.toml'].map((file) => {
      const configFile = join(FOLDER, folder, file);
      return parseSettings(loadSettings({ flags: new Map(), configFile, workingFolder: FOLDER }, {}));
    });
    assert.equal(servers, job);
    assert.ok(Object.keys(servers ?? {}).every((key) => !key.includes('password')));
    for (const { id } of SERVERS) {
      assert.is(servers?.[`${id}.certificate`], `/run/km-bootstrap/${id}/tls.crt`);
      if (folder === 'base') assert.is(servers?.[`${id}.hostname`], id);
      if (folder === 'base') assert.is(servers?.[`${id}.url`], `https://${id}:9443`);
    }
  });
}

test('servers and Job are told by ConfigMaps of their own, whose names change with what they hold', async () => {
  const { configMapGenerator = [], ...rest } = await kustomizationIn('base');
  assert.equal(
    configMapGenerator.map(({ name, files }) => [name, ...files]),
    [
      ['km-bootstrap-settings', 'km-bootstrap.toml'],
      ['km-bootstrap-register', 'km-bootstrap.toml=register.toml'],
    ],
  );
  const settingsOf = (workload: Workload) =>
    workload.spec.template.spec.volumes?.flatMap(({ configMap }) => configMap?.name ?? []);
  assert.equal(settingsOf(await workloadIn('register/register.yaml')), ['km-bootstrap-register']);
  for (const { id } of SERVERS)
    assert.equal(settingsOf(await workloadIn(`base/${id}.yaml`)), ['km-bootstrap-seed', 'km-bootstrap-settings']);
  for (const entry of await readdir(FOLDER, { recursive: true }))
    if (entry.endsWith('kustomization.yaml'))
      assert.not.match(await readFile(join(FOLDER, entry), 'utf8'), 'disableNameSuffixHash', entry);
  assert.not.match(JSON.stringify(rest), 'generatorOptions');
});

test('the Services of the base select one pod each', async () => {
  const pods = (await workloadsIn(...BASE)).map(({ metadata, spec }) => ({
    name: metadata.name,
    labels: spec.template.metadata?.labels ?? {},
  }));
  const services = (await manifestsIn(...BASE)).filter(({ kind }) => kind === 'Service');
  for (const { metadata, spec } of services as (Manifest & { spec: { selector: object } })[]) {
    const selected = pods.filter(({ labels }) =>
      Object.entries(spec.selector).every(([key, value]) => labels[key] === value),
    );
    assert.equal(
      selected.map(({ name }) => name),
      [metadata.name],
    );
  }
  assert.is(services.length, 2);
});

test('images are set in the base, the sandbox and the charts, each with a tag, and in no component, where they would undo what was set', async () => {
  for (const folder of ['base', 'sandbox', ...CHARTS.map((chart) => chart.folder), 'charts/shared']) {
    const { images = [] } = await kustomizationIn(folder);
    assert.ok(images.length > 0, folder);
    for (const { newTag } of images) assert.match(newTag ?? '', /^\d/, folder);
  }
  for (const component of await readdir(join(FOLDER, 'components')))
    assert.is((await kustomizationIn(`components/${component}`)).images, undefined, component);
});

test('watch sits beside API Manager, reads its home, and does not make it unready', async () => {
  const patch = await workloadIn('components/watch/apim.yaml');
  const watch = named(patch, 'watch');
  assert.equal(watch.args, ['watch']);
  assert.is(watch.readinessProbe, undefined);
  assert.ok(watch.volumeMounts?.every(({ readOnly, mountPath }) => readOnly || mountPath === '/tmp'));
  const credentials = patch.spec.template.spec.volumes?.find(({ name }) => name === 'credentials');
  assert.match(JSON.stringify(credentials), '"optional":true');
});

for (const { folder, id, container, uid } of CHARTS) {
  test(`${folder}: onto the workload of the chart comes what the base has, but for the database`, async () => {
    const [patch, base] = [await workloadIn(`${folder}/workload.yaml`), await workloadIn(`base/${id}.yaml`)];
    assert.equal(
      containersOf(patch).map(({ name }) => name),
      ['seed', 'prepare', container],
    );
    assert.equal(named(patch, 'prepare').env, named(base, 'prepare').env);
    for (const name of ['seed', 'prepare']) {
      const { runAsNonRoot, runAsUser, runAsGroup } = named(patch, name).securityContext ?? {};
      assert.equal({ runAsNonRoot, runAsUser, runAsGroup }, { runAsNonRoot: true, runAsUser: uid, runAsGroup: uid });
    }
    const settings = patch.spec.template.spec.volumes?.flatMap(({ configMap }) => configMap?.name ?? []);
    assert.equal(settings, [`km-bootstrap-${container}-seed`, `km-bootstrap-${container}-settings`]);
  });

  test(`${folder}: the post-renderer refuses what it cannot put km-bootstrap into`, async () => {
    const program = join(FOLDER, folder, 'post-render');
    const workload = (server: string, more: object = {}) =>
      yaml.dump({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'any' },
        spec: { template: { spec: { containers: [{ name: server, image: 'any', ...more }] } } },
      });
    const artifacts = [{ name: 'mine', mountPath: '/home/wso2carbon/wso2-artifact-volume/repository' }];
    const refused = [
      ['', /no Deployment or StatefulSet with a container/],
      [workload('other'), /no Deployment or StatefulSet with a container/],
      [`kind: ConfigMap\ndata:\n  name: ${container}\n---\n${workload('other')}`, /no Deployment or StatefulSet/],
      [workload(container, { volumeMounts: artifacts }), /wso2-artifact-volume, which km-bootstrap needs for itself/],
    ] as const;
    for (const [input, pattern] of refused) {
      const { exitCode, stdout, stderr } = await execa(program, { input, reject: false });
      assert.is(exitCode, 1, stderr);
      assert.match(stderr, pattern);
      assert.is(stdout, '');
    }
  });
}

test('every file in kubernetes/ is reached, and switches no verification off', async () => {
  for (const entry of await readdir(FOLDER, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const folder = entry.parentPath ?? entry.path;
    const text = await readFile(join(folder, entry.name), 'utf8');
    assert.not.match(text, /curl.* -k\b|- "?-k"?$|insecure|NODE_TLS_REJECT_UNAUTHORIZED/im, entry.name);
    if (!/\.(yaml|toml|sh)$/.test(entry.name) || /^(kustomization|values)\.yaml$/.test(entry.name)) continue;
    const postRender = await readFile(join(FOLDER, 'charts', 'shared', 'post-render'), 'utf8');
    const kustomization = await readFile(join(folder, 'kustomization.yaml'), 'utf8');
    assert.match(kustomization + postRender, entry.name, join(dirname(folder), entry.name));
  }
});

test.run();
