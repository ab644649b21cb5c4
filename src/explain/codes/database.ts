import type { ErrorCode } from '../../codes.js';
import { MESSAGES as DATABASE } from '../../database/errors.js';
import type { Explanation } from '../explanation.js';

const FILE = '/opt/wso2is-7.2.0/repository/database/WSO2IDENTITY_DB.mv.db';
const ADDRESS = 'db.example.com:5432';

export const DATABASE_ERRORS = {
  DATABASE_IN_USE: {
    what: 'The file of the H2 database is held open by another process, as a rule by Identity Server. It was not written.',
    why: 'H2 lets one process write its file. Whoever only looks reads it as data, also while a server runs.',
    remedy: 'Stop Identity Server and apply again, or apply with --phase offline before it starts.',
    example: DATABASE.DATABASE_IN_USE('WSO2IDENTITY_DB', FILE),
  },
  DATABASE_NOT_FOUND: {
    what: 'The database is not there.',
    why: 'The H2 file does not exist, or the database server has no database of that name that this user may use. km-bootstrap never creates one.',
    remedy:
      'Correct url of [database.identity_db] (or database.url), or create it with the scripts in dbscripts/identity of Identity Server.',
    example: DATABASE.DATABASE_NOT_FOUND.noFile('WSO2IDENTITY_DB', FILE),
  },
  DATABASE_PASSWORD_WRONG: {
    what: 'The database refused the user or the password.',
    why: 'They are wrong, or the account must come from another host or by TLS: most servers tell these apart to nobody.',
    remedy:
      'Correct username and password of [database.identity_db], or set KMB_DATABASE_USERNAME and KMB_DATABASE_PASSWORD.',
    example: DATABASE.DATABASE_PASSWORD_WRONG.onServer(
      'identity',
      ADDRESS,
      'wso2',
      'password authentication failed for user "wso2"',
    ),
  },
  DATABASE_TABLE_MISSING: {
    what: 'The database has no table IDN_OAUTH_CONSUMER_APPS, or it is in a schema that this user does not look into.',
    why: 'It is another database, the scripts of Identity Server were not run there, or the schema has to be named.',
    remedy: 'Check the URL; name the schema with database.schema if the message shows one.',
    example: DATABASE.DATABASE_TABLE_MISSING('identity', 'IDN_OAUTH_CONSUMER_APPS', ['wso2']),
  },
  DATABASE_WRONG: {
    what: 'The URL leads to a database of API Manager, not to the identity database of Identity Server.',
    why: 'API Manager has a table of the same name in an older shape; the constraint belongs to Identity Server’s.',
    remedy: 'Give the database of [database.identity_db] of Identity Server.',
    example: DATABASE.DATABASE_WRONG('apim_db', 'AM_API'),
  },
  DATABASE_DUPLICATES: {
    what: 'Several applications share a consumer key, so that the column cannot be made unique. Nothing was changed.',
    why: 'Once Identity Server has tenants, its system applications (CONSOLE, MY_ACCOUNT) share their keys by design.',
    remedy:
      'Use the recipe current, which needs no constraint. Where applications of your own share a key, give all but one a new client id.',
    example: DATABASE.DATABASE_DUPLICATES.found('identity', '1 consumer key', 2, [
      'CONSOLE: 2 applications (tenant -1234 Console, tenant 1 Console)',
    ]),
  },
  DATABASE_CONFLICT: {
    what: 'The name of the constraint is taken by another one.',
    why: 'A constraint UNIQUE_CONSUMER_KEY_CONSTRAINT exists on another table or column.',
    remedy: 'Find out who made it; drop or rename it if nothing needs it.',
    example: DATABASE.DATABASE_CONFLICT(
      'identity',
      'UNIQUE_CONSUMER_KEY_CONSTRAINT',
      'IDN_OTHER (NAME)',
      'IDN_OAUTH_CONSUMER_APPS',
      'CONSUMER_KEY',
    ),
  },
  DATABASE_FAILED: {
    what: 'The database failed in a way that has no code of its own.',
    why: 'The message holds what the database said: a damaged file, another version of H2, a full disk, a fault of the server.',
    remedy: 'Look into the log of the database server; check that it is the identity database.',
    example: DATABASE.DATABASE_FAILED.damaged('WSO2IDENTITY_DB', FILE),
  },
  DATABASE_UNSUPPORTED: {
    what: 'The URL names a kind of database, or a form of H2, that cannot be managed.',
    why: 'Known are H2 files, PostgreSQL, MySQL, MariaDB, SQL Server, Oracle and DB2. An H2 in memory or over TCP belongs to another process.',
    remedy: 'Add the constraint there yourself (the hint has the SQL) and set database.constraint = false.',
    example: DATABASE.DATABASE_UNSUPPORTED.h2Scheme('mem'),
  },
  DATABASE_UNREACHABLE: {
    what: 'The database server cannot be reached, or is not ready to be talked to.',
    why: 'Its name cannot be resolved, nothing listens there, a firewall drops packets, or it has no connection free. `apply` tries again by itself until --timeout.',
    remedy: 'Start the database, correct host and port in database.url, or run km-bootstrap in its network.',
    example: DATABASE.DATABASE_UNREACHABLE.refused('identity', ADDRESS),
  },
  DATABASE_RIGHT_MISSING: {
    what: 'The user of the database has no right to change the table. Nothing was changed.',
    why: 'Identity Server itself needs no right to ALTER, so its user often has none.',
    remedy: 'Hand what `km-bootstrap plan --sql` prints to the administrator of the database, then run again.',
    example: DATABASE.DATABASE_RIGHT_MISSING(
      'wso2',
      'identity',
      ADDRESS,
      'must be owner of table idn_oauth_consumer_apps',
      'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT UNIQUE (CONSUMER_KEY)',
    ),
  },
  DATABASE_LOCKED: {
    what: 'The table stayed in use by others while the change waited for it. Nothing was changed.',
    why: 'Somebody holds a lock on the table: a long transaction, a backup, a busy server. The message names who, where the database tells.',
    remedy: 'Run again at a quieter time, end the session that holds it, or set a longer database.lock_timeout.',
    example: DATABASE.DATABASE_LOCKED('identity', ', by whom this user may not see'),
  },
  DATABASE_AMBIGUOUS: {
    what: 'The table exists in several schemas, and which of them Identity Server uses cannot be told.',
    why: 'Several installations share one database, or a copy was left behind.',
    remedy: 'Name the schema with database.schema.',
    example: DATABASE.DATABASE_AMBIGUOUS('identity', 'IDN_OAUTH_CONSUMER_APPS', ['old']),
  },
  DATABASE_DRIVER_MISSING: {
    what: 'The JDBC driver of this database is not there, or cannot be loaded.',
    why: 'Setup fetches the drivers; it was not run, or the Java that runs is older than 11.',
    remedy: 'Run ./scripts/setup, or name a driver with database.driver_jar.',
    example: DATABASE.DATABASE_DRIVER_MISSING.unloadable('oracle.jdbc.OracleDriver', 'no class of this name'),
  },
  DATABASE_FORMAT_OLDER: {
    what: 'The H2 file has an older format, which the H2 of Identity Server 7 cannot open. It was only looked at.',
    why: 'Before version 2.2, H2 wrote other formats; each server opens those of its own H2 alone.',
    remedy: 'Export the database with the H2 that wrote it, and import it with the one that the server ships.',
    example: DATABASE.DATABASE_FORMAT_OLDER('WSO2IDENTITY_DB', '2', FILE),
  },
  DATABASE_FORMAT_UNKNOWN: {
    what: 'The file is no H2 database, or of a format that is not known here. It was only looked at.',
    why: 'It is another file under this name, or of an H2 that came later.',
    remedy: 'Check the file; use a km-bootstrap that knows this version of H2.',
    example: DATABASE.DATABASE_FORMAT_UNKNOWN('WSO2IDENTITY_DB', '4', FILE),
  },
  DATABASE_ENCRYPTED: {
    what: 'The H2 file is encrypted (CIPHER=AES). It was only looked at.',
    why: 'What is in it cannot be read as data, and no file is given to the H2 engine before it was read.',
    remedy:
      'Let its administrator add the constraint and set database.constraint = false, or keep the database in the clear on an encrypted disk.',
    example: DATABASE.DATABASE_ENCRYPTED('WSO2IDENTITY_DB', FILE),
  },
  DATABASE_CHANGING: {
    what: 'The H2 file was written to so fast that no look at it was whole.',
    why: 'A server is writing it without a pause. A look counts only when all that it read was there at one moment.',
    remedy: 'Run again when the server is less busy, or stop it first.',
    example: DATABASE.DATABASE_CHANGING('WSO2IDENTITY_DB', FILE),
  },
  DATABASE_UNSAFE: {
    what: 'The H2 file defines what the scripts of Identity Server 7 do not create. The H2 engine was not let near it.',
    why: 'H2 runs each definition as it opens a file: aliases, triggers, linked tables and defaults may run code, read and write files, or call other databases.',
    remedy:
      'Find out who made what the message names. Where it is wanted, let the administrator of the database add the constraint, and set database.constraint = false.',
    example: DATABASE.DATABASE_UNSAFE('WSO2IDENTITY_DB', FILE, ['the linked table PUBLIC.OTHER']),
  },
  DATABASE_URL_REFUSED: {
    what: 'The URL of the identity database asks for something that is never done for it. Nothing was connected to, and no Java was started.',
    why: 'Whoever may write deployment.toml may write any URL, and the engines and drivers run SQL, load classes, follow directories, and read and write files for one. So a URL may hold what is known to do no harm, in the form that is known, and nothing else.',
    remedy:
      'Give the same database without it by KMB_DATABASE_URL (or database.url in km-bootstrap.toml): host, port and name are enough. TLS is verified by itself; a private authority comes by --ca-file, a schema by database.schema.',
    example: DATABASE.DATABASE_URL_REFUSED('traceFile in it is none of those that are known to do no harm'),
  },
  DATABASE_LOGIN_EXPOSED: {
    what: 'Without TLS, the database server wants to have the password in a way that shows it. It was not sent.',
    why: 'In clear, as a hash of MD5, or encrypted for a key that the server itself sends, the password is in the hands of whoever listens on the way, or answers in place of the server.',
    remedy:
      'Ask for TLS in the URL and give its authority with --ca-file. On a network that you trust, set database.exposed_login = true; a notice says each time that it was used.',
    example: DATABASE.DATABASE_LOGIN_EXPOSED('identity', ADDRESS, 'in clear'),
  },
  DB_TLS_CA_MISSING: {
    what: 'The certificate of the database server is not trusted, because no authority was given for it.',
    why: 'TLS is always verified, also where the URL asks for encryption alone (sslmode=require).',
    remedy: 'Give the authority that issued the certificate with --ca-file, or in the URL.',
    example: DATABASE.DB_TLS_CA_MISSING.server({
      label: 'identity',
      address: ADDRESS,
      why: 'its certificate is not trusted: self-signed certificate',
      chain: [],
      asker: 'sslmode=require asks for',
    }),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const DATABASE_NOTICES = {
  DB_TLS_OFF: {
    what: 'The identity database is talked to without TLS.',
    why: 'The URL says so, or does not ask for it and the server offers none. The password and the data can be read on the way.',
    remedy: 'Ask for TLS in the URL and give the authority with --ca-file, unless the network is trusted.',
    example: DATABASE.DB_TLS_OFF.asked('identity', ADDRESS, 'sslmode=disable'),
  },
  DB_LOGIN_EXPOSED: {
    what: 'The database got the password without TLS in a way that shows it, because database.exposed_login allows that.',
    why: 'The server asked for it in clear, as a hash of MD5, or encrypted for a key that nobody vouches for.',
    remedy: 'Give the server a certificate, ask for TLS in the URL, and take the setting away.',
    example: DATABASE.DB_LOGIN_EXPOSED('identity', ADDRESS, 'in clear'),
  },
  CONSTRAINT_UNKNOWN: {
    what: 'Whether the recipe legacy left its constraint in the database could not be looked up.',
    why: 'The recipe current needs no database, so that one which cannot be reached is no failure.',
    remedy: 'Nothing, unless the recipe legacy was applied once: then look by hand.',
    example: DATABASE.CONSTRAINT_UNKNOWN(
      'CONSUMER_KEY',
      'IDN_OAUTH_CONSUMER_APPS',
      `the database identity cannot be reached at ${ADDRESS}: nothing listens there (connection refused)`,
    ),
  },
} as const satisfies Record<string, Explanation>;
