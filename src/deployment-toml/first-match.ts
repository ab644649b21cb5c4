/** What decides to which requests an entry of `[[resource.access_control]]` applies, as found. */
export interface AccessRule {
  readonly context: unknown;
  readonly method: unknown;
}

/**
 * Whether the servers would apply `earlier`, which stands first, to a request that `rule` is meant for. The first match wins: `context`
 * is a regular expression for the whole path, `http_method` is `all` or contains the method (wso2-extensions/identity-carbon-auth-rest,
 * AuthConfigurationUtil.getSecuredConfig). Where that cannot be told, it would.
 */
export function matchesFirst(earlier: AccessRule, rule: AccessRule): boolean {
  return coversMethod(earlier.method, String(rule.method)) && coversContext(earlier.context, String(rule.context));
}

/** The case of letters counted in 7.0.0 and does not later: the wider reading is the careful one. */
function coversMethod(found: unknown, method: string): boolean {
  if (typeof found !== 'string') return true;
  const methods = found.toLowerCase();
  return methods === 'all' || methods.includes(method.toLowerCase());
}

function coversContext(found: unknown, context: string): boolean {
  if (typeof found !== 'string') return false;
  const [earlier, own] = [asPattern(found), asPattern(context)];
  if (!earlier || !own) return true;
  return [...examplesOf(context), ...examplesOf(found)].some((path) => earlier.test(path) && own.test(path));
}

/** Java's pattern, as far as JavaScript means the same by it. */
function asPattern(context: string): RegExp | undefined {
  if (/\\[A-Zp]|\(\?|[+*?}]\+|&&|\$\w+\{/.test(context)) return undefined;
  try {
    return new RegExp(`^(?:${context})$`);
  } catch {
    return undefined;
  }
}

/** Paths such as requests have: of the first tenant, another tenant, an organization. */
function examplesOf(context: string): readonly string[] {
  return ['', '/t/example.com', '/o', '/t/example.com/o'].map((prefix) => context.replace(/\(?\.\*\)?/, prefix));
}
