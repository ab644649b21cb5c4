import { type KeyManagerSettings, SUPER_TENANT } from '../config/key-manager.js';
import type { NodeSettings } from '../config/node.js';
import type { Settings } from '../config/parse.js';
import { environmentName, type SettingKey } from '../config/settings.js';
import type { ListenAddress } from '../config/shape.js';
import { BootstrapError, invalidConfiguration } from '../errors.js';
import type { NewFile } from '../io/ownership.js';
import { Secret } from '../secret.js';
import { type Address, addressIn, addressOf, isSameAddress, offsetIn, PROXY_PORT } from '../servers/addresses.js';
import type { Home } from '../servers/home.js';
import { unescapeXml } from '../servers/placeholders.js';
import { HTTPS_PORT, PRODUCTS, type ServerId } from '../servers/server.js';
import type { KeystoreCertificate, PeerCertificate } from '../trust/certificate.js';
import type { StoreFile } from '../trust/keystore/keystore.js';
import { MESSAGES } from './errors.js';
import { keyInHome, storeInHome, type TlsIdentity, tlsIdentity, wantsTlsIdentity } from './tls.js';

export interface Account {
  readonly username: string;
  readonly password: Secret;
}

export interface DatabaseSettings extends Account {
  /** JDBC URL as in deployment.toml, placeholders resolved. */
  readonly url: string;
  readonly schema: string | undefined;
  readonly driverJar: string | undefined;
  readonly exposedLogin: 'refused' | 'allowed';
  readonly lockTimeoutMs: number;
}

/** One of the two servers. What can be discovered is a function, so that what a selected step does not need is never resolved. */
export interface Server {
  readonly id: ServerId;
  /** The name of a further node; absent for the first. */
  readonly node?: string;
  readonly title: string;
  readonly home: Home | undefined;
  /** Whether there is anything to talk to: a home or a URL. */
  readonly isKnown: boolean;
  /** Whether its TLS certificate can be read: from its home or from a PEM file. */
  readonly hasCertificate: boolean;
  /** `https://host:port` as reached from the other server and from here. */
  url(): string;
  /** The port offset that it runs with once what is decided here has been written. */
  portOffset(): number;
  account(): Account;
  certificate(): PeerCertificate;
  truststore(): StoreFile;
  /** Whether it gets a TLS identity from us. */
  readonly wantsTls: boolean;
  tls(): TlsIdentity | undefined;
  /** What signs its tokens, and what API Manager presents to IS 7 with mutual TLS. */
  primaryKey(): KeystoreCertificate;
  version(): string | undefined;
}

export interface WatchSettings {
  readonly intervalMs: number;
  readonly listen: ListenAddress;
  readonly reconcile: boolean;
  /** Further names by which the status page may be asked for. */
  readonly allowedHosts: readonly string[];
}

/** `[server] offset` to write, and why, when something has to be written. */
export interface Offset {
  readonly value: number;
  readonly reason?: string;
}

/** Everything the steps are built from; read-only, secrets wrapped. */
export interface Config {
  readonly recipe: 'legacy' | 'current';
  readonly timeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly warnBeforeMs: number;
  readonly roleCreation: boolean;
  /** IS 7 tells API Manager which tokens were revoked; only with the recipe `current`. */
  readonly revocation: boolean;
  /** Whether what the other recipe left in deployment.toml is removed. */
  readonly recipeCleanup: boolean;
  /** The jar with the handler of revoked tokens, as the user named it. */
  readonly notificationJar: string | undefined;
  readonly constraint: boolean;
  readonly is7: Server;
  readonly apim: Server;
  /** Further homes of either, which get the same files; the first of each is the one that is talked to. */
  readonly nodes: readonly Server[];
  /** IS 7 as token issuers and browsers name it. */
  is7PublicUrl(): string;
  /** The offset that has to be in the server's deployment.toml, if one has to be. */
  offset(server: ServerId): Offset | undefined;
  hostname(server: ServerId): string | undefined;
  /** Of new files that the server of a home must read. */
  files(home: Pick<Home, 'folder' | 'overlay'>): NewFile;
  /** Where files are kept that are replaced; nowhere when absent. */
  readonly backupFolder: string | undefined;
  /** The identity database's JDBC URL; absent when neither a setting nor a home tells it. */
  databaseUrl(): string | undefined;
  database(): DatabaseSettings;
  /** At least one: the default when nothing is declared. */
  readonly keyManagers: readonly KeyManagerSettings[];
  /** How many Key Managers are worked on at once. */
  readonly concurrency: number;
  /** How to log in to API Manager's REST APIs. */
  readonly apimAuthentication: 'oauth' | 'basic';
  /** Who manages a tenant of API Manager. */
  apimAccount(tenant: string): Account;
  /** @throws BootstrapError `CONFIG_INVALID` */
  watch(): WatchSettings;
  readonly proof: { readonly gatewayUrl?: string; readonly apiId?: string; readonly scopes: readonly string[] };
}

/** A `[[node]]` with its home opened. */
export interface DeclaredNode extends Pick<NodeSettings, 'server' | 'name' | 'overlay'> {
  readonly home: Home;
}

/** Fills what was not said from the two homes, lazily, and then from the defaults. */
export function createConfig(
  settings: Settings,
  homes: Readonly<Record<ServerId, Home | undefined>>,
  nodes: readonly DeclaredNode[] = [],
): Config {
  const { recipe } = settings;
  if (settings.revocation && recipe === 'legacy') throw revocationNeedsCurrent();
  const offsets = decideOffsets(settings, homes);
  const config: Config = {
    recipe,
    timeoutMs: settings.timeout,
    lockTimeoutMs: settings.lock_timeout,
    warnBeforeMs: settings['trust.warn_before'],
    roleCreation: settings.role_creation,
    revocation: settings.revocation,
    recipeCleanup: settings.recipe_cleanup,
    notificationJar: settings['is7.notification_jar'],
    constraint: settings['database.constraint'] ?? recipe === 'legacy',
    is7: createServer('is7', settings, homes.is7, offsets),
    apim: createServer('apim', settings, homes.apim, offsets),
    nodes: nodes.map((node) => createNode(node, settings)),
    is7PublicUrl: () => settings['is7.public_url'] ?? proxiedUrl(homes.is7) ?? config.is7.url(),
    offset: (server) => offsets()[server],
    hostname: (server) => settings[`${server}.hostname`],
    files: ({ folder, overlay }) => ({
      ...fileModes(settings),
      like: folder,
      within: [folder, ...(overlay === undefined ? [] : [overlay]), ...outsideFolders(settings)],
    }),
    backupFolder: settings['files.backup'],
    databaseUrl: () => databaseUrl(settings, homes.is7),
    database: () => databaseSettings(settings, homes.is7),
    keyManagers: settings.key_manager ?? [{}],
    concurrency: Math.max(1, settings.concurrency),
    apimAuthentication: settings['apim.authentication'],
    apimAccount: (tenant) => tenantAccount(tenant, settings, config.apim),
    watch: () => watchSettings(settings),
    proof: {
      ...(settings['proof.gateway_url'] && { gatewayUrl: settings['proof.gateway_url'] }),
      ...(settings['proof.api_id'] && { apiId: settings['proof.api_id'] }),
      scopes: settings['proof.scopes']?.split(/\s+/).filter(Boolean) ?? [],
    },
  };
  return config;
}

type Offsets = Readonly<Record<ServerId, Offset | undefined>>;

/**
 * Which offsets to write. Two default homes both answer on localhost:9443: then IS 7 gets one more than API Manager (guide, step 4),
 * unless its URL or offset was given. Two servers on one host and port are never silent.
 */
function decideOffsets(settings: Settings, homes: Readonly<Record<ServerId, Home | undefined>>): () => Offsets {
  let decided: Offsets | undefined;
  return () => {
    decided ??= decide(settings, homes);
    return decided;
  };
}

function decide(settings: Settings, homes: Readonly<Record<ServerId, Home | undefined>>): Offsets {
  const said = { is7: saidOffset(settings, 'is7'), apim: saidOffset(settings, 'apim') };
  const [is7, apim] = [addressSaid(settings, 'is7', homes.is7), addressSaid(settings, 'apim', homes.apim)];
  if (!is7 || !apim || !isSameAddress(is7, apim)) return said;
  const place = `${is7.host}:${is7.port}`;
  if (said.is7 || settings['is7.url']) throw portClash(place);
  const reason = `both servers would answer on ${place}; the guide, step 4`;
  return { ...said, is7: { value: apim.port - HTTPS_PORT + 1, reason } };
}

function saidOffset(settings: Settings, server: ServerId): Offset | undefined {
  const value = settings[`${server}.offset`];
  return value === undefined ? undefined : { value };
}

/** Where a server answers by what was said and by its home, before any offset is decided here. */
function addressSaid(settings: Settings, id: ServerId, home: Home | undefined): Address | undefined {
  const url = settings[`${id}.url`];
  if (url) return addressIn(url);
  return home && addressOf(hostOf(settings, id, home), settings[`${id}.offset`] ?? offsetInHome(home));
}

function createServer(id: ServerId, settings: Settings, home: Home | undefined, offsets: () => Offsets): Server {
  const url = () => {
    const said = settings[`${id}.url`];
    if (said) return said;
    if (!home) throw missing(`the URL of ${PRODUCTS[id].title} is not known`, `${id}.url`, `--${id}-url`);
    return `https://${hostOf(settings, id, home)}:${HTTPS_PORT + portOffset()}`;
  };
  const portOffset = () => offsets()[id]?.value ?? offsetInHome(home);
  const tls = () =>
    home && wantsTlsIdentity(settings, id) ? tlsIdentity(settings, id, home, new URL(url()).hostname) : undefined;
  return {
    id,
    title: PRODUCTS[id].title,
    home,
    isKnown: home !== undefined || settings[`${id}.url`] !== undefined,
    hasCertificate: home !== undefined || settings[`${id}.certificate`] !== undefined,
    url,
    portOffset,
    account: () => account(settings, id, home),
    certificate: () => certificateOf(settings, id, home, tls()),
    truststore: () => storeInHome(homeOf(id, home, 'truststore'), 'truststore', settings[`${id}.overlay`]),
    wantsTls: home !== undefined && wantsTlsIdentity(settings, id),
    tls,
    primaryKey: () => keyInHome(homeOf(id, home, 'primary keystore'), 'keystore.primary', settings[`${id}.overlay`]),
    version: () => settings[`${id}.version`] ?? home?.version(),
  };
}

/** What is said of the first node's own home, place and certificate is not said of another. */
const OF_THE_FIRST = ['home', 'overlay', 'url', 'certificate', 'hostname', 'offset', 'version'] as const;

/** A further node shares with the first what is about the server as a whole: its accounts, and what TLS is to be like. */
function createNode({ server: id, name, home, overlay }: DeclaredNode, settings: Settings): Server {
  const isOfTheFirst = (key: string) => OF_THE_FIRST.some((own) => key === `${id}.${own}`);
  const shared = Object.fromEntries(Object.entries(settings).filter(([key]) => !isOfTheFirst(key))) as Settings;
  const own: Settings = { ...shared, ...(overlay !== undefined && { [`${id}.overlay`]: overlay }) };
  const node = createServer(id, own, home, () => ({ is7: undefined, apim: undefined }));
  return { ...node, node: name, title: `${node.title} (${name})` };
}

function hostOf(settings: Settings, id: ServerId, home: Home | undefined): string {
  return settings[`${id}.hostname`] ?? home?.text('server.hostname') ?? 'localhost';
}

function offsetInHome(home: Home | undefined): number {
  const text = home?.text('server.offset') ?? '0';
  const offset = offsetIn(text);
  if (offset !== undefined) return offset;
  throw new BootstrapError(MESSAGES.CONFIG_INVALID(home?.deploymentToml, text));
}

/** A reverse proxy in front of the server: issuer and display endpoints carry its port. */
function proxiedUrl(home: Home | undefined): string | undefined {
  const port = home?.text(PROXY_PORT);
  return port === undefined ? undefined : new URL(`https://${home?.text('server.hostname')}:${port}`).origin;
}

function account(settings: Settings, id: ServerId, home: Home | undefined): Account {
  const username = settings[`${id}.username`] ?? home?.text('super_admin.username', instead(`${id}.username`));
  const password =
    settings[`${id}.password`] ?? secretOf(home?.text('super_admin.password', instead(`${id}.password`)));
  if (username === undefined) throw missing(`no account for ${PRODUCTS[id].title} is known`, `${id}.username`);
  if (password === undefined)
    throw missing(`the password of ${username} at ${PRODUCTS[id].title} is not known`, `${id}.password`);
  return { username, password };
}

function tenantAccount(tenant: string, settings: Settings, apim: Server): Account {
  if (tenant === SUPER_TENANT) return apim.account();
  const account = settings.tenant?.find(({ name }) => name === tenant);
  if (account) return account;
  throw invalidConfiguration([
    `no admin of the tenant ${tenant} of API Manager is known: declare [[tenant]] with name = "${tenant}", username and password`,
  ]);
}

/** That of our own TLS keystore, when there is to be one, even before deployment.toml says so. */
function certificateOf(
  settings: Settings,
  id: ServerId,
  home: Home | undefined,
  tls: TlsIdentity | undefined,
): PeerCertificate {
  if (tls) return tls.keystore;
  const pemFile = settings[`${id}.certificate`];
  if (pemFile) return { pemFile };
  if (!home)
    throw missing(`the TLS certificate of ${PRODUCTS[id].title} is not known`, `${id}.certificate`, `--${id}-home`);
  return keyInHome(home, 'keystore.tls', settings[`${id}.overlay`]);
}

function homeOf(id: ServerId, home: Home | undefined, what: string): Home {
  if (home) return home;
  throw missing(`the ${what} of ${PRODUCTS[id].title} is not known`, `${id}.home`, `--${id}-home`);
}

function fileModes({ 'files.mode': mode, 'files.group': group }: Settings): NewFile {
  return { ...(mode !== undefined && { mode: fileMode(mode) }), ...(group !== undefined && { group }) };
}

/** Folders besides the homes that links in them may lead to. */
function outsideFolders({ 'files.outside': folders = '' }: Settings): readonly string[] {
  return namesIn(folders);
}

function namesIn(list: string): readonly string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/**
 * What `watch` is told, whatever the homes are.
 *
 * @throws BootstrapError `CONFIG_INVALID`
 */
export function watchSettings(settings: Settings): WatchSettings {
  const intervalMs = settings['watch.interval'];
  if (intervalMs < 1_000 || intervalMs > 86_400_000)
    throw invalidConfiguration(['watch.interval must be from 1s to 1d']);
  const allowedHosts = namesIn(settings['watch.allowed_hosts'] ?? '');
  return { intervalMs, listen: settings['watch.listen'], reconcile: settings['watch.reconcile'], allowedHosts };
}

/** In octal, as chmod takes it. */
function fileMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  throw invalidConfiguration([`files.mode must be a mode in octal such as "0640", not ${JSON.stringify(text)}`]);
}

const DEFAULT_H2_URL = 'jdbc:h2:./repository/database/WSO2IDENTITY_DB;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=60000';

function databaseSettings(settings: Settings, home: Home | undefined): DatabaseSettings {
  const inHome = (name: string, setting: SettingKey) => home?.text(`database.identity_db.${name}`, instead(setting));
  const url = databaseUrl(settings, home);
  const username = settings['database.username'] ?? inHome('username', 'database.username');
  const password = settings['database.password'] ?? secretOf(inHome('password', 'database.password'));
  if (url === undefined) throw missing('the identity database is not known', 'database.url', '--is7-home');
  if (username === undefined) throw missing('no user for the identity database is known', 'database.username');
  if (password === undefined)
    throw missing(`the password of ${username} at the identity database is not known`, 'database.password');
  return {
    url,
    username,
    password,
    schema: settings['database.schema'],
    driverJar: settings['database.driver_jar'],
    exposedLogin: settings['database.exposed_login'] ? 'allowed' : 'refused',
    lockTimeoutMs: settings['database.lock_timeout'],
  };
}

/** In a home the URL is pasted into XML as it is, so that `&amp;` there is an ampersand. */
function databaseUrl(settings: Settings, home: Home | undefined): string | undefined {
  const inHome = (name: string) => home?.text(`database.identity_db.${name}`, instead('database.url'));
  const url = settings['database.url'] ?? inHome('url') ?? urlOfType(inHome);
  return url === undefined ? undefined : unescapeXml(url);
}

/** `type` with `hostname`, `port` and `name` (Oracle: `sid`), from which the server makes the URL itself; H2's is a file of the home. */
function urlOfType(inHome: (name: string) => string | undefined): string | undefined {
  const type = inHome('type');
  if (type === undefined) return undefined;
  const [hostname = 'localhost', port, name = '', sid] = ['hostname', 'port', 'name', 'sid'].map(inHome);
  const at = (usualPort: number) => `${hostname}:${port ?? usualPort}`;
  switch (type.toLowerCase()) {
    case 'h2':
      return DEFAULT_H2_URL;
    case 'postgre':
    case 'postgresql':
      return `jdbc:postgresql://${at(5432)}/${name}`;
    case 'mssql':
      return `jdbc:sqlserver://${at(1433)};databaseName=${name}`;
    case 'oracle':
      return `jdbc:oracle:thin:@${at(1521)}${sid === undefined ? `/${name}` : `:${sid}`}`;
    case 'db2':
      return `jdbc:db2://${at(50_000)}/${name}`;
    default:
      return `jdbc:${type}://${at(3306)}/${name}`;
  }
}

/** What to do when deployment.toml has a placeholder in the place of a setting's value that cannot be resolved here. */
function instead(setting: SettingKey): string {
  return `Set ${environmentName(setting)} (or ${setting} in km-bootstrap.toml) instead.`;
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}

function revocationNeedsCurrent(): BootstrapError {
  return invalidConfiguration([
    'revocation = true belongs to the recipe current, and the recipe is legacy: set recipe = "current", or leave revocation off',
  ]);
}

function missing(what: string, setting: SettingKey, flag?: string): BootstrapError {
  const ways = [flag, environmentName(setting), `${setting} in km-bootstrap.toml`].filter(Boolean).join(', or ');
  return invalidConfiguration([`${what}: set ${ways}`]);
}

function portClash(place: string): BootstrapError {
  return new BootstrapError(MESSAGES.PORT_CLASH(place));
}

/**
 * The id of a step on one node, or between two: that of the first node is the plain one, as if there were no others. Names of nodes are
 * unique, so that `trust/apim/gw1` (gw1 trusts IS 7) and `trust/apim/is2` (API Manager trusts is2) cannot be confused.
 */
export function nodeStepId<Plain extends string>(
  plain: Plain,
  ...nodes: readonly { readonly node?: string }[]
): Plain | `${Plain}/${string}` {
  const names = nodes.flatMap(({ node }) => node ?? []);
  return names.length === 0 ? plain : `${plain}/${names.join('/')}`;
}
