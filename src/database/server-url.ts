import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';

/** A JDBC URL of the form `jdbc:engine://host:port,host:port/database?key=value&…`. */
export interface ServerUrl {
  /** In the order to try them. */
  readonly hosts: readonly Host[];
  /** Empty when the URL names none. */
  readonly database: string;
  /** Those that are {@link UrlRules.taken}, by their names in lower case, values decoded. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Which parameters a URL may have, in lower case. It is written for the server's own driver, and often by somebody else than who runs
 * km-bootstrap: what is in none of these lists may load a class, read or write a file, or run SQL there, and is refused by its name.
 */
export interface UrlRules {
  readonly defaultPort: number;
  /** Decide something here. */
  readonly taken: readonly string[];
  /** Tell the server's driver how to work; nothing here depends on them. */
  readonly idle: readonly string[];
  /** Idle while they are false: they forbid what would be refused. */
  readonly idleWhenFalse?: readonly string[];
}

export interface Host {
  /** A name or an address, an IPv6 address without its brackets; or the path of a Unix socket or, for PostgreSQL, its folder. */
  readonly name: string;
  readonly port: number;
}

/**
 * Reads what `jdbc:postgresql:`, `jdbc:mysql:` and `jdbc:mariadb:` have in common: several hosts, IPv6 in brackets, a login in front.
 *
 * @throws BootstrapError `CONFIG_INVALID`, which never shows the URL, because it may hold a password; `DATABASE_URL_REFUSED`
 */
export function parseServerUrl(url: string, rules: UrlRules): ServerUrl {
  const form = /^jdbc:[a-z0-9]+:(?:[a-z]+:)?(?:\/\/([^/?]*)(?:\/|$|(?=\?))|\/)?([^?/]*)(?:\?(.*))?$/is.exec(url);
  if (!form) throw invalidUrl('it is not of the form jdbc:engine://host:port/database');
  const [, authority = '', database = '', query = ''] = form;
  const hosts = authority.slice(authority.lastIndexOf('@') + 1).split(',');
  return {
    hosts: hosts.map((text) => parseHost(text.trim(), rules.defaultPort)),
    database: decode(database),
    parameters: parseParameters(query, rules),
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
  return new BootstrapError(MESSAGES.CONFIG_INVALID(why));
}

/**
 * The URL asks for something that is never done for it.
 *
 * @param name of the setting in it; shown when it is a word
 */
export function refusedSetting(name: string, why = 'is none of those that are known to do no harm'): BootstrapError {
  const shown = /^[\w$.]{1,60}$/.test(name) ? name : 'a setting that is no word';
  return refusedUrl(`${shown} in it ${why}`);
}

/** The URL leads to something that is never followed for it. */
export function refusedUrl(why: string): BootstrapError {
  return new BootstrapError(MESSAGES.DATABASE_URL_REFUSED(why));
}

/** A host name, an IPv4 address, or an IPv6 address without its brackets. */
export function isHostName(text: string): boolean {
  return /^[a-z0-9_]([a-z0-9._-]{0,252})$/i.test(text) || /^[0-9a-f:.]{2,45}(%[a-z0-9]{1,16})?$/i.test(text);
}

function parseHost(text: string, defaultPort: number): Host {
  const found = /^(?:\[([^\]]+)\]|([^:()=]*))(?::(\d{1,5}))?$/.exec(text);
  if (!found) throw invalidUrl('a host in it is not of the form host:port or [IPv6]:port');
  const [, address, name, port] = found;
  const host = address ?? (name || 'localhost');
  if (!isHostName(host)) throw invalidUrl('a host in it is neither a host name nor an address');
  return { name: host, port: Number(port ?? defaultPort) };
}

const LOGIN = ['user', 'password', 'username'];

/** A login among them is left out: the settings have it. */
function parseParameters(query: string, rules: UrlRules): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter(Boolean)) {
    const [name = '', ...rest] = pair.split('=');
    const [key, value] = [decode(name).toLowerCase(), decode(rest.join('='))];
    if (rules.taken.includes(key)) parameters.set(key, value);
    else if (!LOGIN.includes(key) && !rules.idle.includes(key) && !isIdle(key, value, rules))
      throw refusedSetting(decode(name));
  }
  return parameters;
}

function isIdle(key: string, value: string, { idleWhenFalse = [] }: UrlRules): boolean {
  return idleWhenFalse.includes(key) && value.toLowerCase() === 'false';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUrl('a % in it does not start an escape such as %20');
  }
}
