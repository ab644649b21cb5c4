import { messages } from '../errors.js';

const ASK_FOR_TLS =
  'To have it encrypted and verified, ask for TLS in the URL (PostgreSQL: sslmode=verify-full, MySQL: sslMode=VERIFY_IDENTITY) and give its authority with --ca-file.';
const GET_DRIVER =
  'Run ./scripts/setup, which copies the drivers that pom.xml names, or give one as database.driver_jar.';
const RUN_AS_SERVER =
  'Run km-bootstrap as the user that runs Identity Server 7, or give its user the right to this file and its folder.';

export const MESSAGES = messages({
  DATABASE_WRONG: (label: string, table: string | undefined) => ({
    message: `${label} is a database of API Manager, not the identity database: it has the table ${table}`,
    hint: "Point database.url at the database of [database.identity_db] in Identity Server 7's deployment.toml.",
  }),
  DATABASE_TABLE_MISSING: (label: string, table: string, otherSchemas: readonly string[]) => ({
    message: `${label} has no table ${table}${otherSchemas.length > 0 ? ` where this user looks, but in schema ${otherSchemas.join(', ')}` : ''}`,
    hint:
      otherSchemas.length > 0
        ? 'Name the schema of Identity Server 7 with database.schema (KMB_DATABASE_SCHEMA).'
        : 'Check that this is the identity database of Identity Server 7, and that its script in dbscripts/identity has been run there.',
  }),
  DATABASE_AMBIGUOUS: (label: string, table: string, otherSchemas: readonly string[]) => ({
    message: `${label} has the table ${table} more than once: where this user looks first, and in schema ${otherSchemas.join(', ')}`,
    hint: 'Name the schema of Identity Server 7 with database.schema (KMB_DATABASE_SCHEMA), or in the URL (PostgreSQL, DB2: currentSchema).',
  }),
  DATABASE_CONFLICT: (label: string, constraint: string, on: string, table: string, column: string) => ({
    message: `${label} has a constraint ${constraint} already, but on ${on} instead of ${table} (${column})`,
    hint: `Find out who made it; drop or rename it if nothing needs it, then run again.`,
  }),
  DATABASE_DUPLICATES: {
    found: (label: string, keys: string, applications: number, lines: readonly string[]) => ({
      message: [
        `${label}: ${keys} of IDN_OAUTH_CONSUMER_APPS shared by ${applications} applications, so CONSUMER_KEY cannot be made unique`,
        ...lines,
      ].join('\n  '),
      hint:
        'Nothing was changed. Tenants share the keys of system applications (CONSOLE, MY_ACCOUNT) by design: set recipe = "current", which ' +
        'needs no constraint. Where applications of your own share a key, give all but one a new client id and run again.',
    }),
    sinceTheLook: (label: string) => ({
      message: `the database ${label} got applications that share a consumer key since it was looked at`,
      hint: 'Nothing was changed. Run again, which lists them.',
    }),
  },
  DATABASE_UNSUPPORTED: {
    engine: (kind: string, engines: Iterable<string>, addConstraint: string) => ({
      message: `the identity database is named by ${kind}, which is none of ${[...engines].join(', ')}`,
      hint: `Let its administrator run \`${addConstraint}\` in the identity database, then set database.constraint = false.`,
    }),
    unopenable: (path: string) => ({
      message: `H2 cannot open the database ${path}: a JDBC URL ends its path at the first semicolon, and takes a backslash for an escape`,
      hint: 'Move the home of Identity Server 7 to a folder without a semicolon or a backslash in its path.',
    }),
    h2Scheme: (scheme: string) => ({
      message: `an H2 database of the form jdbc:h2:${scheme}: cannot be managed`,
      hint: 'Use an H2 file (jdbc:h2:./repository/database/WSO2IDENTITY_DB), or set database.constraint = false and add the constraint there yourself.',
    }),
    h2Path: (location: string) => ({
      message: `H2 takes no path like ${JSON.stringify(location)}, which does not say where it starts`,
      hint: `Write jdbc:h2:./${location} in [database.identity_db] for a path from the home of Identity Server 7; the server refuses it too.`,
    }),
  },
  DATABASE_FORMAT_OLDER: (label: string, format: string, path: string) => ({
    message: `the database ${label} has the format ${format}, which only H2 before 2.2 reads: ${path}`,
    hint: 'Nothing was changed. Identity Server 7 cannot open it either: export it with the H2 that wrote it, and import it with the one that the server ships.',
  }),
  DATABASE_FORMAT_UNKNOWN: (label: string, format: string, path: string) => ({
    message: `the database ${label} has the format ${format}, which is not known here: ${path}`,
    hint: 'Nothing was changed. Check that it is the file of an H2 database, and run a km-bootstrap that knows this version of H2.',
  }),
  DATABASE_CHANGING: (label: string, path: string) => ({
    message: `the database ${label} was written to so fast that no look at it was whole: ${path}`,
    hint: 'Run again when Identity Server 7 is less busy, or stop it first.',
  }),
  DATABASE_ENCRYPTED: (label: string, path: string) => ({
    message: `the database ${label} is encrypted, so that nothing can be read of it: ${path}`,
    hint: 'Nothing was changed. Let its administrator add the constraint and set database.constraint = false, or keep the database in the clear on an encrypted disk.',
  }),
  DATABASE_UNSAFE: (label: string, path: string, strangers: readonly string[]) => ({
    message: [
      `the database ${label} has what the scripts of Identity Server 7 do not create, and opening it may run it: ${path}`,
      ...strangers,
    ].join('\n  '),
    hint: 'Nothing was opened or changed. Find out who made these; where they are wanted, let the administrator of the database add the constraint, and set database.constraint = false.',
  }),
  HOME_NOT_FOUND: (location: string) => ({
    message: `the H2 database ${location} lies in the home of Identity Server 7, which is not known`,
    hint: 'Give the home with --is7-home or IS7_HOME.',
  }),
  DB_TLS_OFF: {
    driver: (label: string, address: string, plain: string) => ({
      message: `the database ${label} at ${address} is talked to without TLS, ${plain}`,
      hint: 'To have it encrypted and verified, ask for TLS in the URL (SQL Server: encrypt=true, Oracle: tcps://, DB2: sslConnection=true) and give its authority with --ca-file.',
    }),
    asked: (label: string, address: string, saidBy: string) => ({
      message: `the database ${label} at ${address} is talked to without TLS, as ${saidBy} says`,
      hint: ASK_FOR_TLS,
    }),
    fallenBack: (label: string, address: string, why: string) => ({
      message: `the database ${label} at ${address} is talked to without TLS, which its URL does not ask for: ${why}`,
      hint: ASK_FOR_TLS,
    }),
  },
  CONSTRAINT_UNKNOWN: (column: string, table: string, unknown: string) => ({
    message: `whether the recipe legacy left UNIQUE (${column}) on ${table} could not be looked up: ${unknown}`,
    hint: 'The recipe current needs no database. If the recipe legacy was applied once, look for it by hand.',
  }),
  RECIPE_LEFTOVER: (column: string, table: string, label: string, isOurs: boolean, constraint: string) => ({
    message: `UNIQUE (${column}) on ${table} in ${label} is left from the recipe legacy: it stops the creation of tenants, whose system applications share their consumer keys`,
    hint: isOurs
      ? 'Set recipe_cleanup = true to have it dropped.'
      : `It does not bear the name ${constraint}, so it is not touched: find out who made it.`,
  }),
  DATABASE_UNREACHABLE: {
    unresolved: (label: string, address: string) => ({
      message: `${unreachable(label, address)}: the host name cannot be resolved`,
      hint: 'Correct the host name in database.url, or run km-bootstrap in the network of the database.',
    }),
    refused: (label: string, address: string) => ({
      message: `${unreachable(label, address)}: nothing listens there (connection refused)`,
      hint: 'Start the database, or correct host and port in database.url.',
    }),
    silent: (label: string, address: string) => ({
      message: `${unreachable(label, address)}: no answer in time`,
      hint: 'Look whether the server is overloaded, or behind a firewall that drops packets.',
    }),
    socket: (label: string, address: string, fault: string) => ({
      message: `${unreachable(label, address)}: its socket cannot be opened (${fault})`,
      hint: 'Start the database, or correct the path of the socket and its rights.',
    }),
    broken: (label: string, address: string, fault: string) => ({
      message: `${unreachable(label, address)}: the connection broke (${fault})`,
      hint: 'Look at the database server and the network between it and km-bootstrap.',
    }),
    noAnswer: (label: string) => ({
      message: `the database ${label} did not answer in time`,
      hint: 'Look whether it is overloaded, or behind a firewall that drops packets, or give it more time with --timeout.',
    }),
    notReady: (label: string, address: string, reason: string) => ({
      message: `the database ${label} at ${address} takes no connection now: ${reason}`,
      hint: 'Wait until it is up and has a connection free; apply tries again by itself until --timeout.',
    }),
  },
  CONFIG_INVALID: (why: string) => ({
    message: `the URL of the identity database cannot be used: ${why}`,
    hint: 'Correct url of [database.identity_db] in deployment.toml, or set KMB_DATABASE_URL (database.url in km-bootstrap.toml).',
  }),
  CERTIFICATE_UNREADABLE: (path: string, why: string) => ({
    message: `cannot read the certificate authorities of the database in ${path}: ${why}`,
    hint: 'Give a PEM file with --ca-file, or correct the one that the URL of the database names.',
  }),
  TLS_HOST_MISMATCH: (refused: RefusedServer) => ({
    message: refusalOf(refused),
    hint: 'Use a host name in database.url that the certificate has, or give the server a certificate with this one.',
  }),
  DB_TLS_CA_MISSING: {
    server: (refused: RefusedServer) => ({
      message: refusalOf(refused),
      hint: 'Give the authority that issued it (for a self-signed one, itself) as PEM with --ca-file, or by sslrootcert (MySQL, MariaDB: serverSslCert) in database.url.',
    }),
    driver: distrustedByDriver,
  },
  TLS_UNTRUSTED: {
    otherAuthority: (refused: RefusedServer, caFiles: readonly string[]) => ({
      message: refusalOf(refused),
      hint: `None of ${caFiles.join(' and ')} issued it: give the right authority with --ca-file.`,
    }),
    server: (refused: RefusedServer) => ({
      message: refusalOf(refused),
      hint: 'Mend the TLS settings or the certificate of the database server; on a network that you trust, database.url can do without TLS (PostgreSQL: sslmode=disable, MySQL: sslMode=DISABLED).',
    }),
    driver: distrustedByDriver,
    onTheWay: (label: string, address: string, fault: string) => ({
      message: `${unreachable(label, address)}: ${fault}`,
      hint: 'Look at the TLS settings of the server.',
    }),
  },
  DATABASE_NOT_FOUND: {
    noFile: (label: string, path: string) => ({
      message: `the database ${label} is not there: no file ${path}`,
      hint: 'Check the home and the url of [database.identity_db] in its deployment.toml; the file comes with Identity Server 7 and is never created by km-bootstrap.',
    }),
    onServer: (address: string, label: string, user: string, reason: string) => ({
      message: `the server at ${address} has no database ${label} that user ${user} may use: ${reason}`,
      hint: 'Create it with the script in dbscripts/identity of Identity Server 7, or correct database.url; upper and lower case may matter.',
    }),
  },
  DATABASE_PASSWORD_WRONG: {
    ofFile: (label: string, username: string, path: string) => ({
      message: `the database ${label} refused the password of user ${JSON.stringify(username)}: ${path}`,
      hint: 'Check username and password of [database.identity_db] in deployment.toml, or set KMB_DATABASE_USERNAME and KMB_DATABASE_PASSWORD.',
    }),
    onServer: (label: string, address: string, user: string, reason: string) => ({
      message: `the database ${label} at ${address} refused the login of user ${user}: ${reason}`,
      hint: 'Check username and password of [database.identity_db] in deployment.toml, or set KMB_DATABASE_USERNAME and KMB_DATABASE_PASSWORD. An account that requires TLS or a certain host is refused like this too.',
    }),
  },
  DATABASE_FAILED: {
    damaged: (label: string, path: string) => ({
      message: `the database ${label} cannot be read: ${path} is damaged, or of another version of H2`,
      hint: 'Start and stop Identity Server 7 once, which repairs a file that was not closed, or restore the file from a backup.',
    }),
    h2: (label: string, reason: string, path: string) => ({
      message: `the database ${label} failed: ${reason}`,
      hint: `Check that ${path} is the identity database of Identity Server 7, that this user may list its folder, and that its disk is not full.`,
    }),
    server: (label: string, address: string, reason: string) => ({
      message: `the database ${label} at ${address} failed: ${reason}`,
      hint: 'Look at the log of the database server, and check that this is the identity database of Identity Server 7.',
    }),
  },
  DATABASE_IN_USE: (label: string, path: string) => ({
    message: `the database ${label} is held open by another process, the running server as a rule: ${path}`,
    hint: 'Stop Identity Server 7 and run again, or run `km-bootstrap apply --phase offline` before it starts.',
  }),
  DATABASE_DRIVER_MISSING: {
    named: (jar: string) => ({
      message: `the JDBC driver that database.driver_jar names is not there: ${jar}`,
      hint: GET_DRIVER,
    }),
    none: (engine: string, jar: string, folder: string) => ({
      message: `no JDBC driver for ${engine} is at hand: neither ${jar} in java/lib nor one in ${folder}`,
      hint: GET_DRIVER,
    }),
    unloadable: (driverClass: string, reason: string) => ({
      message: `the JDBC driver ${driverClass} cannot be loaded: ${reason}`,
      hint: 'Run ./scripts/setup, which copies the drivers that pom.xml names, with a JDK of version 11 or later, or check database.driver_jar.',
    }),
  },
  FILE_UNREADABLE: {
    database: (label: string, path: string, fault: string | undefined) => ({
      message: `the database ${label} may not be read: ${path} (${fault})`,
      hint: RUN_AS_SERVER,
    }),
    notAFile: (label: string, path: string) => ({
      message: `the database ${label} may not be read: ${path} is a folder, a device or a pipe`,
      hint: 'Check the url of [database.identity_db] in deployment.toml: it names the file without .mv.db.',
    }),
  },
  FILE_UNWRITABLE: (label: string, path: string, fault: string | undefined) => ({
    message: `the database ${label} may not be written: ${path} (${fault})`,
    hint: RUN_AS_SERVER,
  }),
  DATABASE_LOGIN_EXPOSED: (label: string, address: string, how: string) => ({
    message: `the database ${label} at ${address} wants the password without TLS, ${how}, which shows it to whoever listens there or is in its place; it was not sent`,
    hint: 'Ask for TLS in the URL (PostgreSQL: sslmode=verify-full, MySQL: sslMode=VERIFY_IDENTITY, SQL Server: encrypt=true, DB2: sslConnection=true) and give its authority with --ca-file; or set database.exposed_login = true on a network that you trust.',
  }),
  DB_LOGIN_EXPOSED: (label: string, address: string, how: string) => ({
    message: `the database ${label} at ${address} got the password without TLS, ${how}, as database.exposed_login allows`,
    hint: 'Whoever listened there has the password now. Ask for TLS in the URL, and take the setting away.',
  }),
  DATABASE_URL_REFUSED: (why: string) => ({
    message: `the URL of the identity database is refused: ${why}`,
    hint: 'Give the same database without it by KMB_DATABASE_URL (database.url in km-bootstrap.toml): its host, port and name are enough, TLS is verified by itself, and a private authority comes by --ca-file.',
  }),
  DATABASE_RIGHT_MISSING: (user: string, label: string, address: string, reason: string, addConstraint: string) => ({
    message: `user ${user} may not do this in the database ${label} at ${address}: ${reason}`,
    hint: `Nothing was changed. Let its administrator run this there (km-bootstrap plan --sql prints it), then run again: ${addConstraint};`,
  }),
  DATABASE_LOCKED: (label: string, held: string) => ({
    message: `${label}: the table stayed in use by others while the change waited for it${held}`,
    hint: 'Nothing was changed. Run again at a quieter time, end the session that holds it, or wait longer with database.lock_timeout.',
  }),
});

/** A server whose certificate does not do. */
export interface RefusedServer {
  readonly label: string;
  readonly address: string;
  readonly why: string;
  /** The certificates that it showed. */
  readonly chain: readonly string[];
  /** Who demands TLS: `the server has`, `sslmode of database.url asks for`. */
  readonly asker: string;
}

function refusalOf({ label, address, why, chain, asker }: RefusedServer): string {
  const shown = chain.length > 0 ? ` (it showed ${chain.join(' ← ')})` : '';
  return `the database ${label} at ${address}: ${why}${shown}; ${asker} TLS, which is always verified`;
}

function distrustedByDriver(label: string, address: string, reason: string) {
  return {
    message: `the database ${label} at ${address}: its certificate is not trusted: ${reason}`,
    hint: 'Give the authority that issued it (for a self-signed one, itself) as PEM with --ca-file, and a host name in database.url that it covers.',
  };
}

function unreachable(label: string, address: string): string {
  return `the database ${label} cannot be reached at ${address}`;
}
