import { createWriteStream } from 'node:fs';
import { mkdir, opendir, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BootstrapError } from '../errors.js';
import { withPrivateFolder } from '../io/private-folder.js';
import { streamOf } from '../io/read-whole.js';
import { withZip, type ZipEntry, ZipFault } from '../io/zip.js';
import { DATABASES, DEPLOYMENT_TOML, DROPINS, LIB, LOGS, SECURITY } from '../servers/layout.js';
import { MESSAGES } from './errors.js';

/** A bundle, laid out as homes in a folder of this process's own. */
export interface Bundle {
  /** Folders that hold a deployment.toml, or part of a home. */
  readonly homes: readonly string[];
  /** What a path or a text says in the words of the bundle: `support.zip:is7/repository/conf/deployment.toml`. */
  shown(text: string): string;
}

/** No file of a home that matters is larger, but for a database that has been used for long. */
const MOST_BYTES_A_FILE = 256 << 20;
const MOST_BYTES = 1 << 30;

/**
 * Lends what matters of support bundles: ZIP files, or folders that one was unpacked to, with one home or both, whole or in part, at any
 * depth. Only files that are known are copied, under names of our own, and are removed afterwards.
 *
 * @throws BootstrapError `BUNDLE_INVALID` it cannot be read, is encrypted, or too large; those of opening a file
 */
export async function withBundles<T>(paths: readonly string[], use: (bundle: Bundle) => Promise<T>): Promise<T> {
  return withPrivateFolder(async (folder) => {
    const names = new Map<string, string>();
    const homes: string[] = [];
    for (const [index, path] of paths.entries())
      homes.push(...(await layOut(path, join(folder, String(index)), names)));
    // The longest first: a file before the folder it is in.
    const known = [...names].sort(([one], [other]) => other.length - one.length);
    return use({
      homes,
      shown: (text) => known.reduce((said, [real, name]) => said.replaceAll(real, name), text),
    });
  });
}

async function layOut(bundle: string, target: string, names: Map<string, string>): Promise<readonly string[]> {
  const stats = await stat(bundle).catch((cause: NodeJS.ErrnoException) => {
    throw invalid(
      bundle,
      `it cannot be read (${cause.code})`,
      'Give the path of a ZIP file, or of a folder that one was unpacked to.',
    );
  });
  const copied = { bytes: 0 };
  const roots = new Map<string, string>();
  const place = async (entries: readonly ZipEntry[]) => {
    // What lies where it belongs comes before copies of the same name elsewhere.
    const all = entries.flatMap((entry) => known(entry) ?? []);
    const wanted = [...all.filter(({ root }) => root !== undefined), ...all.filter(({ root }) => root === undefined)];
    for (const root of rootsOf(bundle, wanted)) roots.set(root, join(target, `${roots.size}`, folderName(root)));
    moveVolumes(roots);
    for (const file of wanted) {
      const path = placeIn(file, roots, names);
      if (path === undefined) continue;
      names.set(path, `${bundle}:${printable(file.entry.path)}`);
      await copy(bundle, file, path, copied);
    }
  };
  if (stats.isDirectory()) await place(await entriesOf(bundle));
  else
    await withZip(bundle, place).catch((fault) =>
      Promise.reject(fault instanceof ZipFault ? unusable(bundle, fault) : fault),
    );
  for (const [root, path] of roots)
    names.set(path, root === '' ? bundle : `${bundle}:${printable(root.replace(/\/$/, ''))}`);
  return [...roots].filter(([root]) => !VOLUMES.includes(basename(root))).map(([, path]) => path);
}

/** What may stand in a bundle: its files and folders. */
const MOST_ENTRIES = 200_000;

async function entriesOf(folder: string): Promise<readonly ZipEntry[]> {
  const files: string[] = [];
  let seen = 0;
  for await (const entry of await opendir(folder, { recursive: true })) {
    seen += 1;
    if (seen > MOST_ENTRIES)
      throw invalid(folder, `it holds more than ${MOST_ENTRIES} files`, 'Give one that holds the homes alone.');
    if (entry.isFile()) files.push(join(entry.parentPath ?? entry.path, entry.name));
  }
  return Promise.all(
    files.map(async (file) => ({
      path: relative(folder, file),
      size: (await stat(file)).size,
      open: async () => streamOf(file),
    })),
  );
}

interface KnownFile {
  readonly entry: ZipEntry;
  /** From the home. */
  readonly place: string;
  /** Where the home starts in the bundle, when the path tells: `case-123/wso2is-7.2.0/`. */
  readonly root: string | undefined;
  /** Jars are judged by their names, but for the handler of revoked tokens. */
  readonly content: 'whole' | 'name';
}

const STANDARD =
  /^(.*?\/|)(?=(repository\/(conf|resources\/security|components\/(lib|dropins)|database|logs)|bin)\/[^/]+$)/;

/** Where a file of this name belongs in a home; the folder that it is in may be missing. */
const PLACES: readonly (readonly [name: RegExp, folder: string])[] = [
  [/^deployment\.toml$/, dirname(DEPLOYMENT_TOML)],
  [/\.(jks|p12|pfx)$/i, SECURITY],
  [/\.mv\.db$/, DATABASES],
  [/^version\.txt$|^(wso2server|api-manager)\.sh$/, 'bin'],
  [/^wso2is\.(notification|key\.manager)\..*\.jar$/, DROPINS],
  [/\.jar$/, LIB],
  [/\.log(\.[\w.-]+)?$/, LOGS],
];

function known(entry: ZipEntry): KnownFile | undefined {
  const name = posix.basename(entry.path);
  const folder = PLACES.find(([pattern]) => pattern.test(name))?.[1];
  if (folder === undefined) return undefined;
  const root = STANDARD.exec(entry.path)?.[1];
  const place = root === undefined ? `${folder}/${name}` : entry.path.slice(root.length);
  const content = name.endsWith('.jar') && !/notification/.test(name) ? 'name' : 'whole';
  return { entry, place, root, content };
}

/** Homes as their paths tell; else the folder of a deployment.toml, or of what is in no home, is one. */
function rootsOf(bundle: string, files: readonly KnownFile[]): ReadonlySet<string> {
  const roots = new Set<string>();
  const loose = files.filter(({ root }) => root === undefined);
  for (const { root } of files) if (root !== undefined) add(root);
  for (const { entry, place } of loose) {
    if (place.endsWith('/deployment.toml')) add(folderOf(entry.path).replace(/(^|\/)(conf|config)\/$/, '$1'));
  }
  for (const { entry } of loose) if (rootOf(entry.path, [...roots]) === undefined) add(folderOf(entry.path));
  return roots;

  function add(root: string): void {
    roots.add(root);
    if (roots.size <= MOST_HOMES) return;
    throw invalid(
      bundle,
      `its files seem to be of more than ${MOST_HOMES} homes`,
      'Give one that holds the homes alone.',
    );
  }
}

const MOST_HOMES = 64;

function rootOf(path: string, roots: readonly string[]): string | undefined {
  return roots.filter((root) => path.startsWith(root)).sort((one, other) => other.length - one.length)[0];
}

/** Logs of one name, from several folders, are all kept; of anything else the first. */
function placeIn(
  { entry, place, root }: KnownFile,
  roots: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string>,
): string | undefined {
  const home = roots.get(root ?? rootOf(entry.path, [...roots.keys()]) ?? '');
  if (home === undefined) return undefined;
  const path = join(home, place);
  if (!names.has(path)) return path;
  return place.startsWith(`${LOGS}/`) ? `${path}.${names.size}` : undefined;
}

function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === '.' ? '' : `${folder}/`;
}

/** The folder's own name may tell the version. It comes from the bundle, so that only harmless letters are kept. */
function folderName(root: string): string {
  return (
    basename(root)
      .replaceAll(/[^\w.-]/g, '_')
      .replace(/^\.+/, '') || 'home'
  );
}

const VOLUMES = ['wso2-artifact-volume', 'wso2-config-volume'];

/** A volume that is beside a home in the bundle is so here, too. */
function moveVolumes(roots: Map<string, string>): void {
  for (const root of roots.keys()) {
    if (!VOLUMES.includes(basename(root))) continue;
    const home = [...roots].find(
      ([other]) => other !== root && folderOf(other.slice(0, -1)) === folderOf(root.slice(0, -1)),
    );
    if (home && !VOLUMES.includes(basename(home[0]))) roots.set(root, join(dirname(home[1]), basename(root)));
  }
}

async function copy(
  bundle: string,
  { entry, content }: KnownFile,
  path: string,
  copied: { bytes: number },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const size = content === 'name' ? 0 : entry.size;
  copied.bytes += size;
  if (size > MOST_BYTES_A_FILE || copied.bytes > MOST_BYTES) {
    throw invalid(
      bundle,
      `${entry.path} would take ${Math.round(size / 2 ** 20)} MB`,
      'Unpack it yourself, and give the homes with --is7-home and --apim-home.',
    );
  }
  const file = createWriteStream(path, { mode: 0o600 });
  if (content === 'name') file.end();
  else
    await pipeline(await entry.open(), file).catch((cause: Error) => {
      throw invalid(bundle, `${entry.path} is damaged: ${cause.message}`, 'Have it made and sent again.');
    });
}

/** A name of the bundle's does not steer a terminal. */
function printable(path: string): string {
  return path.replaceAll(/\p{C}/gu, '?');
}

function unusable(bundle: string, { what, message }: ZipFault): BootstrapError {
  switch (what) {
    case 'no ZIP file':
      return invalid(
        bundle,
        `it is no ZIP file, or was cut short (${message})`,
        'Give a ZIP file; unpack others (tar.gz) and give the folder.',
      );
    case 'too many files':
      return invalid(bundle, `it has ${message} files`, 'Give one that holds the homes alone.');
    case 'encrypted':
      return invalid(bundle, `${message} is encrypted`, 'Unpack it with its password, and give the folder.');
    default:
      return invalid(bundle, message, 'Have it made and sent again.');
  }
}

/** Why a bundle cannot be looked at. */
function invalid(bundle: string, why: string, hint: string): BootstrapError {
  return new BootstrapError(MESSAGES.BUNDLE_INVALID(bundle, why, hint));
}
