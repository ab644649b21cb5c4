import { invalidUrl, isHostName, refusedSetting, refusedUrl } from './server-url.js';

/** Where an Oracle database is, as it goes to the driver behind `jdbc:oracle:thin:@`. */
export interface OraclePlace {
  readonly text: string;
  readonly database: string;
  readonly address: string;
  readonly isEncrypted: boolean;
}

const SERVICE = /^[A-Za-z0-9_.$#-]{1,128}$/;

/**
 * `//host:1521/service`, `host:1521/service`, `host:1521:SID`, `tcps://host:2484/service`. Parameters (`?…`) are refused: they name
 * wallets, proxies and how the host is verified.
 *
 * @throws BootstrapError `DATABASE_URL_REFUSED`
 */
export function oraclePlace(text: string): OraclePlace {
  const found =
    /^(?:(?:(tcps?):)?\/\/)?(?:\[([^\]]+)\]|([^:/?@[\]]+))(?:(?::(\d{1,5}))?\/([^:/?]+)(?::(dedicated|shared|pooled))?|:(\d{1,5}):([^:/?]+))$/i.exec(
      text,
    );
  const [, protocol = 'tcp', ipv6, name = '', itsPort, service, server, portOfSid, sid] = found ?? [];
  const [host, port, database] = [ipv6 ?? name, itsPort ?? portOfSid ?? '1521', service ?? sid ?? ''];
  if (!found || !isHostName(host) || !SERVICE.test(database))
    throw refusedUrl(
      'its place is not of the form //host:port/service, host:port:SID, tcps://host:port/service or (DESCRIPTION=…); what else the driver knows (aliases, ldap:, config-…:, parameters) leads it to files and directories',
    );
  const named = { key: sid === undefined ? 'SERVICE_NAME' : 'SID', value: database };
  const where = [
    { key: 'PROTOCOL', value: protocol.toLowerCase() },
    { key: 'HOST', value: host },
    { key: 'PORT', value: port },
  ];
  const description = [
    { key: 'ADDRESS', value: where },
    { key: 'CONNECT_DATA', value: [named, ...(server ? [{ key: 'SERVER', value: server }] : [])] },
  ];
  return {
    // Always a description: the driver takes some words in front of a colon for something else than a host.
    text: written({ key: 'DESCRIPTION', value: description }),
    database,
    address: `${ipv6 ? `[${ipv6}]` : name}:${port}`,
    isEncrypted: /^tcps$/i.test(protocol),
  };
}

/** A part of a description: `(KEY=value)` or `(KEY=(…)(…))`. */
interface Part {
  readonly key: string;
  readonly value: string | readonly Part[];
}

const NUMBER = /^\d{1,9}$/;
const SWITCH = /^(on|off|yes|no|true|false)$/i;

/** What each key may hold: a form, or the keys of the parts in it. */
const KEYS: Readonly<Record<string, RegExp | readonly string[]>> = {
  DESCRIPTION: [
    ...['ADDRESS', 'ADDRESS_LIST', 'CONNECT_DATA', 'SECURITY', 'LOAD_BALANCE', 'FAILOVER', 'ENABLE', 'SDU', 'TDU'],
    ...['CONNECT_TIMEOUT', 'TRANSPORT_CONNECT_TIMEOUT', 'RETRY_COUNT', 'RETRY_DELAY'],
  ],
  ADDRESS_LIST: ['ADDRESS', 'LOAD_BALANCE', 'FAILOVER'],
  ADDRESS: ['PROTOCOL', 'HOST', 'PORT'],
  CONNECT_DATA: ['SERVICE_NAME', 'SID', 'SERVER', 'INSTANCE_NAME', 'FAILOVER_MODE'],
  FAILOVER_MODE: ['TYPE', 'METHOD', 'RETRIES', 'DELAY'],
  SECURITY: ['SSL_SERVER_DN_MATCH'],
  // The two names say whether the certificate has to be that of the host: it always has.
  SSL_SERVER_DN_MATCH: /^(on|yes|true)$/i,
  PROTOCOL: /^tcps?$/i,
  HOST: /^[a-z0-9_][a-z0-9._-]*$|^[0-9a-f:.]+$/i,
  PORT: /^\d{1,5}$/,
  SERVICE_NAME: SERVICE,
  SID: SERVICE,
  INSTANCE_NAME: SERVICE,
  SERVER: /^(dedicated|shared|pooled)$/i,
  ENABLE: /^broken$/i,
  LOAD_BALANCE: SWITCH,
  FAILOVER: SWITCH,
  TYPE: /^(session|select|none|auto|transaction)$/i,
  METHOD: /^(basic|preconnect)$/i,
  SDU: NUMBER,
  TDU: NUMBER,
  CONNECT_TIMEOUT: /^\d{1,9}\s*(ms|sec|min)?$/i,
  TRANSPORT_CONNECT_TIMEOUT: /^\d{1,9}\s*(ms|sec|min)?$/i,
  RETRY_COUNT: NUMBER,
  RETRY_DELAY: NUMBER,
  RETRIES: NUMBER,
  DELAY: NUMBER,
};

/**
 * `(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))`, made of the parts that say where a
 * database is and nothing else.
 *
 * @throws BootstrapError `CONFIG_INVALID`, `DATABASE_URL_REFUSED`
 */
export function oracleDescription(text: string): OraclePlace {
  const description = parseDescription(text);
  if (description.key !== 'DESCRIPTION') throw refusedSetting(description.key);
  const parts = checked(description);
  const addresses = parts.filter(({ key }) => key === 'ADDRESS').map(({ value }) => value as readonly Part[]);
  const [first] = addresses;
  if (!first) throw invalidUrl('its description has no address');
  const of = (within: readonly Part[], key: string) => within.find((part) => part.key === key)?.value;
  const database = of(parts, 'SERVICE_NAME') ?? of(parts, 'SID') ?? 'the default service';
  return {
    text: written(description),
    database: String(database),
    address: `${String(of(first, 'HOST') ?? 'localhost')}:${String(of(first, 'PORT') ?? 1521)}`,
    isEncrypted: addresses.every((address) => /^tcps$/i.test(String(of(address, 'PROTOCOL') ?? ''))),
  };
}

/** All parts, at any depth, each of them known and of its form. */
function checked({ key, value }: Part): readonly Part[] {
  const allowed = KEYS[key];
  if (typeof value === 'string') {
    if (!(allowed instanceof RegExp)) throw refusedSetting(key);
    if (!allowed.test(value)) throw refusedSetting(key, 'has a value that is not known to do no harm');
    return [];
  }
  if (!allowed || allowed instanceof RegExp) throw refusedSetting(key);
  return value.flatMap((part) => {
    if (!allowed.includes(part.key)) throw refusedSetting(part.key);
    return [part, ...checked(part)];
  });
}

function written({ key, value }: Part): string {
  return `(${key}=${typeof value === 'string' ? value : value.map(written).join('')})`;
}

const DEEPEST = 6;

function parseDescription(text: string): Part {
  const malformed = () => invalidUrl('its description is not of the form (KEY=(KEY=value)…)');
  let at = 0;
  const skip = () => {
    while (/\s/.test(text[at] ?? '')) at++;
  };
  const part = (depth: number): Part => {
    const opening = /^\(\s*([A-Za-z_]{1,40})\s*=\s*/.exec(text.slice(at));
    if (!opening || depth > DEEPEST) throw malformed();
    at += opening[0].length;
    const key = (opening[1] ?? '').toUpperCase();
    if (text[at] !== '(') {
      const value = /^[^()]*/.exec(text.slice(at))?.[0] ?? '';
      at += value.length;
      if (text[at++] !== ')') throw malformed();
      return { key, value: value.trim() };
    }
    const parts: Part[] = [];
    while (text[at] === '(') {
      parts.push(part(depth + 1));
      skip();
    }
    if (text[at++] !== ')') throw malformed();
    return { key, value: parts };
  };
  const description = part(1);
  skip();
  if (at < text.length) throw malformed();
  return description;
}
