import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isIPv6 } from 'node:net';

/** Addresses of host names, as lines of /etc/hosts give them; names in lower case. */
export type HostNames = Readonly<Record<string, string>>;

/** Resolves the names given before it asks the system. */
export function lookupIn(names: HostNames): LookupFunction {
  return (hostname, options, callback) => {
    const address = names[hostname.toLowerCase()];
    if (address === undefined) {
      lookup(
        hostname,
        options,
        callback as (error: Error | null, address: string | LookupAddress[], family: number) => void,
      );
      return;
    }
    const family = isIPv6(address) ? 6 : 4;
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}
