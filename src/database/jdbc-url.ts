import type { Notice } from '../step/step.js';
import type { DatabaseConnection } from './connection.js';
import { invalidUrl } from './server-url.js';

/** A JDBC URL as it goes to a vendor's driver, and what messages say of it. */
export interface JdbcUrl {
  /** Without a login, which the settings have: drivers repeat the URL in their messages. */
  readonly url: string;
  readonly database: string;
  /** `db.example:1433`. */
  readonly address: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly schemaIsGiven: boolean;
  readonly notices: readonly Notice[];
}

const CONNECT_TIMEOUT_S = '10';

/**
 * `jdbc:sqlserver://host\instance:1433;databaseName=db;…`:
 * https://learn.microsoft.com/sql/connect/jdbc/building-the-connection-url
 *
 * The driver encrypts unless `encrypt=false`, and `trustServerCertificate=true`, which would have it verify nothing, is overruled.
 *
 * @throws BootstrapError `CONFIG_INVALID`
 */
export function sqlServerUrl({ url, schema }: DatabaseConnection): JdbcUrl {
  if (schema !== undefined)
    throw invalidUrl(
      'SQL Server takes the schema from the user (ALTER USER … WITH DEFAULT_SCHEMA), not from database.schema',
    );
  const [location = '', ...settings] = url.replace(/;+$/, '').split(/;(?![^{]*})/);
  const address = /^jdbc:sqlserver:\/\/(.*)$/i.exec(location)?.[1];
  if (address === undefined) throw invalidUrl('it is not of the form jdbc:sqlserver://host:port;databaseName=name');
  const kept = settings.filter((setting) => !/^\s*(user(name)?|password|trustServerCertificate)\s*=/i.test(setting));
  const value = (name: RegExp) => kept.find((setting) => name.test(setting))?.replace(/^[^=]*=\s*/, '');
  const isPlain = /^(false|no|optional)$/i.test(value(/^\s*encrypt\s*=/i) ?? '');
  return {
    url: [location, ...kept, 'trustServerCertificate=false'].join(';'),
    database: value(/^\s*database(Name)?\s*=/i) ?? 'the default database',
    address: address || (value(/^\s*server(Name)?\s*=/i) ?? 'localhost'),
    properties: { loginTimeout: CONNECT_TIMEOUT_S, applicationName: 'km-bootstrap' },
    schemaIsGiven: false,
    notices: isPlain ? [withoutTls('encrypt=false')] : [],
  };
}

/**
 * `jdbc:oracle:thin:@//host:1521/service`, `@host:1521/service`, `@host:1521:SID`, `@tcps://…`, `@(DESCRIPTION=…)` and `@alias`:
 * https://docs.oracle.com/en/database/oracle/oracle-database/23/jjdbc/data-sources-and-URLs.html
 *
 * @throws BootstrapError `CONFIG_INVALID`
 */
export function oracleUrl({ url, schema }: DatabaseConnection): JdbcUrl {
  const found = /^jdbc:oracle:thin:[^@]*@(.+)$/is.exec(url);
  if (!found)
    throw invalidUrl('it is not of the form jdbc:oracle:thin:@//host:port/service or jdbc:oracle:thin:@host:port:SID');
  const place = found[1] ?? '';
  const { database, address } = oraclePlace(place);
  return {
    url: `jdbc:oracle:thin:@${place}`,
    database,
    address,
    properties: { 'oracle.net.CONNECT_TIMEOUT': `${CONNECT_TIMEOUT_S}000`, 'v$session.program': 'km-bootstrap' },
    schemaIsGiven: schema !== undefined,
    notices: [],
  };
}

function oraclePlace(place: string): { readonly database: string; readonly address: string } {
  if (place.startsWith('(')) {
    const part = (key: string) => new RegExp(`\\(\\s*${key}\\s*=\\s*([^)\\s]+)`, 'i').exec(place)?.[1];
    return {
      database: part('SERVICE_NAME') ?? part('SID') ?? 'the default service',
      address: `${part('HOST') ?? 'its host'}:${part('PORT') ?? 1521}`,
    };
  }
  const form = /^(?:(?:tcps?:)?\/\/)?(\[[^\]]+\]|[^:/?]+)(?::(\d+))?(?:[/:]([^:/?]+))?/i.exec(place);
  const [, host = place, port = '1521', name] = form ?? [];
  return { database: name ?? host, address: `${host}:${port}` };
}

/**
 * `jdbc:db2://host:50000/DB:key=value;key=value;`: https://www.ibm.com/docs/en/db2/11.5?topic=cdsudidsdjs-url-format-data-server-driver-jdbc-sqlj-type-4-connectivity
 *
 * @throws BootstrapError `CONFIG_INVALID`
 */
export function db2Url({ url, schema, caFile }: DatabaseConnection): JdbcUrl {
  const found = /^(jdbc:db2:\/\/([^/]+)\/([^:;]+))(?::(.*))?$/is.exec(url);
  if (!found) throw invalidUrl('it is not of the form jdbc:db2://host:port/name');
  const [, location = '', address = '', database = '', text = ''] = found;
  const settings = text.split(';').filter((setting) => setting.trim() && !/^\s*(user|password)\s*=/i.test(setting));
  const has = (name: RegExp) => settings.some((setting) => name.test(setting));
  const asksForTls = has(/^\s*sslConnection\s*=\s*true/i);
  const authority = asksForTls && caFile && !has(/^\s*sslCertLocation\s*=/i) ? { sslCertLocation: caFile } : {};
  return {
    url: settings.length > 0 ? `${location}:${settings.join(';')};` : location,
    database,
    address,
    properties: { loginTimeout: CONNECT_TIMEOUT_S, clientProgramName: 'km-bootstrap', ...authority },
    schemaIsGiven: schema !== undefined || has(/^\s*currentSchema\s*=/i),
    notices: [],
  };
}

function withoutTls(saidBy: string): Notice {
  return {
    code: 'DB_TLS_OFF',
    message: `the identity database is talked to without TLS, as ${saidBy} says`,
    hint: 'To have it encrypted and verified, take that out of the URL and give the driver a truststore with its authority.',
  };
}
