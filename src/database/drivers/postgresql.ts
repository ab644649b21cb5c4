import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import pg from 'pg';
import { VERIFIED } from '../../http/verified-tls.js';
import type { Notice } from '../../step/step.js';
import type { DatabaseConnection } from '../connection.js';
import { postgresqlDialect } from '../dialects/postgresql.js';
import { type PostgresqlServer, parsePostgresqlUrl } from '../postgresql-url.js';
import type { Host } from '../server-url.js';
import { type Database, type Row, type Session, SqlError } from '../session.js';
import { readingBy } from '../sql-catalogue.js';
import { noteChain } from '../tls.js';
import { abortable } from './abortable.js';
import { connect, type Link } from './connect.js';
import { explainServer } from './server-fault.js';
import { groupByIndex } from './unique-indexes.js';

/**
 * A PostgreSQL database over node-postgres. All of a session is one transaction, and its settings end with it, so that a connection
 * pooler that hands the server's session on gets it back as it was.
 *
 * @throws BootstrapError `CONFIG_INVALID`
 */
export function postgresqlDatabase(connection: DatabaseConnection): Database {
  const server = parsePostgresqlUrl(connection);
  const label = `${server.database} (${postgresqlDialect.engine})`;
  const login = { username: connection.username, password: () => connection.password.reveal() };
  let notices: readonly Notice[] = [];

  async function lend<T>(begin: string, use: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    const connected = await connect({
      hosts: server.hosts,
      tls: server.tls,
      place: { label, username: connection.username, dialect: postgresqlDialect },
      exposedLogin: connection.exposedLogin,
      attempt: (host, link) => open({ host, server, login, link }, signal),
      insistsOnTls: ({ state, message }) => state === '28000' && message.includes('pg_hba'),
      signal,
    });
    notices = connected.notices;
    try {
      return await inTransaction(connected.connection, { begin, searchPath: server.searchPath, signal }, use);
    } catch (error) {
      throw explainServer(error, connected.place);
    }
  }

  return {
    label,
    dialect: postgresqlDialect,
    schemaIsGiven: server.searchPath !== undefined,
    notices: () => notices,
    ...readingBy(
      (use, signal) => lend('BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY', use, signal),
      postgresqlDialect,
    ),
    withWriter: (use, signal) => lend('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE', use, signal),
  };
}

const CONNECT_TIMEOUT_MS = 10_000;

interface Opening {
  readonly host: Host;
  readonly server: PostgresqlServer;
  readonly login: { readonly username: string; readonly password: () => string };
  readonly link: Link;
}

/** A client, and a way to reach the server once more, should it have to be told to stop. */
interface OpenClient {
  readonly client: pg.Client;
  readonly socket: Socket;
  openAnother(signal: AbortSignal): Promise<OpenClient>;
}

/** Every setting that node-postgres would else take from the environment or from ~/.pgpass is given. */
async function open(opening: Opening, signal: AbortSignal): Promise<OpenClient> {
  const { host, server, login, link } = opening;
  const socket = new Socket();
  const client = new pg.Client({
    host: host.name,
    port: host.port,
    database: server.database,
    user: login.username,
    password: login.password,
    ssl: link.trust ? { ...VERIFIED, ...link.trust } : false,
    sslnegotiation: 'postgres',
    stream: () => socket,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'km-bootstrap',
    client_encoding: 'UTF8',
    types: { getTypeParser: () => asText },
  });
  // Node ends the process on an error that nobody listens for; the query or connect that it breaks is told too.
  client.on('error', () => undefined);
  const { connection: wire } = client as unknown as { readonly connection: Wire };
  wire.once('sslconnect', () => noteChain(wire.stream, link.chain));
  if (!link.isPrivate) guardPassword(client, wire, link);
  try {
    await abortable(client.connect(), signal, () => socket.destroy());
    return { client, socket, openAnother: (another) => open(opening, another) };
  } catch (error) {
    socket.destroy();
    throw toSqlError(error);
  }
}

/** What node-postgres calls a connection: its stream is the TLS socket once that is made. */
interface Wire {
  readonly stream: TLSSocket;
  once(event: 'sslconnect', listener: () => void): void;
  prependListener(event: string, listener: (message: { readonly data?: string }) => void): void;
}

/**
 * Before node-postgres answers a server that wants the password itself, or as good as that, the password is taken away from it, so that
 * it fails instead. A hash of MD5 can be used as the password; a proof of SCRAM by few rounds of hashing can be guessed at.
 */
function guardPassword(client: pg.Client, wire: Wire, { exposing, mayExpose }: Link): void {
  const meet = (how: string) => {
    exposing.push(how);
    if (!mayExpose) Object.assign(client, { password: refusePassword });
  };
  wire.prependListener('authenticationCleartextPassword', () => meet('in clear'));
  wire.prependListener('authenticationMD5Password', () => meet('as a hash of MD5'));
  wire.prependListener('authenticationSASLContinue', ({ data = '' }) => {
    const rounds = Number(/(?:^|,)i=(\d+)/.exec(data)?.[1] ?? 0);
    if (rounds < FEWEST_ROUNDS) meet(`hashed ${rounds} times only`);
  });
}

function refusePassword(): never {
  throw new Error('the password is not shown');
}

/** PostgreSQL's own default, `scram_iterations`. */
const FEWEST_ROUNDS = 4096;

function asText(value: string): string {
  return value;
}

interface Transaction {
  readonly begin: string;
  readonly searchPath: string | undefined;
  readonly signal: AbortSignal;
}

async function inTransaction<T>(
  open: OpenClient,
  { begin, searchPath, signal }: Transaction,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const { client, socket } = open;
  const session = sessionOn(client, signal);
  let backend: string | undefined;
  try {
    await session.execute(begin);
    const setPath =
      searchPath === undefined ? '' : `, set_config('search_path', ${client.escapeLiteral(searchPath)}, true)`;
    backend = (await session.query(`SELECT pg_backend_pid()${setPath}`, 1))[0]?.[0] ?? undefined;
    const result = await use(session);
    await session.execute('COMMIT');
    return result;
  } finally {
    if (signal.aborted && backend !== undefined) await stopBackend(open, backend);
    if (signal.aborted) socket.destroy();
    else await client.end().catch(() => undefined);
  }
}

const STOP_TIMEOUT_MS = 3_000;

/** A statement goes on when its connection is closed, and with it the wait for its lock, so the server is asked to stop it. */
async function stopBackend({ openAnother }: OpenClient, backend: string): Promise<void> {
  const signal = AbortSignal.timeout(STOP_TIMEOUT_MS);
  try {
    const { client, socket } = await openAnother(signal);
    await abortable(client.query(`SELECT pg_cancel_backend(${Number(backend)})`), signal, () => socket.destroy());
    await client.end();
  } catch {
    // It ends by lock_timeout then.
  }
}

function sessionOn(client: pg.Client, signal: AbortSignal): Session {
  async function run(text: string): Promise<readonly Row[]> {
    signal.throwIfAborted();
    try {
      const { rows } = await abortable(
        client.query<(string | null)[]>({ text, rowMode: 'array' }),
        signal,
        () => undefined,
      );
      return rows;
    } catch (error) {
      throw toSqlError(error);
    }
  }
  const literal = (text: string) => client.escapeLiteral(text);
  return {
    query: async (sql, maxRows) => (await run(sql)).slice(0, maxRows),
    async execute(sql) {
      await run(sql);
    },
    async tables(prefix) {
      const rows = await run(`${TABLES} AND pg_table_is_visible(c.oid) AND starts_with(c.relname, ${literal(prefix)})`);
      return rows.map(([, name]) => name ?? '');
    },
    async otherSchemasOf(table) {
      const rows = await run(
        `${TABLES} AND NOT pg_table_is_visible(c.oid) AND c.relname = ${literal(table)} ORDER BY 1`,
      );
      return rows.map(([schema]) => schema ?? '');
    },
    async uniqueIndexes(table) {
      const rows = await run(`${UNIQUE_INDEXES} AND c.relname = ${literal(table)} ORDER BY i.indexrelid, k.nth`);
      return groupByIndex(rows);
    },
  };
}

/** Of schemas that this user may enter, those with ordinary and partitioned tables. */
const TABLES = `
  SELECT n.nspname, c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND has_schema_privilege(n.oid, 'USAGE')
    AND n.nspname <> 'information_schema' AND NOT starts_with(n.nspname, 'pg_')`;

/** Valid ones without a WHERE; a column that is an expression has no name. Columns that are only stored along (INCLUDE) do not count. */
const UNIQUE_INDEXES = `
  SELECT x.relname, a.attname
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indrelid
  JOIN pg_class x ON x.oid = i.indexrelid
  JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (attnum, nth) ON k.nth <= i.indnkeyatts
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
  WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND pg_table_is_visible(c.oid)`;

/** What the server said has a SQLSTATE; every other error is the connection's and passes as it is. */
function toSqlError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  return new SqlError(error.message, { state: error.code ?? '', vendorCode: 0, cause: error });
}
