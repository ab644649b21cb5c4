import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sandboxJars } from '../../sandbox/sandbox.js';
import { withJdbc } from '../../src/database/drivers/jdbc.js';
import { Secret } from '../../src/secret.js';
import { readPeerCertificate } from '../../src/trust/certificate.js';
import { keystoreBytes, truststoreBytes } from '../trust/healthy-pair.js';
import { selfSigned } from '../trust/self-signed.js';
import { applyOffline, type Pair, type PairRequest, put } from './pairs.js';

/** A pair that works, of every kind that people have: nothing of it may be taken for a mistake. */
export interface HealthyPair extends PairRequest {
  readonly title: string;
  /** Also looked at in a support bundle. */
  readonly isSent?: true;
  /** What else was done to the pair. */
  readonly also?: (pair: Pair) => Promise<unknown>;
}

const legacy = { KMB_RECIPE: 'legacy' };
const current = { KMB_RECIPE: 'current' };
const currentWithAll = { ...current, KMB_REVOCATION: 'true', KMB_ROLE_CREATION: 'true' };
const named = { KMB_IS7_HOSTNAME: 'is7.example.com', KMB_APIM_HOSTNAME: 'apim.example.com', KMB_TLS_GENERATE: 'true' };

export const HEALTHY_PAIRS: readonly HealthyPair[] = [
  { title: 'the guide on the oldest pair', is7: '7.0', apim: '4.3', settings: legacy },
  { title: 'the recipe current with roles on 4.4', is7: '7.1', apim: '4.4', settings: currentWithAll },
  { title: 'the guide on a pair of the middle', is7: '7.2', apim: '4.5', settings: legacy },
  { title: 'the recipe current alone', is7: '7.3', apim: '4.6', settings: current },
  { title: 'the newest pair, revocation and roles', is7: '7.3', apim: '4.7', settings: currentWithAll },
  {
    title: 'service names and certificates of our own making',
    is7: '7.2',
    apim: '4.5',
    settings: { ...currentWithAll, ...named },
    isSent: true,
  },
  { title: 'the guide by hand, aliases of one’s own', is7: '7.1', apim: '4.3', isSent: true, also: byHand },
  {
    title: 'PostgreSQL, and MySQL with &amp; in the URL',
    is7: '7.2',
    apim: '4.6',
    settings: current,
    also: useServers,
  },
  { title: 'an overlay over each home', is7: '7.2', apim: '4.7', isSent: true, also: applyToOverlays },
  {
    title: 'a CA issued the certificates, and the truststores hold the CA',
    is7: '7.3',
    apim: '4.5',
    settings: current,
    also: useAuthority,
  },
  {
    title: 'two hosts, a proxy in front of IS 7, text for numbers',
    is7: '7.0',
    apim: '4.7',
    settings: current,
    also: behindProxy,
  },
  {
    title: 'values spelled otherwise: inline arrays, quoted keys, dotted keys',
    is7: '7.3',
    apim: '4.6',
    also: spellOtherwise,
  },
];

const tomlOf = (home: string) => join(home, 'repository', 'conf', 'deployment.toml');
const storeOf = (home: string, name: string) => join(home, 'repository', 'resources', 'security', name);

async function edit(path: string, from: string | RegExp, to: string): Promise<void> {
  const before = await readFile(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`nothing in ${path} matches ${from}`);
  await writeFile(path, after);
}

/** Every step of the guide, with keys where a person puts them. */
async function byHand({ is7, apim }: Pair): Promise<void> {
  await edit(tomlOf(is7), '[server]\n', '[server]\noffset = "1"\nlegacy_mode = true\n');
  const text = await readFile(tomlOf(is7), 'utf8');
  await writeFile(
    tomlOf(is7),
    `${text}
[oauth.global_rbac_scope_issuer]
enable=true
[oauth.global_scope_validators.role_based_scope_issuer]
enable=true   # by hand
[[resource.access_control]]
scopes=[]
permissions=[]
cross_tenant=true
http_method="GET"
secure=true
context="(.*)/scim2/Me"
`,
  );
  const [ofIs7, ofApim] = [await certificateOf(is7, 'wso2carbon.p12'), await certificateOf(apim, 'wso2carbon.jks')];
  await writeFile(
    storeOf(apim, 'client-truststore.jks'),
    truststoreBytes({ wso2carbon: ofApim, 'is7-by-hand': ofIs7 }),
  );
  await writeFile(storeOf(is7, 'client-truststore.p12'), truststoreBytes({ wso2carbon: ofIs7, gateway: ofApim }));
  await edit(tomlOf(is7), /(client-truststore\.p12"[^[]*type ?= ?)"PKCS12"/, '$1"JKS"');
  await withJdbc(
    {
      driverClass: 'org.h2.Driver',
      jars: sandboxJars(),
      url: `jdbc:h2:${join(is7, 'repository', 'database', 'WSO2IDENTITY_DB')};TRACE_LEVEL_FILE=0`,
      username: 'wso2carbon',
      password: new Secret('wso2carbon'),
    },
    (session) => session.execute('ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT BY_HAND UNIQUE (CONSUMER_KEY)'),
  );
}

async function certificateOf(home: string, file: string): Promise<string> {
  const store = { path: storeOf(home, file), password: new Secret('wso2carbon') };
  return (await readPeerCertificate({ store, alias: 'wso2carbon' })).toString();
}

async function useServers({ is7, apim }: Pair): Promise<void> {
  await edit(
    tomlOf(is7),
    /type = "h2"\nurl = "[^"]*WSO2IDENTITY_DB[^"]*"/,
    'type = "postgre"\nurl = "jdbc:postgresql://db:5432/identity?sslmode=verify-full"\ndriver = "org.postgresql.Driver"',
  );
  await edit(
    tomlOf(apim),
    /type = "h2"\nurl = "[^"]*WSO2AM_DB[^"]*"/,
    'type = "mysql"\nurl = "jdbc:mysql://db:3306/apim?autoReconnect=true&amp;useSSL=false"',
  );
  await put(join(is7, 'repository', 'components', 'lib', 'postgresql-42.7.3.jar'), '');
  await put(join(apim, 'repository', 'components', 'lib', 'mysql-connector-j-8.4.0.jar'), '');
}

/** As in containers: the homes stay as the images have them, and all that was set stands in the volumes beside them. */
async function applyToOverlays(pair: Pair): Promise<void> {
  const place = async (server: 'is7' | 'apim', volume: string) => {
    const root = join(pair.folder, server);
    await mkdir(join(root, volume), { recursive: true });
    const home = join(root, pair[server].split('/').at(-1) ?? '');
    await rename(pair[server], home);
    pair[server] = home;
    return join(root, volume);
  };
  const overlays = {
    KMB_IS7_OVERLAY: await place('is7', 'wso2-artifact-volume'),
    KMB_APIM_OVERLAY: await place('apim', 'wso2-config-volume'),
  };
  await applyOffline(pair, { ...legacy, ...overlays });
}

async function useAuthority({ is7, apim }: Pair): Promise<void> {
  const authority = selfSigned({ commonName: 'Our CA' });
  for (const [home, keystore, truststore] of [
    [is7, 'tls.p12', 'client-truststore.p12'],
    [apim, 'tls.p12', 'client-truststore.jks'],
  ] as const) {
    const leaf = selfSigned({ commonName: home, dnsNames: ['localhost'], authority: { commonName: 'Our CA' } });
    await writeFile(storeOf(home, keystore), keystoreBytes(leaf));
    await writeFile(storeOf(home, truststore), truststoreBytes({ 'our-ca': authority }));
  }
  const table =
    'file_name = "tls.p12"\ntype = "PKCS12"\npassword = "wso2carbon"\nalias = "wso2carbon"\nkey_password = "wso2carbon"\n';
  await edit(tomlOf(is7), '[truststore]', `[keystore.tls]\n${table}\n[truststore]`);
  await edit(tomlOf(is7), /(client-truststore\.p12"[^[]*type ?= ?)"PKCS12"/, '$1"JKS"');
  await edit(tomlOf(apim), /\[keystore\.tls\]\n[^#[]*/, `[keystore.tls]\n${table}\n`);
}

/** The proxy's certificate counts for browsers; API Manager reaches IS 7 by the name that IS 7's own certificate has. */
async function behindProxy(pair: Pair): Promise<void> {
  const { is7, apim } = pair;
  await applyOffline(pair, {
    ...current,
    KMB_IS7_HOSTNAME: 'login.example.com',
    KMB_APIM_HOSTNAME: 'apim.example.com',
    KMB_TLS_GENERATE: 'true',
    KMB_TLS_SANS: 'is7.internal',
  });
  await edit(tomlOf(is7), /\[truststore\]/, '[transport.https.properties]\nproxyPort = 443\n\n[truststore]');
  await edit(tomlOf(is7), /offset = 1\n/, 'offset = "0"\n');
  await edit(tomlOf(apim), '[server]\n', '[server]\noffset = "0"\n');
  pair.environment['KMB_IS7_URL'] = 'https://is7.internal:9443';
}

async function spellOtherwise(pair: Pair): Promise<void> {
  const { is7 } = pair;
  await applyOffline(pair, current);
  await edit(tomlOf(is7), /\[oauth\]\nauthorize_all_scopes = true\n/, '');
  await edit(tomlOf(is7), /\[\[resource\.access_control\]\][\s\S]*?scopes *= *\[\]\n/, '');
  const text = await readFile(tomlOf(is7), 'utf8');
  await writeFile(
    tomlOf(is7),
    `oauth."authorize_all_scopes" = true\n${text}\n[resource]\naccess_control = [ { context = "(.*)/scim2/Me", secure = true, http_method = "GET", cross_tenant = true } ]\n`,
  );
}
