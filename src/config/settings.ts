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
    | 'secret'
    | 'choice'
    | 'address';
  readonly choices?: readonly string[];
  readonly meaning: string;
}

/**
 * Every setting by its key in km-bootstrap.toml. The environment variable is `KMB_` and the key in upper case with `_` for `.`; files,
 * environment, flags, messages and docs all read this one table.
 */
export const SETTINGS = {
  recipe: { kind: 'choice', choices: ['legacy', 'current'], meaning: 'which of WSO2’s two set-ups to make true' },
  timeout: { kind: 'duration', meaning: 'deadline of the whole run' },
  concurrency: { kind: 'integer', meaning: 'how many Key Managers are worked on at once' },
  lock_timeout: { kind: 'duration', meaning: 'how long to wait for another run’s lock' },
  recipe_cleanup: { kind: 'boolean', meaning: 'remove from deployment.toml what the other recipe left' },
  revocation: { kind: 'boolean', meaning: 'let IS 7 tell API Manager which tokens were revoked' },
  'is7.home': { kind: 'path', meaning: 'home folder of IS 7' },
  'is7.overlay': {
    kind: 'path',
    meaning: 'folder that is copied over IS 7’s home at each start: files are written there',
  },
  'is7.url': { kind: 'url', meaning: 'IS 7 as reached from API Manager and from here' },
  'is7.public_url': { kind: 'url', meaning: 'IS 7 as browsers and token issuers name it' },
  'is7.offset': { kind: 'integer', meaning: '[server] offset of IS 7' },
  'is7.hostname': { kind: 'text', meaning: '[server] hostname of IS 7' },
  'is7.version': { kind: 'text', meaning: 'version of IS 7' },
  'is7.certificate': { kind: 'path', meaning: 'PEM of IS 7’s TLS certificate, when its home is not here' },
  'is7.username': { kind: 'text', meaning: 'account that API Manager’s connector uses at IS 7' },
  'is7.password': { kind: 'secret', meaning: 'its password' },
  'is7.notification_jar': {
    kind: 'path',
    meaning: 'wso2is.notification.event.handlers-….jar, which tells API Manager of revoked tokens',
  },
  'apim.home': { kind: 'path', meaning: 'home folder of API Manager' },
  'apim.overlay': {
    kind: 'path',
    meaning: 'folder that is copied over API Manager’s home at each start: files are written there',
  },
  'apim.url': { kind: 'url', meaning: 'API Manager as reached from IS 7 and from here' },
  'apim.offset': { kind: 'integer', meaning: '[server] offset of API Manager' },
  'apim.hostname': { kind: 'text', meaning: '[server] hostname of API Manager' },
  'apim.version': { kind: 'text', meaning: 'version of API Manager' },
  'apim.certificate': { kind: 'path', meaning: 'PEM of API Manager’s TLS certificate, when its home is not here' },
  'apim.username': { kind: 'text', meaning: 'admin of the tenant in API Manager' },
  'apim.password': { kind: 'secret', meaning: 'its password' },
  'apim.authentication': {
    kind: 'choice',
    choices: ['oauth', 'basic'],
    meaning: 'how to log in to its REST APIs: with a token of our one client, or with the password each time',
  },
  role_creation: { kind: 'boolean', meaning: 'let API Manager create roles in IS 7' },
  'database.url': { kind: 'text', meaning: 'JDBC URL of the identity database' },
  'database.username': { kind: 'text', meaning: 'its user' },
  'database.password': { kind: 'secret', meaning: 'its password' },
  'database.schema': { kind: 'text', meaning: 'its schema, when it is not the one that URL and user lead to' },
  'database.driver_jar': { kind: 'path', meaning: 'a JDBC driver to use instead of ours' },
  'database.lock_timeout': {
    kind: 'duration',
    meaning: 'how long the change may wait for others to let go of the table',
  },
  'database.constraint': { kind: 'boolean', meaning: 'whether CONSUMER_KEY must be unique' },
  'proof.gateway_url': { kind: 'endpoint', meaning: 'an API that verify calls through the gateway with its token' },
  'proof.api_id': { kind: 'text', meaning: 'its id in the Developer Portal, when it takes a subscription' },
  'proof.scopes': { kind: 'text', meaning: 'scopes that verify asks for, with blanks between them' },
  'tls.generate': { kind: 'boolean', meaning: 'make a TLS certificate for each server, in a keystore of its own' },
  'tls.sans': {
    kind: 'text',
    meaning: 'further names and addresses of both certificates, with blanks or commas between',
  },
  'tls.is7.sans': { kind: 'text', meaning: 'further names and addresses of IS 7’s certificate alone' },
  'tls.apim.sans': { kind: 'text', meaning: 'further names and addresses of API Manager’s certificate alone' },
  'tls.key': { kind: 'choice', choices: ['rsa2048', 'rsa3072', 'ec256', 'ec384'], meaning: 'what key to make' },
  'tls.days': { kind: 'integer', meaning: 'how long a certificate is valid' },
  'tls.renew_before': { kind: 'duration', meaning: 'make a new certificate when the old one ends within this time' },
  'tls.ca_certificate': { kind: 'path', meaning: 'PEM of the authority that signs; without it each signs itself' },
  'tls.ca_key': { kind: 'path', meaning: 'PEM of its key' },
  'tls.is7.certificate': { kind: 'path', meaning: 'PEM of a certificate of one’s own for IS 7' },
  'tls.is7.key': { kind: 'path', meaning: 'PEM of its key' },
  'tls.is7.chain': { kind: 'path', meaning: 'PEM of what leads to its authority' },
  'tls.apim.certificate': { kind: 'path', meaning: 'PEM of a certificate of one’s own for API Manager' },
  'tls.apim.key': { kind: 'path', meaning: 'PEM of its key' },
  'tls.apim.chain': { kind: 'path', meaning: 'PEM of what leads to its authority' },
  'files.mode': { kind: 'text', meaning: 'mode of new files that a server must read, in octal' },
  'files.group': { kind: 'integer', meaning: 'their gid' },
  'trust.warn_before': { kind: 'duration', meaning: 'say so when a certificate expires within this time' },
  'watch.interval': { kind: 'duration', meaning: 'how often watch looks, when no file changes' },
  'watch.listen': { kind: 'address', meaning: 'where watch serves its status page, metrics and health' },
  'watch.reconcile': { kind: 'boolean', meaning: 'let watch mend what is safe beside running servers' },
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
