// Reads kustomizations as far as ours go, so that their manifests can be run, and held to rules, where there is no kustomize and no
// cluster; and makes bare Pods of workloads, which is what `podman play kube` knows.
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import yaml from 'js-yaml';

const FIELDS = [
  'apiVersion',
  'kind',
  'resources',
  'components',
  'configMapGenerator',
  'generatorOptions',
  'images',
  'patches',
];

/**
 * The objects of a kustomization. ConfigMaps keep their names, without the hash that kustomize adds.
 *
 * @throws Error for whatever kustomize knows and this does not, so that nothing is taken for looked at that was not
 */
export async function readKustomization(folder, below = []) {
  const kustomization = yaml.load(await readFile(join(folder, 'kustomization.yaml'), 'utf8'));
  const unknown = Object.keys(kustomization).filter((field) => !FIELDS.includes(field));
  if (unknown.length > 0) throw new Error(`${folder}/kustomization.yaml: ${unknown.join(', ')} is not known here`);
  const { resources = [], components = [], configMapGenerator = [], images = [], patches = [] } = kustomization;
  let objects = [...below];
  for (const path of resources) objects.push(...(await readResource(join(folder, path))));
  for (const generator of configMapGenerator) objects.push(await generateConfigMap(folder, generator));
  for (const path of components) objects = await readKustomization(join(folder, path), objects);
  for (const { path, target } of patches) {
    for (const patch of await readDocuments(join(folder, path))) objects = applyPatch(objects, patch, target);
  }
  return objects.map((object) => withImages(object, images));
}

async function readResource(path) {
  return (await stat(path)).isDirectory() ? readKustomization(path) : readDocuments(path);
}

async function readDocuments(path) {
  return yaml.loadAll(await readFile(path, 'utf8')).filter(Boolean);
}

async function generateConfigMap(folder, { name, files }) {
  const entries = files.map(async (file) => [basename(file), await readFile(join(folder, file), 'utf8')]);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: Object.fromEntries(await Promise.all(entries)),
  };
}

/** A strategic merge, into the one object that kind and name of the patch tell, else into those of the target's kind and pattern of a name. */
function applyPatch(objects, patch, target) {
  const { kind, name = '.*' } = target ?? { kind: patch.kind, name: patch.metadata.name };
  const isMeant = (object) => object.kind === kind && new RegExp(`^(?:${name})$`).test(object.metadata.name);
  if (!objects.some(isMeant)) throw new Error(`there is no ${kind} ${name} to patch`);
  const { metadata: { name: _, ...metadata } = {}, ...rest } = patch;
  return objects.map((object) => (isMeant(object) ? merge(object, { ...rest, metadata }) : object));
}

/** By what the entries of a list are told apart, the first of them that they have. */
const KEYS = ['mountPath', 'containerPort', 'port', 'name'];

function merge(below, above) {
  if (Array.isArray(below) && Array.isArray(above)) return mergeLists(below, above);
  if (!isTable(below) || !isTable(above)) return above;
  const merged = { ...below };
  for (const [key, value] of Object.entries(above)) merged[key] = key in below ? merge(below[key], value) : value;
  return merged;
}

function mergeLists(below, above) {
  const key = KEYS.find((candidate) => above.every((entry) => isTable(entry) && candidate in entry));
  if (key === undefined) return above;
  const added = above.filter((entry) => !below.some((other) => other[key] === entry[key]));
  const patched = below.map((entry) => {
    const patch = above.find((other) => other[key] === entry[key]);
    return patch ? merge(entry, patch) : entry;
  });
  return [...added, ...patched];
}

function isTable(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As kustomize looks for them: by the name that a container has so far, without tag and digest. */
function withImages(object, images) {
  const template = object.spec?.template;
  if (!template) return object;
  const named = (container) => {
    const [own] = container.image.split(/@|:(?!.*\/)/);
    const image = images.find(({ name }) => name === own);
    return image ? { ...container, image: imageOf(image) } : container;
  };
  const { containers, initContainers } = template.spec;
  const spec = { ...template.spec, containers: containers.map(named) };
  if (initContainers) spec.initContainers = initContainers.map(named);
  return { ...object, spec: { ...object.spec, template: { ...template, spec } } };
}

function imageOf({ name, newName = name, newTag, digest }) {
  return `${newName}${newTag ? `:${newTag}` : ''}${digest ? `@${digest}` : ''}`;
}

/**
 * The pod of a StatefulSet, Deployment or Job by itself, with everything that it names under a name of its own, because podman has one
 * space of names for all. Left out is what podman 4.3 does not know, or would do otherwise than a cluster: probes, limits, ports,
 * ConfigMaps that need not be there.
 *
 * @param options.rename a name in the manifest → the one to use
 * @param options.imageOf an image in the manifest → the one to use, which is there already
 * @param options.addresses by the name of a Service: what its pod is reached at, in place of the cluster's DNS
 * @param options.main what the containers after the init containers are to have otherwise
 */
export function barePod({ kind, metadata, spec: { template, volumeClaimTemplates = [] } }, options) {
  if (!['StatefulSet', 'Deployment', 'Job'].includes(kind)) throw new Error(`a ${kind} has no pod`);
  const { rename, imageOf: chosen, addresses = {}, main = {} } = options;
  const name = rename(metadata.name);
  const claims = volumeClaimTemplates.map(({ metadata: { name: claim } }) => ({
    name: claim,
    persistentVolumeClaim: { claimName: rename(`${claim}-${metadata.name}-0`) },
  }));
  const { containers, initContainers = [], volumes: all = [], hostAliases: own = [], ...spec } = template.spec;
  const volumes = [...all.filter(({ configMap }) => !configMap?.optional), ...claims];
  const bare = ({
    startupProbe,
    livenessProbe,
    readinessProbe,
    resources,
    ports,
    volumeMounts = [],
    ...container
  }) => ({
    ...container,
    image: chosen(container.image),
    imagePullPolicy: 'Never',
    volumeMounts: volumeMounts
      .filter((mount) => volumes.some((volume) => volume.name === mount.name))
      .map((mount) => ({ ...mount, name: `${name}-${mount.name}` })),
  });
  const hosts = Object.entries(addresses).filter(([host]) => !own.some(({ hostnames }) => hostnames.includes(host)));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    // podman removes an init container that ran once, unless told to keep it.
    metadata: { name, annotations: { 'io.podman.annotations.init.container.type': 'always' } },
    spec: {
      ...spec,
      hostname: metadata.name,
      restartPolicy: 'Never',
      hostAliases: [...own, ...hosts.map(([host, ip]) => ({ ip, hostnames: [host] }))],
      initContainers: initContainers.map(bare),
      containers: containers.map((container) => ({ ...bare(container), ...main })),
      volumes: volumes.map((volume) => ({ ...renamed(volume, rename), name: `${name}-${volume.name}` })),
    },
  };
}

/** podman 4.3 hands out Secrets in base64 and knows none of their `items`: there a Secret is played as a ConfigMap. */
function renamed({ configMap, secret, ...volume }, rename) {
  if (configMap) return { ...volume, configMap: { ...configMap, name: rename(configMap.name) } };
  if (!secret) return volume;
  const { secretName, ...rest } = secret;
  return { ...volume, configMap: { ...rest, name: rename(secretName) } };
}
