/** Where placeholders get their values from; an answer of `undefined` means that it is not there. */
export interface PlaceholderSources {
  /** A key of the same file, by its dotted path. */
  ref(path: string): unknown;
  env(name: string): string | undefined;
  /** A JVM system property. */
  sys?(name: string): string | undefined;
}

/** Characters that placeholders may come to in one value, each step counted: references that double each other make one without end. */
const MOST_MADE = 64 * 1024;

const PLACEHOLDER = /\$(ref|env|sys|secret)\{([^{}]*)\}/g;

/**
 * Resolves `$ref{}`, `$env{}` and `$sys{}` in a value of deployment.toml as the servers' config mapper does; `${carbon.…}` is not a
 * placeholder of that kind and stays. An Error says which name has no value, leads back to itself, or is a `$secret{}`, which only the
 * server can decrypt.
 */
export function resolvePlaceholders(text: string, sources: PlaceholderSources): string {
  return resolveWithin(text, sources, [], { left: MOST_MADE });
}

function resolveWithin(
  text: string,
  sources: PlaceholderSources,
  within: readonly string[],
  budget: { left: number },
): string {
  return text.replace(PLACEHOLDER, (whole, kind: string, name: string) => {
    if (within.includes(whole)) throw new Error(`${[...within, whole].join(' → ')} leads back to itself`);
    const value = resolveWithin(lookUp(kind, name, sources), sources, [...within, whole], budget);
    budget.left -= value.length + 1;
    if (budget.left < 0) throw new Error(`${[...within, whole][0]} stands for too much: its references multiply`);
    return value;
  });
}

/** A JDBC URL is pasted raw into XML by the server, so people write `&amp;` in it; this is what the server makes of it. */
export function unescapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '');
}

function lookUp(kind: string, name: string, { ref, env, sys }: PlaceholderSources): string {
  if (kind === 'secret') throw new Error(`$secret{${name}} is encrypted, and only the server can decrypt it`);
  const value = { ref, env, sys: sys ?? (() => undefined) }[kind as 'ref' | 'env' | 'sys'](name);
  if (value === undefined || typeof value === 'object') throw new Error(`$${kind}{${name}} has no value here`);
  return String(value);
}
