import { BootstrapError } from '../errors.js';
import type { HttpClient, HttpReply } from '../http/client.js';
import { MESSAGES } from './errors.js';
import { notReady, PROBE_TIMEOUT_MS, wrongServer } from './not-ready.js';

/**
 * Asks Identity Server for its OpenID discovery document, as its own container probes do: it is answered only once the server works.
 * When it is not, its health check is asked why.
 *
 * @returns the answer that it is ready
 * @throws BootstrapError `SERVER_STARTING`, `SERVER_DATABASE_DOWN`, `SERVER_NOT_READY`, `SERVER_REDIRECTS`, `WRONG_PRODUCT`,
 *   `WRONG_CONTEXT`, `ISSUER_MISMATCH`, and what {@link HttpClient.send} throws
 */
export async function probeIs7(http: HttpClient, url: string, issuer: string, signal: AbortSignal): Promise<HttpReply> {
  const get = (path: string) => http.send({ method: 'GET', url: url + path, timeoutMs: PROBE_TIMEOUT_MS, signal });
  const reply = await get(DISCOVERY);
  const said = reply.status === 200 ? issuerIn(reply.text) : undefined;
  if (said === issuer) return reply;
  if (said !== undefined) throw issuerMismatch(url, said, issuer);
  if (reply.status === 404) {
    const { status } = await get(STARTUP);
    throw wrongServer(url, 'Identity Server', status === 200 || status === 500 ? 'API Manager' : undefined);
  }
  if (reply.status >= 500) throw unhealthy(url, await get(HEALTH_CHECK)) ?? notReady(url + DISCOVERY, reply, EXPECTED);
  throw notReady(url + DISCOVERY, reply, EXPECTED);
}

const EXPECTED = 'its OpenID discovery document';

/** What the health check reports: 503 with a list of errors, each with a code, a message and a description. */
function unhealthy(url: string, { status, text }: HttpReply): BootstrapError | undefined {
  const reported = status === 503 ? errorsIn(text) : [];
  if (reported.length === 0) return undefined;
  const isDatabase = /data\s?source|database/i.test(reported.join(' '));
  const tell = isDatabase ? MESSAGES.SERVER_DATABASE_DOWN : MESSAGES.SERVER_STARTING.reports;
  return new BootstrapError(tell(url, reported));
}

/** `HC_00004 Server is not in RUNNING state` */
function errorsIn(text: string): readonly string[] {
  const errors = (parseJson(text) as { errors?: unknown } | null)?.errors;
  if (!Array.isArray(errors)) return [];
  return errors.map((error: { code?: unknown; message?: unknown; description?: unknown } | null) =>
    [error?.code, error?.message, error?.description].filter((part) => typeof part === 'string').join(' '),
  );
}

function issuerIn(text: string): string | undefined {
  const issuer = (parseJson(text) as { issuer?: unknown } | null)?.issuer;
  return typeof issuer === 'string' ? issuer : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function issuerMismatch(url: string, said: string, expected: string): BootstrapError {
  return new BootstrapError(MESSAGES.ISSUER_MISMATCH(url, said, expected));
}

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

/** IS 7's OpenID discovery document, which needs no login. */
export const DISCOVERY = '/oauth2/token/.well-known/openid-configuration';
/** IS 7's report on itself: 200, or 503 with what is wrong. */
export const HEALTH_CHECK = '/api/health-check/v1.0/health';
/** 200 once API Manager's gateway has deployed everything, 500 before. */
export const STARTUP = '/api/am/gateway/v2/server-startup-healthcheck';
/** API Manager's version, on nodes without a gateway too. */
export const VERSION = '/services/Version';
