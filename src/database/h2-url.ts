import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { BootstrapError } from '../errors.js';

/** An H2 database that is a file on this machine. */
export interface H2File {
  /** Absolute, as H2 names it: without `.mv.db`. */
  readonly path: string;
  /** The settings of the URL that are kept, each `KEY=value`, the key in upper case. */
  readonly settings: readonly string[];
}

/**
 * Reads a JDBC URL of an H2 file: `jdbc:h2:./repository/database/WSO2IDENTITY_DB;LOCK_TIMEOUT=60000`, `jdbc:h2:file:…`, `jdbc:h2:~/…`.
 * Relative paths start from `baseFolder`, because the server's start script changes to its home first.
 *
 * @throws BootstrapError `DATABASE_UNSUPPORTED` an H2 server, a database in memory, or a path that H2 cannot open; `HOME_NOT_FOUND`
 */
export function parseH2Url(url: string, baseFolder: string | undefined): H2File {
  const [location = '', ...settings] = url.replace(/^jdbc:h2:/i, '').split(/(?<!\\);/);
  const path = resolvePath(location.replace(/^file:/i, ''), baseFolder);
  if (!path.includes(';')) return { path, settings: settings.map(upperKey).filter(isKept) };
  throw new BootstrapError(`H2 cannot open the database ${path}: a JDBC URL ends its path at the first semicolon`, {
    code: 'DATABASE_UNSUPPORTED',
    hint: 'Move the home of Identity Server 7 to a folder without a semicolon in its path.',
  });
}

/**
 * The URL we change a file with. Ours win: a wrong path never creates a database, a refused login writes no `.trace.db` beside it, and
 * whoever writes one constraint does not rewrite the whole file for 200 ms as it closes it: the server does that whenever it ends.
 */
export function h2JdbcUrl({ path, settings }: H2File): string {
  const ours = ['IFEXISTS=TRUE', 'TRACE_LEVEL_FILE=0', 'MAX_COMPACT_TIME=0'];
  return [`jdbc:h2:${path}`, ...ours, ...settings].join(';');
}

/** The schema that the URL names, as H2 spells it: what is not quoted, in upper case. */
export function schemaIn({ settings }: H2File): string | undefined {
  const name = settings.find((setting) => setting.startsWith('SCHEMA='))?.slice('SCHEMA='.length);
  if (name === undefined) return undefined;
  const quoted = /^"(.*)"$/.exec(name)?.[1];
  return quoted?.replaceAll('""', '"') ?? name.toUpperCase();
}

/**
 * What decides how the data is read. Every other setting tells the server how to run (when to close, what to trace, what to execute
 * first) or holds a login, and would do harm here: `DB_CLOSE_DELAY=-1` would keep the file locked until this process ends.
 */
const KEPT = ['CIPHER', 'MODE', 'SCHEMA'];

function isKept(setting: string): boolean {
  return KEPT.includes(setting.split('=', 1)[0] ?? '');
}

function upperKey(setting: string): string {
  return setting.replace(/^[^=]*/, (key) => key.trim().toUpperCase());
}

function resolvePath(location: string, baseFolder: string | undefined): string {
  const scheme = /^([a-z][a-z0-9]+):/i.exec(location)?.[1];
  if (scheme) {
    throw new BootstrapError(`an H2 database of the form jdbc:h2:${scheme}: cannot be managed`, {
      code: 'DATABASE_UNSUPPORTED',
      hint: 'Use an H2 file (jdbc:h2:./repository/database/WSO2IDENTITY_DB), or set database.constraint = false and add the constraint there yourself.',
    });
  }
  if (location.startsWith('/')) return resolve(location);
  if (location === '~' || location.startsWith('~/')) return resolve(homedir(), `.${location.slice(1)}`);
  if (!/^\.{1,2}\//.test(location)) {
    throw new BootstrapError(`H2 takes no path like ${JSON.stringify(location)}, which does not say where it starts`, {
      code: 'DATABASE_UNSUPPORTED',
      hint: `Write jdbc:h2:./${location} in [database.identity_db] for a path from the home of Identity Server 7; the server refuses it too.`,
    });
  }
  if (baseFolder !== undefined) return resolve(baseFolder, location);
  throw new BootstrapError(`the H2 database ${location} lies in the home of Identity Server 7, which is not known`, {
    code: 'HOME_NOT_FOUND',
    hint: 'Give the home with --is7-home or IS7_HOME.',
  });
}
