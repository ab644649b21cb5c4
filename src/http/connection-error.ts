import { type ErrorCode, UnreachableError } from '../errors.js';
import { ProxyError } from './tunnel.js';

interface Diagnosis {
  readonly code: ErrorCode;
  readonly why: string;
  readonly hint: string;
}

/** Says in one sentence why a server could not be talked to: name, port, certificate or silence, and what to do about each. */
export function connectionError(error: unknown, url: URL, timedOutAfterMs: number | undefined): UnreachableError {
  const { code, why, hint } = timedOutAfterMs === undefined ? diagnose(error, url) : silence(timedOutAfterMs);
  // What was not understood holds what the server sent, which may repeat a secret.
  const cause = code === 'REPLY_UNREADABLE' ? undefined : error;
  return new UnreachableError(`${url.origin}: ${why}`, { code, hint, cause });
}

function silence(timeoutMs: number): Diagnosis {
  return {
    code: 'CONNECTION_TIMEOUT',
    why: `no complete answer within ${timeoutMs / 1000} s`,
    hint: 'Look whether the server is still starting, is overloaded, or sits behind a firewall that drops packets.',
  };
}

function diagnose(error: unknown, url: URL): Diagnosis {
  if (error instanceof ProxyError) {
    return {
      code: 'PROXY_REFUSED',
      why: error.message,
      hint: `Put ${url.hostname} into NO_PROXY if no proxy is needed for it, or correct HTTPS_PROXY.`,
    };
  }
  const code = codeOf(error);
  switch (code) {
    case 'ECONNREFUSED':
      return {
        code: 'CONNECTION_REFUSED',
        why: `nothing listens on port ${url.port || 443} (connection refused)`,
        hint: 'Start the server, or correct its URL or port offset.',
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        code: 'HOST_NOT_FOUND',
        why: `the host name ${url.hostname} cannot be resolved`,
        hint: 'Correct the host name, or run km-bootstrap where that name is known (the same network as the servers).',
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
      return {
        code: 'NETWORK_UNREACHABLE',
        why: `there is no way to ${url.hostname} in the network (${code})`,
        hint: 'Run km-bootstrap in a network from which the server can be reached, and look at its firewalls and policies.',
      };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return {
        code: 'CONNECTION_LOST',
        why: `the connection was cut before the answer was complete (${code})`,
        hint: 'Look whether the server is starting or stopping, and at proxies in between.',
      };
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return {
        code: 'CONNECTION_TIMEOUT',
        why: 'it does not take a connection, nor refuse it',
        hint: 'Look for a firewall that drops packets, or a wrong address.',
      };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return {
        code: 'NOT_TLS',
        why: 'it does not speak TLS on this port',
        hint: 'Use the HTTPS port of the server (9443 plus its offset).',
      };
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
    case 'UND_ERR_HEADERS_OVERFLOW':
      return {
        code: 'REPLY_UNREADABLE',
        why: `its answer is larger than any that is expected (${code})`,
        hint: 'Look whether the URL is that of the server itself, and what a proxy in between answers.',
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        code: 'TLS_HOST_MISMATCH',
        why: `its certificate is not for the host ${url.hostname} (${altNames(error)})`,
        hint: 'Use a host name that the certificate covers, or give the server a certificate whose SAN has this name.',
      };
    case 'CERT_HAS_EXPIRED':
      return {
        code: 'TLS_EXPIRED',
        why: 'its certificate has expired and is not the one in its keystore',
        hint: 'Give the server a new certificate, or the home or certificate file of exactly this server. Should the date be wrong: the clock of this machine.',
      };
    case 'CERT_NOT_YET_VALID':
      return {
        code: 'TLS_NOT_YET_VALID',
        why: `its certificate is not valid yet, by the clock here (${new Date().toISOString()})`,
        hint: 'Set the clocks of both machines right; a certificate that was made a moment ago needs them to agree.',
      };
    default:
      return otherFault(code);
  }
}

function otherFault(code: string): Diagnosis {
  if (isDistrust(code)) {
    return {
      code: 'TLS_UNTRUSTED',
      why: `its certificate is not trusted (${code})`,
      hint: 'Give the home or certificate file of exactly this server, or further CAs with --ca-file.',
    };
  }
  if (code.startsWith('HPE_')) {
    return {
      code: 'REPLY_UNREADABLE',
      why: `what it answers is not HTTP (${code})`,
      hint: 'Look whether the URL has the HTTPS port of the server (9443 plus its offset), and at proxies in between.',
    };
  }
  if (code.startsWith('ERR_SSL_')) {
    return {
      code: 'TLS_HANDSHAKE_FAILED',
      why: `no TLS connection came about (${code})`,
      hint: 'Look which TLS versions and ciphers the server takes (it takes 1.2 or later here), and whether it demands a client certificate.',
    };
  }
  return {
    code: 'SERVER_UNREACHABLE',
    why: `the connection failed (${code})`,
    hint: 'Look at the server and the network between it and km-bootstrap.',
  };
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
