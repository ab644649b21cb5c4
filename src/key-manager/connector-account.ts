import { Secret } from '../config/secret.js';
import { basicAuth, type HttpClient } from '../http/client.js';
import type { KeyManagerDeclaration } from './declaration.js';

/** What Identity Server thinks of the connector's account; unknown when it cannot be asked from here. */
export type AccountVerdict = 'accepted' | 'refused' | 'unknown';

const TIMEOUT_MS = 10_000;

/**
 * Uses the connector's account at Identity Server directly, by asking about a token that does not exist: it changes nothing, and is
 * a call that the connector itself makes.
 */
export async function tryConnectorAccount(
  { connector, introspectionEndpoint: url }: KeyManagerDeclaration,
  http: HttpClient | undefined,
  signal: AbortSignal,
): Promise<AccountVerdict> {
  const { Username: username, Password: password } = connector;
  if (http === undefined || url === undefined || typeof username !== 'string' || !(password instanceof Secret))
    return 'unknown';
  const headers = { authorization: basicAuth(username, password) };
  const body = new URLSearchParams({ token: 'km-bootstrap' });
  const reply = await http
    .send({ method: 'POST', url, headers, body, timeoutMs: TIMEOUT_MS, signal })
    .catch(() => undefined);
  signal.throwIfAborted();
  if (reply?.status === 200) return 'accepted';
  return reply?.status === 401 ? 'refused' : 'unknown';
}
