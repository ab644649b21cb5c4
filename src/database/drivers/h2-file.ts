import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { BootstrapError } from '../../errors.js';
import { type PollOptions, poll } from '../../io/poll.js';
import { startJvm } from '../../jvm/jvm.js';
import type { DatabaseConnection } from '../connection.js';
import { h2Dialect } from '../dialects/h2.js';
import { MESSAGES } from '../errors.js';
import { h2EngineJar } from '../h2-engine.js';
import { h2JdbcUrl, parseH2Url } from '../h2-url.js';
import { checkFile } from '../mvstore/check-file.js';
import { h2Catalogue } from '../mvstore/h2-catalogue.js';
import { LookFailed, lookAt } from '../mvstore/look.js';
import { readDatabase } from '../mvstore/read-table.js';
import type { Database, Session } from '../session.js';
import { isHeldByAnother } from './file-lock.js';
import { explain, explainFault, explainLook, faultOf, inUse, type Place, unsafe } from './h2-fault.js';
import { isLogin } from './h2-login.js';
import { type JdbcTarget, withJdbc } from './jdbc.js';

/**
 * An H2 database that is a file. It is looked at as data, whoever else has it open. Only a change needs H2's own engine, in this process,
 * and the file to itself; what opening it would run is looked for before.
 *
 * @throws BootstrapError those of {@link parseH2Url}
 */
export function h2FileDatabase(connection: DatabaseConnection): Database {
  const file = parseH2Url(connection.url, connection.home);
  const label = `${basename(file.path)} (H2)`;
  const jars = () => [connection.driverJar ?? h2EngineJar(connection.home)];
  const where: Place = { label, path: `${file.path}.mv.db`, username: connection.username };
  const schema = connection.schema ?? file.schema;
  const target = (): JdbcTarget => ({
    driverClass: 'org.h2.Driver',
    jars: jars(),
    url: h2JdbcUrl(file),
    username: connection.username,
    password: connection.password,
    schema,
  });

  return {
    label,
    dialect: h2Dialect,
    schemaIsGiven: schema !== undefined,
    notices: () => [],
    async withCatalogue(use, signal) {
      signal.throwIfAborted();
      return asData(where, () =>
        lookAt(
          where.path,
          (store) => {
            const database = readDatabase(store);
            const { username, password } = connection;
            if (!isLogin(database.definition.users, username, password))
              throw explainFault('password', where, undefined);
            const source = { ...database, schema: schema ?? DEFAULT_SCHEMA };
            return use({ ...h2Catalogue(source, signal), obstacle: () => findUnsafe(where) });
          },
          signal,
        ),
      );
    },
    async withWriter(use, signal) {
      signal.throwIfAborted();
      await requireWritable(where);
      // Before the check, so that no time passes between it and the engine.
      startJvm(jars());
      if (isHeldByAnother(where.path, jars())) throw inUse(where);
      await connection.keep?.(where.path);
      try {
        const deadlineMs = connection.lockTimeoutMs;
        const work = () => withChecked(where, () => withH2(target(), use, signal));
        return await whenFree(work, { signal, deadlineMs });
      } catch (error) {
        throw explain(error, where);
      }
    },
  };
}

const DEFAULT_SCHEMA = 'PUBLIC';

/** Why H2's engine is not to open this file, if anything. */
async function findUnsafe(where: Place): Promise<BootstrapError | undefined> {
  try {
    const { strangers } = await asData(where, () => checkFile(where.path));
    return strangers.length > 0 ? unsafe(where, strangers) : undefined;
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    // While a server writes it, nothing is opened anyway.
    return error.code === 'DATABASE_CHANGING' || error.code === 'DATABASE_FAILED' ? undefined : error;
  }
}

/**
 * Lends the file to H2's engine once it was checked, and is still the same. (Somebody who may write it could still change it in the
 * instant until the engine has opened it, which takes its lock: against its own user the check does not help.)
 */
async function withChecked<T>(where: Place, open: () => Promise<T>): Promise<T> {
  const { strangers, isUnchanged } = await asData(where, () => checkFile(where.path));
  if (strangers.length > 0) throw unsafe(where, strangers);
  if (!isUnchanged()) throw explainLook({ kind: 'changing' }, where, undefined);
  return open();
}

async function asData<T>(where: Place, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof LookFailed) throw explainLook(error.obstacle, where, error);
    const { syscall = '' } = error as NodeJS.ErrnoException;
    throw ['open', 'stat'].includes(syscall) ? explainAccess(where, 'read', error) : error;
  }
}

/** H2 closes the file with its last connection, unless the database itself says DB_CLOSE_DELAY; SHUTDOWN always does. */
async function withH2<T>(target: JdbcTarget, use: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
  const look = async (session: Session) => {
    const result = await use(session);
    await session.execute('SHUTDOWN').catch((error: unknown) => {
      if (faultOf(error) !== 'no-right') throw error;
    });
    return result;
  };
  return withJdbc(target, look, signal);
}

/** Another run may be at it; a server was looked for before. */
async function whenFree<T>(work: () => Promise<T>, options: PollOptions): Promise<T> {
  let last: unknown;
  const attempt = async () => {
    try {
      return { value: await work() };
    } catch (error) {
      if (faultOf(error) !== 'in-use' && !isChanging(error)) throw error;
      last = error;
      return undefined;
    }
  };
  const result = await poll(attempt, { firstPauseMs: 50, longestPauseMs: 500, ...options });
  if (result) return result.value;
  throw last;
}

function isChanging(error: unknown): boolean {
  return error instanceof BootstrapError && error.code === 'DATABASE_CHANGING';
}

/** The file is tried first: H2 takes one that may not be written for a read-only database, and creates one that is missing. */
async function requireWritable(place: Place): Promise<void> {
  try {
    // A pipe is not waited for.
    const file = await open(place.path, constants.O_RDWR | constants.O_NONBLOCK);
    await file.close();
  } catch (cause) {
    throw explainAccess(place, 'written', cause);
  }
}

function explainAccess(place: Place, verb: 'read' | 'written', cause: unknown): BootstrapError {
  const { label, path } = place;
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return explainFault('not-found', place, cause);
  const tell = verb === 'read' ? MESSAGES.FILE_UNREADABLE.database : MESSAGES.FILE_UNWRITABLE;
  return new BootstrapError(tell(label, path, code), { cause });
}
