import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { execa } from 'execa';
import forge from 'node-forge';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHome } from '../../../sandbox/home/create-home.js';
import { openKeystore } from '../../../sandbox/home/open-keystore.js';
import type { Server } from '../../../sandbox/home/releases.js';
import { sandboxJars } from '../../../sandbox/sandbox.js';
import { readServerToml } from '../../../sandbox/server-toml.js';
import { startJvm } from '../../../src/jvm/jvm.js';
import { readJdkRange } from '../../../src/local-stack/java.js';
import { Secret } from '../../../src/secret.js';
import { snapshot } from '../../support/converges.js';
import { javaEnvironment } from '../../support/java-home.js';
import { withTempFolder } from '../../support/temp-folder.js';
import { refusal } from '../refusal.js';

type Encoding = 'JKS' | 'PKCS12 with RC2-40 and a SHA-1 MAC' | 'PKCS12 with neither';
const LEGACY = 'PKCS12 with RC2-40 and a SHA-1 MAC';
const OPEN = 'PKCS12 with neither';

/** Server, version, what the stores are, the plugin of H2, the oldest and the newest JDK. */
const RELEASES: readonly (readonly [Server, string, Encoding, string, number, number])[] = [
  ['is7', '7.0', 'JKS', 'h2-engine_2.2.224.wso2v2.jar', 11, 17],
  ['is7', '7.1', LEGACY, 'h2-engine_2.2.224.wso2v2.jar', 11, 21],
  ['is7', '7.2', LEGACY, 'h2-engine_2.2.224.wso2v2.jar', 11, 21],
  ['is7', '7.3', LEGACY, 'h2-engine_2.2.224.wso2v2.jar', 11, 21],
  ['apim', '4.3', 'JKS', 'h2-engine_2.2.224.wso2v2.jar', 11, 21],
  ['apim', '4.4', OPEN, 'h2-engine_2.3.232.wso2v1.jar', 11, 21],
  ['apim', '4.5', OPEN, 'h2-engine_2.3.232.wso2v1.jar', 11, 21],
  ['apim', '4.6', 'JKS', 'h2-engine_2.3.232.wso2v1.jar', 11, 21],
  ['apim', '4.7', 'JKS', 'h2-engine_2.3.232.wso2v1.jar', 21, 25],
];
const PASSWORD = new Secret('wso2carbon');

const jvm = startJvm(sandboxJars());
const folder = await mkdtemp(join(tmpdir(), 'km bootstrap-'));
const made = new Map<string, Promise<unknown>>();
test.after(() => rm(folder, { recursive: true }));

/** The home of a release, made by the first test that wants it. Those of IS 7 have expired certificates. */
async function homeOf(server: Server, version: string): Promise<string> {
  const home = join(folder, `${server}-${version}`);
  const certificates = server === 'is7' ? 'expired' : 'valid';
  if (!made.has(home)) made.set(home, createHome({ server, version, folder: home, certificates, jvm }));
  await made.get(home);
  return home;
}

function storesOf(home: string, server: Server, version: string) {
  const extension = server === 'is7' && version !== '7.0' ? 'p12' : 'jks';
  const security = join(home, 'repository', 'resources', 'security');
  return {
    keystore: join(security, `wso2carbon.${extension}`),
    truststore: join(security, `client-truststore.${extension}`),
  };
}

for (const [server, version, encoding, plugin, ...jdk] of RELEASES) {
  test(`${server} ${version}: the stores are ${encoding}`, async () => {
    const { keystore, truststore } = storesOf(await homeOf(server, version), server, version);
    assert.is(encodingOf(await readFile(keystore)), encoding);
    assert.is(encodingOf(await readFile(truststore)), encoding);
  });

  test(`${server} ${version}: the truststore trusts the keystore's own certificate and the public authorities`, async () => {
    const { keystore, truststore } = storesOf(await homeOf(server, version), server, version);
    const own = openKeystore(jvm, keystore, PASSWORD).identity('wso2carbon', PASSWORD);
    const authorities = openKeystore(jvm, keystore, PASSWORD).trusted();
    const trusted = openKeystore(jvm, truststore, PASSWORD).trusted();
    assert.ok(own);
    assert.is(authorities.length, rootCertificates.length, 'those that this Node.js brings');
    assert.equal(
      trusted.filter((cert) => !authorities.includes(cert)),
      Array(server === 'is7' ? 1 : 2).fill(own.cert),
    );
    const certificate = new X509Certificate(own.cert);
    assert.ok(certificate.verify(certificate.publicKey));
    assert.match(certificate.subject, server === 'is7' ? 'L=Santa Clara' : 'L=Mountain View');
    assert.is(certificate.subjectAltName, 'DNS:localhost');
    assert.is(new Date(certificate.validTo) < new Date(), server === 'is7');
    assert.ok(new Date(certificate.validFrom) < new Date());
  });

  test(`${server} ${version}: the server itself accepts its deployment.toml`, async () => {
    const home = await homeOf(server, version);
    const text = await readFile(join(home, 'repository', 'conf', 'deployment.toml'), 'utf8');
    const toml = readServerToml(jvm, text);
    const stores = storesOf(home, server, version);
    assert.is(toml.get('server.hostname'), 'localhost');
    assert.is(toml.has('server.offset') || toml.has('server.legacy_mode'), false);
    assert.is(toml.has('truststore.file_name'), server === 'is7');
    const keystore = server === 'is7' ? 'keystore.primary' : 'keystore.tls';
    assert.is(toml.get(`${keystore}.file_name`), basename(stores.keystore));
    assert.is(toml.get(`${keystore}.type`), stores.keystore.endsWith('p12') ? 'PKCS12' : 'JKS');
    assert.is(toml.has('database.identity_db.url'), server === 'is7');
    assert.is(toml.has('datasource.AgentIdentity.url'), version === '7.2' || version === '7.3');
    assert.is(
      [...toml.keys()].some((key) => key.startsWith('oauth.')),
      server === 'apim',
    );
    assert.is(toml.has('event_listener'), server === 'apim');
    assert.is(toml.has('apim.gateway_type'), ['4.5', '4.6', '4.7'].includes(version));
    assert.is(toml.has('oauth.extensions.token_types'), version === '4.7');
  });

  test(`${server} ${version}: version, H2 and start script are where a pack has them`, async () => {
    const home = await homeOf(server, version);
    const script = join(home, 'bin', server === 'is7' ? 'wso2server.sh' : 'api-manager.sh');
    assert.is((await stat(script)).mode & 0o777, 0o755);
    assert.match((await execa(script, ['version'], { env: await javaEnvironment() })).stdout, `v${version}.0`);
    const { exitCode, stdout } = await execa(script, ['version'], { env: { JAVA_HOME: '' }, reject: false });
    assert.is(exitCode, 1);
    assert.match(stdout, 'JAVA_HOME must be');
    assert.equal(readJdkRange(await readFile(script, 'utf8')), { oldest: jdk[0], newest: jdk[1] });
    assert.equal(await readdir(join(home, 'repository', 'components', 'plugins')), [plugin]);
    assert.is((await stat(join(home, 'repository', 'conf', 'deployment.toml'))).mode & 0o777, 0o644);
  });
}

test('keytool lists an IS 7.0 keystore with its two private keys, the older of which is over', async () => {
  const { keystore } = storesOf(await homeOf('is7', '7.0'), 'is7', '7.0');
  const args = ['-list', '-keystore', keystore, '-storepass:env', 'STORE_PASSWORD'];
  const { stdout } = await execa('keytool', args, { env: { STORE_PASSWORD: PASSWORD.reveal(), LC_ALL: 'C' } });
  assert.is(stdout.match(/PrivateKeyEntry/g)?.length, 2);
  const old = openKeystore(jvm, keystore, PASSWORD).identity('newkey', PASSWORD);
  assert.ok(new Date(new X509Certificate(old?.cert ?? '').validTo) < new Date('2024-06-01'));
});

test('every home has a key of its own', async () => {
  const homes = RELEASES.map(
    async ([server, version]) => storesOf(await homeOf(server, version), server, version).keystore,
  );
  const keys = (await Promise.all(homes)).map(
    (file) => openKeystore(jvm, file, PASSWORD).identity('wso2carbon', PASSWORD)?.key,
  );
  assert.is(new Set(keys).size, RELEASES.length);
});

test('the database of IS 7 lets two tenants have one consumer key, that of API Manager does not', async () => {
  const is7 = join(await homeOf('is7', '7.2'), 'repository', 'database', 'WSO2IDENTITY_DB');
  const apim = join(await homeOf('apim', '4.5'), 'repository', 'database', 'WSO2AM_DB');
  assert.equal(uniqueColumns(is7), ['TENANT_ID', 'CONSUMER_KEY']);
  assert.equal(uniqueColumns(apim), ['CONSUMER_KEY']);
});

test('an existing home is left as it is', async () => {
  const home = await homeOf('apim', '4.6');
  const before = await snapshot(home);
  const outcome = await createHome({ server: 'apim', version: '4.6', folder: home, certificates: 'expired', jvm });
  assert.is(outcome, 'existing');
  assert.equal(await snapshot(home), before);
});

test('a folder that holds something else is refused and keeps what it holds', () =>
  withTempFolder(async (dir) => {
    const home = join(dir, 'wso2am-4.6.0');
    await mkdir(home);
    await writeFile(join(home, 'mine'), 'x');
    const error = await refusal(
      createHome({ server: 'apim', version: '4.6', folder: home, certificates: 'valid', jvm }),
    );
    assert.is(error.code, 'SANDBOX_FAILED');
    assert.match(error.message, 'is no home');
    assert.equal(await readdir(dir), ['wso2am-4.6.0']);
    assert.equal(await readdir(home), ['mine']);
  }));

test('a release without a stand-in is refused with those there are', async () => {
  const home = join(folder, 'is7-6.1');
  const error = await refusal(createHome({ server: 'is7', version: '6.1', folder: home, certificates: 'valid', jvm }));
  assert.match(error.hint, '7.0, 7.1, 7.2, 7.3');
  assert.is(existsSync(home), false);
});

test('a start script refuses to make another home when its own was renamed', async () => {
  const home = await homeOf('is7', '7.1');
  const { exitCode, stderr } = await execa(join(home, 'bin', 'wso2server.sh'), {
    env: await javaEnvironment(),
    reject: false,
  });
  assert.is(exitCode, 1);
  assert.match(stderr, 'must be called wso2is-7.1.0');
});

const RC2_40 = Buffer.from('2a864886f70d010c0106', 'hex');

function encodingOf(bytes: Buffer): string {
  if (bytes.readUInt32BE() === 0xfeedfeed) return 'JKS';
  const parts = forge.asn1.fromDer(forge.util.createBuffer(bytes.toString('latin1'))).value as forge.asn1.Asn1[];
  const isMacced = parts.length === 3;
  const isEncrypted = bytes.includes(RC2_40);
  if (isMacced && isEncrypted) return LEGACY;
  return isMacced || isEncrypted ? 'something else' : OPEN;
}

function uniqueColumns(file: string): readonly string[] {
  const properties = jvm.newInstanceSync('java.util.Properties');
  properties.setPropertySync('user', 'wso2carbon');
  properties.setPropertySync('password', PASSWORD.reveal());
  const url = `jdbc:h2:${file};IFEXISTS=TRUE;ACCESS_MODE_DATA=r;TRACE_LEVEL_FILE=0`;
  const connection = jvm.newInstanceSync('org.h2.Driver').connectSync(url, properties);
  try {
    const rows = connection.createStatementSync().executeQuerySync(
      `SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE
       WHERE TABLE_NAME = 'IDN_OAUTH_CONSUMER_APPS' AND CONSTRAINT_NAME = 'CONSUMER_KEY_CONSTRAINT' ORDER BY ORDINAL_POSITION`,
    );
    const columns: string[] = [];
    while (rows.nextSync()) columns.push(rows.getStringSync(1));
    return columns;
  } finally {
    connection.closeSync();
  }
}

test.run();
