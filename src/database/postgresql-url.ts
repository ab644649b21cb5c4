import type { DatabaseConnection } from './connection.js';
import { type Host, invalidUrl, parseServerUrl, refusedSetting, type UrlRules } from './server-url.js';
import { caFilesOf, type TlsMode, type TlsWish } from './tls.js';

/** Where a PostgreSQL database is, and how the server's own driver would open it. */
export interface PostgresqlServer {
  /** A host whose name is a path is a folder with a Unix socket. */
  readonly hosts: readonly Host[];
  readonly database: string;
  readonly tls: TlsWish;
  /** The value of `search_path`, when one is given. */
  readonly searchPath: string | undefined;
}

/**
 * Reads a URL as pgJDBC does: https://jdbc.postgresql.org/documentation/use/
 *
 * @throws BootstrapError `CONFIG_INVALID`, `DATABASE_URL_REFUSED`
 */
export function parsePostgresqlUrl({ url, username, schema, caFile, home }: DatabaseConnection): PostgresqlServer {
  const { hosts, database, parameters } = parseServerUrl(url, RULES);
  const socket = socketOf(parameters);
  const caFiles = caFilesOf(caFile, parameters.get('sslrootcert'), home);
  return {
    hosts: socket ? [socket] : hosts,
    database: database || username,
    tls: { ...tlsOf(parameters), caFiles },
    searchPath: schema === undefined ? parameters.get('currentschema') : `"${schema.replaceAll('"', '""')}"`,
  };
}

const RULES: UrlRules = {
  defaultPort: 5432,
  taken: ['ssl', 'sslmode', 'sslrootcert', 'currentschema', 'socketfactory', 'socketfactoryarg'],
  idle: [
    ...[
      'applicationname',
      'autosave',
      'cleanupsavepoints',
      'defaultrowfetchsize',
      'stringtype',
      'readonly',
      'readonlymode',
    ],
    ...[
      'connecttimeout',
      'logintimeout',
      'sockettimeout',
      'cancelsignaltimeout',
      'sslresponsetimeout',
      'tcpkeepalive',
      'tcpnodelay',
    ],
    ...['preparethreshold', 'preparedstatementcachequeries', 'preparedstatementcachesizemib'],
    ...[
      'preferquerymode',
      'rewritebatchedinserts',
      'maxresultbuffer',
      'adaptivefetch',
      'adaptivefetchminimum',
      'adaptivefetchmaximum',
    ],
    ...['binarytransfer', 'binarytransferenable', 'binarytransferdisable', 'disablecolumnsanitiser', 'unknownlength'],
    ...['targetservertype', 'hostrecheckseconds', 'loadbalancehosts', 'assumeminserverversion', 'protocolversion'],
    ...['sendbuffersize', 'receivebuffersize', 'databasemetadatacachefields', 'databasemetadatacachefieldsmib'],
    ...['logunclosedconnections', 'logservererrordetail', 'escapesyntaxcallmode', 'hideunprivilegedobjects'],
    ...['quotereturningidentifiers', 'allowencodingchanges', 'useunicode', 'characterencoding'],
  ],
};

/**
 * By its `sslmode`; what only encrypts or does not look at the host name there is verified in full here. Absent, pgJDBC prefers TLS.
 */
const MODES: Readonly<Record<string, TlsMode>> = {
  disable: 'off',
  allow: 'preferred',
  prefer: 'preferred',
  require: 'full',
  'verify-ca': 'full',
  'verify-full': 'full',
};

function tlsOf(parameters: ReadonlyMap<string, string>): Pick<TlsWish, 'mode' | 'saidBy'> {
  const ssl = parameters.get('ssl');
  const asked = ssl !== undefined && ssl !== 'false';
  const sslmode = parameters.get('sslmode') ?? (asked ? 'verify-full' : 'prefer');
  const mode = MODES[sslmode.toLowerCase()];
  if (mode) return { mode, saidBy: asked && !parameters.has('sslmode') ? `ssl=${ssl}` : `sslmode=${sslmode}` };
  throw invalidUrl(`its sslmode is none of ${Object.keys(MODES).join(', ')}`);
}

/** `socketFactoryArg=/run/postgresql/.s.PGSQL.5432` of junixsocket's factory for Unix sockets, as Java needs one; no class is loaded. */
function socketOf(parameters: ReadonlyMap<string, string>): Host | undefined {
  const [factory, path] = [parameters.get('socketfactory'), parameters.get('socketfactoryarg')];
  if (factory !== undefined && !/^org\.newsclub\.net\.unix\.[\w$.]+$/.test(factory))
    throw refusedSetting('socketFactory');
  if (path === undefined) return undefined;
  const found = /^(\/.*)\/\.s\.PGSQL\.(\d{1,5})$/.exec(path);
  if (!found) throw refusedSetting('socketFactoryArg', 'is not the path of a Unix socket, /…/.s.PGSQL.PORT');
  return { name: found[1] ?? '', port: Number(found[2]) };
}
