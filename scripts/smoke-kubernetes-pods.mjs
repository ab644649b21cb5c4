// Pods by `podman play kube`, which knows Pods: the templates of StatefulSets and Jobs are played as such. No cluster is involved:
// Services, claims, retries and probes are not Kubernetes' own here.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import yaml from 'js-yaml';
import { barePod, readKustomization } from './smoke-kubernetes-manifests.mjs';

const SANDBOX = join(import.meta.dirname, '..', 'kubernetes', 'sandbox');
const READY_WITHIN_MS = 300_000;
const KILL_AFTER_MS = [50, 400, 1_200, 3_000];

/** Lends the pods of kubernetes/sandbox, not yet made, on a network of their own; whatever of them is left is removed at the end. */
export async function withPods({ engine, images, say }, servers, use) {
  const prefix = `km-bootstrap-k8s-${process.pid}`;
  const madeHere = await providePause(engine);
  const objects = await readKustomization(SANDBOX);
  const secrets = await makeSecrets(servers);
  const cluster = { engine, images, prefix, servers, objects, secrets, claims: new Set(), addresses: {}, round: 0 };
  try {
    cluster.network = await makeNetwork(cluster);
    await use(podsOf(cluster));
  } finally {
    await clearAway(cluster);
    if (madeHere) await silently(cluster, 'rmi', madeHere);
    say('pods, volumes and network are gone');
  }
}

function podsOf(cluster) {
  const containerOf = (workload, name) => `${nameOf(cluster, workload)}-${name}`;
  const remove = (workload) => removePod(cluster, workload);

  async function playAnew(workload, words, main) {
    await removePod(cluster, workload);
    await play(cluster, workload, words, main);
  }

  return {
    remove,
    /** All containers of a pod, none of them started. */
    create: (server, { network, main }) => playAnew(server, ['--start=false', '--network', network], main),

    /** Made anew, all at once, at addresses that none had before: podman lets go of the old ones late. */
    async startAll() {
      cluster.round += 1;
      const address = (index) => `${cluster.network}${10 * cluster.round + index}`;
      cluster.addresses = Object.fromEntries(cluster.servers.map((server, index) => [server, address(index)]));
      for (const server of cluster.servers)
        await playAnew(server, ['--network', cluster.prefix, '--ip', cluster.addresses[server]]);
    },

    /** Until the readiness probe of the manifest passes, run in the container as the kubelet does. */
    async untilReady(server) {
      const container = containerOf(server, server);
      const [{ readinessProbe }] = find(cluster, server).spec.template.spec.containers;
      const deadline = performance.now() + READY_WITHIN_MS;
      for (;;) {
        const { failed, all } = await silently(cluster, 'exec', container, ...readinessProbe.exec.command);
        if (!failed) return;
        if (performance.now() > deadline)
          throw new Error(`${server} is not ready: ${all}\n${await logs(cluster, container)}`);
        await sleep(1_000);
      }
    },

    async runInit(server, name, says) {
      const container = containerOf(server, name);
      const { all } = await silently(cluster, 'start', '--attach', container);
      expect(container, await exitCode(cluster, container), all, says);
    },

    async killInit(server, name) {
      const container = containerOf(server, name);
      for (const afterMs of KILL_AFTER_MS) {
        await podman(cluster, ['start', container]);
        await killAfter(cluster, container, afterMs);
      }
      return KILL_AFTER_MS.length;
    },

    /** A pod a time, as a Job makes them. */
    async runJob(job, { args, says } = {}) {
      const { containers } = find(cluster, job).spec.template.spec;
      const container = containerOf(job, containers[0].name);
      await playAnew(job, ['--network', cluster.prefix], args && { args });
      await podman(cluster, ['wait', container]);
      expect(container, await exitCode(cluster, container), await logs(cluster, container), says);
    },

    async killJob(job) {
      const { containers } = find(cluster, job).spec.template.spec;
      for (const afterMs of KILL_AFTER_MS) {
        await playAnew(job, ['--network', cluster.prefix]);
        await killAfter(cluster, containerOf(job, containers[0].name), afterMs);
      }
      return KILL_AFTER_MS.length;
    },
  };
}

function find({ objects }, workload) {
  return objects.find(({ kind, metadata }) => /Set$|Job$/.test(kind) && metadata.name === workload);
}

function nameOf({ prefix }, name) {
  return `${prefix}-${name}`;
}

async function play(cluster, workload, words, main) {
  const { images, addresses } = cluster;
  const pod = barePod(find(cluster, workload), {
    rename: (name) => nameOf(cluster, name),
    imageOf: (image) => (image.includes('sandbox') ? images.sandbox : images.tool),
    addresses,
    main,
  });
  for (const { persistentVolumeClaim } of pod.spec.volumes)
    if (persistentVolumeClaim) cluster.claims.add(persistentVolumeClaim.claimName);
  const documents = [...configMaps(cluster), pod].map((document) => yaml.dump(document, { noRefs: true }));
  await podman(cluster, ['play', 'kube', ...words, '-'], { input: documents.join('---\n') });
}

/** Those of the manifests, and the Secrets as {@link barePod} takes them. */
function configMaps(cluster) {
  const all = [...cluster.objects.filter(({ kind }) => kind === 'ConfigMap'), ...cluster.secrets];
  return all.map((object) => ({ ...object, metadata: { name: nameOf(cluster, object.metadata.name) } }));
}

function expect(container, code, all, says) {
  if (code !== 0) throw new Error(`${container} ended with ${code}: ${all}`);
  if (says && !says.test(all)) throw new Error(`${container} does not say ${says}: ${all}`);
}

/**
 * Ends the server as the kubelet does, then what holds the pod open, whose end takes the network down; only then everything is removed,
 * because a network that another mount namespace made, as container-lab's is, cannot be taken down from here.
 */
async function removePod(cluster, workload) {
  const pod = nameOf(cluster, workload);
  const { failed, stdout: infra } = await silently(cluster, 'pod', 'inspect', '--format', '{{.InfraContainerID}}', pod);
  if (failed) return;
  for (const { name } of find(cluster, workload).spec.template.spec.containers)
    await silently(cluster, 'stop', '--time', '20', `${pod}-${name}`);
  await killAfter(cluster, infra.trim(), 0);
  for (let attempt = 1; ; attempt++) {
    const { failed: stays, all } = await silently(cluster, 'pod', 'rm', '--force', pod);
    if (!stays) break;
    if (attempt === 5) throw new Error(`${pod} cannot be removed: ${all}`);
    await sleep(1_000);
  }
  // podman keeps these, a cluster does not.
  for (const { name, emptyDir } of find(cluster, workload).spec.template.spec.volumes)
    if (emptyDir) await silently(cluster, 'volume', 'rm', '--force', `${pod}-${name}`);
}

async function killAfter(cluster, container, afterMs) {
  await sleep(afterMs);
  await silently(cluster, 'kill', '--signal', 'KILL', container);
  await silently(cluster, 'wait', container);
}

async function exitCode(cluster, container) {
  const { stdout } = await podman(cluster, ['inspect', '--format', '{{.State.ExitCode}}', container]);
  return Number(stdout);
}

async function logs(cluster, container) {
  return (await silently(cluster, 'logs', container)).all;
}

function podman({ engine }, words, options) {
  return engine.command(words, { all: true, ...options });
}

function silently({ engine }, ...words) {
  return engine.command(words, { all: true, reject: false });
}

/** What the addresses in it begin with. Each server gets one by us, because podman's names are not those of Services. */
async function makeNetwork(cluster) {
  await podman(cluster, ['network', 'create', cluster.prefix]);
  const format = '{{(index .Subnets 0).Subnet}}';
  const { stdout } = await podman(cluster, ['network', 'inspect', '--format', format, cluster.prefix]);
  return /^\d+\.\d+\.\d+\./.exec(stdout.trim())[0];
}

async function clearAway(cluster) {
  for (const { kind, metadata } of cluster.objects) if (/Set$|Job$/.test(kind)) await removePod(cluster, metadata.name);
  // podman keeps a volume for each ConfigMap, and one for each claim.
  const volumes = [...configMaps(cluster).map(({ metadata }) => metadata.name), ...cluster.claims];
  for (const volume of volumes) await silently(cluster, 'volume', 'rm', '--force', volume);
  await silently(cluster, 'network', 'rm', '--force', cluster.prefix);
}

/** What docs/kubernetes.md asks for as Secrets; the account is the stand-ins' own. */
async function makeSecrets(servers) {
  const names = servers.flatMap((server) => [`${server}-username`, `${server}-password`]);
  const credentials = Object.fromEntries(names.map((name) => [name, 'admin']));
  const identities = await Promise.all(servers.map(makeIdentity));
  return [
    configMap('km-bootstrap-credentials', credentials),
    ...servers.map((server, index) => configMap(`${server}-tls`, identities[index])),
  ];
}

function configMap(name, data) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

async function makeIdentity(server) {
  return withFolder(async (folder) => {
    const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
    const names = `subjectAltName=DNS:${server},DNS:localhost,IP:127.0.0.1`;
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '365', '-subj', `/CN=${server}`];
    await execa('openssl', [...request, '-addext', names, '-keyout', key, '-out', certificate]);
    return { 'tls.key': await readFile(key, 'utf8'), 'tls.crt': await readFile(certificate, 'utf8') };
  });
}

/** podman makes the image that holds a pod open out of catatonit; where that is not installed, one that sleeps does. Its name, if made here. */
async function providePause(engine) {
  const probe = `km-bootstrap-k8s-pause-${process.pid}`;
  const { failed, all } = await silently({ engine }, 'pod', 'create', '--name', probe);
  await silently({ engine }, 'pod', 'rm', '--force', probe);
  if (!failed) return undefined;
  if (!all.includes('pause')) throw new Error(`podman makes no pods here: ${all}`);
  const { stdout } = await podman({ engine }, ['version', '--format', '{{.Client.Version}}-{{.Client.Built}}']);
  const tag = `localhost/podman-pause:${stdout.trim()}`;
  await withFolder(async (folder) => {
    await writeFile(join(folder, 'Dockerfile'), 'FROM debian:bookworm-slim\nENTRYPOINT ["/bin/sleep", "infinity"]\n');
    await engine.build(tag, folder, []);
  });
  return tag;
}

async function withFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), 'km-bootstrap-kubernetes-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
