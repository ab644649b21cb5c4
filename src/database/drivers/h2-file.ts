import { open, readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BootstrapError } from '../../errors.js';
import { keepReplaced } from '../../io/backup.js';
import { type PollOptions, poll } from '../../io/poll.js';
import type { DatabaseConnection } from '../connection.js';
import { h2Dialect } from '../dialects/h2.js';
import { MESSAGES } from '../errors.js';
import { h2EngineJar } from '../h2-engine.js';
import { requireSameFormat } from '../h2-format.js';
import { h2JdbcUrl, parseH2Url } from '../h2-url.js';
import type { Database, Session } from '../session.js';
import { isHeldByAnother } from './file-lock.js';
import { explain, explainFault, faultOf, inUse, type Place, tornCopies } from './h2-fault.js';
import { type JdbcTarget, withJdbc } from './jdbc.js';
import { withPrivateCopy } from './private-copy.js';

/**
 * An H2 database that is a file, opened in this process. One process at a time may open such a file for writing; while a running server
 * holds it, its reader looks in a private copy.
 *
 * @throws BootstrapError those of {@link parseH2Url}
 */
export function h2FileDatabase(connection: DatabaseConnection): Database {
  const file = parseH2Url(connection.url, connection.home);
  const label = `${basename(file.path)} (H2)`;
  const jars = () => [connection.driverJar ?? h2EngineJar(connection.home)];
  const where: Place = { label, path: `${file.path}.mv.db`, username: connection.username };
  const target = (path: string, mode: 'read' | 'write'): JdbcTarget => ({
    driverClass: 'org.h2.Driver',
    jars: jars(),
    url: h2JdbcUrl({ ...file, path }, mode),
    username: connection.username,
    password: connection.password,
    schema: connection.schema ?? file.schema,
  });

  return {
    label,
    dialect: h2Dialect,
    schemaIsGiven: (connection.schema ?? file.schema) !== undefined,
    notices: () => [],
    async withReader(use, signal) {
      signal.throwIfAborted();
      await requireAccess(where, 'r');
      const obstacle = isHeldByAnother(where.path, jars()) ? inUse(where) : undefined;
      const look = (path: string) => withH2(target(path, 'read'), (session) => use(session, obstacle), signal);
      try {
        if (obstacle) return await readCopies(where, signal, look);
        if (connection.look === 'in a copy' || (await hasTempFiles(where.path)))
          return await withPrivateCopy(where.path, (copy) => look(nameOf(copy)));
        return await look(file.path);
      } catch (error) {
        throw explain(error, where);
      }
    },
    async withWriter(use, signal) {
      signal.throwIfAborted();
      await requireAccess(where, 'r+');
      if (isHeldByAnother(where.path, jars())) throw inUse(where);
      await requireSameFormat(where, jars()[0] ?? '');
      await keepReplaced(where.path);
      try {
        const deadlineMs = connection.lockTimeoutMs;
        return await whenFree(() => withH2(target(file.path, 'write'), use, signal), { signal, deadlineMs });
      } catch (error) {
        throw explain(error, where);
      }
    },
  };
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

/** Other runs that only look share the file with each other, not with a writer; they are quick, and a server was looked for before. */
async function whenFree<T>(work: () => Promise<T>, options: PollOptions): Promise<T> {
  let last: unknown;
  const attempt = async () => {
    try {
      return { value: await work() };
    } catch (error) {
      if (faultOf(error) !== 'in-use') throw error;
      last = error;
      return undefined;
    }
  };
  const found = await poll(attempt, { firstPauseMs: 50, longestPauseMs: 500, ...options });
  if (found) return found.value;
  throw last;
}

/** The file is tried first: H2 takes one that may not be written for a read-only database, and creates one that is missing. */
async function requireAccess(place: Place, flags: 'r' | 'r+'): Promise<void> {
  const { label, path } = place;
  try {
    const file = await open(path, flags);
    await file.close();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw explainFault('not-found', place, cause);
    const tell = flags === 'r' ? MESSAGES.FILE_UNREADABLE : MESSAGES.FILE_UNWRITABLE.database;
    throw new BootstrapError(tell(label, path, code), { cause });
  }
}

/** What a server that was killed left behind: H2 would delete it, and looking deletes nothing. */
async function hasTempFiles(path: string): Promise<boolean> {
  const names = await readdir(dirname(path)).catch(() => []);
  return names.some((name) => name.endsWith('.temp.db'));
}

const COPY_ATTEMPTS = 5;
const COPY_PAUSE_MS = 200;

/** A copy taken while the server writes may be torn, which H2 tells by checksums; then another one is taken. */
async function readCopies<T>(place: Place, signal: AbortSignal, look: (path: string) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withPrivateCopy(place.path, (copy) => look(nameOf(copy)));
    } catch (error) {
      if (faultOf(error) !== 'damaged') throw error;
      if (attempt === COPY_ATTEMPTS) throw tornCopies(place, COPY_ATTEMPTS, error);
    }
    await sleep(COPY_PAUSE_MS, undefined, { signal });
  }
}

/** H2 names a database by its file without the ending. */
function nameOf(path: string): string {
  return path.replace(/\.mv\.db$/, '');
}
