import type { HttpClient, HttpReply } from '../http/client.js';
import { notReady, PROBE_TIMEOUT_MS, wrongServer } from './not-ready.js';
import { DISCOVERY, STARTUP, VERSION } from './paths.js';

/**
 * Asks API Manager's gateway whether all APIs and policies are deployed. A control-plane node has no gateway and answers 404 there:
 * then its version service tells, as in the probes of WSO2's Helm charts.
 *
 * @returns the answer that it is ready
 * @throws BootstrapError `SERVER_STARTING`, `SERVER_NOT_READY`, `SERVER_REDIRECTS`, `WRONG_PRODUCT`, `WRONG_CONTEXT`, and what
 *   {@link HttpClient.send} throws
 */
export async function probeApim(http: HttpClient, url: string, signal: AbortSignal): Promise<HttpReply> {
  const get = (path: string) => http.send({ method: 'GET', url: url + path, timeoutMs: PROBE_TIMEOUT_MS, signal });
  const reply = await get(STARTUP);
  if (reply.status === 200 && !/^\s*</.test(reply.text)) return reply;
  if (reply.status !== 404) throw notReady(url + STARTUP, reply, '200 from its startup health check');
  const version = await get(VERSION);
  if (version.status === 200) return version;
  const isIs7 = (await get(DISCOVERY)).status === 200;
  throw wrongServer(url, 'API Manager', isIs7 ? 'Identity Server' : undefined);
}
