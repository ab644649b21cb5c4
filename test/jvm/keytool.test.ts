import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { findKeytool, importCertificate, type KeytoolOptions } from '../../src/jvm/keytool.js';
import { Secret } from '../../src/secret.js';
import { withTempFolder } from '../support/temp-folder.js';

const PATH = process.env['PATH'] ?? '';
const SECRET = 'open sesame';

test('the keytool of JAVA_HOME comes before the one of PATH', () =>
  withTempFolder(async (folder) => {
    const { javaHome } = await fakeKeytool(folder, 'jdk', 'exit 0');
    const other = await fakeKeytool(folder, 'other', 'exit 0');
    const path = `/nowhere::${other.javaHome}/bin`;
    assert.is(await findKeytool({ javaHome, path }), `${javaHome}/bin/keytool`);
    assert.is(await findKeytool({ javaHome: join(folder, 'removed'), path }), `${other.javaHome}/bin/keytool`);
    assert.is(await findKeytool({ javaHome: undefined, path }), `${other.javaHome}/bin/keytool`);
  }));

test('without keytool the error says what to install', async () => {
  for (const javaHome of [undefined, '/no/jdk']) {
    const error = await findKeytool({ javaHome, path: '/nowhere' }).catch((thrown: BootstrapError) => thrown);
    assert.is((error as BootstrapError).code, 'KEYTOOL_MISSING');
    assert.match((error as BootstrapError).hint, /JDK, version 11/);
  }
});

test('the password is not in the arguments, and the environment holds nothing but what keytool needs', () =>
  withTempFolder(async (folder) => {
    const keytool = await fakeKeytool(
      folder,
      'jdk',
      `printf '%s\\n' "$@" > '${folder}/args'; env > '${folder}/env'; cat > '${folder}/in'`,
    );
    await importInto(folder, keytool);
    const args = await readFile(join(folder, 'args'), 'utf8');
    assert.not.match(args, new RegExp(SECRET));
    assert.match(args, /^-importcert\n-noprompt\n-alias\nwso2is$/m);
    assert.is(await readFile(join(folder, 'in'), 'utf8'), 'the PEM');
    const names = (await readFile(join(folder, 'env'), 'utf8')).split('\n').map((line) => line.replace(/=.*/, ''));
    const ofTheShell = ['PWD', 'SHLVL', 'OLDPWD', '_', ''];
    assert.equal(names.filter((name) => !ofTheShell.includes(name)).sort(), [
      'JAVA_HOME',
      'KMB_STOREPASS',
      'LC_ALL',
      'PATH',
    ]);
  }));

test('a failure is told by its first message, and shows no secret however it is printed', () =>
  withTempFolder(async (folder) => {
    const script = 'echo Warning: old >&2; echo "keytool error: java.io.IOException: bad store"; echo more; exit 1';
    const error = await importInto(folder, await fakeKeytool(folder, 'jdk', script)).catch((thrown: unknown) => thrown);
    assert.is((error as BootstrapError).code, 'KEYTOOL_FAILED');
    assert.match((error as BootstrapError).message, /keytool -importcert failed on .*store\.jks: bad store$/);
    assert.not.match(inspect(error, { depth: 20, showHidden: true }), new RegExp(SECRET));
  }));

test('the real keytool explains what it does not like', () =>
  withTempFolder(async (folder) => {
    const error = await importInto(folder, { javaHome: undefined, path: PATH }).catch((thrown: unknown) => thrown);
    assert.is((error as BootstrapError).code, 'KEYTOOL_FAILED');
    assert.match((error as BootstrapError).message, /Input not an X\.509 certificate|does not exist/);
  }));

test('a keytool that hangs is ended when the run is stopped', () =>
  withTempFolder(async (folder) => {
    const stop = new AbortController();
    const running = importInto(folder, await fakeKeytool(folder, 'jdk', 'exec sleep 3600'), stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 200);
    assert.is(((await running.catch((thrown: unknown) => thrown)) as Error).message, 'enough');
  }));

function importInto(folder: string, keytool: KeytoolOptions, signal = new AbortController().signal): Promise<void> {
  const store = { path: join(folder, 'store.jks'), format: 'JKS', password: new Secret(SECRET) } as const;
  return importCertificate(store, 'wso2is', 'the PEM', keytool, signal);
}

async function fakeKeytool(folder: string, name: string, script: string): Promise<KeytoolOptions> {
  const javaHome = join(folder, name);
  await mkdir(join(javaHome, 'bin'), { recursive: true });
  await writeFile(join(javaHome, 'bin', 'keytool'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { javaHome, path: PATH };
}

test.run();
