import { BootstrapError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import { notReady, PROBE_TIMEOUT_MS } from './not-ready.js';

/**
 * Asks Identity Server for its OpenID discovery document, as its own container probes do: it is answered only once the server works.
 *
 * @throws BootstrapError `SERVER_NOT_READY`, `ISSUER_MISMATCH`, and what {@link HttpClient.send} throws
 */
export async function probeIs7(http: HttpClient, url: string, issuer: string, signal: AbortSignal): Promise<void> {
  const discovery = `${url}/oauth2/token/.well-known/openid-configuration`;
  const reply = await http.send({ method: 'GET', url: discovery, timeoutMs: PROBE_TIMEOUT_MS, signal });
  const said = reply.status === 200 ? issuerIn(reply.text) : undefined;
  if (said === undefined) throw notReady(discovery, reply, 'its OpenID discovery document');
  if (said !== issuer) throw issuerMismatch(url, said, issuer);
}

function issuerIn(text: string): string | undefined {
  try {
    const document: unknown = JSON.parse(text);
    const issuer = (document as { issuer?: unknown } | null)?.issuer;
    return typeof issuer === 'string' ? issuer : undefined;
  } catch {
    return undefined;
  }
}

function issuerMismatch(url: string, said: string, expected: string): BootstrapError {
  return new BootstrapError(`Identity Server at ${url} issues tokens as ${said}, but ${expected} is expected`, {
    code: 'ISSUER_MISMATCH',
    hint:
      'Set is7.public_url (KMB_IS7_PUBLIC_URL) to the URL that its issuer begins with, or [server] hostname, offset and proxyPort ' +
      "in Identity Server's deployment.toml to the expected one, and restart it.",
  });
}
