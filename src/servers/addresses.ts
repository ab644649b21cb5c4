import { HIGHEST_OFFSET, HTTPS_PORT } from './server.js';

/** Host and port on which a server answers HTTPS, as the other one reaches it. */
export interface Address {
  /** In lower case; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export function addressIn(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: bare(hostname), port: Number(port || 443) };
}

/** Where a server answers that calls itself so and runs with this offset. */
export function addressOf(hostname: string, offset: number): Address {
  return { host: bare(hostname.toLowerCase()), port: HTTPS_PORT + offset };
}

export function isSameAddress(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port;
}

/** The value of `[server] offset`, an integer or a quoted one: the servers take both. Undefined for what is no offset. */
export function offsetIn(text: string): number | undefined {
  return /^\d{1,5}$/.test(text.trim()) && Number(text) <= HIGHEST_OFFSET ? Number(text) : undefined;
}

/** The port of a reverse proxy in front of the server, which then stands in its issuer and display endpoints. */
export const PROXY_PORT = 'transport.https.properties.proxyPort';

/** What IS 7 signs tokens as, and the path of its token endpoint. */
export function issuerOf(origin: string): string {
  return `${origin}/oauth2/token`;
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
