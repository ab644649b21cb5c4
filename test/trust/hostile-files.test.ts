import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import type { NewFile } from '../../src/io/ownership.js';
import { Secret } from '../../src/secret.js';
import type { StoreFile } from '../../src/trust/keystore/keystore.js';
import { trustStep } from '../../src/trust/step.js';
import { snapshot } from '../support/converges.js';
import { mayMount } from '../support/may-mount.js';
import { withTempFolder } from '../support/temp-folder.js';
import { keystoreBytes, PEMS, truststoreBytes } from './healthy-pair.js';
import { PASSWORD } from './stores.js';

const EXCHANGE = fileURLToPath(new URL('exchange.js', import.meta.url));
const { signal } = new AbortController();
const HEALTHY = truststoreBytes({ 'some-ca': PEMS.apim });

type Spoil = (path: string) => Promise<unknown>;

const SPOILT: readonly (readonly [title: string, code: string, Spoil, password?: string])[] = [
  ['an empty file', 'STORE_EMPTY', (path) => writeFile(path, '')],
  ['a truncated JKS', 'STORE_TRUNCATED', (path) => writeFile(path, HEALTHY.subarray(0, HEALTHY.length - 30))],
  [
    'a truncated PKCS12',
    'STORE_TRUNCATED',
    (path) => writeFile(path, keystoreBytes(PEMS.apim).subarray(0, keystoreBytes(PEMS.apim).length - 1)),
  ],
  ['a folder', 'STORE_IS_FOLDER', (path) => rm(path).then(() => mkdir(path))],
  ['a link to nothing', 'STORE_LINK_BROKEN', (path) => rm(path).then(() => symlink('nowhere', path))],
  ['a link to itself', 'FILE_UNREADABLE', (path) => rm(path).then(() => symlink(path, path))],
  ['a wrong password', 'STORE_PASSWORD_WRONG', async () => {}, 'nonsense'],
  [
    'a wrong password of a PKCS12',
    'STORE_PASSWORD_WRONG',
    (path) => writeFile(path, keystoreBytes(PEMS.apim)),
    'nonsense',
  ],
  [
    'a password that Java does not take for a PKCS12',
    'STORE_PASSWORD_NOT_ASCII',
    (path) => writeFile(path, keystoreBytes(PEMS.apim)),
    'pässwörd',
  ],
];

for (const [title, code, spoil, password = PASSWORD.reveal()] of SPOILT) {
  test(`${title} in the place of the truststore is a clear error, and nothing is touched`, () =>
    withStore(HEALTHY, async (path, folder) => {
      await spoil(path);
      const before = await treeOf(folder);
      const error = await failureOf(exchange({ path, password: new Secret(password) }));
      assert.is(error.code, code);
      assert.ok(error.message.includes(path), error.message);
      assert.not.match(error.message + error.hint, /nonsense|pässwörd/);
      assert.equal(await treeOf(folder), before);
    }));
}

if (mayMount()) {
  test('a truststore on a read-only volume is left alone, and the volume is named', () =>
    withStore(HEALTHY, async (path, folder) => {
      const mounts = `mkdir "$1/volume"; mount -t tmpfs tmpfs "$1/volume"; cp "$2" "$1/volume/"; mount -o remount,ro "$1/volume"`;
      const run = `${mounts}; node "$3" "$1/volume/store.jks" "$PASS" "$1/peer.pem" || true; cmp "$2" "$1/volume/store.jks" && ls -A "$1/volume"`;
      const env = { PASS: PASSWORD.reveal() };
      const { stdout } = await execa('unshare', ['--mount', 'sh', '-ec', run, 'sh', folder, path, EXCHANGE], { env });
      assert.match(stdout, `the mount ${join(folder, 'volume')} is read-only → Mount it writable, or set is7.overlay`);
      assert.match(stdout, /^FILE_UNWRITABLE .*\nstore\.jks$/);
    }));
} else {
  test('skipped: a read-only volume, which takes the right to mount', () => {
    process.stdout.write('skipped: a truststore on a read-only volume, which takes the right to mount\n');
    assert.not.ok(process.env['CI'], 'nothing may be skipped in CI');
  });
}

test('what killed runs left is removed, but for a copy that their keytool still works on, and for what is not ours', () =>
  withStore(HEALTHY, async (path, folder) => {
    const [held, stale, foreign] = [
      '.store.jks.0123456789ab.km-bootstrap',
      '.store.jks.ba9876543210.km-bootstrap',
      '.store.jks.swp',
    ];
    for (const name of [held, stale, foreign]) await writeFile(join(folder, name), 'left');
    const orphan = spawn('sh', ['-c', 'read line', 'keytool', '-keystore', join(folder, held)], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    try {
      await exchange({ path, password: PASSWORD });
      assert.equal(await leftIn(folder), [held, foreign]);
    } finally {
      const ended = new Promise((resolve) => orphan.once('exit', resolve));
      orphan.stdin.end();
      await ended;
    }
    await writeFile(path, HEALTHY);
    await exchange({ path, password: PASSWORD });
    assert.equal(await leftIn(folder), [foreign]);
  }));

const KEYS = keystoreBytes(PEMS.apim);
const MODES: readonly (readonly [string, Buffer, NewFile, number])[] = [
  ['certificates alone are no secret', HEALTHY, {}, 0o644],
  ['files.mode counts', HEALTHY, { mode: 0o600 }, 0o600],
  ['a key is a secret', KEYS, {}, 0o640],
  ['files.mode counts for a key, too', KEYS, { mode: 0o600 }, 0o600],
];

for (const [title, bytes, files, mode] of MODES) {
  test(`the mode of a truststore that is new in an overlay: ${title}`, () =>
    withStore(bytes, async (path, folder) => {
      const overlayPath = join(folder, 'overlay', 'store.jks');
      const group = process.getgid?.() ?? 0;
      await exchange({ path, overlayPath, password: PASSWORD }, { ...files, group });
      const made = await stat(overlayPath);
      assert.is(made.mode & 0o777, mode);
      assert.is(made.gid, group);
    }));
}

test('a key in a truststore is never copied into an overlay where everybody can read it', () =>
  withStore(KEYS, async (path, folder) => {
    const overlayPath = join(folder, 'overlay', 'store.jks');
    const error = await failureOf(exchange({ path, overlayPath, password: PASSWORD }, { mode: 0o644 }));
    assert.is(error.code, 'KEY_EXPOSED');
    assert.match(error.message, `files.mode = 0644 would let everybody read a private key in ${overlayPath}`);
    assert.equal(await readdir(join(folder, 'overlay')).catch(() => []), []);
  }));

function withStore(bytes: Buffer, use: (path: string, folder: string) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const path = join(folder, 'store.jks');
    await writeFile(path, bytes);
    await writeFile(join(folder, 'peer.pem'), PEMS.is7);
    await use(path, folder);
  });
}

/** What a run does to one truststore. */
async function exchange(truststore: StoreFile, files: NewFile = {}): Promise<void> {
  const pemFile = join(truststore.path, '..', 'peer.pem');
  const step = trustStep({
    id: 'trust/apim',
    owner: 'API Manager',
    peer: 'Identity Server 7',
    truststore: () => truststore,
    certificate: () => ({ pemFile }),
    alias: 'wso2is',
    keytool: { javaHome: process.env['JAVA_HOME'], path: process.env['PATH'] },
    files: () => files,
  });
  for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
}

/** A broken link is part of it, too, which cannot be read as a file. */
async function treeOf(folder: string): Promise<unknown> {
  return snapshot(folder).catch(async () => [await readdir(folder), await readFile(join(folder, 'peer.pem'), 'utf8')]);
}

async function leftIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('.')).sort();
}

async function failureOf(promise: Promise<unknown>): Promise<BootstrapError> {
  return promise.then(
    () => assert.unreachable('nothing was thrown') as never,
    (thrown: BootstrapError) => thrown,
  );
}

test.run();
