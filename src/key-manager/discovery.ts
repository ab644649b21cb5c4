import { UnreachableError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import { sendPatiently } from '../http/retry.js';
import type { KeyManagerDeclaration, KeyManagerFields } from './declaration.js';
import { isObject, type JsonObject, textField } from './json.js';

/** Reads Identity Server's own account of itself; each URL at most once a run. */
export interface Discovery {
  /** The document; undefined when that server cannot be asked from here, or answers something else. */
  read(url: string, signal: AbortSignal): Promise<JsonObject | undefined>;
}

const TIMEOUT_MS = 10_000;

export function createDiscovery(http: HttpClient): Discovery {
  const known = new Map<string, Promise<JsonObject | undefined>>();
  return {
    async read(url, signal) {
      const reading = known.get(url) ?? fetchDocument(http, url, signal);
      known.set(url, reading);
      const document = await reading.catch((error: unknown) => {
        known.delete(url);
        throw error;
      });
      return document;
    },
  };
}

async function fetchDocument(http: HttpClient, url: string, signal: AbortSignal): Promise<JsonObject | undefined> {
  try {
    const reply = await sendPatiently(http, { method: 'GET', url, timeoutMs: TIMEOUT_MS, signal });
    const body: unknown = reply.status === 200 ? JSON.parse(reply.text) : undefined;
    return isObject(body) && textField(body, 'issuer') !== undefined ? body : undefined;
  } catch (error) {
    if (error instanceof UnreachableError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** How the values of a discovery document are used. */
export interface DiscoveryUse {
  /** `https://host:port` of Identity Server as API Manager reaches it, which the document does not know. */
  readonly is7Url: string;
  /** Fields that were declared: they stay. */
  readonly declared: ReadonlySet<string>;
}

/**
 * A declaration with the values of a discovery document, but for what that gets wrong: it names every endpoint by the public host, also
 * those that API Manager calls itself, and `/oauth2/userinfo`, which does not give the claims that the connector needs.
 */
export function withDiscovered(
  declaration: KeyManagerDeclaration,
  document: JsonObject,
  { is7Url, declared }: DiscoveryUse,
): KeyManagerDeclaration {
  const front = (name: string) => textField(document, name);
  const back = (name: string) => reachedAt(is7Url, front(name));
  const grants = document['grant_types_supported'];
  const jwks = back('jwks_uri');
  const found: { readonly [Name in keyof KeyManagerFields]?: KeyManagerFields[Name] | undefined } = {
    issuer: front('issuer'),
    tokenEndpoint: back('token_endpoint'),
    displayTokenEndpoint: front('token_endpoint'),
    revokeEndpoint: back('revocation_endpoint'),
    displayRevokeEndpoint: front('revocation_endpoint'),
    introspectionEndpoint: back('introspection_endpoint'),
    clientRegistrationEndpoint: back('registration_endpoint'),
    authorizeEndpoint: front('authorization_endpoint'),
    certificates: jwks === undefined ? undefined : { type: 'JWKS', value: jwks },
    availableGrantTypes: Array.isArray(grants) ? grants.map(String) : undefined,
  };
  const taken = Object.entries(found).filter(([name, value]) => value !== undefined && !declared.has(name));
  return { ...declaration, ...Object.fromEntries(taken) };
}

/** The same path on the host that API Manager reaches. */
function reachedAt(origin: string, url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { pathname, search } = new URL(url);
  return `${origin}${pathname}${search}`;
}
