import { BootstrapError, type ErrorCode, type Message, UnreachableError } from '../../errors.js';
import type { Dialect } from '../dialects/dialect.js';
import { MESSAGES } from '../errors.js';
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
  const { message } = error;
  const as = (told: Message<ErrorCode>) => new BootstrapError(told, { cause: error });
  switch (dialect.faultOf(error)) {
    case 'password':
      return as(MESSAGES.DATABASE_PASSWORD_WRONG.onServer(label, address, user, message));
    case 'not-found':
      return as(MESSAGES.DATABASE_NOT_FOUND.onServer(address, label, user, message));
    case 'no-right':
      return as(MESSAGES.DATABASE_RIGHT_MISSING(user, label, address, message, dialect.addConstraint));
    case 'duplicates':
      return as(MESSAGES.DATABASE_DUPLICATES.sinceTheLook(label));
    case 'locked':
      return locked(label, [], error);
    case 'not-ready':
      return new UnreachableError(MESSAGES.DATABASE_UNREACHABLE.notReady(label, address, message), {
        cause: error,
      });
    default:
      return as(MESSAGES.DATABASE_FAILED.server(label, address, message));
  }
}

/** The table was not free for the change in time. */
export function locked(label: string, holders: readonly string[], cause: unknown): BootstrapError {
  const held = holders.length > 0 ? `: ${holders.join('; ')}` : ', by whom this user may not see';
  return new BootstrapError(MESSAGES.DATABASE_LOCKED(label, held), { cause });
}

/** The way to the server: one sentence and one remedy for each. */
function explainConnection(error: unknown, { label, address }: ServerPlace): BootstrapError | undefined {
  const tls = tlsFault(error);
  if (tls) return new BootstrapError(MESSAGES.TLS_UNTRUSTED.onTheWay(label, address, tls), { cause: error });
  const code = systemCodeOf(error);
  if (code === undefined) return undefined;
  return new UnreachableError(unreachable(code, label, address), { cause: error });
}

function unreachable(code: string, label: string, address: string): Message<'DATABASE_UNREACHABLE'> {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return MESSAGES.DATABASE_UNREACHABLE.unresolved(label, address);
    case 'ECONNREFUSED':
      return MESSAGES.DATABASE_UNREACHABLE.refused(label, address);
    case 'ETIMEDOUT':
      return MESSAGES.DATABASE_UNREACHABLE.silent(label, address);
    case 'ENOENT':
    case 'EACCES':
      return MESSAGES.DATABASE_UNREACHABLE.socket(label, address, code);
    default:
      return MESSAGES.DATABASE_UNREACHABLE.broken(label, address, code);
  }
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
