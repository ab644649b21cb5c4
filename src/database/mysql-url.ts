import type { DatabaseConnection } from './connection.js';
import { type Host, invalidUrl, parseServerUrl, refusedSetting, type UrlRules } from './server-url.js';
import { caFilesOf, type TlsMode, type TlsWish } from './tls.js';

/** Where a MySQL or MariaDB database is, and how the server's own driver would open it. */
export interface MysqlServer {
  readonly hosts: readonly Host[];
  readonly database: string;
  readonly tls: TlsWish;
}

/**
 * Reads a URL as Connector/J and MariaDB's connector do:
 * https://dev.mysql.com/doc/connector-j/en/connector-j-connp-props-security.html,
 * https://mariadb.com/docs/connectors/mariadb-connector-j/about-mariadb-connector-j
 *
 * @throws BootstrapError `CONFIG_INVALID`, `DATABASE_URL_REFUSED`
 */
export function parseMysqlUrl({ url, schema, caFile, home }: DatabaseConnection): MysqlServer {
  const { hosts, database, parameters } = parseServerUrl(url, RULES);
  const name = schema ?? database;
  if (!name) throw invalidUrl('it names no database');
  const socket = socketOf(parameters);
  const caFiles = caFilesOf(caFile, parameters.get('serversslcert'), home);
  return {
    hosts: socket ? [{ name: socket, port: 0 }] : hosts,
    database: name,
    tls: { ...tlsOf(parameters, /^jdbc:mariadb:/i.test(url)), caFiles },
  };
}

const RULES: UrlRules = {
  defaultPort: 3306,
  taken: ['sslmode', 'usessl', 'requiressl', 'serversslcert', 'localsocket', 'junixsocket.file', 'socketfactory'],
  idle: [
    // The server's certificate is always verified, and no key is taken from a server that has not shown one, whatever these say.
    ...[
      'verifyservercertificate',
      'allowpublickeyretrieval',
      'enabledtlsprotocols',
      'enabledsslprotocolsuites',
      'tlsversions',
    ],
    ...[
      'enabledsslciphersuites',
      'tlsciphersuites',
      'autoreconnect',
      'autoreconnectforpools',
      'failoverreadonly',
      'maxreconnects',
    ],
    ...[
      'initialtimeout',
      'connecttimeout',
      'sockettimeout',
      'tcpkeepalive',
      'tcpnodelay',
      'tcprcvbuf',
      'tcpsndbuf',
      'tcpabortiveclose',
    ],
    ...['useunicode', 'characterencoding', 'charactersetresults', 'connectioncollation', 'passwordcharacterencoding'],
    ...['servertimezone', 'connectiontimezone', 'forceconnectiontimezonetosession', 'preserveinstants', 'timezone'],
    ...[
      'uselegacydatetimecode',
      'usetimezone',
      'usejdbccomplianttimezoneshift',
      'zerodatetimebehavior',
      'sendfractionalseconds',
    ],
    ...[
      'rewritebatchedstatements',
      'useserverprepstmts',
      'cacheprepstmts',
      'prepstmtcachesize',
      'prepstmtcachesqllimit',
    ],
    ...[
      'cacheserverconfiguration',
      'cacheresultsetmetadata',
      'cachecallablestmts',
      'callablestmtcachesize',
      'metadatacachesize',
    ],
    ...['elidesetautocommits', 'maintaintimestats', 'uselocalsessionstate', 'uselocaltransactionstate', 'usebulkstmts'],
    ...[
      'noaccesstoprocedurebodies',
      'nullcatalogmeanscurrent',
      'nulldatabasemeanscurrent',
      'nullnamepatternmatchesall',
    ],
    ...[
      'databaseterm',
      'tinyint1isbit',
      'transformedbitisboolean',
      'yearisdatetype',
      'jdbccomplianttruncation',
      'usecompression',
    ],
    ...['maxallowedpacket', 'maxrows', 'defaultfetchsize', 'usecursorfetch', 'useinformationschema', 'useaffectedrows'],
    ...['useoldaliasmetadatabehavior', 'usecolumnnamesinfindcolumn', 'allowmultiqueries', 'continuebatchonerror'],
    ...[
      'donttrackopenresources',
      'holdresultsopenoverstatementclose',
      'createdatabaseifnotexist',
      'processescapecodesforprepstmts',
    ],
    ...[
      'emulatelocators',
      'emulateunsupportedpstmts',
      'enablequerytimeouts',
      'interactiveclient',
      'strictupdates',
      'usemysqlmetadata',
    ],
    ...[
      'nettimeoutforstreamingresults',
      'treatutildateastimestamp',
      'usessps',
      'pool',
      'minpoolsize',
      'maxpoolsize',
      'autocommit',
    ],
    ...[
      'includeinnodbstatusindeadlockexceptions',
      'includethreaddumpindeadlockexceptions',
      'permitmysqlscheme',
      'paranoid',
    ],
  ],
  idleWhenFalse: ['allowloadlocalinfile', 'allowlocalinfile', 'allowurlinlocalinfile', 'autodeserialize'],
};

/** MariaDB's `localSocket`, or junixsocket's factory for MySQL's driver; no class is loaded. */
function socketOf(parameters: ReadonlyMap<string, string>): string | undefined {
  const factory = parameters.get('socketfactory');
  if (factory !== undefined && !/^org\.newsclub\.net\.mysql\.[\w$.]+$/.test(factory))
    throw refusedSetting('socketFactory');
  const path = parameters.get('localsocket') ?? parameters.get('junixsocket.file');
  if (path !== undefined && !path.startsWith('/'))
    throw refusedSetting('localSocket', 'is not the path of a Unix socket');
  return path;
}

/** By its `sslMode`, Connector/J's above, MariaDB's below; what only encrypts there, or any host's certificate, is verified in full. */
const MODES: Readonly<Record<string, TlsMode>> = {
  disabled: 'off',
  preferred: 'preferred',
  required: 'full',
  verify_ca: 'full',
  verify_identity: 'full',
  disable: 'off',
  trust: 'full',
  'verify-ca': 'full',
  'verify-full': 'full',
};

/** Older settings; they count when no `sslMode` is there. Absent too, MySQL's driver prefers TLS and MariaDB's uses none. */
const SWITCHES: readonly (readonly [string, string, TlsMode])[] = [
  ['usessl', 'false', 'off'],
  ['requiressl', 'true', 'full'],
  ['usessl', 'true', 'full'],
];

function tlsOf(parameters: ReadonlyMap<string, string>, isMariadb: boolean): Pick<TlsWish, 'mode' | 'saidBy'> {
  const sslMode = parameters.get('sslmode');
  if (sslMode !== undefined) {
    const mode = MODES[sslMode.toLowerCase()];
    if (mode) return { mode, saidBy: `sslMode=${sslMode}` };
    throw invalidUrl(`its sslMode is none of ${Object.keys(MODES).join(', ')}`);
  }
  const found = SWITCHES.find(([name, value]) => parameters.get(name)?.toLowerCase() === value);
  if (found) return { mode: found[2], saidBy: `${found[0] === 'usessl' ? 'useSSL' : 'requireSSL'}=${found[1]}` };
  return { mode: 'preferred', saidBy: `the default of ${isMariadb ? 'MariaDB' : 'MySQL'}` };
}
