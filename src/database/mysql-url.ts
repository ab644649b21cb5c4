import type { DatabaseConnection } from './connection.js';
import { type Host, invalidUrl, parseServerUrl } from './server-url.js';
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
 * @throws BootstrapError `CONFIG_INVALID`
 */
export function parseMysqlUrl({ url, schema, caFile, home }: DatabaseConnection): MysqlServer {
  const { hosts, database, parameters } = parseServerUrl(url, 3306);
  const name = schema ?? database;
  if (!name) throw invalidUrl('it names no database');
  const socket = parameters.get('localsocket') ?? parameters.get('junixsocket.file');
  const caFiles = caFilesOf(caFile, parameters.get('serversslcert'), home);
  return {
    hosts: socket ? [{ name: socket, port: 0 }] : hosts,
    database: name,
    tls: { ...tlsOf(parameters, /^jdbc:mariadb:/i.test(url)), caFiles },
  };
}

/** By its `sslMode`, Connector/J's above, MariaDB's below; what only encrypts there is verified here. */
const MODES: Readonly<Record<string, TlsMode>> = {
  disabled: 'off',
  preferred: 'preferred',
  required: 'full',
  verify_ca: 'chain',
  verify_identity: 'full',
  disable: 'off',
  trust: 'full',
  'verify-ca': 'chain',
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
