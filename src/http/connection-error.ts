import { type ErrorCode, type Message, UnreachableError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { ProxyError } from './tunnel.js';

/** Says in one sentence why a server could not be talked to: name, port, certificate or silence, and what to do about each. */
export function connectionError(error: unknown, url: URL, timedOutAfterMs: number | undefined): UnreachableError {
  const told =
    timedOutAfterMs === undefined
      ? diagnose(error, url)
      : MESSAGES.CONNECTION_TIMEOUT.noAnswer(url.origin, timedOutAfterMs / 1000);
  // What was not understood holds what the server sent, which may repeat a secret.
  const cause = told.code === 'REPLY_UNREADABLE' ? undefined : error;
  return new UnreachableError(told, { cause });
}

function diagnose(error: unknown, { origin, hostname, port }: URL): Message<ErrorCode> {
  if (error instanceof ProxyError) return MESSAGES.PROXY_REFUSED(origin, error.message, hostname);
  const code = codeOf(error);
  switch (code) {
    case 'ECONNREFUSED':
      return MESSAGES.CONNECTION_REFUSED(origin, port || 443);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return MESSAGES.HOST_NOT_FOUND(origin, hostname);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
      return MESSAGES.NETWORK_UNREACHABLE(origin, hostname, code);
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return MESSAGES.CONNECTION_LOST(origin, code);
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return MESSAGES.CONNECTION_TIMEOUT.noConnection(origin);
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return MESSAGES.NOT_TLS(origin);
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
    case 'UND_ERR_HEADERS_OVERFLOW':
      return MESSAGES.REPLY_UNREADABLE.tooLarge(origin, code);
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return MESSAGES.TLS_HOST_MISMATCH(origin, hostname, altNames(error));
    case 'CERT_HAS_EXPIRED':
      return MESSAGES.TLS_EXPIRED(origin);
    case 'CERT_NOT_YET_VALID':
      return MESSAGES.TLS_NOT_YET_VALID(origin, new Date().toISOString());
    default:
      if (isDistrust(code)) return MESSAGES.TLS_UNTRUSTED(origin, code);
      if (code.startsWith('HPE_')) return MESSAGES.REPLY_UNREADABLE.notHttp(origin, code);
      if (code.startsWith('ERR_SSL_')) return MESSAGES.TLS_HANDSHAKE_FAILED(origin, code);
      return MESSAGES.SERVER_UNREACHABLE(origin, code);
  }
}

/** The connection came about, and the server's certificate is not believed (a code of OpenSSL's). */
export function isDistrust(code: string): boolean {
  return TLS_FAULTS.has(code) || code.startsWith('CERT_') || code.startsWith('UNABLE_TO_');
}

const TLS_FAULTS = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'INVALID_CA',
  'INVALID_PURPOSE',
]);

function altNames(error: unknown): string {
  const certificate = (error as { cert?: { subjectaltname?: string } }).cert;
  return `it is for ${certificate?.subjectaltname ?? 'no name at all'}`;
}

/** undici wraps some failures, and Node gives an AggregateError when every address of a name failed. */
function codeOf(error: unknown): string {
  const { code, cause, errors, message } = error as NodeJS.ErrnoException & { cause?: unknown; errors?: unknown[] };
  if (code !== undefined && code !== 'UND_ERR') return code;
  if (errors?.[0]) return codeOf(errors[0]);
  if (cause) return codeOf(cause);
  return message ?? 'unknown';
}
