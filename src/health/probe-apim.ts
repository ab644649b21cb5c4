import type { HttpClient } from '../http/client.js';
import { notReady, PROBE_TIMEOUT_MS } from './not-ready.js';

/**
 * Asks API Manager's gateway whether all APIs and policies are deployed. A control-plane node has no gateway and answers 404 there:
 * then its version service tells, as in the probes of WSO2's Helm charts.
 *
 * @throws BootstrapError `SERVER_NOT_READY`, and what {@link HttpClient.send} throws
 */
export async function probeApim(http: HttpClient, url: string, signal: AbortSignal): Promise<void> {
  const startup = `${url}/api/am/gateway/v2/server-startup-healthcheck`;
  const reply = await http.send({ method: 'GET', url: startup, timeoutMs: PROBE_TIMEOUT_MS, signal });
  if (reply.status === 200 && !/^\s*</.test(reply.text)) return;
  if (reply.status !== 404) throw notReady(startup, reply, '200 from its startup health check');
  const version = `${url}/services/Version`;
  const fallback = await http.send({ method: 'GET', url: version, timeoutMs: PROBE_TIMEOUT_MS, signal });
  if (fallback.status !== 200) throw notReady(version, fallback, '200 (and its startup health check answered 404)');
}
