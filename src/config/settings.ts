/** One setting: what kind of value it takes, and what it is for. */
export interface SettingDefinition {
  readonly kind:
    | 'text'
    | 'path'
    | 'url'
    | 'endpoint'
    | 'integer'
    | 'boolean'
    | 'duration'
    | 'version'
    | 'secret'
    | 'choice'
    | 'address';
  readonly choices?: readonly string[];
  /** What it is when nobody says it, as km-bootstrap.toml would. */
  readonly default?: string | number | boolean;
  /** In words, when that depends: where it is taken from. */
  readonly otherwise?: string;
  /** The steps and commands that it is for. */
  readonly readBy: string;
  readonly meaning: string;
}

/**
 * Every setting by its key in km-bootstrap.toml. The environment variable is `KMB_` and the key in upper case with `_` for `.`; files,
 * environment, flags, messages and docs all read this one table.
 */
export const SETTINGS = {
  recipe: {
    kind: 'choice',
    choices: ['legacy', 'current'],
    default: 'legacy',
    readBy: 'deployment-toml, database, Key Managers',
    meaning: 'which of WSO2’s two set-ups to make true',
  },
  timeout: { kind: 'duration', default: '300s', readBy: 'every run', meaning: 'deadline of the whole run' },
  concurrency: {
    kind: 'integer',
    default: 8,
    readBy: 'Key Managers',
    meaning: 'how many Key Managers are worked on at once',
  },
  lock_timeout: {
    kind: 'duration',
    default: '60s',
    readBy: 'apply',
    meaning: 'how long to wait for another run’s lock',
  },
  recipe_cleanup: {
    kind: 'boolean',
    default: false,
    readBy: 'deployment-toml, database',
    meaning: 'remove what the other recipe left in deployment.toml and in the database',
  },
  revocation: {
    kind: 'boolean',
    default: false,
    readBy: 'deployment-toml, dropins',
    meaning: 'let IS 7 tell API Manager which tokens were revoked',
  },
  'is7.home': {
    kind: 'path',
    otherwise: 'IS7_HOME; without it, the steps on its files are absent',
    readBy: 'discovery, the offline steps',
    meaning: 'home folder of IS 7',
  },
  'is7.overlay': {
    kind: 'path',
    readBy: 'the offline steps',
    meaning: 'folder that is copied over IS 7’s home at each start: files are written there',
  },
  'is7.url': {
    kind: 'url',
    otherwise: '`[server]` hostname and offset in its deployment.toml',
    readBy: 'trust, health, Key Managers',
    meaning: 'IS 7 as reached from API Manager and from here',
  },
  'is7.public_url': {
    kind: 'url',
    otherwise: 'the port of its proxy, if deployment.toml has one, else is7.url',
    readBy: 'health, Key Managers',
    meaning: 'IS 7 as browsers and token issuers name it',
  },
  'is7.offset': {
    kind: 'integer',
    otherwise: 'as found; the next one when both servers would share a port',
    readBy: 'deployment-toml',
    meaning: '[server] offset of IS 7',
  },
  'is7.hostname': {
    kind: 'text',
    otherwise: 'as found',
    readBy: 'deployment-toml, tls',
    meaning: '[server] hostname of IS 7',
  },
  'is7.version': {
    kind: 'version',
    otherwise: 'from its home',
    readBy: 'recipes, Key Managers',
    meaning: 'version of IS 7',
  },
  'is7.certificate': {
    kind: 'path',
    otherwise: '`[keystore.tls]` of its home',
    readBy: 'trust, every connection to it',
    meaning: 'PEM of IS 7’s TLS certificate, when its home is not here',
  },
  'is7.username': {
    kind: 'text',
    otherwise: '`[super_admin]` in its deployment.toml',
    readBy: 'Key Managers, verify',
    meaning: 'account that API Manager’s connector uses at IS 7',
  },
  'is7.password': {
    kind: 'secret',
    otherwise: '`[super_admin]` in its deployment.toml',
    readBy: 'Key Managers, verify',
    meaning: 'password of is7.username',
  },
  'is7.notification_jar': {
    kind: 'path',
    otherwise: 'the jar in its dropins',
    readBy: 'dropins',
    meaning: 'wso2is.notification.event.handlers-….jar, which tells API Manager of revoked tokens',
  },
  'is7.java_home': {
    kind: 'path',
    otherwise: 'JAVA_HOME, or the JDK of java on PATH',
    readBy: 'up',
    meaning: 'JDK that IS 7 is started with',
  },
  'apim.home': {
    kind: 'path',
    otherwise: 'APIM_HOME; without it, the steps on its files are absent',
    readBy: 'discovery, the offline steps',
    meaning: 'home folder of API Manager',
  },
  'apim.overlay': {
    kind: 'path',
    readBy: 'the offline steps',
    meaning: 'folder that is copied over API Manager’s home at each start: files are written there',
  },
  'apim.url': {
    kind: 'url',
    otherwise: '`[server]` hostname and offset in its deployment.toml',
    readBy: 'trust, health, Key Managers',
    meaning: 'API Manager as reached from IS 7 and from here',
  },
  'apim.offset': {
    kind: 'integer',
    otherwise: 'as found',
    readBy: 'deployment-toml',
    meaning: '[server] offset of API Manager',
  },
  'apim.hostname': {
    kind: 'text',
    otherwise: 'as found',
    readBy: 'deployment-toml, tls',
    meaning: '[server] hostname of API Manager',
  },
  'apim.version': {
    kind: 'version',
    otherwise: 'from its home',
    readBy: 'recipes, Key Managers',
    meaning: 'version of API Manager',
  },
  'apim.certificate': {
    kind: 'path',
    otherwise: '`[keystore.tls]` of its home',
    readBy: 'trust, every connection to it',
    meaning: 'PEM of API Manager’s TLS certificate, when its home is not here',
  },
  'apim.username': {
    kind: 'text',
    otherwise: '`[super_admin]` in its deployment.toml',
    readBy: 'Key Managers',
    meaning: 'admin of the tenant in API Manager',
  },
  'apim.password': {
    kind: 'secret',
    otherwise: '`[super_admin]` in its deployment.toml',
    readBy: 'Key Managers',
    meaning: 'password of apim.username',
  },
  'apim.java_home': {
    kind: 'path',
    otherwise: 'JAVA_HOME, or the JDK of java on PATH',
    readBy: 'up',
    meaning: 'JDK that API Manager is started with',
  },
  'apim.authentication': {
    kind: 'choice',
    choices: ['oauth', 'basic'],
    default: 'oauth',
    readBy: 'Key Managers',
    meaning: 'how to log in to API Manager’s REST APIs: with a token of our one client, or with the password each time',
  },
  role_creation: {
    kind: 'boolean',
    default: false,
    readBy: 'deployment-toml, Key Managers',
    meaning: 'let API Manager create roles in IS 7',
  },
  'database.url': {
    kind: 'text',
    otherwise: '`[database.identity_db]` of IS 7',
    readBy: 'database',
    meaning: 'JDBC URL of the identity database',
  },
  'database.username': {
    kind: 'text',
    otherwise: '`[database.identity_db]` of IS 7',
    readBy: 'database',
    meaning: 'user of the identity database',
  },
  'database.password': {
    kind: 'secret',
    otherwise: '`[database.identity_db]` of IS 7',
    readBy: 'database',
    meaning: 'password of database.username',
  },
  'database.schema': {
    kind: 'text',
    otherwise: 'where URL and user lead to',
    readBy: 'database',
    meaning: 'schema of Identity Server’s tables, when it is not the one that URL and user lead to',
  },
  'database.driver_jar': {
    kind: 'path',
    otherwise: 'the jar of setup or of the home',
    readBy: 'database',
    meaning: 'a JDBC driver to use instead of ours',
  },
  'database.exposed_login': {
    kind: 'boolean',
    default: false,
    readBy: 'database',
    meaning: 'let a server without TLS have the password in a way that shows it to whoever listens',
  },
  'database.lock_timeout': {
    kind: 'duration',
    default: '10s',
    readBy: 'database',
    meaning: 'how long the change may wait for others to let go of the table',
  },
  'database.constraint': {
    kind: 'boolean',
    otherwise: 'true with the recipe legacy, false with current',
    readBy: 'database',
    meaning: 'whether CONSUMER_KEY must be unique',
  },
  'proof.gateway_url': {
    kind: 'endpoint',
    readBy: 'verify',
    meaning: 'an API that verify calls through the gateway with its token',
  },
  'proof.api_id': {
    kind: 'text',
    readBy: 'verify',
    meaning: 'id of the API of proof.gateway_url in the Developer Portal, when it takes a subscription',
  },
  'proof.scopes': { kind: 'text', readBy: 'verify', meaning: 'scopes that verify asks for, with blanks between them' },
  'tls.generate': {
    kind: 'boolean',
    default: false,
    readBy: 'tls, deployment-toml',
    meaning: 'make a TLS certificate for each server, in a keystore of its own',
  },
  'tls.sans': {
    kind: 'text',
    otherwise: 'the host of its URL, its hostname, localhost and 127.0.0.1',
    readBy: 'tls',
    meaning: 'further names and addresses of both certificates, with blanks or commas between',
  },
  'tls.is7.sans': { kind: 'text', readBy: 'tls', meaning: 'further names and addresses of IS 7’s certificate alone' },
  'tls.apim.sans': {
    kind: 'text',
    readBy: 'tls',
    meaning: 'further names and addresses of API Manager’s certificate alone',
  },
  'tls.key': {
    kind: 'choice',
    choices: ['rsa2048', 'rsa3072', 'ec256', 'ec384'],
    default: 'rsa2048',
    readBy: 'tls',
    meaning: 'what key to make for a certificate',
  },
  'tls.days': { kind: 'integer', default: 825, readBy: 'tls', meaning: 'how long a new certificate is valid, in days' },
  'tls.renew_before': {
    kind: 'duration',
    default: '30d',
    readBy: 'tls',
    meaning: 'make a new certificate when the old one ends within this time',
  },
  'tls.ca_certificate': {
    kind: 'path',
    otherwise: 'each certificate signs itself',
    readBy: 'tls',
    meaning: 'PEM of the authority that signs; without it each signs itself',
  },
  'tls.ca_key': { kind: 'path', readBy: 'tls', meaning: 'PEM of the key of tls.ca_certificate' },
  'tls.is7.certificate': { kind: 'path', readBy: 'tls', meaning: 'PEM of a certificate of one’s own for IS 7' },
  'tls.is7.key': { kind: 'path', readBy: 'tls', meaning: 'PEM of the key of tls.is7.certificate' },
  'tls.is7.chain': {
    kind: 'path',
    readBy: 'tls',
    meaning: 'PEM of what leads from tls.is7.certificate to its authority',
  },
  'tls.apim.certificate': { kind: 'path', readBy: 'tls', meaning: 'PEM of a certificate of one’s own for API Manager' },
  'tls.apim.key': { kind: 'path', readBy: 'tls', meaning: 'PEM of the key of tls.apim.certificate' },
  'tls.apim.chain': {
    kind: 'path',
    readBy: 'tls',
    meaning: 'PEM of what leads from tls.apim.certificate to its authority',
  },
  'files.backup': {
    kind: 'path',
    otherwise: 'nothing is kept',
    readBy: 'apply',
    meaning: 'folder where apply keeps the files that it replaces',
  },
  'files.mode': {
    kind: 'text',
    otherwise: '0640 for a store with a private key, 0644 for one without; a copy in an overlay gets its original’s',
    readBy: 'every new file that a server must read',
    meaning: 'mode of new files that a server must read, in octal',
  },
  'files.group': {
    kind: 'integer',
    otherwise: 'the group of the run',
    readBy: 'every new file that a server must read',
    meaning: 'gid of new files that a server must read',
  },
  'files.outside': {
    kind: 'text',
    otherwise: 'nothing is written outside the homes and their overlays',
    readBy: 'every file that is written',
    meaning: 'further folders, separated by commas, that links in a home may lead to',
  },
  'trust.warn_before': {
    kind: 'duration',
    default: '30d',
    readBy: 'trust, tls',
    meaning: 'say so when a certificate expires within this time',
  },
  'watch.interval': {
    kind: 'duration',
    default: '60s',
    readBy: 'watch',
    meaning: 'how often watch looks, when no file changes',
  },
  'watch.listen': {
    kind: 'address',
    default: '127.0.0.1:9095',
    readBy: 'watch',
    meaning: 'where watch serves its status page, metrics and health',
  },
  'watch.allowed_hosts': {
    kind: 'text',
    otherwise:
      'addresses, names without a dot, and names that end in .localhost, .internal, .svc or .svc.cluster.local',
    readBy: 'watch',
    meaning: 'further host names, separated by commas, by which the status page may be asked for',
  },
  'watch.reconcile': {
    kind: 'boolean',
    default: false,
    readBy: 'watch',
    meaning: 'let watch mend what is safe beside running servers',
  },
} as const satisfies Record<string, SettingDefinition>;

export type SettingKey = keyof typeof SETTINGS;

export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[];

/** `is7.url` → `KMB_IS7_URL`. */
export function environmentName(key: SettingKey): string {
  return `KMB_${key.toUpperCase().replaceAll('.', '_')}`;
}

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

/** The definition without its literal types: what it does not have is undefined. */
export function settingDefinition(key: SettingKey): SettingDefinition {
  return SETTINGS[key];
}
