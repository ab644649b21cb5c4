import { LIB } from '../servers/layout.js';
import { MESSAGES } from './errors.js';
import type { HomeFacts, PairFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** What deployment.toml says of databases, looked at without them. */
export function findDatabaseSettingFaults(pair: PairFacts): readonly Finding[] {
  const homes = [pair.is7, pair.apim].filter((home) => home !== undefined);
  return [...shared(pair), ...homes.flatMap(unescaped), ...homes.flatMap(missingDrivers)];
}

/** API Manager's own database has a table of applications, too, in another shape. */
function shared({ is7, apim }: PairFacts): readonly Finding[] {
  const settings = is7?.settings;
  const [one, other] = [settings?.text('database.identity_db.url'), apim?.settings?.text('database.apim_db.url')];
  if (!settings || !one || !other || databaseAddress(one) !== databaseAddress(other)) return [];
  if (/^jdbc:h2:(file:)?\./i.test(one)) return [];
  return [
    finding(MESSAGES.DATABASE_SHARED(databaseAddress(one)), {
      where: settings.place(['database', 'identity_db', 'url']),
    }),
  ];
}

/** Without parameters, which may hold a login. */
function databaseAddress(url: string): string {
  return url
    .replace(/[?;].*$/s, '')
    .replace(/\/\/[^/@]*@/, '//')
    .toLowerCase();
}

interface Source {
  readonly path: readonly string[];
  readonly url: string;
}

function sourcesOf({ settings }: HomeFacts): readonly Source[] {
  return (settings?.leaves ?? []).flatMap(({ path, value }) => {
    const [root, name, key] = path;
    const isUrl = (root === 'database' || root === 'datasource') && key === 'url' && path.length === 3;
    return isUrl && typeof value === 'string' ? [{ path: [String(root), String(name), 'url'], url: value }] : [];
  });
}

/** The URL is pasted into an XML file as it is. */
function unescaped(home: HomeFacts): readonly Finding[] {
  return sourcesOf(home)
    .filter(({ url }) => /&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/i.test(url))
    .map(({ path }) => finding(MESSAGES.DATABASE_URL_UNESCAPED(path), { where: home.settings?.place(path) ?? '' }));
}

const DRIVERS: Readonly<Record<string, readonly [engine: string, jar: RegExp]>> = {
  mysql: ['MySQL', /mysql-connector|mariadb-java-client/i],
  mariadb: ['MariaDB', /mariadb-java-client/i],
  postgresql: ['PostgreSQL', /postgresql/i],
  sqlserver: ['SQL Server', /mssql-jdbc|sqljdbc/i],
  oracle: ['Oracle', /ojdbc/i],
  db2: ['DB2', /db2jcc|jcc/i],
};

/** The packs bring the driver of H2 alone. */
function missingDrivers(home: HomeFacts): readonly Finding[] {
  if (!home.jars.has(LIB)) return [];
  const jars = [...home.jars.values()].flat();
  const missing = new Map<string, Source>();
  for (const source of sourcesOf(home)) {
    const engine = /^jdbc:(\w+):/i.exec(source.url)?.[1]?.toLowerCase() ?? '';
    const driver = DRIVERS[engine];
    if (driver && !missing.has(engine) && !jars.some((name) => driver[1].test(name))) missing.set(engine, source);
  }
  return [...missing].map(([engine, { path }]) =>
    finding(MESSAGES.DATABASE_DRIVER_MISSING(path, DRIVERS[engine]?.[0], home.folder, home.title, LIB), {
      where: home.settings?.place(path) ?? '',
    }),
  );
}
