import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHome } from '../../sandbox/home/create-home.js';
import { releaseOf, type Server } from '../../sandbox/home/releases.js';
import { sandboxJars } from '../../sandbox/sandbox.js';
import { parseCommandLine } from '../../src/cli/parse.js';
import { configOf, withRun } from '../../src/commands/run.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { createReporter } from '../../src/report/reporter.js';
import { withTempFolder } from '../support/temp-folder.js';
import { makeZip } from './make-zip.js';

/** Two homes, and what a person would set besides. A misconfiguration is seeded by changing any of it. */
export interface Pair {
  readonly folder: string;
  is7: string;
  apim: string;
  environment: Record<string, string>;
}

export interface PairRequest {
  readonly is7: string;
  readonly apim: string;
  /** By which the offline steps are applied, as a person would; none leaves the homes as the packs have them. */
  readonly settings?: Readonly<Record<string, string>>;
}

export const HANDLER = 'wso2is.notification.event.handlers';
const HANDLER_VERSION: Readonly<Record<string, string>> = { '4.4': '2.0.3.12', '4.7': '2.1.3' };

/** The two pairs that misconfigurations are seeded on: by the guide, and by its newer form with revocation and roles. */
export const BASES = {
  legacy: { is7: '7.2', apim: '4.5', settings: { KMB_RECIPE: 'legacy' } },
  current: {
    is7: '7.2',
    apim: '4.5',
    settings: { KMB_RECIPE: 'current', KMB_REVOCATION: 'true', KMB_ROLE_CREATION: 'true' },
  },
} as const satisfies Record<string, PairRequest>;

const made = new Map<PairRequest, Promise<Pair>>();
const homes = new Map<string, Promise<string>>();
let scratch: Promise<string> | undefined;

/** Lends a copy of a pair; the homes are made once a process, and the pair once a request. */
export function withPair<T>(request: PairRequest, use: (pair: Pair) => Promise<T>): Promise<T> {
  return withTempFolder(async (folder) => {
    const original = made.get(request) ?? makePair(request);
    made.set(request, original);
    return use(await copyPair(await original, folder));
  });
}

/** Removes what this process made; the last test of a file calls it. */
export async function removePairs(): Promise<void> {
  if (scratch) await rm(await scratch, { recursive: true, force: true });
}

async function makePair({ is7, apim, settings }: PairRequest): Promise<Pair> {
  scratch ??= mkdtemp(join(tmpdir(), 'km-doctor-'));
  const folder = await mkdtemp(join(await scratch, 'pair-'));
  const pair = {
    folder,
    is7: await placeHome(folder, 'is7', is7),
    apim: await placeHome(folder, 'apim', apim),
    environment: {},
  };
  const jar = `${HANDLER}-${HANDLER_VERSION[apim] ?? '2.0.5'}.jar`;
  if (settings?.['KMB_REVOCATION'] === 'true') await writeFile(join(dropinsOf(pair.is7), jar), handlerJar());
  if (settings) await applyOffline(pair, settings);
  return pair;
}

async function placeHome(folder: string, server: Server, version: string): Promise<string> {
  const key = `${server} ${version}`;
  const home = homes.get(key) ?? makeHome(server, version);
  homes.set(key, home);
  const target = join(folder, releaseOf(server, version).folderName);
  await cp(await home, target, { recursive: true });
  return target;
}

/** Without the bytes of H2's jar, of which only the name counts here. */
async function makeHome(server: Server, version: string): Promise<string> {
  scratch ??= mkdtemp(join(tmpdir(), 'km-doctor-'));
  const release = releaseOf(server, version);
  const folder = join(await scratch, release.folderName);
  await createHome({ server, version, folder, certificates: 'valid', jvm: startJvm(sandboxJars()) });
  await writeFile(join(folder, 'repository', 'components', 'plugins', release.h2.plugin), '');
  return folder;
}

async function copyPair(original: Pair, folder: string): Promise<Pair> {
  await cp(original.folder, folder, { recursive: true, preserveTimestamps: true });
  const moved = (path: string) => path.replace(original.folder, folder);
  return { folder, is7: moved(original.is7), apim: moved(original.apim), environment: {} };
}

/** `km-bootstrap apply --phase offline`, in this process. */
export async function applyOffline(pair: Pair, settings: Readonly<Record<string, string>>): Promise<void> {
  const words = ['apply', '--phase', 'offline', '--is7-home', pair.is7, '--apim-home', pair.apim];
  const command = parseCommandLine(words);
  if (command.name !== 'apply') throw new Error('apply is a command of steps');
  const { PATH, JAVA_HOME } = process.env;
  const context = {
    reporter: createReporter({ json: false, verbosity: -1, color: false }),
    signal: new AbortController().signal,
    environment: { PATH, JAVA_HOME, ...settings },
    workingFolder: pair.folder,
  };
  await withRun(configOf(command, context), command, context, async ({ perform }) => {
    for await (const { step, error } of perform('apply')) if (error) throw new Error(`${step}: ${error.message}`);
  });
}

export function dropinsOf(home: string): string {
  return join(home, 'repository', 'components', 'dropins');
}

export function handlerJar(): Buffer {
  return makeZip([{ name: 'META-INF/MANIFEST.MF', content: `Bundle-SymbolicName: ${HANDLER}\n` }]);
}

/** Everything of a folder as the entries of a ZIP file, below `prefix`. */
export async function zipEntriesOf(
  folder: string,
  prefix: string,
): Promise<readonly { name: string; content: Buffer }[]> {
  const { readFile } = await import('node:fs/promises');
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return Promise.all(
    files.map(async (path) => ({ name: prefix + path.slice(folder.length + 1), content: await readFile(path) })),
  );
}

/** Makes a folder and the file in it. */
export async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
}
