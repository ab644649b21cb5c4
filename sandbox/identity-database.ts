import type NodeJava from 'java';
import { BootstrapError } from '../src/errors.js';
import type { Jvm } from '../src/jvm/jvm.js';
import type { Secret } from '../src/secret.js';
import { MESSAGES } from './errors.js';
import { RESIDENT_IDENTITY_PROVIDER, SCHEMA, SHIPPED_APPS } from './is7/identity-schema.js';

const SUPER_TENANT_ID = -1234;
const H2_ALREADY_IN_USE = 90020;
const H2_DUPLICATE_KEY = 23505;

/** The account that owns the database file. */
export interface DatabaseCredentials {
  readonly username: string;
  readonly password: Secret;
}

/** A row of IDN_OAUTH_CONSUMER_APPS: an OAuth application of a tenant. */
export interface ConsumerApp {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly name: string;
  readonly owner: string;
  /** One URL, or `regexp=(a|b)` for several, as the real server writes it; empty when there is none. */
  readonly callbackUrl: string;
  readonly grantTypes: readonly string[];
  readonly userTokenSeconds: number;
  readonly applicationTokenSeconds: number;
  /** What else registration was told and tells again, by the names of its fields. */
  readonly registered: Readonly<Record<string, string | number | boolean>>;
}

/** What a tenant has in the identity database. */
export interface TenantDatabase {
  findApp(consumerKey: string): ConsumerApp | undefined;
  findAppByName(name: string): ConsumerApp | undefined;
  /** `taken`: a constraint of the table forbids it, because another tenant has this key. */
  addApp(app: ConsumerApp): 'added' | 'taken';
  /** Replaces everything but the key and the secret. */
  updateApp(app: ConsumerApp): void;
  /** Takes the application's tokens along, by foreign key. */
  removeApp(consumerKey: string): void;
  addToken(tokenId: string, consumerKey: string): void;
  revokeToken(tokenId: string): void;
  isTokenActive(tokenId: string): boolean;
}

/** The open identity database of IS 7, as the first tenant sees it: the file stays locked for everyone else until it is closed. */
export interface IdentityDatabase extends TenantDatabase {
  /** The same for another tenant, whose ids count from 1. */
  inTenant(tenantId: number): TenantDatabase;
  /** Whether the key of an application is unique over all tenants. */
  hasUniqueConsumerKey(): boolean;
  /** The entity id of the resident identity provider: the one given, if this is the first start with this database. */
  entityId(atFirstStart: string): string;
  close(): void;
}

/**
 * Makes the identity database that an IS 7 pack ships: the tables around IDN_OAUTH_CONSUMER_APPS and the rows of the system applications.
 *
 * @param file path without `.mv.db`; nothing may be there yet
 * @throws BootstrapError `SANDBOX_FAILED`
 */
export function createIdentityDatabase(jvm: Jvm, file: string, credentials: DatabaseCredentials): void {
  const connection = connect(jvm, file, credentials);
  try {
    for (const statement of SCHEMA) execute(connection, statement, []);
    for (const app of SHIPPED_APPS) insertApp(connection, SUPER_TENANT_ID, app);
    for (const { consumerKey } of SHIPPED_APPS) execute(connection, INSERT_PROPERTY, [SUPER_TENANT_ID, consumerKey]);
  } catch (error) {
    throw databaseFailure('fill', file, (error as NodeJava.JavaError).cause);
  } finally {
    connection.closeSync();
  }
}

/**
 * Opens the identity database and keeps it open, as the running server does.
 *
 * @param file path without `.mv.db`; it must be there
 * @throws BootstrapError `DATABASE_IN_USE` another process holds the file; `SANDBOX_FAILED`
 */
export function openIdentityDatabase(jvm: Jvm, file: string, credentials: DatabaseCredentials): IdentityDatabase {
  const connection = connect(jvm, `${file};IFEXISTS=TRUE`, credentials);
  for (const statement of RESIDENT_IDENTITY_PROVIDER) execute(connection, statement, []);
  return {
    ...databaseOf(connection, SUPER_TENANT_ID),
    inTenant: (tenantId) => databaseOf(connection, tenantId),
    hasUniqueConsumerKey: () => selectRow(connection, SELECT_UNIQUE_CONSUMER_KEY, []) !== undefined,
    entityId(atFirstStart) {
      const known = selectRow(connection, SELECT_ENTITY_ID, [], (text) => text('PROPERTY_VALUE'));
      if (known !== undefined) return known;
      execute(connection, INSERT_ENTITY_ID, [atFirstStart]);
      return atFirstStart;
    },
    close: () => connection.closeSync(),
  };
}

function databaseOf(connection: Connection, tenantId: number): TenantDatabase {
  return {
    findApp: (consumerKey) => selectApp(connection, tenantId, 'CONSUMER_KEY', consumerKey),
    findAppByName: (name) => selectApp(connection, tenantId, 'APP_NAME', name),
    addApp(app) {
      try {
        insertApp(connection, tenantId, app);
      } catch (error) {
        if ((error as NodeJava.JavaError).cause?.getErrorCodeSync?.() === H2_DUPLICATE_KEY) return 'taken';
        throw error;
      }
      writeRegistered(connection, tenantId, app);
      return 'added';
    },
    updateApp(app) {
      execute(connection, UPDATE_APP, [...changeableValues(app), tenantId, app.consumerKey]);
      writeRegistered(connection, tenantId, app);
    },
    removeApp: (consumerKey) => execute(connection, DELETE_APP, [tenantId, consumerKey]),
    addToken: (tokenId, consumerKey) => execute(connection, INSERT_TOKEN, [tokenId, tenantId, consumerKey]),
    revokeToken: (tokenId) => execute(connection, REVOKE_TOKEN, [tokenId]),
    isTokenActive: (tokenId) => selectRow(connection, SELECT_ACTIVE_TOKEN, [tokenId]) !== undefined,
  };
}

type Connection = NodeJava.JavaObject;

/** Without TRACE_LEVEL_FILE=0 a refused login leaves a `.trace.db` file beside the database. */
function connect(jvm: Jvm, file: string, { username, password }: DatabaseCredentials): Connection {
  try {
    const properties = jvm.newInstanceSync('java.util.Properties');
    properties.setPropertySync('user', username);
    properties.setPropertySync('password', password.reveal());
    const url = `jdbc:h2:${file};DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=60000;TRACE_LEVEL_FILE=0`;
    return jvm.newInstanceSync('org.h2.Driver').connectSync(url, properties);
  } catch (error) {
    throw databaseFailure('open', file.replace(/;.*/, ''), (error as NodeJava.JavaError).cause);
  }
}

/** The message of the Java exception alone: that of the JavaScript error holds a stack. */
function databaseFailure(verb: string, file: string, exception: NodeJava.JavaObject): BootstrapError {
  const message = `the sandbox cannot ${verb} the identity database ${file}.mv.db`;
  if (exception?.getErrorCodeSync?.() === H2_ALREADY_IN_USE) {
    return new BootstrapError(MESSAGES.DATABASE_IN_USE(message));
  }
  return new BootstrapError(MESSAGES.SANDBOX_FAILED.database(message, exception?.getMessageSync?.()));
}

function execute(connection: Connection, sql: string, values: readonly (string | number)[]): void {
  const statement = prepare(connection, sql, values);
  try {
    statement.executeUpdateSync();
  } finally {
    statement.closeSync();
  }
}

/** The first row, as a function that reads a column's text. */
function selectRow<T>(
  connection: Connection,
  sql: string,
  values: readonly (string | number)[],
  read: (column: (name: string) => string) => T = () => true as T,
): T | undefined {
  const statement = prepare(connection, sql, values);
  try {
    const rows = statement.executeQuerySync();
    return rows.nextSync() ? read((name) => rows.getStringSync(name) ?? '') : undefined;
  } finally {
    statement.closeSync();
  }
}

function prepare(connection: Connection, sql: string, values: readonly (string | number)[]): NodeJava.JavaObject {
  const statement = connection.prepareStatementSync(sql);
  for (const [index, value] of values.entries()) statement.setStringSync(index + 1, String(value));
  return statement;
}

function selectApp(
  connection: Connection,
  tenantId: number,
  column: 'CONSUMER_KEY' | 'APP_NAME',
  value: string,
): ConsumerApp | undefined {
  const sql = `${SELECT_APP} WHERE APPS.TENANT_ID = ? AND APPS.${column} = ?`;
  return selectRow(connection, sql, [tenantId, value], (text) => ({
    consumerKey: text('CONSUMER_KEY'),
    consumerSecret: text('CONSUMER_SECRET'),
    name: text('APP_NAME'),
    owner: text('USERNAME'),
    callbackUrl: text('CALLBACK_URL'),
    grantTypes: text('GRANT_TYPES').split(' ').filter(Boolean),
    userTokenSeconds: Number(text('USER_ACCESS_TOKEN_EXPIRE_TIME')),
    applicationTokenSeconds: Number(text('APP_ACCESS_TOKEN_EXPIRE_TIME')),
    registered: JSON.parse(text('REGISTERED') || '{}'),
  }));
}

function insertApp(connection: Connection, tenantId: number, app: ConsumerApp): void {
  execute(connection, INSERT_APP, [...changeableValues(app), tenantId, app.consumerKey, app.consumerSecret, app.owner]);
}

function writeRegistered(connection: Connection, tenantId: number, { consumerKey, registered }: ConsumerApp): void {
  execute(connection, DELETE_REGISTERED, [tenantId, consumerKey]);
  execute(connection, INSERT_REGISTERED, [tenantId, consumerKey, JSON.stringify(registered)]);
}

function changeableValues(app: ConsumerApp): readonly (string | number)[] {
  return [app.name, app.callbackUrl, app.grantTypes.join(' '), app.userTokenSeconds, app.applicationTokenSeconds];
}

const INSERT_APP = `INSERT INTO IDN_OAUTH_CONSUMER_APPS
  (APP_NAME, CALLBACK_URL, GRANT_TYPES, USER_ACCESS_TOKEN_EXPIRE_TIME, APP_ACCESS_TOKEN_EXPIRE_TIME,
   TENANT_ID, CONSUMER_KEY, CONSUMER_SECRET, USERNAME, USER_DOMAIN, OAUTH_VERSION)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'PRIMARY', 'OAuth-2.0')`;

const UPDATE_APP = `UPDATE IDN_OAUTH_CONSUMER_APPS SET APP_NAME = ?, CALLBACK_URL = ?, GRANT_TYPES = ?,
  USER_ACCESS_TOKEN_EXPIRE_TIME = ?, APP_ACCESS_TOKEN_EXPIRE_TIME = ? WHERE TENANT_ID = ? AND CONSUMER_KEY = ?`;

/** No key of the real server's: it keeps each of these in a row, a column or a service provider of its own. */
const REGISTERED = "PROPERTY_KEY = 'registered at the sandbox'";
const SELECT_APP = `SELECT APPS.*, PROPERTY_VALUE AS REGISTERED FROM IDN_OAUTH_CONSUMER_APPS APPS LEFT JOIN IDN_OIDC_PROPERTY
  ON IDN_OIDC_PROPERTY.TENANT_ID = APPS.TENANT_ID AND IDN_OIDC_PROPERTY.CONSUMER_KEY = APPS.CONSUMER_KEY AND ${REGISTERED}`;
const DELETE_REGISTERED = `DELETE FROM IDN_OIDC_PROPERTY WHERE TENANT_ID = ? AND CONSUMER_KEY = ? AND ${REGISTERED}`;
const INSERT_REGISTERED = `INSERT INTO IDN_OIDC_PROPERTY (TENANT_ID, CONSUMER_KEY, PROPERTY_KEY, PROPERTY_VALUE)
  VALUES (?, ?, 'registered at the sandbox', ?)`;
const SELECT_UNIQUE_CONSUMER_KEY = `SELECT MIN(COLUMN_NAME) FROM INFORMATION_SCHEMA.CONSTRAINT_COLUMN_USAGE
  WHERE TABLE_NAME = 'IDN_OAUTH_CONSUMER_APPS' AND CONSTRAINT_NAME IN
    (SELECT CONSTRAINT_NAME FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE = 'UNIQUE')
  GROUP BY CONSTRAINT_NAME HAVING COUNT(*) = 1 AND MIN(COLUMN_NAME) = 'CONSUMER_KEY'`;
const SELECT_ENTITY_ID = `SELECT PROPERTY_VALUE FROM IDP_AUTHENTICATOR_PROPERTY
  WHERE TENANT_ID = ${SUPER_TENANT_ID} AND PROPERTY_KEY = 'IdPEntityId'`;
const INSERT_ENTITY_ID = `INSERT INTO IDP_AUTHENTICATOR_PROPERTY (TENANT_ID, AUTHENTICATOR_ID, PROPERTY_KEY, PROPERTY_VALUE, IS_SECRET)
  VALUES (${SUPER_TENANT_ID}, 1, 'IdPEntityId', ?, '0')`;
const DELETE_APP = 'DELETE FROM IDN_OAUTH_CONSUMER_APPS WHERE TENANT_ID = ? AND CONSUMER_KEY = ?';

const INSERT_PROPERTY = `INSERT INTO IDN_OIDC_PROPERTY (TENANT_ID, CONSUMER_KEY, PROPERTY_KEY, PROPERTY_VALUE)
  VALUES (?, ?, 'tokenType', 'JWT')`;

const INSERT_TOKEN = `INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, CONSUMER_KEY_ID)
  SELECT CAST(? AS VARCHAR), ID FROM IDN_OAUTH_CONSUMER_APPS WHERE TENANT_ID = ? AND CONSUMER_KEY = ?`;

const REVOKE_TOKEN = `UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED' WHERE TOKEN_ID = ?`;

const SELECT_ACTIVE_TOKEN = `SELECT TOKEN_ID FROM IDN_OAUTH2_ACCESS_TOKEN WHERE TOKEN_ID = ? AND TOKEN_STATE = 'ACTIVE'`;
