import type { DatabaseConnection } from './connection.js';
import { oracleDescription, oraclePlace } from './oracle-place.js';
import { invalidUrl, isHostName, refusedSetting } from './server-url.js';

/**
 * What a vendor's driver is given, and what messages say of it. The URL is put together anew from parts whose form is known, so that
 * nothing reaches the driver that was not looked at: drivers load classes, write traces and follow directories for a URL.
 */
export interface JdbcUrl {
  /** Without a login, which the settings have: drivers repeat the URL in their messages. */
  readonly url: string;
  readonly database: string;
  /** `db.example:1433`. */
  readonly address: string;
  /** They come after those of the URL, and win. */
  readonly properties: Readonly<Record<string, string>>;
  /** The names of the driver's properties for a file of certificates to believe; undefined where there is no TLS. */
  readonly trustStore: TrustStoreProperties | undefined;
  readonly schemaIsGiven: boolean;
  /** The words by which there is no TLS; undefined where there is. */
  readonly plain: string | undefined;
  /** Whether the driver then shows the password to whoever listens or answers; else it proves that it has it. */
  readonly exposesLogin: boolean;
}

export interface TrustStoreProperties {
  readonly path: string;
  readonly type: string;
  readonly password: string;
}

/** A form that the value of a setting has to have; `overruled` ones are left out, since ours is given. */
type Form = RegExp | 'overruled';
type Forms = Readonly<Record<string, Form>>;

const CONNECT_TIMEOUT_S = '10';
const SWITCH = /^(true|false)$/i;
const NUMBER = /^-?\d{1,10}$/;
/** Letters of any script, blanks and what names are joined with; nothing that ends a setting, a quote or a URL. */
const NAME = /^[\p{L}\p{N}_.@#$ -]{1,128}$/u;
const LOGIN: Forms = { user: 'overruled', username: 'overruled', password: 'overruled' };

/** By the names of Microsoft's documentation, in lower case, with their synonyms. */
const SQL_SERVER_FORMS: Forms = {
  ...LOGIN,
  databaseName: NAME,
  database: NAME,
  serverName: NAME,
  server: NAME,
  portNumber: NUMBER,
  port: NUMBER,
  instanceName: NAME,
  encrypt: /^(true|false|yes|no|optional|mandatory|strict)$/i,
  trustServerCertificate: 'overruled',
  loginTimeout: 'overruled',
  applicationName: 'overruled',
  sendStringParametersAsUnicode: SWITCH,
  sendTimeAsDatetime: SWITCH,
  sendTemporalDataTypesAsStringForBulkCopy: SWITCH,
  lastUpdateCount: SWITCH,
  multiSubnetFailover: SWITCH,
  transparentNetworkIPResolution: SWITCH,
  xopenStates: SWITCH,
  disableStatementPooling: SWITCH,
  enablePrepareOnFirstPreparedStatementCall: SWITCH,
  useBulkCopyForBatchInsert: SWITCH,
  useFmtOnly: SWITCH,
  delayLoadingLobs: SWITCH,
  applicationIntent: /^Read(Only|Write)$/i,
  responseBuffering: /^(full|adaptive)$/i,
  selectMethod: /^(direct|cursor)$/i,
  prepareMethod: /^[a-z_]{1,40}$/i,
  iPAddressPreference: /^(IPv4First|IPv6First|UsePlatformDefault)$/i,
  lockTimeout: NUMBER,
  queryTimeout: NUMBER,
  cancelQueryTimeout: NUMBER,
  socketTimeout: NUMBER,
  packetSize: NUMBER,
  connectRetryCount: NUMBER,
  connectRetryInterval: NUMBER,
  serverPreparedStatementDiscardThreshold: NUMBER,
  statementPoolingCacheSize: NUMBER,
  workstationID: NAME,
};

/**
 * `jdbc:sqlserver://host\instance:1433;databaseName=db;…`:
 * https://learn.microsoft.com/sql/connect/jdbc/building-the-connection-url
 *
 * The driver encrypts and verifies unless told otherwise. With `encrypt=false` it lets any server decrypt the login.
 *
 * @throws BootstrapError `CONFIG_INVALID`, `DATABASE_URL_REFUSED`
 */
export function sqlServerUrl({ url, schema }: DatabaseConnection): JdbcUrl {
  if (schema !== undefined)
    throw invalidUrl(
      'SQL Server takes the schema from the user (ALTER USER … WITH DEFAULT_SCHEMA), not from database.schema',
    );
  const [location = '', ...settings] = splitSettings(url);
  const place = /^jdbc:sqlserver:\/\/(?:\[([^\]]+)\]|([^:\\[\]]*))(?:\\([A-Za-z0-9_$#-]{1,64}))?(?::(\d{1,5}))?$/i.exec(
    location,
  );
  if (!place) throw invalidUrl('it is not of the form jdbc:sqlserver://host:port;databaseName=name');
  const given = read(settings, SQL_SERVER_FORMS);
  const host = place[1] ?? (place[2] || (given.get('serverName') ?? given.get('server') ?? 'localhost'));
  if (!isHostName(host)) throw invalidUrl('its host is neither a host name nor an address');
  const port = place[4] ?? given.get('portNumber') ?? given.get('port');
  for (const name of ['serverName', 'server', 'portNumber', 'port']) given.delete(name);
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const address = `${shownHost}${place[3] ? `\\${place[3]}` : ''}${port ? `:${port}` : ''}`;
  const encrypt = given.get('encrypt') ?? 'true';
  const database = given.get('databaseName') ?? given.get('database') ?? 'the default database';
  const isPlain = /^(false|no|optional)$/i.test(encrypt);
  return {
    url: `jdbc:sqlserver://${address};${written(given)}`,
    database,
    address,
    properties: { trustServerCertificate: 'false', loginTimeout: CONNECT_TIMEOUT_S, applicationName: 'km-bootstrap' },
    trustStore: isPlain ? undefined : { path: 'trustStore', type: 'trustStoreType', password: 'trustStorePassword' },
    schemaIsGiven: false,
    plain: isPlain ? `as encrypt=${encrypt} says` : undefined,
    exposesLogin: isPlain,
  };
}

/**
 * `jdbc:oracle:thin:@//host:1521/service`, `@host:1521/service`, `@host:1521:SID`, `@tcps://…` and `@(DESCRIPTION=…)`:
 * https://docs.oracle.com/en/database/oracle/oracle-database/23/jjdbc/data-sources-and-URLs.html
 *
 * Aliases, which are looked up in a file, directories (`@ldap:`) and configurations (`@config-file:`) are refused. Without TLS the driver
 * proves the password and does not send it.
 *
 * @throws BootstrapError `CONFIG_INVALID`, `DATABASE_URL_REFUSED`
 */
export function oracleUrl({ url, schema }: DatabaseConnection): JdbcUrl {
  const found = /^jdbc:oracle:thin:[^@]*@(.+)$/is.exec(url);
  if (!found)
    throw invalidUrl('it is not of the form jdbc:oracle:thin:@//host:port/service or jdbc:oracle:thin:@host:port:SID');
  const text = (found[1] ?? '').trim();
  const place = text.startsWith('(') ? oracleDescription(text) : oraclePlace(text);
  const { database, address, isEncrypted } = place;
  return {
    url: `jdbc:oracle:thin:@${place.text}`,
    database,
    address,
    properties: {
      'oracle.net.CONNECT_TIMEOUT': `${CONNECT_TIMEOUT_S}000`,
      'oracle.net.ssl_server_dn_match': 'true',
      'oracle.net.ssl_allow_weak_dn_match': 'false',
      'oracle.jdbc.allowedLogonVersion': '11',
      'v$session.program': 'km-bootstrap',
    },
    trustStore: isEncrypted
      ? {
          path: 'javax.net.ssl.trustStore',
          type: 'javax.net.ssl.trustStoreType',
          password: 'javax.net.ssl.trustStorePassword',
        }
      : undefined,
    schemaIsGiven: schema !== undefined,
    plain: isEncrypted ? undefined : 'as its URL says',
    exposesLogin: false,
  };
}

/** By the names of IBM's documentation, in lower case. */
const DB2_FORMS: Forms = {
  ...LOGIN,
  currentSchema: NAME,
  sslConnection: SWITCH,
  sslVersion: 'overruled',
  sslClientHostnameValidation: 'overruled',
  loginTimeout: 'overruled',
  clientProgramName: 'overruled',
  clientApplicationInformation: NAME,
  clientWorkstation: NAME,
  blockingReadConnectionTimeout: NUMBER,
  connectionTimeout: NUMBER,
  commandTimeout: NUMBER,
  currentLockTimeout: NUMBER,
  defaultIsolationLevel: NUMBER,
  fetchSize: NUMBER,
  keepAliveTimeOut: NUMBER,
  maxStatements: NUMBER,
  queryDataSize: NUMBER,
  resultSetHoldability: NUMBER,
  cursorSensitivity: NUMBER,
  securityMechanism: /^[379]$/,
  encryptionAlgorithm: NUMBER,
  allowNextOnExhaustedResultSet: NUMBER,
  atomicMultiRowInsert: NUMBER,
  deferPrepares: SWITCH,
  emulateParameterMetaDataForZCalls: SWITCH,
  enableExtendedDescribe: NUMBER,
  enableNamedParameterMarkers: NUMBER,
  enableRowsetSupport: NUMBER,
  fullyMaterializeInputStreams: SWITCH,
  fullyMaterializeLobData: SWITCH,
  progressiveStreaming: NUMBER,
  retrieveMessagesFromServerOnGetMessage: SWITCH,
  returnAlias: NUMBER,
  sendCharInputsUTF8: NUMBER,
  streamBufferSize: NUMBER,
  useJDBC4ColumnNameAndLabelSemantics: NUMBER,
};

/**
 * `jdbc:db2://host:50000/DB:key=value;key=value;`: https://www.ibm.com/docs/en/db2/11.5?topic=cdsudidsdjs-url-format-data-server-driver-jdbc-sqlj-type-4-connectivity
 *
 * Without `sslConnection=true` the driver sends the password in clear, or encrypted for whoever answers.
 *
 * @throws BootstrapError `CONFIG_INVALID`, `DATABASE_URL_REFUSED`
 */
export function db2Url({ url, schema }: DatabaseConnection): JdbcUrl {
  const found =
    /^jdbc:db2:\/\/(?:\[([^\]]+)\]|([^:/[\]]+))(?::(\d{1,5}))?\/([A-Za-z0-9_@#$-]{1,128})(?::(.*))?$/is.exec(url);
  if (!found) throw invalidUrl('it is not of the form jdbc:db2://host:port/name');
  const [, ipv6, name = '', port = '50000', database = '', text = ''] = found;
  if (!isHostName(ipv6 ?? name)) throw invalidUrl('its host is neither a host name nor an address');
  const address = `${ipv6 ? `[${ipv6}]` : name}:${port}`;
  const given = read(splitSettings(text), DB2_FORMS);
  const isEncrypted = /^true$/i.test(given.get('sslConnection') ?? '');
  const settings = written(given);
  return {
    url: `jdbc:db2://${address}/${database}${settings && ':'}${settings}`,
    database,
    address,
    properties: {
      loginTimeout: CONNECT_TIMEOUT_S,
      clientProgramName: 'km-bootstrap',
      ...(isEncrypted && { sslClientHostnameValidation: 'BASIC' }),
    },
    trustStore: isEncrypted
      ? { path: 'sslTrustStoreLocation', type: 'sslTrustStoreType', password: 'sslTrustStorePassword' }
      : undefined,
    schemaIsGiven: schema !== undefined || given.has('currentSchema'),
    plain: isEncrypted ? undefined : 'as its driver does without sslConnection=true',
    exposesLogin: !isEncrypted,
  };
}

/**
 * The settings of a URL by the names of their list, whatever case they have in the URL. What is not in the list may load a class, read or
 * write a file, or change what is verified, and so is refused by its name.
 */
function read(settings: readonly string[], forms: Forms): Map<string, string> {
  const names = new Map(Object.keys(forms).map((name) => [name.toLowerCase(), name]));
  const read = new Map<string, string>();
  for (const setting of settings.filter((text) => text.trim() !== '')) {
    const [, written = '', value = ''] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/s.exec(setting) ?? [undefined, setting.trim()];
    const name = names.get(written.toLowerCase());
    const form = name === undefined ? undefined : forms[name];
    if (name === undefined || form === undefined) throw refusedSetting(written);
    if (form === 'overruled') continue;
    if (!form.test(value)) throw refusedSetting(name, 'has a value that is not known to do no harm');
    read.set(name, value);
  }
  return read;
}

function written(settings: ReadonlyMap<string, string>): string {
  return [...settings].map(([name, value]) => `${name}=${value};`).join('');
}

/** A value in braces may hold semicolons. */
function splitSettings(text: string): readonly string[] {
  return text.split(/;(?![^{]*})/);
}
