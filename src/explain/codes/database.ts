import type { ErrorCode } from '../../codes.js';
import type { Explanation } from '../explanation.js';

const FILE = '/opt/wso2is-7.2.0/repository/database/WSO2IDENTITY_DB.mv.db';
const ADDRESS = 'db.example.com:5432';

export const DATABASE_ERRORS = {
  DATABASE_IN_USE: {
    what: 'The file of the H2 database is held open by another process, as a rule by Identity Server. It was not written.',
    why: 'H2 lets one process write its file. Whoever only looks reads it as data, also while a server runs.',
    remedy: 'Stop Identity Server and apply again, or apply with --phase offline before it starts.',
    example: {
      message: `the database WSO2IDENTITY_DB is held open by another process, the running server as a rule: ${FILE}`,
      hint: 'Stop Identity Server 7 and run again, or run `km-bootstrap apply --phase offline` before it starts.',
    },
  },
  DATABASE_NOT_FOUND: {
    what: 'The database is not there.',
    why: 'The H2 file does not exist, or the database server has no database of that name that this user may use. km-bootstrap never creates one.',
    remedy:
      'Correct url of [database.identity_db] (or database.url), or create it with the scripts in dbscripts/identity of Identity Server.',
    example: {
      message: `the database WSO2IDENTITY_DB is not there: no file ${FILE}`,
      hint: 'Check the home and the url of [database.identity_db] in its deployment.toml; the file comes with Identity Server 7 and is never created by km-bootstrap.',
    },
  },
  DATABASE_PASSWORD_WRONG: {
    what: 'The database refused the user or the password.',
    why: 'They are wrong, or the account must come from another host or by TLS: most servers tell these apart to nobody.',
    remedy:
      'Correct username and password of [database.identity_db], or set KMB_DATABASE_USERNAME and KMB_DATABASE_PASSWORD.',
    example: {
      message: `the database identity at ${ADDRESS} refused the login of user wso2: password authentication failed for user "wso2"`,
      hint: 'Check username and password of [database.identity_db] in deployment.toml, or set KMB_DATABASE_USERNAME and KMB_DATABASE_PASSWORD. An account that requires TLS or a certain host is refused like this too.',
    },
  },
  DATABASE_TABLE_MISSING: {
    what: 'The database has no table IDN_OAUTH_CONSUMER_APPS, or it is in a schema that this user does not look into.',
    why: 'It is another database, the scripts of Identity Server were not run there, or the schema has to be named.',
    remedy: 'Check the URL; name the schema with database.schema if the message shows one.',
    example: {
      message: 'identity has no table IDN_OAUTH_CONSUMER_APPS where this user looks, but in schema wso2',
      hint: 'Name the schema of Identity Server 7 with database.schema (KMB_DATABASE_SCHEMA).',
    },
  },
  DATABASE_WRONG: {
    what: 'The URL leads to a database of API Manager, not to the identity database of Identity Server.',
    why: 'API Manager has a table of the same name in an older shape; the constraint belongs to Identity Server’s.',
    remedy: 'Give the database of [database.identity_db] of Identity Server.',
    example: {
      message: 'apim_db is a database of API Manager, not the identity database: it has the table AM_API',
      hint: "Point database.url at the database of [database.identity_db] in Identity Server 7's deployment.toml.",
    },
  },
  DATABASE_DUPLICATES: {
    what: 'Several applications share a consumer key, so that the column cannot be made unique. Nothing was changed.',
    why: 'Once Identity Server has tenants, its system applications (CONSOLE, MY_ACCOUNT) share their keys by design.',
    remedy:
      'Use the recipe current, which needs no constraint. Where applications of your own share a key, give all but one a new client id.',
    example: {
      message:
        'identity: 1 consumer key of IDN_OAUTH_CONSUMER_APPS shared by 2 applications, so CONSUMER_KEY cannot be made unique',
      hint: 'Nothing was changed. Tenants share the keys of system applications (CONSOLE, MY_ACCOUNT) by design: set recipe = "current", which needs no constraint. Where applications of your own share a key, give all but one a new client id and run again.',
    },
  },
  DATABASE_CONFLICT: {
    what: 'The name of the constraint is taken by another one.',
    why: 'A constraint UNIQUE_CONSUMER_KEY_CONSTRAINT exists on another table or column.',
    remedy: 'Find out who made it; drop or rename it if nothing needs it.',
    example: {
      message:
        'identity has a constraint UNIQUE_CONSUMER_KEY_CONSTRAINT already, but on IDN_OTHER (NAME) instead of IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY)',
      hint: 'Find out who made it; drop or rename it if nothing needs it, then run again.',
    },
  },
  DATABASE_FAILED: {
    what: 'The database failed in a way that has no code of its own.',
    why: 'The message holds what the database said: a damaged file, another version of H2, a full disk, a fault of the server.',
    remedy: 'Look into the log of the database server; check that it is the identity database.',
    example: {
      message: `the database WSO2IDENTITY_DB cannot be read: ${FILE} is damaged, or of another version of H2`,
      hint: 'Start and stop Identity Server 7 once, which repairs a file that was not closed, or restore the file from a backup.',
    },
  },
  DATABASE_UNSUPPORTED: {
    what: 'The URL names a kind of database, or a form of H2, that cannot be managed.',
    why: 'Known are H2 files, PostgreSQL, MySQL, MariaDB, SQL Server, Oracle and DB2. An H2 in memory or over TCP belongs to another process.',
    remedy: 'Add the constraint there yourself (the hint has the SQL) and set database.constraint = false.',
    example: {
      message: 'an H2 database of the form jdbc:h2:mem: cannot be managed',
      hint: 'Use an H2 file (jdbc:h2:./repository/database/WSO2IDENTITY_DB), or set database.constraint = false and add the constraint there yourself.',
    },
  },
  DATABASE_UNREACHABLE: {
    what: 'The database server cannot be reached, or is not ready to be talked to.',
    why: 'Its name cannot be resolved, nothing listens there, a firewall drops packets, or it has no connection free. `apply` tries again by itself until --timeout.',
    remedy: 'Start the database, correct host and port in database.url, or run km-bootstrap in its network.',
    example: {
      message: `the database identity cannot be reached at ${ADDRESS}: nothing listens there (connection refused)`,
      hint: 'Start the database, or correct host and port in database.url.',
    },
  },
  DATABASE_RIGHT_MISSING: {
    what: 'The user of the database has no right to change the table. Nothing was changed.',
    why: 'Identity Server itself needs no right to ALTER, so its user often has none.',
    remedy: 'Hand what `km-bootstrap plan --sql` prints to the administrator of the database, then run again.',
    example: {
      message: `user wso2 may not do this in the database identity at ${ADDRESS}: must be owner of table idn_oauth_consumer_apps`,
      hint: 'Nothing was changed. Let its administrator run this there (km-bootstrap plan --sql prints it), then run again: ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT UNIQUE (CONSUMER_KEY);',
    },
  },
  DATABASE_LOCKED: {
    what: 'The table stayed in use by others while the change waited for it. Nothing was changed.',
    why: 'Somebody holds a lock on the table: a long transaction, a backup, a busy server. The message names who, where the database tells.',
    remedy: 'Run again at a quieter time, end the session that holds it, or set a longer database.lock_timeout.',
    example: {
      message: 'identity: the table stayed in use by others while the change waited for it',
      hint: 'Nothing was changed. Run again at a quieter time, end the session that holds it, or wait longer with database.lock_timeout.',
    },
  },
  DATABASE_AMBIGUOUS: {
    what: 'The table exists in several schemas, and which of them Identity Server uses cannot be told.',
    why: 'Several installations share one database, or a copy was left behind.',
    remedy: 'Name the schema with database.schema.',
    example: {
      message:
        'identity has the table IDN_OAUTH_CONSUMER_APPS more than once: where this user looks first, and in schema old',
      hint: 'Name the schema of Identity Server 7 with database.schema (KMB_DATABASE_SCHEMA), or in the URL (PostgreSQL, DB2: currentSchema).',
    },
  },
  DATABASE_DRIVER_MISSING: {
    what: 'The JDBC driver of this database is not there, or cannot be loaded.',
    why: 'Setup fetches the drivers; it was not run, or the Java that runs is older than 11.',
    remedy: 'Run ./scripts/setup, or name a driver with database.driver_jar.',
    example: {
      message: 'the JDBC driver oracle.jdbc.OracleDriver cannot be loaded: no class of this name',
      hint: 'Run ./scripts/setup, which copies the drivers that pom.xml names, with a JDK of version 11 or later, or check database.driver_jar.',
    },
  },
  DATABASE_FORMAT_OLDER: {
    what: 'The H2 file has an older format, which the H2 of Identity Server 7 cannot open. It was only looked at.',
    why: 'Before version 2.2, H2 wrote other formats; each server opens those of its own H2 alone.',
    remedy: 'Export the database with the H2 that wrote it, and import it with the one that the server ships.',
    example: {
      message: `the database WSO2IDENTITY_DB has the format 2, which only H2 before 2.2 reads: ${FILE}`,
      hint: 'Nothing was changed. Identity Server 7 cannot open it either: export it with the H2 that wrote it, and import it with the one that the server ships.',
    },
  },
  DATABASE_FORMAT_UNKNOWN: {
    what: 'The file is no H2 database, or of a format that is not known here. It was only looked at.',
    why: 'It is another file under this name, or of an H2 that came later.',
    remedy: 'Check the file; use a km-bootstrap that knows this version of H2.',
    example: {
      message: `the database WSO2IDENTITY_DB has the format 4, which is not known here: ${FILE}`,
      hint: 'Nothing was changed. Check that it is the file of an H2 database, and run a km-bootstrap that knows this version of H2.',
    },
  },
  DATABASE_ENCRYPTED: {
    what: 'The H2 file is encrypted (CIPHER=AES). It was only looked at.',
    why: 'What is in it cannot be read as data, and no file is given to the H2 engine before it was read.',
    remedy:
      'Let its administrator add the constraint and set database.constraint = false, or keep the database in the clear on an encrypted disk.',
    example: {
      message: `the database WSO2IDENTITY_DB is encrypted, so that nothing can be read of it: ${FILE}`,
      hint: 'Nothing was changed. Let its administrator add the constraint and set database.constraint = false, or keep the database in the clear on an encrypted disk.',
    },
  },
  DATABASE_CHANGING: {
    what: 'The H2 file was written to so fast that no look at it was whole.',
    why: 'A server is writing it without a pause. A look counts only when all that it read was there at one moment.',
    remedy: 'Run again when the server is less busy, or stop it first.',
    example: {
      message: `the database WSO2IDENTITY_DB was written to so fast that no look at it was whole: ${FILE}`,
      hint: 'Run again when Identity Server 7 is less busy, or stop it first.',
    },
  },
  DATABASE_UNSAFE: {
    what: 'The H2 file defines what the scripts of Identity Server 7 do not create. The H2 engine was not let near it.',
    why: 'H2 runs each definition as it opens a file: aliases, triggers, linked tables and defaults may run code, read and write files, or call other databases.',
    remedy:
      'Find out who made what the message names. Where it is wanted, let the administrator of the database add the constraint, and set database.constraint = false.',
    example: {
      message: `the database WSO2IDENTITY_DB has what the scripts of Identity Server 7 do not create, and opening it may run it: ${FILE}\n  the linked table PUBLIC.OTHER`,
      hint: 'Nothing was opened or changed. Find out who made these; where they are wanted, let the administrator of the database add the constraint, and set database.constraint = false.',
    },
  },
  DATABASE_URL_REFUSED: {
    what: 'The URL of the identity database asks for something that is never done for it. Nothing was connected to, and no Java was started.',
    why: 'Whoever may write deployment.toml may write any URL, and the engines and drivers run SQL, load classes, follow directories, and read and write files for one. So a URL may hold what is known to do no harm, in the form that is known, and nothing else.',
    remedy:
      'Give the same database without it by KMB_DATABASE_URL (or database.url in km-bootstrap.toml): host, port and name are enough. TLS is verified by itself; a private authority comes by --ca-file, a schema by database.schema.',
    example: {
      message:
        'the URL of the identity database is refused: traceFile in it is none of those that are known to do no harm',
      hint: 'Give the same database without it by KMB_DATABASE_URL (database.url in km-bootstrap.toml): its host, port and name are enough, TLS is verified by itself, and a private authority comes by --ca-file.',
    },
  },
  DATABASE_LOGIN_EXPOSED: {
    what: 'Without TLS, the database server wants to have the password in a way that shows it. It was not sent.',
    why: 'In clear, as a hash of MD5, or encrypted for a key that the server itself sends, the password is in the hands of whoever listens on the way, or answers in place of the server.',
    remedy:
      'Ask for TLS in the URL and give its authority with --ca-file. On a network that you trust, set database.exposed_login = true; a notice says each time that it was used.',
    example: {
      message: `the database identity at ${ADDRESS} wants the password without TLS, in clear, which shows it to whoever listens there or is in its place; it was not sent`,
      hint: 'Ask for TLS in the URL (PostgreSQL: sslmode=verify-full, MySQL: sslMode=VERIFY_IDENTITY, SQL Server: encrypt=true, DB2: sslConnection=true) and give its authority with --ca-file; or set database.exposed_login = true on a network that you trust.',
    },
  },
  DB_TLS_CA_MISSING: {
    what: 'The certificate of the database server is not trusted, because no authority was given for it.',
    why: 'TLS is always verified, also where the URL asks for encryption alone (sslmode=require).',
    remedy: 'Give the authority that issued the certificate with --ca-file, or in the URL.',
    example: {
      message: `the database identity at ${ADDRESS}: its certificate is not trusted: self-signed certificate; sslmode=require asks for TLS, which is always verified`,
      hint: 'Give the authority that issued it (for a self-signed one, itself) as PEM with --ca-file, or by sslrootcert (MySQL, MariaDB: serverSslCert) in database.url.',
    },
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const DATABASE_NOTICES = {
  DB_TLS_OFF: {
    what: 'The identity database is talked to without TLS.',
    why: 'The URL says so, or does not ask for it and the server offers none. The password and the data can be read on the way.',
    remedy: 'Ask for TLS in the URL and give the authority with --ca-file, unless the network is trusted.',
    example: {
      message: `the database identity at ${ADDRESS} is talked to without TLS, as sslmode=disable says`,
      hint: 'To have it encrypted and verified, ask for TLS in the URL (PostgreSQL: sslmode=verify-full, MySQL: sslMode=VERIFY_IDENTITY) and give its authority with --ca-file.',
    },
  },
  DB_LOGIN_EXPOSED: {
    what: 'The database got the password without TLS in a way that shows it, because database.exposed_login allows that.',
    why: 'The server asked for it in clear, as a hash of MD5, or encrypted for a key that nobody vouches for.',
    remedy: 'Give the server a certificate, ask for TLS in the URL, and take the setting away.',
    example: {
      message: `the database identity at ${ADDRESS} got the password without TLS, in clear, as database.exposed_login allows`,
      hint: 'Whoever listened there has the password now. Ask for TLS in the URL, and take the setting away.',
    },
  },
  CONSTRAINT_UNKNOWN: {
    what: 'Whether the recipe legacy left its constraint in the database could not be looked up.',
    why: 'The recipe current needs no database, so that one which cannot be reached is no failure.',
    remedy: 'Nothing, unless the recipe legacy was applied once: then look by hand.',
    example: {
      message: `whether the recipe legacy left UNIQUE (CONSUMER_KEY) on IDN_OAUTH_CONSUMER_APPS could not be looked up: the database identity cannot be reached at ${ADDRESS}: nothing listens there (connection refused)`,
      hint: 'The recipe current needs no database. If the recipe legacy was applied once, look for it by hand.',
    },
  },
} as const satisfies Record<string, Explanation>;
