import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { encodeKeystore } from '../../sandbox/home/encode-keystore.js';
import { openKeystore } from '../../sandbox/home/open-keystore.js';
import { createIdentityDatabase } from '../../sandbox/identity-database.js';
import { stateFile } from '../../sandbox/tenants.js';
import { Secret } from '../../src/secret.js';
import { jvm } from '../sandbox/is7/stand-in.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { selfSigned, testKey } from '../trust/self-signed.js';
import { type Canaries, canary } from './canaries.js';

export interface CanaryHomes {
  readonly is7: string;
  readonly apim: string;
  readonly canaries: Canaries;
  /** Which store is opened with which password, by the end of its path. */
  readonly storePasswords: Readonly<Record<string, string>>;
  /** Records the arguments and the environment of each keytool in a file of its own, and then runs it. */
  readonly javaHome: string;
  readonly recorded: string;
}

const OLD = new Secret('wso2carbon');

/** The domain of the tenant that the homes have; its admin at IS 7 is also the connector's account there. */
const TENANT = 'canary.test';
/** The subject of the authority that signs the servers' certificates. */
export const AUTHORITY = 'Canary CA';
/** And of the one that `ec.toml` names. */
export const EC_AUTHORITY = 'Canary EC CA';

/** Makes two homes of the sandbox in which every secret is a canary, and a km-bootstrap.toml that gives the others. */
export async function makeCanaryHomes(folder: string, offset: number): Promise<CanaryHomes> {
  await makeSandboxHomes(folder, ['--tenant', TENANT]);
  const [is7, apim] = [join(folder, 'wso2is-7.2.0'), join(folder, 'wso2am-4.5.0')];
  const secrets = {
    is7Keystore: canary('is7-keystore'),
    is7Truststore: canary('is7-truststore'),
    apimKeystore: canary('apim-keystore'),
    apimKey: canary('apim-key'),
    apimTruststore: canary('apim-truststore'),
    is7Admin: canary('is7-admin'),
    apimAdmin: canary('apim-admin'),
    database: canary('database'),
    encryptionKey: canary('encryption-key'),
    tenant: canary('tenant'),
    connector: canary('connector'),
    caKey: testKey().split('\n')[3] ?? '',
    ecCaKey: (await makeEcAuthority(folder)).split('\n')[2] ?? '',
  };
  const stores = {
    [join(is7, SECURITY, 'wso2carbon.p12')]: secrets.is7Keystore,
    [join(is7, SECURITY, 'client-truststore.p12')]: secrets.is7Truststore,
    [join(apim, SECURITY, 'wso2carbon.jks')]: secrets.apimKeystore,
    [join(apim, SECURITY, 'client-truststore.jks')]: secrets.apimTruststore,
  };
  const keys: Record<string, string> = {};
  for (const [file, password] of Object.entries(stores)) {
    keys[file] = await lockAnew(file, password, file.endsWith('.jks') ? secrets.apimKey : password);
  }
  await changeToml(
    is7,
    offset + 1,
    [secrets.is7Admin, secrets.is7Keystore, secrets.is7Keystore, secrets.is7Truststore, secrets.database],
    secrets.encryptionKey,
  );
  await changeToml(
    apim,
    offset,
    [secrets.apimAdmin, secrets.apimKeystore, secrets.apimKey, secrets.apimTruststore, undefined],
    secrets.encryptionKey,
  );
  const database = join(is7, 'repository', 'database', 'WSO2IDENTITY_DB');
  await rm(`${database}.mv.db`);
  createIdentityDatabase(jvm, database, { username: 'wso2carbon', password: new Secret(secrets.database) });
  await changeTenantPassword(is7, 'is7', secrets.connector);
  await changeTenantPassword(apim, 'apim', secrets.tenant);
  await writeSettings(folder, secrets);
  const privateKeys = Object.entries(keys).filter(([, key]) => key !== '');
  return {
    is7,
    apim,
    canaries: { ...secrets, ...Object.fromEntries(privateKeys.map(([file, key]) => [`key of ${file}`, key])) },
    storePasswords: stores,
    ...(await recordingKeytool(folder)),
  };
}

const SECURITY = join('repository', 'resources', 'security');

/** Gives a store and its key other passwords; returns a line of the key, if it has one. */
async function lockAnew(file: string, password: string, keyPassword: string): Promise<string> {
  const store = openKeystore(jvm, file, OLD);
  const own = store.identity('wso2carbon', OLD);
  const content = {
    keys: own ? [{ alias: 'wso2carbon', ...own }] : [],
    certificates: own
      ? []
      : store
          .trusted()
          .slice(0, 3)
          .map((cert, index) => ({ alias: `ca-${index}`, cert })),
    keyPassword: new Secret(keyPassword),
  };
  const encoding = file.endsWith('.jks') ? 'jks' : 'pkcs12-legacy';
  await writeFile(file, encodeKeystore(jvm, encoding, new Secret(password), content));
  return own?.key.split('\n')[3] ?? '';
}

async function changeTenantPassword(home: string, server: 'is7' | 'apim', password: string): Promise<void> {
  const file = stateFile(home, server);
  const { tenants, ...state } = JSON.parse(await readFile(file, 'utf8')) as { readonly tenants: readonly object[] };
  await writeFile(file, JSON.stringify({ ...state, tenants: tenants.map((tenant) => ({ ...tenant, password })) }));
}

async function writeSettings(folder: string, secrets: { readonly tenant: string; readonly connector: string }) {
  await writeFile(join(folder, 'ca.pem'), selfSigned({ commonName: AUTHORITY }));
  await writeFile(join(folder, 'ca.key'), testKey(), { mode: 0o600 });
  // Legacy mode knows no tenants.
  const settings = `recipe = "current"

[tls]
generate = true
ca_certificate = "ca.pem"
ca_key = "ca.key"

[[tenant]]
name = "${TENANT}"
password = ${JSON.stringify(secrets.tenant)}

[[key_manager]]
name = "WSO2-IS-7"

[[key_manager]]
name = "Canary"
tenant = "${TENANT}"
[key_manager.connector]
username = "admin@${TENANT}"
password_file = "connector.secret"
`;
  await writeFile(join(folder, 'connector.secret'), `${secrets.connector}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'km-bootstrap.toml'), settings);
}

/** `ec.toml`, which has an authority with an elliptic curve sign the servers' certificates. Returns its key. */
async function makeEcAuthority(folder: string): Promise<string> {
  const [certificate, key] = [join(folder, 'ec.pem'), join(folder, 'ec.key')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const subject = ['-subj', `/CN=${EC_AUTHORITY}`, '-days', '90'];
  await execa('openssl', ['req', '-x509', '-nodes', ...curve, ...subject, '-keyout', key, '-out', certificate]);
  const settings = '[tls]\ngenerate = true\nkey = "ec256"\nca_certificate = "ec.pem"\nca_key = "ec.key"\n';
  await writeFile(join(folder, 'ec.toml'), settings);
  return readFile(key, 'utf8');
}

type Passwords = readonly [
  admin: string,
  keystore: string,
  key: string,
  truststore: string,
  database: string | undefined,
];

async function changeToml(home: string, offset: number, passwords: Passwords, encryptionKey: string): Promise<void> {
  const file = join(home, 'repository', 'conf', 'deployment.toml');
  const [admin, keystore, key, truststore, database] = passwords;
  const keystoreEntries = `password = ${JSON.stringify(keystore)}\nkey_password = ${JSON.stringify(key)}`;
  let table = '';
  const lines = (await readFile(file, 'utf8')).split('\n').flatMap((line) => {
    table = /^\[+([\w.]+)\]/.exec(line)?.[1] ?? table;
    const name = /^(password|key_password)\s*=/.exec(line)?.[1];
    if (name === undefined) return [line];
    if (table === 'super_admin') return [`password = ${JSON.stringify(admin)}`];
    if (table === 'truststore') return [`password = ${JSON.stringify(truststore)}`];
    if (table === 'database.identity_db') return [`password = ${JSON.stringify(database)}`];
    if (!table.startsWith('keystore.')) return [line];
    return name === 'password' ? [keystoreEntries] : [];
  });
  const text = lines.join('\n').replace('[server]\n', `[server]\noffset = ${offset}\n`);
  const missing = {
    'keystore.primary': keystoreEntries,
    truststore: `password = ${JSON.stringify(truststore)}`,
    encryption: `key = ${JSON.stringify(encryptionKey)}`,
  };
  const added = Object.entries(missing).flatMap(([name, entries]) =>
    text.includes(`\n[${name}]\n`) ? [] : [`\n[${name}]\n${entries}\n`],
  );
  const keyed = text.replace(/(\n\[encryption\]\n)(?:key\s*=.*\n)?/, `$1${missing.encryption.replaceAll('$', '$$')}\n`);
  await writeFile(file, [keyed, ...added].join(''));
}

async function recordingKeytool(folder: string): Promise<Pick<CanaryHomes, 'javaHome' | 'recorded'>> {
  const [javaHome, recorded] = [join(folder, 'jdk'), join(folder, 'recorded')];
  await mkdir(join(javaHome, 'bin'), { recursive: true });
  await mkdir(recorded);
  const script = `#!/bin/sh
tr '\\0' '\\n' < /proc/$$/cmdline > "${recorded}/$$.arguments"
tr '\\0' '\\n' < /proc/$$/environ > "${recorded}/$$.environment"
unset JAVA_HOME
exec keytool "$@"
`;
  await writeFile(join(javaHome, 'bin', 'keytool'), script, { mode: 0o755 });
  return { javaHome, recorded };
}
