import { BootstrapError, type ErrorCode, UnreachableError } from '../../errors.js';
import type { Dialect } from '../dialects/dialect.js';
import { SqlError } from '../session.js';
import { tlsFault } from './tls-fault.js';

/** What a message about a database server names. */
export interface ServerPlace {
  /** `WSO2IDENTITY_DB (PostgreSQL)`. */
  readonly label: string;
  /** `db.example:5432`. */
  readonly address: string;
  readonly username: string;
  readonly dialect: Dialect;
}

/** Puts a failure of a database server, or of the way to it, into our words; what is neither passes as it is. */
export function explainServer(error: unknown, place: ServerPlace): unknown {
  if (error instanceof BootstrapError) return error;
  if (error instanceof SqlError) return explainSql(error, place);
  return explainConnection(error, place) ?? error;
}

/** The server answered, but not as hoped. */
function explainSql(error: SqlError, { label, address, username, dialect }: ServerPlace): BootstrapError {
  const user = JSON.stringify(username);
  switch (dialect.faultOf(error)) {
    case 'password':
      return new BootstrapError(
        `the database ${label} at ${address} refused the login of user ${user}: ${error.message}`,
        {
          code: 'DATABASE_PASSWORD_WRONG',
          hint: 'Check username and password of [database.identity_db] in deployment.toml, or set KMB_DATABASE_USERNAME and KMB_DATABASE_PASSWORD. An account that requires TLS or a certain host is refused like this too.',
          cause: error,
        },
      );
    case 'not-found':
      return new BootstrapError(
        `the server at ${address} has no database ${label} that user ${user} may use: ${error.message}`,
        {
          code: 'DATABASE_NOT_FOUND',
          hint: 'Create it with the script in dbscripts/identity of Identity Server 7, or correct database.url; upper and lower case may matter.',
          cause: error,
        },
      );
    case 'no-right':
      return new BootstrapError(
        `user ${user} may not do this in the database ${label} at ${address}: ${error.message}`,
        {
          code: 'DATABASE_RIGHT_MISSING',
          hint: `Nothing was changed. Let its administrator run this there (km-bootstrap plan --sql prints it), then run again: ${dialect.addConstraint};`,
          cause: error,
        },
      );
    case 'duplicates':
      return new BootstrapError(
        `the database ${label} got applications that share a consumer key since it was looked at`,
        {
          code: 'DATABASE_DUPLICATES',
          hint: 'Nothing was changed. Run again, which lists them.',
          cause: error,
        },
      );
    case 'locked':
      return locked(label, [], error);
    case 'not-ready':
      return new UnreachableError(`the database ${label} at ${address} takes no connection now: ${error.message}`, {
        code: 'DATABASE_UNREACHABLE',
        hint: 'Wait until it is up and has a connection free; apply tries again by itself until --timeout.',
        cause: error,
      });
    default:
      return new BootstrapError(`the database ${label} at ${address} failed: ${error.message}`, {
        code: 'DATABASE_FAILED',
        hint: 'Look at the log of the database server, and check that this is the identity database of Identity Server 7.',
        cause: error,
      });
  }
}

/** The table was not free for the change in time. */
export function locked(label: string, holders: readonly string[], cause: unknown): BootstrapError {
  const held = holders.length > 0 ? `: ${holders.join('; ')}` : ', by whom this user may not see';
  return new BootstrapError(`${label}: the table stayed in use by others while the change waited for it${held}`, {
    code: 'DATABASE_LOCKED',
    hint: 'Nothing was changed. Run again at a quieter time, end the session that holds it, or wait longer with database.lock_timeout.',
    cause,
  });
}

/** The way to the server: one sentence and one remedy for each. */
function explainConnection(error: unknown, { label, address }: ServerPlace): BootstrapError | undefined {
  const to = `the database ${label} cannot be reached at ${address}`;
  const tls = tlsFault(error);
  if (tls)
    return failure(BootstrapError, 'TLS_UNTRUSTED', `${to}: ${tls}`, 'Look at the TLS settings of the server.', error);
  const code = systemCodeOf(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable(
        `${to}: the host name cannot be resolved`,
        'Correct the host name in database.url, or run km-bootstrap in the network of the database.',
        error,
      );
    case 'ECONNREFUSED':
      return unreachable(
        `${to}: nothing listens there (connection refused)`,
        'Start the database, or correct host and port in database.url.',
        error,
      );
    case 'ETIMEDOUT':
      return unreachable(
        `${to}: no answer in time`,
        'Look whether the server is overloaded, or behind a firewall that drops packets.',
        error,
      );
    case 'ENOENT':
    case 'EACCES':
      return unreachable(
        `${to}: its socket cannot be opened (${code})`,
        'Start the database, or correct the path of the socket and its rights.',
        error,
      );
    case undefined:
      return undefined;
    default:
      return unreachable(
        `${to}: the connection broke (${code})`,
        'Look at the database server and the network between it and km-bootstrap.',
        error,
      );
  }
}

function unreachable(message: string, hint: string, cause: unknown): BootstrapError {
  return failure(UnreachableError, 'DATABASE_UNREACHABLE', message, hint, cause);
}

function failure(
  kind: typeof BootstrapError,
  code: ErrorCode,
  message: string,
  hint: string,
  cause: unknown,
): BootstrapError {
  return new kind(message, { code, hint, cause });
}

/** A driver's own words where no system code is: a connection that did not come about in time, or ended. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/timeout e/i, 'ETIMEDOUT'],
  [/^Connection (terminated|lost)|in closed state/i, 'ECONNRESET'],
];

/** Node gives an AggregateError when every address of a name failed. */
function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof AggregateError) return systemCodeOf(error.errors[0]);
  if (typeof code === 'string' && /^(E[A-Z]+|EAI_AGAIN|PROTOCOL_[A-Z_]+)$/.test(code)) return code;
  return WORDS.find(([words]) => words.test(message))?.[1];
}
