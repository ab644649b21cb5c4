import { connect as connectSocket, isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import mysql from 'mysql2';
import { VERIFIED } from '../../http/verified-tls.js';
import type { Notice } from '../../step/step.js';
import type { DatabaseConnection } from '../connection.js';
import { mariadbDialect, mysqlDialect } from '../dialects/mysql.js';
import { type MysqlServer, parseMysqlUrl } from '../mysql-url.js';
import { type Host, isSocket } from '../server-url.js';
import { type Database, type Row, type Session, SqlError } from '../session.js';
import { readingBy } from '../sql-catalogue.js';
import { noteChain } from '../tls.js';
import { abortable } from './abortable.js';
import { connect, type Link } from './connect.js';
import { explainServer } from './server-fault.js';
import { groupByIndex } from './unique-indexes.js';

/**
 * A MySQL or MariaDB database over mysql2.
 *
 * @throws BootstrapError `CONFIG_INVALID`
 */
export function mysqlDatabase(connection: DatabaseConnection): Database {
  const server = parseMysqlUrl(connection);
  const dialect = /^jdbc:mariadb:/i.test(connection.url) ? mariadbDialect : mysqlDialect;
  const label = `${server.database} (${dialect.engine})`;
  let notices: readonly Notice[] = [];

  async function lend<T>(begin: string, use: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    const connected = await connect({
      hosts: server.hosts,
      tls: server.tls,
      place: { label, username: connection.username, dialect },
      exposedLogin: connection.exposedLogin,
      attempt: (host, link) => open({ host, server, connection, link }, signal),
      insistsOnTls: ({ vendorCode }) => vendorCode === SECURE_TRANSPORT_REQUIRED,
      signal,
    });
    notices = connected.notices;
    try {
      return await inSession(connected.connection, begin, use, signal);
    } catch (error) {
      throw explainServer(error, connected.place);
    }
  }

  return {
    label,
    dialect,
    schemaIsGiven: true,
    notices: () => notices,
    ...readingBy((use, signal) => lend('START TRANSACTION READ ONLY', use, signal), dialect),
    withWriter: (use, signal) => lend('DO 0', use, signal),
  };
}

/** ER_SECURE_TRANSPORT_REQUIRED, of `require_secure_transport=ON`. */
const SECURE_TRANSPORT_REQUIRED = 3159;
const CONNECT_TIMEOUT_MS = 10_000;

interface Opening {
  readonly host: Host;
  readonly server: MysqlServer;
  readonly connection: DatabaseConnection;
  readonly link: Link;
}

/** A client, and a way to reach the server once more, should it have to be told to stop. */
interface OpenClient {
  readonly client: mysql.Connection;
  openAnother(signal: AbortSignal): Promise<OpenClient>;
}

async function open(opening: Opening, signal: AbortSignal): Promise<OpenClient> {
  const { host, server, connection, link } = opening;
  const socket = socketTo(host);
  const client = mysql.createConnection({
    stream: () => socket,
    host: host.name,
    port: host.port,
    database: server.database,
    user: connection.username,
    password: connection.password.reveal(),
    ...(link.trust && { ssl: { ...VERIFIED, ca: link.trust.ca, verifyIdentity: true } }),
    ...loginOver(link),
    connectTimeout: CONNECT_TIMEOUT_MS,
    rowsAsArray: true,
    typeCast: (field) => field.string(),
    connectAttributes: { program_name: 'km-bootstrap' },
  });
  // Node ends the process on an error that nobody listens for; the query or connect that it breaks is told too.
  client.on('error', () => undefined);
  judgeChainOf(client as unknown as Wire, host, link);
  try {
    await abortable(connected(client), signal, () => client.destroy());
    return { client, openAnother: (another) => open(opening, another) };
  } catch (error) {
    client.destroy();
    throw toSqlError(error);
  }
}

/**
 * Node judges a certificate by the name the socket was opened with, which it keeps only for names, not for addresses: it would then look
 * for `localhost`. mysql2 does not tell it either, so that the address is put where Node looks.
 */
function socketTo({ name, port }: Host): Socket {
  if (isSocket({ name })) return connectSocket(name);
  const socket = connectSocket(port, name);
  return isIP(name) ? Object.assign(socket, { _host: name }) : socket;
}

/** mysql2's way from the plain socket to the TLS one. */
interface Wire {
  stream: TLSSocket;
  startTLS(onSecure: (error?: Error) => void): void;
}

function judgeChainOf(wire: Wire, { name }: Host, { trust, chain }: Link): void {
  const { startTLS } = wire;
  wire.startTLS = (onSecure) => {
    startTLS.call(wire, (error) => {
      onSecure(error ?? trust?.checkServerIdentity?.(name, wire.stream.getPeerCertificate()));
    });
    noteChain(wire.stream, chain);
  };
}

/**
 * How the password may go. What mysql2 would do on its own for a server without TLS, encrypt the password for the key that this server
 * sends, lets whoever is in its place read it.
 */
function loginOver({ isPrivate, exposing, mayExpose }: Link): Partial<mysql.ConnectionOptions> {
  if (isPrivate) {
    const caching = mysql.authPlugins.caching_sha2_password({ overrideIsSecure: true });
    return { enableCleartextPlugin: true, authPlugins: { caching_sha2_password: caching } };
  }
  const meet = (how: string) => {
    exposing.push(how);
    if (!mayExpose) throw new Error('the password is not shown');
  };
  const onServerPublicKey = () => meet('encrypted for a key of which nobody says whose it is');
  const { caching_sha2_password: caching, sha256_password: sha256, mysql_clear_password: clear } = mysql.authPlugins;
  return {
    authPlugins: {
      caching_sha2_password: caching({ overrideIsSecure: false, onServerPublicKey }),
      sha256_password: sha256({ onServerPublicKey }),
      mysql_clear_password: (metadata) => (data) => {
        meet('in clear');
        return clear({})(metadata)(data);
      },
    },
  };
}

function connected(client: mysql.Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    client.connect((error) => (error ? reject(error) : resolve()));
  });
}

async function inSession<T>(
  { client, openAnother }: OpenClient,
  begin: string,
  use: (session: Session) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { threadId } = client;
  try {
    const session = sessionOn(client, signal);
    await session.execute(begin);
    return await use(session);
  } finally {
    if (signal.aborted) await stopThread(openAnother, threadId);
    client.destroy();
  }
}

const STOP_TIMEOUT_MS = 3_000;

/** A statement goes on when its connection is closed, and with it the wait for its lock, so the server is asked to stop it. */
async function stopThread(openAnother: OpenClient['openAnother'], threadId: number | null | undefined): Promise<void> {
  const signal = AbortSignal.timeout(STOP_TIMEOUT_MS);
  try {
    const { client } = await openAnother(signal);
    await abortable(query(client, `KILL ${Number(threadId)}`), signal, () => client.destroy());
    client.destroy();
  } catch {
    // It ends by lock_wait_timeout then.
  }
}

function sessionOn(client: mysql.Connection, signal: AbortSignal): Session {
  async function run(sql: string): Promise<readonly Row[]> {
    signal.throwIfAborted();
    try {
      return await abortable(query(client, sql), signal, () => undefined);
    } catch (error) {
      throw toSqlError(error);
    }
  }
  const literal = (text: string) => mysql.escape(text);
  return {
    query: async (sql, maxRows) => (await run(sql)).slice(0, maxRows),
    async execute(sql) {
      await run(sql);
    },
    async tables(prefix) {
      const rows = await run(`${TABLES} AND LEFT(TABLE_NAME, ${prefix.length}) = ${literal(prefix)}`);
      return rows.map(([name]) => name ?? '');
    },
    // A schema is a database there, and the URL names it.
    otherSchemasOf: async () => [],
    async uniqueIndexes(table) {
      const rows = await run(`${UNIQUE_INDEXES} AND TABLE_NAME = ${literal(table)} ORDER BY INDEX_NAME, SEQ_IN_INDEX`);
      return groupByIndex(rows);
    },
  };
}

const TABLES =
  "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'VIEW'";

/** A key on the first letters only (SUB_PART) is another one, and a column that is an expression has no name. */
const UNIQUE_INDEXES = `
  SELECT INDEX_NAME, IF(SUB_PART IS NULL, COLUMN_NAME, CONCAT(COLUMN_NAME, '(', SUB_PART, ')'))
  FROM INFORMATION_SCHEMA.STATISTICS
  WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0`;

function query(client: mysql.Connection, sql: string): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    client.query(sql, (error, rows) => {
      if (error) reject(error);
      else resolve(Array.isArray(rows) ? (rows as unknown as Row[]) : []);
    });
  });
}

/** What the server said comes with a number and a message of its own; every other error is the connection's and passes as it is. */
function toSqlError(error: unknown): unknown {
  const { errno = 0, sqlState = '', sqlMessage } = error as mysql.QueryError & { readonly sqlMessage?: string };
  if (sqlMessage === undefined) return error;
  return new SqlError(sqlMessage, { state: sqlState, vendorCode: errno, cause: error });
}
