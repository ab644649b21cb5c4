import type { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request that was read whole. */
export interface ServerRequest {
  readonly method: string;
  /** As sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** What the client proved to hold in the TLS handshake, when the server asked for it and trusts it. */
  readonly clientCertificate?: X509Certificate;
}

/** A user name and password, or a client id and secret, as the other side sent them. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The credentials of a Basic `Authorization` header; nothing when there is no such header or it makes no sense. */
export function basicCredentials(request: ServerRequest): Credentials | undefined {
  const encoded = /^Basic +([\w+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** The token of a Bearer `Authorization` header. */
export function bearerToken(request: ServerRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** The fields of a URL-encoded body. */
export function formOf(request: ServerRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString('utf8'));
}

/** The body as a JSON object; nothing when it is anything else. */
export function jsonObjectOf(request: ServerRequest): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(request.body.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a JSON value is an object, which an array is not. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
