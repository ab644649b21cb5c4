import { inspect } from 'node:util';

const MASK = '*****';

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
