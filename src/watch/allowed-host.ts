import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Endings that nobody can register, so that no page of a stranger can have a name with them point here. */
const RESERVED = ['.localhost', '.internal', '.svc', '.svc.cluster.local'];

/**
 * Whether a request may be for this `Host`. A page in a browser can have a name of its own point at this address (DNS rebinding) and would
 * then read what is served here; it cannot do so with an address, with a name without a dot, or with one that ends in a reserved word.
 *
 * @param allowed names that were set besides, in any case
 */
export function isAllowedHost(header: string | undefined, allowed: readonly string[]): boolean {
  const name = /^(\[[\da-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i
    .exec(header ?? '')?.[1]
    ?.toLowerCase()
    .replace(/\.$/, '');
  if (name === undefined) return false;
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0 || !name.includes('.')) return true;
  if (name === hostname().toLowerCase() || RESERVED.some((ending) => name.endsWith(ending))) return true;
  return allowed.some((host) => host.toLowerCase() === name);
}
