import { inspect } from 'node:util';

export const MASK = '*****';

/** A value that cannot be printed by accident: text, JSON, `util.inspect` and string concatenation all show `*****`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The clear value, for the one place that hands it to its consumer. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/** Makes secrets unreadable in a text that came from elsewhere and may repeat them, as they are or written in a usual way. */
export function maskSecrets(text: string, secrets: readonly Secret[]): string {
  // The longest first: what is left of one that holds another would tell half of it.
  const forms = [...new Set(secrets.flatMap((secret) => formsOf(secret.reveal())))].sort((a, b) => b.length - a.length);
  return forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

function formsOf(secret: string): readonly string[] {
  if (secret === '') return [];
  const json = JSON.stringify(secret).slice(1, -1);
  const xml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const quotes = [`'`, '&#39;', '&#x27;', '&apos;'].map((quote) => xml.replaceAll(`'`, quote));
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const urls = [encodeURIComponent(secret), new URLSearchParams({ x: secret }).toString().slice(2)];
  return [secret, json, JSON.stringify(json).slice(1, -1), ...quotes, base64, ...urls];
}

/**
 * A URL, or a JDBC URL in any driver's spelling, with what may be shown of it: where it leads, and properties that are known to be harmless.
 * User information before an `@` goes (also Oracle's `thin:scott/tiger@`, and a password with an `@` in it), and so does the value of every
 * other property, in a query, behind semicolons, in braces or in brackets.
 */
export function maskUrl(url: string): string {
  return url
    .replace(/(\/\/|:thin:|:oci\d?:)(?!@).+@/is, `$1${MASK}@`)
    .replace(PROPERTY, (whole, mark: string, name: string) =>
      HARMLESS_PROPERTIES.has(name.toLowerCase()) ? whole : `${mark}${name}=${MASK}`,
    );
}

/** `;password={a;PW}`, `&user=x`, `:apiKey=…;`, `(password=x)`; a brace that is not closed holds the rest. */
const PROPERTY = /(^|[?;&:,(\s])([\w.$-]+)\s*=\s*(?:\{(?:[^}]|\}\})*(?:\}|$)|"[^"]*(?:"|$)|'[^']*(?:'|$)|[^;&,)]*)/g;

const HARMLESS_PROPERTIES: ReadonlySet<string> = new Set([
  ...[
    'ssl',
    'sslmode',
    'usessl',
    'requiressl',
    'verifyservercertificate',
    'encrypt',
    'trustservercertificate',
    'sslconnection',
  ],
  ...[
    'hostnameincertificate',
    'allowpublickeyretrieval',
    'autoreconnect',
    'useunicode',
    'characterencoding',
    'servertimezone',
  ],
  ...[
    'databasename',
    'database',
    'currentschema',
    'schema',
    'servername',
    'portnumber',
    'port',
    'host',
    'protocol',
    'service_name',
  ],
  ...[
    'sid',
    'address',
    'address_list',
    'description',
    'connect_data',
    'server',
    'instancename',
    'mode',
    'auto_server',
    'cipher',
  ],
  ...[
    'db_close_on_exit',
    'db_close_delay',
    'lock_timeout',
    'ifexists',
    'access_mode_data',
    'file_lock',
    'case_insensitive_identifiers',
  ],
  ...['connecttimeout', 'sockettimeout', 'logintimeout', 'applicationname', 'user', 'username', 'sendtimeasdatetime'],
]);
