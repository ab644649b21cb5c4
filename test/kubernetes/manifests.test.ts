import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSettings } from '../../src/config/load.js';
import { parseSettings } from '../../src/config/parse.js';
import { environmentName, SETTING_KEYS } from '../../src/config/settings.js';
import { packageRoot } from '../../src/io/package-root.js';
import { withTempFolder } from '../support/temp-folder.js';
import { assertKnownToKubernetes, type Manifest } from './known-to-kubernetes.js';

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts: readonly Mount[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly requests?: object; readonly limits?: object };
  readonly startupProbe?: object;
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
}

interface Volume {
  readonly name: string;
  readonly secret?: {
    readonly secretName: string;
    readonly defaultMode?: number;
    readonly items?: readonly { key: string }[];
  };
  readonly configMap?: { readonly name: string; readonly optional?: boolean };
  readonly emptyDir?: object;
}

interface Workload extends Manifest {
  readonly spec: {
    readonly activeDeadlineSeconds?: number;
    readonly ttlSecondsAfterFinished?: number;
    readonly backoffLimit?: number;
    readonly replicas?: number;
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
    readonly template: {
      readonly spec: {
        readonly restartPolicy?: string;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly automountServiceAccountToken?: boolean;
        readonly initContainers?: readonly Container[];
        readonly containers: readonly Container[];
        readonly volumes: readonly Volume[];
      };
    };
  };
}

interface ConfigMap extends Manifest {
  readonly data: Readonly<Record<string, string>>;
}

interface Reader {
  readKustomization(folder: string, below?: readonly Manifest[]): Promise<readonly Manifest[]>;
  barePod(
    workload: Workload,
    options: {
      rename(name: string): string;
      imageOf(image: string): string;
      addresses: Readonly<Record<string, string>>;
    },
  ): Manifest;
}

const FOLDER = join(packageRoot(), 'kubernetes');
const SERVERS = [
  { id: 'is7', peer: 'apim', uid: 802 },
  { id: 'apim', peer: 'is7', uid: 10_001 },
] as const;
const CREDENTIALS = ['is7-username', 'is7-password', 'apim-username', 'apim-password'];
const DATABASE = ['database-url', 'database-username', 'database-password'];
const LOCKED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/** The reader of scripts/, which is no TypeScript. */
async function reader(): Promise<Reader> {
  return import(
    pathToFileURL(join(packageRoot(), 'scripts', 'smoke-kubernetes-manifests.mjs')).href
  ) as Promise<Reader>;
}

async function kustomization(...path: readonly string[]): Promise<readonly Manifest[]> {
  return (await reader()).readKustomization(join(FOLDER, ...path));
}

/** The base with a component on it. */
async function withComponent(name: string): Promise<readonly Manifest[]> {
  return (await reader()).readKustomization(join(FOLDER, 'components', name), await kustomization('base'));
}

function find<T extends Manifest = Workload>(objects: readonly Manifest[], kind: string, name: string): T {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  assert.ok(found, `there is a ${kind} ${name}`);
  return found as T;
}

function workloads(objects: readonly Manifest[]): readonly Workload[] {
  return objects.filter(({ kind }) =>
    ['StatefulSet', 'Deployment', 'Job'].includes(kind),
  ) as unknown as readonly Workload[];
}

function containersOf({ spec }: Workload): readonly Container[] {
  return [...(spec.template.spec.initContainers ?? []), ...spec.template.spec.containers];
}

function named(workload: Workload, name: string): Container {
  const found = containersOf(workload).find((container) => container.name === name);
  assert.ok(found, `${workload.metadata.name} has a container ${name}`);
  return found as Container;
}

const TOML = '/home/wso2carbon/wso2-config-volume/repository/conf/deployment.toml';
/** Names as the templates of the charts make them with `fullnameOverride`, as values.yaml sets it. */
const CHARTS = [
  {
    folder: 'helm-apim',
    id: 'apim',
    name: 'apim-am-deployment-1',
    container: 'wso2am',
    volume: 'wso2am-conf',
    toml: TOML,
  },
  { folder: 'kubernetes-is', id: 'is7', name: 'is7', container: 'wso2is', volume: 'is7-deployment-toml', toml: TOML },
] as const;

const VARIANTS: readonly [title: string, objects: () => Promise<readonly Manifest[]>][] = [
  ['base', () => kustomization('base')],
  ['sandbox', () => kustomization('sandbox')],
  ['register', () => kustomization('register')],
  ['base with watch', () => withComponent('watch')],
  ['base with network-database', () => withComponent('network-database')],
];

for (const [title, objects] of VARIANTS) {
  test(`${title}: Kubernetes knows every field of every manifest`, async () => {
    for (const manifest of await objects()) assertKnownToKubernetes(manifest);
  });

  test(`${title}: whatever is mounted is there, nobody is root, and nobody may become more`, async () => {
    for (const workload of workloads(await objects())) {
      const { name } = workload.metadata;
      const { spec } = workload.spec.template;
      assert.is(spec.automountServiceAccountToken, false, name);
      assert.is(spec.securityContext['runAsNonRoot'], true, name);
      assert.ok(Number(spec.securityContext['runAsUser']) > 0, name);
      assert.equal(spec.securityContext['seccompProfile'], { type: 'RuntimeDefault' }, name);
      const claims = workload.spec.volumeClaimTemplates ?? [];
      const volumes = [...spec.volumes.map((volume) => volume.name), ...claims.map(({ metadata }) => metadata.name)];
      for (const { name: container, volumeMounts, securityContext, resources } of containersOf(workload)) {
        const place = `${name}/${container}`;
        const { readOnlyRootFilesystem, ...rest } = securityContext;
        assert.equal(rest, LOCKED, place);
        // The servers write to their homes.
        assert.is(readOnlyRootFilesystem, container === name ? undefined : true, place);
        assert.ok(resources.requests && resources.limits, place);
        for (const mount of volumeMounts) {
          assert.ok(volumes.includes(mount.name), `${place} mounts ${mount.name}`);
          assert.is(mount.subPath, undefined, `${place}: a subPath is never updated`);
        }
      }
    }
  });

  test(`${title}: no secret stands in it; they come as files, a private key only where it is needed`, async () => {
    const all = await objects();
    assert.ok(all.every(({ kind }) => kind !== 'Secret'));
    for (const workload of workloads(all)) {
      for (const container of containersOf(workload)) {
        for (const { name, value } of container.env ?? [])
          if (/PASSWORD|USERNAME|DATABASE_URL/.test(name)) assert.match(`${name} ${value}`, /_FILE \/run\//);
      }
      const own = `${workload.metadata.name}-tls`;
      for (const { secret } of workload.spec.template.spec.volumes) {
        if (!secret?.secretName.endsWith('-tls') || secret.secretName === own) continue;
        assert.equal(
          secret.items,
          [{ key: 'tls.crt', path: 'tls.crt' }],
          `${workload.metadata.name}: ${secret.secretName}`,
        );
      }
    }
  });

  test(`${title}: what the tool is told are settings that there are`, async () => {
    const known = new Set(SETTING_KEYS.map(environmentName));
    for (const workload of workloads(await objects())) {
      for (const { name: container, env = [] } of containersOf(workload)) {
        for (const { name } of env)
          assert.ok(known.has(name) || known.has(name.replace(/_FILE$/, '')), `${container}: ${name}`);
      }
    }
  });

  test(`${title}: every image has a tag or digest of its own`, async () => {
    for (const workload of workloads(await objects())) {
      if (title === 'register') continue;
      for (const { name, image } of containersOf(workload))
        assert.match(image, /[:@]/, `${workload.metadata.name}/${name}`);
    }
  });
}

for (const { id, peer, uid } of SERVERS) {
  test(`${id}: seeds itself, prepares itself, starts; it has nothing of the other but a certificate`, async () => {
    const statefulSet = find(await kustomization('base'), 'StatefulSet', id);
    const { initContainers = [], containers, securityContext, volumes } = statefulSet.spec.template.spec;
    assert.equal(
      [...initContainers, ...containers].map(({ name }) => name),
      ['seed', 'prepare', id],
    );
    const { runAsUser, runAsGroup, fsGroup } = securityContext;
    assert.equal({ runAsUser, runAsGroup, fsGroup }, { runAsUser: uid, runAsGroup: uid, fsGroup: uid });
    assert.is(named(statefulSet, 'seed').image, named(statefulSet, id).image);
    assert.equal(named(statefulSet, 'prepare').args, ['prepare']);
    const variables = (named(statefulSet, 'prepare').env ?? []).map(({ name }) => name);
    assert.ok(
      variables.every((name) => !name.includes(`_${peer.toUpperCase()}_`)),
      `${variables}`,
    );
    const secrets = volumes.flatMap(({ secret }) => secret?.secretName ?? []);
    assert.equal(secrets.sort(), ['apim-tls', 'is7-tls']);
    assert.equal(statefulSet.spec.replicas, 1);
  });

  test(`${id}: the overlay lies where the server's entrypoint looks last, and data never lies in it`, async () => {
    const statefulSet = find(await kustomization('base'), 'StatefulSet', id);
    const mounts = (container: string) =>
      new Map(named(statefulSet, container).volumeMounts.map((mount) => [mount.name, mount]));
    assert.equal(mounts(id).get('overlay'), {
      name: 'overlay',
      mountPath: '/home/wso2carbon/wso2-artifact-volume',
      readOnly: true,
    });
    assert.is(mounts(id).get('config')?.mountPath, '/home/wso2carbon/wso2-config-volume');
    assert.is(mounts('seed').get('config')?.mountPath, '/home/wso2carbon/wso2-config-volume');
    const home = /^\/home\/wso2carbon\/wso2(is|am)-\d+\.\d+\.\d+\/repository\/database$/;
    assert.match(mounts(id).get('database')?.mountPath ?? '', home);
    assert.is(mounts('prepare').get('database')?.mountPath, `/servers/${id}/repository/database`);
    assert.equal(mounts(id).has('tls'), false);
    assert.equal(mounts(id).has('home'), false);
  });

  test(`${id}: readiness is asked by name, with the certificate that prepare wrote, and verification is off nowhere`, async () => {
    const { readinessProbe, livenessProbe, startupProbe } = named(
      find(await kustomization('base'), 'StatefulSet', id),
      id,
    );
    const { exec } = readinessProbe as { exec: { command: readonly string[] } };
    assert.is(
      exec.command[exec.command.indexOf('--cacert') + 1],
      '/home/wso2carbon/wso2-artifact-volume/repository/resources/security/km-bootstrap-tls.pem',
    );
    assert.match(exec.command.at(-1) ?? '', `https://${id}:9443/`);
    assert.ok(livenessProbe && startupProbe);
  });

  test(`${id}: the version in the path of the database is that of the image`, async () => {
    const statefulSet = find(await kustomization('base'), 'StatefulSet', id);
    const [, version] = /:([\d.]+)$/.exec(named(statefulSet, id).image) ?? [];
    const database = named(statefulSet, id).volumeMounts.find(({ name }) => name === 'database');
    assert.match(database?.mountPath ?? '', `-${version}/`);
  });
}

test('the Job has a deadline beyond its own, ends for good where a retry cannot help, and is swept away', async () => {
  const job = find(await kustomization('base'), 'Job', 'km-bootstrap-register');
  const { activeDeadlineSeconds = 0, ttlSecondsAfterFinished, backoffLimit, template } = job.spec;
  const settings = await baseSettings();
  assert.ok(activeDeadlineSeconds > Number(settings['timeout']) / 1000);
  assert.ok(ttlSecondsAfterFinished && backoffLimit);
  assert.is(template.spec.restartPolicy, 'Never');
  assert.equal(named(job, 'register').args, ['register']);
  assert.match(JSON.stringify(job), '"values":[64,78]');
  assert.equal(template.spec.initContainers, undefined);
});

test('km-bootstrap.toml holds settings that there are, nothing secret, and names that the Services have', async () => {
  const settings = await baseSettings();
  assert.ok(Object.keys(settings).every((key) => !key.includes('password')));
  const objects = await kustomization('base');
  for (const { id } of SERVERS) {
    find(objects, 'Service', id);
    assert.is(settings[`${id}.hostname`], id);
    assert.is(settings[`${id}.url`], `https://${id}:9443`);
    assert.is(settings[`${id}.certificate`], `/run/km-bootstrap/${id}/tls.crt`);
  }
});

test('what a file says is where it says it is: certificates, keys and credentials are mounted at their paths', async () => {
  for (const objects of [
    await kustomization('base'),
    await withComponent('watch'),
    await withComponent('network-database'),
  ]) {
    for (const workload of workloads(objects)) {
      for (const { name, env = [], volumeMounts } of containersOf(workload)) {
        for (const { value = '' } of env.filter(({ value = '' }) => value.startsWith('/run/'))) {
          const mount = volumeMounts.find(({ mountPath }) => value.startsWith(`${mountPath}/`));
          assert.ok(mount, `${workload.metadata.name}/${name} mounts ${value}`);
          const key = value.slice((mount?.mountPath.length ?? 0) + 1);
          assert.ok([...CREDENTIALS, ...DATABASE, 'tls.crt', 'tls.key'].includes(key), key);
        }
      }
    }
  }
});

test('of all pods, the base and its Services select one each', async () => {
  const objects = await kustomization('base');
  for (const { id } of SERVERS) {
    const { spec } = find<Manifest & { spec: { selector: object } }>(objects, 'Service', id);
    const selected = workloads(objects).filter((workload) => {
      const { labels } = (workload.spec.template as unknown as { metadata: { labels: Record<string, string> } })
        .metadata;
      return Object.entries(spec.selector).every(([key, value]) => labels[key] === value);
    });
    assert.equal(
      selected.map(({ metadata }) => metadata.name),
      [id],
    );
  }
});

test('the sandbox replaces images, and what the stand-ins are started with, and nothing else', async () => {
  const [base, sandbox] = [await kustomization('base'), await kustomization('sandbox')];
  assert.equal(
    sandbox.map(({ metadata }) => metadata.name),
    base.map(({ metadata }) => metadata.name),
  );
  for (const { id } of SERVERS) {
    const [before, after] = [find(base, 'StatefulSet', id), find(sandbox, 'StatefulSet', id)];
    assert.equal(after.spec.template.spec.volumes, before.spec.template.spec.volumes);
    for (const container of containersOf(before)) {
      const other = named(after, container.name);
      assert.equal(other.volumeMounts, container.volumeMounts);
      assert.equal(other.securityContext, container.securityContext);
      assert.equal(other.readinessProbe, container.readinessProbe);
      assert.is(other.image, container.name === 'prepare' ? 'km-bootstrap:latest' : 'km-bootstrap-sandbox:latest');
    }
  }
});

test('watch sits beside API Manager, reads its home, and does not make it unready', async () => {
  const objects = await withComponent('watch');
  const watch = named(find(objects, 'StatefulSet', 'apim'), 'watch');
  assert.equal(watch.args, ['watch']);
  assert.is(watch.readinessProbe, undefined);
  assert.ok(watch.volumeMounts.every(({ readOnly, mountPath }) => readOnly || mountPath === '/tmp'));
  assert.match(JSON.stringify(find<Manifest>(objects, 'Service', 'apim')), '9095');
});

test('the bare pods that podman plays keep containers, users and mounts, and have names of their own', async () => {
  const { barePod } = await reader();
  for (const workload of workloads(await kustomization('sandbox'))) {
    const options = { rename: (name: string) => `x-${name}`, imageOf: () => 'here', addresses: { is7: '10.0.0.1' } };
    const pod = barePod(workload, options) as Manifest & { spec: Workload['spec']['template']['spec'] };
    assertKnownToKubernetes(pod);
    const { initContainers = [], containers, securityContext } = pod.spec;
    assert.equal(
      [...initContainers, ...containers].map(({ name }) => name),
      containersOf(workload).map(({ name }) => name),
    );
    assert.equal(securityContext, workload.spec.template.spec.securityContext);
    assert.ok(
      pod.spec.volumes.every(
        ({ name, configMap }) => name.startsWith('x-') && configMap?.name.startsWith('x-') !== false,
      ),
    );
  }
});

for (const chart of CHARTS) {
  test(`${chart.folder}: onto a Deployment of the chart's shape comes what the base has, but for the database`, () =>
    withTempFolder(async (folder) => {
      await cp(join(FOLDER, 'charts', chart.folder), folder, { recursive: true });
      await writeFile(join(folder, 'rendered.yaml'), JSON.stringify(renderedBy(chart)));
      const [deployment] = (await (await reader()).readKustomization(folder)) as unknown as readonly [Workload];
      assertKnownToKubernetes(deployment);
      assert.is(deployment.metadata.name, chart.name);
      const { initContainers = [], containers, volumes } = deployment.spec.template.spec;
      assert.equal(
        [...initContainers, ...containers].map(({ name }) => name),
        ['seed', 'prepare', chart.container],
      );
      const base = find(await kustomization('base'), 'StatefulSet', chart.id);
      assert.equal(named(deployment, 'prepare').env, named(base, 'prepare').env);
      assert.equal(named(deployment, 'seed').command, named(base, 'seed').command);
      for (const { name, volumeMounts, securityContext } of initContainers) {
        assert.equal(
          securityContext,
          { ...securityContext, ...LOCKED, readOnlyRootFilesystem: true, runAsNonRoot: true },
          name,
        );
        const declared = volumes.map((volume) => volume.name);
        for (const mount of volumeMounts) assert.ok(declared.includes(mount.name), `${name} mounts ${mount.name}`);
      }
      const paths = named(deployment, chart.container).volumeMounts.map(({ mountPath }) => mountPath);
      assert.equal(paths.sort(), ['/home/wso2carbon/wso2-artifact-volume', chart.toml].sort());
      assert.is(
        named(deployment, 'seed').volumeMounts.find(({ name }) => name === chart.volume)?.mountPath,
        chart.toml,
      );
    }));
}

test('what goes with the charts has the names that their patches know, and settings that there are', async () => {
  const shared = await kustomization('charts', 'shared');
  for (const manifest of shared) assertKnownToKubernetes(manifest);
  assert.equal(
    shared.map(({ metadata }) => metadata.name),
    ['km-bootstrap-seed', 'km-bootstrap-register', 'km-bootstrap-settings'],
  );
  const configFile = join(FOLDER, 'charts', 'shared', 'km-bootstrap.toml');
  const settings = parseSettings(loadSettings({ flags: new Map(), configFile, workingFolder: FOLDER }, {}));
  assert.is(settings['is7.hostname'], undefined);
  assert.is(settings['is7.public_url'], 'https://wso2is.com');
});

test('a kustomization that says more than is understood here is refused, and so is a patch of nothing', () =>
  withTempFolder(async (folder) => {
    const { readKustomization } = await reader();
    const refusal = async (text: string) => {
      await writeFile(join(folder, 'kustomization.yaml'), text);
      return readKustomization(folder).then(String, (error: Error) => error.message);
    };
    assert.match(await refusal('namePrefix: x-'), 'namePrefix is not known here');
    await writeFile(join(folder, 'patch.yaml'), '{ kind: Deployment, metadata: { name: gone } }');
    assert.match(await refusal('patches: [{ path: patch.yaml }]'), 'there is no Deployment gone to patch');
  }));

/** As much of what a chart renders as the patch goes by. */
function renderedBy({ name, container, volume, toml }: (typeof CHARTS)[number]): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { deployment: name } },
      template: {
        metadata: { labels: { deployment: name } },
        spec: {
          containers: [
            {
              name: container,
              image: 'from.values/image:1',
              volumeMounts: [{ name: volume, mountPath: toml, subPath: 'deployment.toml' }],
            },
          ],
          volumes: [{ name: volume, configMap: { name: `${name}-conf` } }],
        },
      },
    },
  };
}

test('every file in kubernetes/ is reached, and switches no verification off', async () => {
  for (const entry of await readdir(FOLDER, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const text = await readFile(path, 'utf8');
    assert.not.match(text, /curl.* -k\b|- "?-k"?$|insecure|NODE_TLS_REJECT_UNAUTHORIZED/im, path);
    if (!/\.(yaml|toml|sh)$/.test(path) || /^(kustomization|values)\.yaml$/.test(entry.name)) continue;
    const kustomizationText = await readFile(join(entry.parentPath ?? entry.path, 'kustomization.yaml'), 'utf8');
    assert.match(kustomizationText, entry.name, path);
  }
});

async function baseSettings(): Promise<Readonly<Record<string, unknown>>> {
  const { data } = find<ConfigMap>(await kustomization('base'), 'ConfigMap', 'km-bootstrap-settings');
  assert.equal(Object.keys(data), ['km-bootstrap.toml']);
  const configFile = join(FOLDER, 'base', 'km-bootstrap.toml');
  return parseSettings(loadSettings({ flags: new Map(), configFile, workingFolder: FOLDER }, {}));
}

test.run();
