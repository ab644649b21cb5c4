import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BootstrapError } from '../../src/errors.js';
import type { Jvm } from '../../src/jvm/jvm.js';
import { javaLibrary } from '../../src/jvm/libraries.js';
import { Secret } from '../../src/secret.js';
import { createIdentityDatabase } from '../identity-database.js';
import { SCHEMA } from '../is7/identity-schema.js';
import { createApimDatabase } from './apim-database.js';
import { apimDeploymentToml } from './apim-deployment-toml.js';
import { createStores } from './create-stores.js';
import { is7DeploymentToml } from './is7-deployment-toml.js';
import { type Release, releaseOf, type Server } from './releases.js';
import { startScript, startScriptName } from './start-script.js';

export interface HomeRequest {
  readonly server: Server;
  /** `7.0`…`7.3` or `4.3`…`4.7` */
  readonly version: string;
  readonly folder: string;
  /** `expired`: a TLS certificate whose time is over, as in the packs of IS 7.0–7.2 and API Manager 4.3. */
  readonly certificates: 'valid' | 'expired';
  /** With H2 2.2.224 on its class path. */
  readonly jvm: Jvm;
}

/**
 * Makes a home with the layout, stores and database of a real pack, whole or not at all. A home that is there already is left as it is,
 * whatever its certificates.
 *
 * @throws BootstrapError `SANDBOX_FAILED` no such release, the folder holds something else, or it cannot be written
 */
export async function createHome(request: HomeRequest): Promise<'created' | 'existing'> {
  const release = releaseOf(request.server, request.version);
  const { folder } = request;
  if (existsSync(join(folder, DEPLOYMENT_TOML))) return 'existing';
  try {
    await mkdir(dirname(folder), { recursive: true });
    return await withBuildFolder(folder, async (build) => {
      await fillHome(build, release, request);
      return await putInPlace(build, folder);
    });
  } catch (cause) {
    if (cause instanceof BootstrapError) throw cause;
    throw new BootstrapError(`cannot make the home ${folder}: ${firstLine(cause)}`, {
      code: 'SANDBOX_FAILED',
      hint: 'Choose a folder with --dir that can be written and whose disk is not full.',
      cause,
    });
  }
}

const DEPLOYMENT_TOML = join('repository', 'conf', 'deployment.toml');
const CREDENTIALS = { username: 'wso2carbon', password: new Secret('wso2carbon') };

/** Beside the home, so that a rename puts it in place. */
async function withBuildFolder<T>(folder: string, use: (build: string) => Promise<T>): Promise<T> {
  const build = await mkdtemp(join(dirname(folder), `.${basename(folder)}.`));
  try {
    return await use(build);
  } finally {
    await rm(build, { recursive: true, force: true });
  }
}

async function fillHome(home: string, release: Release, { certificates, jvm }: HomeRequest): Promise<void> {
  for (const folder of FOLDERS) await mkdir(join(home, folder), { recursive: true });
  const security = join(home, 'repository', 'resources', 'security');
  const stores = await createStores(jvm, release, CREDENTIALS.password, certificates);
  await writeFile(join(security, release.keystore), stores.keystore);
  await writeFile(join(security, release.truststore), stores.truststore);
  await copyFile(javaLibrary(release.h2.library), join(home, 'repository', 'components', 'plugins', release.h2.plugin));
  await writeFile(join(home, 'bin', 'version.txt'), `${release.product} v${release.version}.0\n`);
  await writeFile(join(home, 'bin', startScriptName(release)), startScript(release));
  await (release.server === 'is7' ? fillIs7 : fillApim)(home, release, jvm);
  await setModes(home);
}

const FOLDERS = [
  'bin',
  join('repository', 'conf'),
  join('repository', 'database'),
  join('repository', 'resources', 'security'),
  join('repository', 'components', 'plugins'),
  join('repository', 'components', 'dropins'),
  join('repository', 'components', 'lib'),
];

async function fillIs7(home: string, release: Release, jvm: Jvm): Promise<void> {
  createIdentityDatabase(jvm, join(home, 'repository', 'database', 'WSO2IDENTITY_DB'), CREDENTIALS);
  await mkdir(join(home, 'dbscripts', 'identity'), { recursive: true });
  await writeFile(join(home, 'dbscripts', 'identity', 'h2.sql'), `${SCHEMA.join(';\n\n')};\n`);
  await writeFile(join(home, DEPLOYMENT_TOML), is7DeploymentToml(release));
}

async function fillApim(home: string, release: Release, jvm: Jvm): Promise<void> {
  createApimDatabase(jvm, join(home, 'repository', 'database', 'WSO2AM_DB'), CREDENTIALS);
  await writeFile(join(home, DEPLOYMENT_TOML), apimDeploymentToml(release));
}

/** Those of an unpacked pack, whatever the umask. */
async function setModes(home: string): Promise<void> {
  await chmod(home, 0o755);
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    const executable = entry.isDirectory() || entry.name.endsWith('.sh');
    await chmod(join(entry.parentPath ?? entry.path, entry.name), executable ? 0o755 : 0o644);
  }
}

/** An empty folder is replaced. Losing to another run that made the same home is as good as finding it. */
async function putInPlace(build: string, folder: string): Promise<'created' | 'existing'> {
  try {
    await rename(build, folder);
    return 'created';
  } catch (cause) {
    if (existsSync(join(folder, DEPLOYMENT_TOML))) return 'existing';
    if (!TAKEN.includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    throw new BootstrapError(`${folder} is there already and is no home: it has no ${DEPLOYMENT_TOML}`, {
      code: 'SANDBOX_FAILED',
      hint: 'Remove it, or choose another folder with --dir.',
      cause,
    });
  }
}

/** How file systems refuse to put a folder in the place of a file or of a folder that is not empty. */
const TAKEN = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'];

function firstLine(thrown: unknown): string {
  return String((thrown as Partial<Error>).message ?? thrown).split('\n')[0] ?? '';
}
