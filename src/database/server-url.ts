import { BootstrapError } from '../errors.js';

/** A JDBC URL of the form `jdbc:engine://host:port,host:port/database?key=value&…`. */
export interface ServerUrl {
  /** In the order to try them. */
  readonly hosts: readonly Host[];
  /** Empty when the URL names none. */
  readonly database: string;
  /** The parameters by their names in lower case, values decoded. A login among them is left out: the settings have it. */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface Host {
  /** A name or an address, an IPv6 address without its brackets; or the path of a Unix socket or, for PostgreSQL, its folder. */
  readonly name: string;
  readonly port: number;
}

/**
 * Reads what `jdbc:postgresql:`, `jdbc:mysql:` and `jdbc:mariadb:` have in common: several hosts, IPv6 in brackets, a login in front.
 *
 * @throws BootstrapError `CONFIG_INVALID`, which never shows the URL, because it may hold a password
 */
export function parseServerUrl(url: string, defaultPort: number): ServerUrl {
  const form = /^jdbc:[a-z0-9]+:(?:[a-z]+:)?(?:\/\/([^/?]*)(?:\/|$|(?=\?))|\/)?([^?/]*)(?:\?(.*))?$/is.exec(url);
  if (!form) throw invalidUrl('it is not of the form jdbc:engine://host:port/database');
  const [, authority = '', database = '', query = ''] = form;
  const hosts = authority.slice(authority.lastIndexOf('@') + 1).split(',');
  return {
    hosts: hosts.map((text) => parseHost(text.trim(), defaultPort)),
    database: decode(database),
    parameters: parseParameters(query),
  };
}

/** `db.example:5432`, `[::1]:5432`, `/run/mysqld/mysqld.sock`, for messages. */
export function showHost({ name, port }: Host): string {
  if (isSocket({ name })) return name;
  return name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`;
}

/** Whether it is the path of a Unix socket, which needs no TLS. */
export function isSocket({ name }: Pick<Host, 'name'>): boolean {
  return name.startsWith('/');
}

/** The URL cannot be used, and why. */
export function invalidUrl(why: string): BootstrapError {
  return new BootstrapError(`the URL of the identity database cannot be used: ${why}`, {
    code: 'CONFIG_INVALID',
    hint: 'Correct url of [database.identity_db] in deployment.toml, or set KMB_DATABASE_URL (database.url in km-bootstrap.toml).',
  });
}

function parseHost(text: string, defaultPort: number): Host {
  const found = /^(?:\[([^\]]+)\]|([^:()=]*))(?::(\d{1,5}))?$/.exec(text);
  if (!found) throw invalidUrl('a host in it is not of the form host:port or [IPv6]:port');
  const [, address, name, port] = found;
  return { name: address ?? (name || 'localhost'), port: Number(port ?? defaultPort) };
}

const LOGIN = ['user', 'password', 'username'];

function parseParameters(query: string): ReadonlyMap<string, string> {
  const pairs = query.split('&').filter(Boolean);
  const decoded = pairs.map((pair): [string, string] => {
    const [key = '', ...value] = pair.split('=');
    return [decode(key).toLowerCase(), decode(value.join('='))];
  });
  return new Map(decoded.filter(([key]) => !LOGIN.includes(key)));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUrl('a % in it does not start an escape such as %20');
  }
}
