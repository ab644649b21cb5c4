/** The proxy variables of the environment, as their users know them. */
export interface ProxySettings {
  readonly httpsProxy?: string;
  /** Comma-separated hosts, domains (`.example.com`) or `host:port`; `*` is all. */
  readonly noProxy?: string;
}

/** The proxy to use for a URL, if any. Loopback addresses never go through a proxy, as in Go and curl's usual set-up. */
export function proxyFor(url: URL, { httpsProxy, noProxy = '' }: ProxySettings): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (!httpsProxy || isLoopback(host)) return undefined;
  const rules = noProxy
    .toLowerCase()
    .split(',')
    .map((rule) => rule.trim())
    .filter(Boolean);
  return rules.some((rule) => matches(rule, host, url.port)) ? undefined : httpsProxy;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.endsWith('.localhost') || /^127\./.test(host);
}

function matches(rule: string, host: string, port: string): boolean {
  if (rule === '*') return true;
  const [, name = rule, rulePort] = /^(.*?)(?::(\d+))?$/.exec(rule) ?? [];
  if (rulePort !== undefined && rulePort !== port) return false;
  const domain = name.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}
