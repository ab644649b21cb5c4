import { BootstrapError } from '../../errors.js';
import { type Jvm, startJvm } from '../../jvm/jvm.js';
import type { Secret } from '../../secret.js';
import { MESSAGES } from '../errors.js';
import { type Row, type Session, SqlError } from '../session.js';
import { abortable } from './abortable.js';
import { groupByIndex } from './unique-indexes.js';

/** One JDBC database and the driver that reaches it. */
export interface JdbcTarget {
  /** Binary name of the class that implements java.sql.Driver. */
  readonly driverClass: string;
  readonly jars: readonly string[];
  /** Never holds the password: drivers repeat the URL in their messages. */
  readonly url: string;
  readonly username: string;
  readonly password: Secret;
  /** Further properties for the driver. */
  readonly properties?: Readonly<Record<string, string>>;
  /** The schema to work in, when it is not the one that URL and user lead to. */
  readonly schema?: string | undefined;
}

/** No abort: for callers whose statements are short. */
const NEVER = new AbortController().signal;

/**
 * Lends a session over JDBC in the JVM of this process, in auto-commit mode, and closes it afterwards.
 *
 * @throws SqlError what the driver reported, without Java's stack; BootstrapError `DATABASE_DRIVER_MISSING` or those of {@link startJvm}; the signal's reason.
 */
export async function withJdbc<T>(
  target: JdbcTarget,
  use: (session: Session) => Promise<T>,
  signal: AbortSignal = NEVER,
): Promise<T> {
  const java = startJvm(target.jars);
  const connection = await connect(java, target, signal);
  try {
    if (target.schema !== undefined) await call(java, connection, 'setSchema', target.schema);
    return await use(sessionOn(java, connection, signal));
  } finally {
    await call(java, connection, 'close');
  }
}

/** java.sql.DriverManager skips drivers of a class loader that is not its caller's, so the driver is asked directly. */
async function connect(java: Jvm, target: JdbcTarget, signal: AbortSignal): Promise<JavaObject> {
  const { driverClass, url, username, password } = target;
  // Oracle's driver logs each failure with all it knows, to stderr by default.
  java.callStaticMethodSync('java.util.logging.LogManager', 'getLogManager').resetSync();
  const driver = newDriver(java, driverClass);
  const properties = java.newInstanceSync('java.util.Properties');
  for (const [name, value] of Object.entries(target.properties ?? {})) properties.setPropertySync(name, value);
  properties.setPropertySync('user', username);
  properties.setPropertySync('password', password.reveal());
  const connection = await abortable(call(java, driver, 'connect', url, properties), signal, () => undefined);
  if (connection) return connection;
  throw new SqlError(`${driverClass} does not take a URL of this form`, { state: '', vendorCode: 0 });
}

function newDriver(java: Jvm, driverClass: string): JavaObject {
  try {
    return java.newInstanceSync(driverClass);
  } catch (error) {
    throw new BootstrapError(
      MESSAGES.DATABASE_DRIVER_MISSING.unloadable(driverClass, toSqlError(java, error).message),
      { cause: error },
    );
  }
}

function sessionOn(java: Jvm, connection: JavaObject, signal: AbortSignal): Session {
  return {
    async query(sql, maxRows) {
      return withStatement(java, connection, async (statement) => {
        await call(java, statement, 'setMaxRows', maxRows);
        const running = call(java, statement, 'executeQuery', sql);
        return readRows(java, await abortable(running, signal, () => cancel(java, statement)));
      });
    },
    async execute(sql) {
      await withStatement(java, connection, (statement) =>
        abortable(call(java, statement, 'execute', sql), signal, () => cancel(java, statement)),
      );
    },
    async tables(prefix) {
      const [metaData, catalog, schema] = await catalogOf(java, connection);
      const tables = await call(java, metaData, 'getTables', catalog, schema, `${prefix}%`, null);
      const names = (await readRows(java, tables)).map((row) => row[TABLE_NAME] ?? '');
      // `_` in the pattern stands for any character, and how to escape it differs by driver.
      return names.filter((name) => name.startsWith(prefix));
    },
    async otherSchemasOf(table) {
      const [metaData, catalog, schema] = await catalogOf(java, connection);
      const rows = await readRows(java, await call(java, metaData, 'getTables', catalog, null, table, null));
      const schemas = rows.filter((row) => row[TABLE_NAME] === table).map((row) => row[TABLE_SCHEM]?.trim() ?? '');
      return schemas.filter((name) => name !== schema).sort();
    },
    async uniqueIndexes(table) {
      const [metaData, catalog, schema] = await catalogOf(java, connection);
      const indexes = await call(java, metaData, 'getIndexInfo', catalog, schema, table, UNIQUE, APPROXIMATE);
      const rows = await readRows(java, indexes);
      const columns = rows.filter((row) => row[INDEX_NAME] && !row[FILTER_CONDITION]);
      return groupByIndex(columns.map((row) => [row[INDEX_NAME] ?? '', row[COLUMN_NAME] ?? '']));
    },
  };
}

function cancel(java: Jvm, statement: JavaObject): void {
  call(java, statement, 'cancel').catch(() => undefined);
}

const UNIQUE = true;
/** Exact figures would have Oracle's driver analyse the table, which writes; the indexes are the same. */
const APPROXIMATE = true;

/**
 * Where the columns stand (from 0) that DatabaseMetaData.getTables and getIndexInfo give, by their documentation. The latter gives a row
 * for each column of an index, in order, and statistics, which have no index name.
 */
const TABLE_SCHEM = 1;
const TABLE_NAME = 2;
const INDEX_NAME = 5;
const COLUMN_NAME = 8;
const FILTER_CONDITION = 12;

async function catalogOf(java: Jvm, connection: JavaObject): Promise<readonly [JavaObject, unknown, unknown]> {
  const metaData = await call(java, connection, 'getMetaData');
  const schema = (await call(java, connection, 'getSchema')) as string | null;
  return [metaData, await call(java, connection, 'getCatalog'), schema?.trim() ?? null];
}

async function withStatement<T>(
  java: Jvm,
  connection: JavaObject,
  use: (statement: JavaObject) => Promise<T>,
): Promise<T> {
  const statement = await call(java, connection, 'createStatement');
  try {
    return await use(statement);
  } finally {
    await call(java, statement, 'close');
  }
}

async function readRows(java: Jvm, resultSet: JavaObject): Promise<readonly Row[]> {
  const width = (await call(java, await call(java, resultSet, 'getMetaData'), 'getColumnCount')) as number;
  const rows: Row[] = [];
  while (await call(java, resultSet, 'next')) {
    const row: (string | null)[] = [];
    for (let column = 1; column <= width; column++) {
      row.push((await call(java, resultSet, 'getString', column)) as string | null);
    }
    rows.push(row);
  }
  await call(java, resultSet, 'close');
  return rows;
}

/** A reference into the JVM: only {@link call} can do something with it. */
type JavaObject = unknown;

/** Calls a Java method on a worker thread, so that signals and other steps go on meanwhile. */
function call(java: Jvm, object: JavaObject, method: string, ...args: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    java.callMethod(object, method, ...args, (error: unknown, result: unknown) => {
      if (error) reject(toSqlError(java, error));
      else resolve(result);
    });
  });
}

/** node-java's own message is Java's whole stack trace; the exception itself is the cause. */
function toSqlError(java: Jvm, thrown: unknown): SqlError {
  const exception = (thrown as { readonly cause?: unknown }).cause;
  if (!exception) return new SqlError(firstLine(String(thrown)), { state: '', vendorCode: 0, cause: thrown });
  if (!java.instanceOf(exception, 'java.sql.SQLException')) {
    const message = firstLine(java.callMethodSync(exception, 'toString'));
    return new SqlError(message, { state: '', vendorCode: 0, cause: thrown });
  }
  return new SqlError(firstLine(java.callMethodSync(exception, 'getMessage') ?? ''), {
    state: java.callMethodSync(exception, 'getSQLState') ?? '',
    vendorCode: java.callMethodSync(exception, 'getErrorCode'),
    cause: thrown,
  });
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/; SQL statement:$/, '');
}
