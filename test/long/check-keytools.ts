// Stores as each JDK makes them, edited with the keytool of each: ./scripts/check-keytools JDK_FOLDER JDK_FOLDER…
// JKS, PKCS12 as that JDK makes it by itself, and PKCS12 with -Dkeystore.pkcs12.legacy, each through an exchange, a second one and a
// rotation. The maker's own `keytool -list -v` is the judge: before and after may differ by our entries and nothing else.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { echo } from 'zx';
import { checkStore } from './check-store.js';

const KINDS = {
  jks: ['-storetype', 'JKS'],
  pkcs12: ['-storetype', 'PKCS12'],
  'pkcs12-legacy': ['-storetype', 'PKCS12', '-J-Dkeystore.pkcs12.legacy'],
};
const PASSWORDS = ['-storepass:env', 'STOREPASS', '-keypass:env', 'STOREPASS'];

const folders = process.argv.slice(2);
if (folders.length === 0) {
  echo('usage: ./scripts/check-keytools JDK_FOLDER…');
  process.exit(64);
}
let [passed, failed] = [0, 0];
const scratch = await mkdtemp(join(tmpdir(), 'km-bootstrap-keytools-'));
try {
  const jdks = await Promise.all(folders.map(async (folder) => ({ folder, version: await versionOf(folder) })));
  for (const maker of jdks) {
    for (const [kind, options] of Object.entries(KINDS)) await checkKind(maker, kind, options, jdks);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
echo(`\n${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

interface Jdk {
  readonly folder: string;
  readonly version: string;
}

async function checkKind(maker: Jdk, kind: string, options: readonly string[], editors: readonly Jdk[]): Promise<void> {
  const store = join(scratch, `${kind}-of-${maker.version}`);
  await make(maker.folder, store, options);
  for (const editor of editors) {
    const title = `${kind} made by ${maker.version}, edited by ${editor.version}`;
    try {
      const folder = await mkdtemp(join(scratch, 'copy-'));
      const seen = await checkStore(store, folder, { editor: editor.folder, judge: maker.folder });
      echo(`ok ${title}: ${seen.replace(/, read in .*$/, '')}`);
      passed += 1;
    } catch (error) {
      failed += 1;
      echo(`FAIL ${title}: ${(error as Error).message}`);
    }
  }
}

/** A private key with a chain of one, an elliptic one, and a certificate that is trusted under a name with blanks and capitals. */
async function make(jdk: string, store: string, options: readonly string[]): Promise<void> {
  const where = ['-keystore', store, ...options];
  const key = (alias: string, algorithm: string) => [
    '-genkeypair',
    '-alias',
    alias,
    '-keyalg',
    algorithm,
    '-dname',
    `CN=${alias}`,
  ];
  await keytool(jdk, [...key('wso2carbon', 'RSA'), ...where, ...PASSWORDS]);
  await keytool(jdk, [...key('elliptic', 'EC'), ...where, ...PASSWORDS]);
  const pem = await keytool(jdk, ['-exportcert', '-rfc', '-alias', 'wso2carbon', ...where, ...PASSWORDS.slice(0, 2)]);
  const trusted = ['-importcert', '-noprompt', '-alias', 'Some CA', ...where, ...PASSWORDS.slice(0, 2)];
  await keytool(jdk, trusted, pem);
}

async function keytool(jdk: string, words: readonly string[], input = ''): Promise<string> {
  const env = { STOREPASS: 'wso2carbon', LC_ALL: 'C.UTF-8' };
  return (await execa(join(jdk, 'bin', 'keytool'), ['-J-Duser.language=en', ...words], { env, input })).stdout;
}

async function versionOf(jdk: string): Promise<string> {
  const { stderr } = await execa(join(jdk, 'bin', 'java'), ['-version']);
  return /version "([^"]+)"/.exec(stderr)?.[1] ?? jdk;
}
