// Reads compose files as far as ours go, so that they can be run, and held to rules, where there is no Docker Compose.
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import yaml from 'js-yaml';

/**
 * The services and volumes of one or several files, the later ones laid over the earlier: tables are merged, lists are joined where a
 * service has them as lists of its own (volumes, ports), everything else is replaced. Variables are filled from `environment`.
 */
export async function readCompose(files, environment = {}) {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const layers = texts.map((text) => interpolate(yaml.load(text), environment));
  const { services, volumes } = layers.reduce(lay, {});
  return { folder: dirname(resolve(files[0])), services, volumes: Object.keys(volumes ?? {}) };
}

/** `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$`, in values only. */
function interpolate(value, environment) {
  if (Array.isArray(value)) return value.map((entry) => interpolate(entry, environment));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, interpolate(inner, environment)]));
  if (typeof value !== 'string') return value;
  return value.replace(/\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g, (all, name, kind, rest) => {
    if (name === undefined) return '$';
    if (environment[name]) return environment[name];
    if (kind === '-') return rest;
    throw new Error(kind === '?' ? `${name}: ${rest}` : `${all} is not set`);
  });
}

const JOINED = ['volumes', 'ports', 'cap_add', 'cap_drop', 'group_add', 'security_opt', 'tmpfs'];

function lay(below, above, key) {
  if (Array.isArray(below) && Array.isArray(above)) return JOINED.includes(key) ? [...below, ...above] : above;
  if (!isTable(below) || !isTable(above)) return above ?? below;
  const names = [...new Set([...Object.keys(below), ...Object.keys(above)])];
  return Object.fromEntries(
    names.map((name) => [
      name,
      name in above && name in below ? lay(below[name], above[name], name) : (above[name] ?? below[name]),
    ]),
  );
}

function isTable(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names of services, each after those it depends on. */
export function inOrder(services) {
  const ordered = [];
  const visit = (name, path) => {
    if (path.includes(name))
      throw new Error(`services depend on each other in a circle: ${[...path, name].join(' → ')}`);
    if (ordered.includes(name)) return;
    for (const other of Object.keys(services[name].depends_on ?? {})) visit(other, [...path, name]);
    ordered.push(name);
  };
  for (const name of Object.keys(services)) visit(name, []);
  return ordered;
}

/** The arguments of `docker run` or `podman run`, image and command included, that start a service of this project. */
export function runArguments(name, service, { folder, project, volumes }) {
  const option = (flag, values) => (values ?? []).flatMap((value) => [flag, String(value)]);
  const network = service.network_mode ? [service.network_mode] : [project];
  const [program, ...rest] = service.entrypoint ?? [];
  return [
    ...['--name', `${project}-${name}`],
    ...option('--network', network),
    ...(service.network_mode ? [] : ['--network-alias', name]),
    ...option('--hostname', service.hostname && [service.hostname]),
    ...option('--user', service.user && [service.user]),
    ...option('--group-add', service.group_add),
    ...(service.read_only ? ['--read-only'] : []),
    ...option('--tmpfs', service.tmpfs),
    ...option('--cap-drop', service.cap_drop),
    ...option('--cap-add', service.cap_add),
    // Podman knows it without a value only.
    ...option(
      '--security-opt',
      service.security_opt?.map((word) => word.replace(/:true$/, '')),
    ),
    ...Object.entries(service.environment ?? {}).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...option(
      '--volume',
      service.volumes?.map((volume) => volumeArgument(volume, { folder, project, volumes })),
    ),
    ...option('--entrypoint', program && [program]),
    service.image,
    ...rest,
    ...(service.command ?? []),
  ];
}

function volumeArgument(text, { folder, project, volumes }) {
  const [source, ...rest] = text.split(':');
  const place = volumes.includes(source) ? `${project}-${source}` : join(folder, source);
  return [place, ...rest].join(':');
}
