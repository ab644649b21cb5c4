import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError } from '../../errors.js';
import { MESSAGES as JVM } from '../../jvm/errors.js';
import { copyOfKnownJar } from '../../jvm/known-jars.js';
import { javaLibrary } from '../../jvm/libraries.js';
import { withTrustStore } from '../../jvm/trust-store.js';
import { LIB } from '../../servers/layout.js';
import type { Notice } from '../../step/step.js';
import type { DatabaseConnection } from '../connection.js';
import { db2Dialect } from '../dialects/db2.js';
import type { Dialect } from '../dialects/dialect.js';
import { oracleDialect } from '../dialects/oracle.js';
import { sqlServerDialect } from '../dialects/sql-server.js';
import { MESSAGES } from '../errors.js';
import { db2Url, type JdbcUrl, oracleUrl, sqlServerUrl } from '../jdbc-url.js';
import { type Database, type Session, SqlError } from '../session.js';
import { readingBy } from '../sql-catalogue.js';
import { javaTrustOf } from '../tls.js';
import { exposedNotice, loginExposed } from './exposed-login.js';
import { type JdbcTarget, withJdbc } from './jdbc.js';
import { explainServer } from './server-fault.js';

/** One vendor's driver and what to say to it. */
interface Vendor {
  readonly dialect: Dialect;
  readonly driverClass: string;
  /** The jar that pom.xml copies. */
  readonly ours: string;
  /** What the vendor calls its jars, for the one a server was given in repository/components/lib. */
  readonly jarName: RegExp;
  readonly readUrl: (connection: DatabaseConnection) => JdbcUrl;
}

const SQL_SERVER: Vendor = {
  dialect: sqlServerDialect,
  driverClass: 'com.microsoft.sqlserver.jdbc.SQLServerDriver',
  ours: 'mssql-jdbc-12.10.1.jre11.jar',
  jarName: /^mssql-jdbc.*\.jar$/,
  readUrl: sqlServerUrl,
};

const ORACLE: Vendor = {
  dialect: oracleDialect,
  driverClass: 'oracle.jdbc.OracleDriver',
  ours: 'ojdbc11-23.7.0.25.01.jar',
  jarName: /^ojdbc.*\.jar$/,
  readUrl: oracleUrl,
};

const DB2: Vendor = {
  dialect: db2Dialect,
  driverClass: 'com.ibm.db2.jcc.DB2Driver',
  ours: 'jcc-11.5.9.0.jar',
  jarName: /^(db2)?jcc.*\.jar$/,
  readUrl: db2Url,
};

/** A SQL Server database over Microsoft's driver. @throws BootstrapError `CONFIG_INVALID` */
export function sqlServerDatabase(connection: DatabaseConnection): Database {
  return jdbcServerDatabase(connection, SQL_SERVER);
}

/** An Oracle database over Oracle's thin driver. @throws BootstrapError `CONFIG_INVALID` */
export function oracleDatabase(connection: DatabaseConnection): Database {
  return jdbcServerDatabase(connection, ORACLE);
}

/** A DB2 database over IBM's driver. @throws BootstrapError `CONFIG_INVALID` */
export function db2Database(connection: DatabaseConnection): Database {
  return jdbcServerDatabase(connection, DB2);
}

function jdbcServerDatabase(connection: DatabaseConnection, vendor: Vendor): Database {
  const { dialect, driverClass, readUrl } = vendor;
  const { username, password, schema } = connection;
  const { url, database, address, properties, trustStore, plain, exposesLogin, schemaIsGiven } = readUrl(connection);
  const label = `${database} (${dialect.engine})`;
  const place = { label, address };
  const target = (jars: readonly string[], trusting: Readonly<Record<string, string>>): JdbcTarget => ({
    driverClass,
    jars,
    url,
    username,
    password,
    properties: { ...properties, ...trusting },
    schema,
  });

  async function lend<T>(use: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    if (exposesLogin && plain !== undefined && connection.exposedLogin !== 'allowed') throw loginExposed(place, plain);
    try {
      const jars = [driverJar(connection, vendor)];
      if (!trustStore) return await withJdbc(target(jars, {}), use, signal);
      return await withTrustStore(javaTrustOf(connection.caFile), jars, (store) => {
        const trusting = {
          [trustStore.path]: store.path,
          [trustStore.type]: store.type,
          [trustStore.password]: store.password,
        };
        return withJdbc(target(jars, trusting), use, signal);
      });
    } catch (error) {
      signal.throwIfAborted();
      throw untrusted(error, label, address) ?? explainServer(error, { label, address, username, dialect });
    }
  }

  return {
    label,
    dialect,
    schemaIsGiven,
    notices: () => (plain === undefined ? [] : noticesOf(place, plain, exposesLogin)),
    ...readingBy(lend, dialect),
    withWriter: lend,
  };
}

function noticesOf(
  place: { readonly label: string; readonly address: string },
  plain: string,
  exposesLogin: boolean,
): readonly Notice[] {
  const off = MESSAGES.DB_TLS_OFF.driver(place.label, place.address, plain);
  return exposesLogin ? [off, exposedNotice(place, plain)] : [off];
}

/**
 * The jar of this one driver: the one that is set, else the one of pom.xml, else one of the home that is known to be its vendor's. A jar
 * that somebody put into the home under such a name is never loaded.
 *
 * @throws BootstrapError `DATABASE_DRIVER_MISSING`, `JAR_UNKNOWN`
 */
function driverJar({ driverJar, home }: DatabaseConnection, { dialect, ours, jarName }: Vendor): string {
  if (driverJar !== undefined) {
    if (existsSync(driverJar)) return driverJar;
    throw new BootstrapError(MESSAGES.DATABASE_DRIVER_MISSING.named(driverJar));
  }
  try {
    return javaLibrary(ours);
  } catch (error) {
    if (!(error instanceof BootstrapError) || error.code !== 'JAVA_LIBRARY_MISSING') throw error;
  }
  const lib = join(home ?? '.', LIB);
  const theirs = home && existsSync(lib) ? readdirSync(lib).filter((name) => jarName.test(name)) : [];
  for (const name of theirs) {
    const known = copyOfKnownJar(join(lib, name));
    if (known !== undefined) return known;
  }
  if (theirs[0] === undefined)
    throw new BootstrapError(MESSAGES.DATABASE_DRIVER_MISSING.none(dialect.engine, ours, lib));
  throw new BootstrapError(JVM.JAR_UNKNOWN.driver(join(lib, theirs[0]), dialect.engine));
}

/** Java's words for a certificate that it does not trust, which the drivers pass on inside a failure to connect. */
function untrusted(error: unknown, label: string, address: string): BootstrapError | undefined {
  if (!(error instanceof SqlError) || !/PKIX|certificat|trustAnchors|SSLHandshake/i.test(error.message))
    return undefined;
  const isChain = /trust|PKIX/i.test(error.message);
  const tell = isChain ? MESSAGES.DB_TLS_CA_MISSING.driver : MESSAGES.TLS_UNTRUSTED.driver;
  return new BootstrapError(tell(label, address, error.message), { cause: error });
}
