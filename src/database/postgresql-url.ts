import type { DatabaseConnection } from './connection.js';
import { type Host, invalidUrl, parseServerUrl } from './server-url.js';
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
 * @throws BootstrapError `CONFIG_INVALID`
 */
export function parsePostgresqlUrl({ url, username, schema, caFile, home }: DatabaseConnection): PostgresqlServer {
  const { hosts, database, parameters } = parseServerUrl(url, 5432);
  const socket = socketOf(parameters);
  const caFiles = caFilesOf(caFile, parameters.get('sslrootcert'), home);
  return {
    hosts: socket ? [socket] : hosts,
    database: database || username,
    tls: { ...tlsOf(parameters), caFiles },
    searchPath: schema === undefined ? parameters.get('currentschema') : `"${schema.replaceAll('"', '""')}"`,
  };
}

/** By its `sslmode`; `require` is more here than there, where it verifies nothing. Absent, pgJDBC prefers TLS. */
const MODES: Readonly<Record<string, TlsMode>> = {
  disable: 'off',
  allow: 'preferred',
  prefer: 'preferred',
  require: 'full',
  'verify-ca': 'chain',
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

/** `socketFactoryArg=/run/postgresql/.s.PGSQL.5432` of a factory for Unix sockets, as Java needs one. */
function socketOf(parameters: ReadonlyMap<string, string>): Host | undefined {
  const found = /^(\/.*)\/\.s\.PGSQL\.(\d+)$/.exec(parameters.get('socketfactoryarg') ?? '');
  return found ? { name: found[1] ?? '', port: Number(found[2]) } : undefined;
}
