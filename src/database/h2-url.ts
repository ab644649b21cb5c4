import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { refusedSetting, refusedUrl } from './server-url.js';

/** An H2 database that is a file on this machine. */
export interface H2File {
  /** Absolute, as H2 names it: without `.mv.db`. */
  readonly path: string;
  /** The settings of the URL that are kept, each `KEY=value`, the key in upper case. */
  readonly settings: readonly string[];
  /** The schema that it names, as H2 spells it: to be set once connected, never as SQL in the URL. */
  readonly schema: string | undefined;
}

/**
 * Reads a JDBC URL of an H2 file: `jdbc:h2:./repository/database/WSO2IDENTITY_DB;LOCK_TIMEOUT=60000`, `jdbc:h2:file:…`, `jdbc:h2:~/…`.
 * Relative paths start from `baseFolder`, because the server's start script changes to its home first.
 *
 * H2 executes several of the settings as SQL, and takes a semicolon behind a backslash for a part of one, so that any value may hold
 * statements. So there is no backslash, and every setting is known, with a value of its form.
 *
 * @throws BootstrapError `DATABASE_UNSUPPORTED` an H2 server, a database in memory, or a path that H2 cannot open; `HOME_NOT_FOUND`;
 *   `DATABASE_URL_REFUSED`
 */
export function parseH2Url(url: string, baseFolder: string | undefined): H2File {
  if (/[\\\p{Cc}]/u.test(url)) throw refusedUrl('it has a backslash or a control character in it');
  const [location = '', ...texts] = url.replace(/^jdbc:h2:/i, '').split(';');
  const settings = texts
    .map((text) => text.trim())
    .filter(Boolean)
    .map(parseSetting);
  const path = resolvePath(location.replace(/^file:/i, ''), baseFolder);
  if (/[;\\]/.test(path)) throw new BootstrapError(MESSAGES.DATABASE_UNSUPPORTED.unopenable(path));
  const kept = settings
    .filter(({ key }) => key === 'CIPHER' || key === 'MODE')
    .map(({ key, value }) => `${key}=${value}`);
  return { path, settings: kept, schema: schemaOf(settings.find(({ key }) => key === 'SCHEMA')?.value) };
}

/**
 * The URL we change a file with. Ours win: a wrong path never creates a database, a refused login writes no `.trace.db` beside it, and
 * whoever writes one constraint does not rewrite the whole file for 200 ms as it closes it: the server does that whenever it ends.
 */
export function h2JdbcUrl({ path, settings }: Pick<H2File, 'path' | 'settings'>): string {
  const ours = ['IFEXISTS=TRUE', 'TRACE_LEVEL_FILE=0', 'MAX_COMPACT_TIME=0'];
  return [`jdbc:h2:${path}`, ...ours, ...settings].join(';');
}

interface Setting {
  /** In upper case. */
  readonly key: string;
  readonly value: string;
}

/** As H2 spells it: a name in quotes stays as it is. */
function schemaOf(value: string | undefined): string | undefined {
  return value?.startsWith('"') ? value.slice(1, -1) : value?.toUpperCase();
}

function parseSetting(text: string): Setting {
  const [, written = '', value = ''] = /^([^=]*?)\s*(?:=\s*(.*))?$/s.exec(text) ?? [];
  const key = written.toUpperCase();
  const form = FORMS[key] ?? (SERVERS_OWN.includes(key) ? HARMLESS : undefined);
  if (!form) throw refusedSetting(written);
  if (!form.test(value)) throw refusedSetting(key, 'has a value that is not known to do no harm');
  return { key, value };
}

/** What decides how the data is read, and a login, which the settings have. */
const FORMS: Readonly<Record<string, RegExp>> = {
  CIPHER: /^(AES|FOG)$/i,
  MODE: /^(REGULAR|STRICT|LEGACY|DB2|DERBY|HSQLDB|MSSQLSERVER|MYSQL|MARIADB|ORACLE|POSTGRESQL)$/i,
  SCHEMA: /^([A-Za-z_][A-Za-z0-9_$]{0,127}|"[\w$ .-]{1,128}")$/,
  USER: /^/,
  PASSWORD: /^/,
  PASSWORD_HASH: /^/,
};

/**
 * What tells the server how to run (when to close, what to trace, how long to wait) is left out: it would do harm here.
 * `DB_CLOSE_DELAY=-1` would keep the file locked until this process ends.
 */
const SERVERS_OWN = [
  ...[
    'ACCESS_MODE_DATA',
    'ANALYZE_AUTO',
    'ANALYZE_SAMPLE',
    'AUTOCOMMIT',
    'AUTO_COMPACT_FILL_RATE',
    'AUTO_RECONNECT',
    'AUTO_SERVER',
  ],
  ...[
    'AUTO_SERVER_PORT',
    'CACHE_SIZE',
    'CASE_INSENSITIVE_IDENTIFIERS',
    'COMPRESS',
    'DATABASE_TO_LOWER',
    'DATABASE_TO_UPPER',
  ],
  ...[
    'DB_CLOSE_DELAY',
    'DB_CLOSE_ON_EXIT',
    'DEFAULT_LOCK_TIMEOUT',
    'DEFRAG_ALWAYS',
    'FILE_LOCK',
    'IFEXISTS',
    'IGNORECASE',
  ],
  ...[
    'IGNORE_UNKNOWN_SETTINGS',
    'LAZY_QUERY_EXECUTION',
    'LOCK_MODE',
    'LOCK_TIMEOUT',
    'LOG',
    'MAX_COMPACT_COUNT',
    'MAX_COMPACT_TIME',
  ],
  ...[
    'MAX_LOG_SIZE',
    'MAX_MEMORY_ROWS',
    'MULTI_THREADED',
    'MVCC',
    'MV_STORE',
    'NETWORK_TIMEOUT',
    'NON_KEYWORDS',
    'OPEN_NEW',
  ],
  ...[
    'OPTIMIZE_REUSE_RESULTS',
    'PAGE_SIZE',
    'QUERY_CACHE_SIZE',
    'QUERY_TIMEOUT',
    'RETENTION_TIME',
    'REUSE_SPACE',
    'TIME ZONE',
  ],
  ...['TRACE_LEVEL_FILE', 'TRACE_LEVEL_SYSTEM_OUT', 'TRACE_MAX_FILE_SIZE', 'WRITE_DELAY'],
];

const HARMLESS = /^[A-Za-z0-9_.,/+ -]*$/;

function resolvePath(location: string, baseFolder: string | undefined): string {
  const scheme = /^([a-z][a-z0-9]+):/i.exec(location)?.[1];
  if (scheme) {
    throw new BootstrapError(MESSAGES.DATABASE_UNSUPPORTED.h2Scheme(scheme));
  }
  if (location.startsWith('/')) return resolve(location);
  if (location === '~' || location.startsWith('~/')) return resolve(homedir(), `.${location.slice(1)}`);
  if (!/^\.{1,2}\//.test(location)) {
    throw new BootstrapError(MESSAGES.DATABASE_UNSUPPORTED.h2Path(location));
  }
  if (baseFolder !== undefined) return resolve(baseFolder, location);
  throw new BootstrapError(MESSAGES.HOME_NOT_FOUND(location));
}
