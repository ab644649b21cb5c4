import { type ErrorCode, UnreachableError } from '../errors.js';

interface Diagnosis {
  readonly code: ErrorCode;
  readonly why: string;
  readonly hint: string;
}

/** Says in one sentence why a server could not be talked to: name, port, certificate or silence, and what to do about each. */
export function connectionError(error: unknown, url: URL, timedOutAfterMs: number | undefined): UnreachableError {
  const { code, why, hint } = timedOutAfterMs === undefined ? diagnose(error, url) : silence(timedOutAfterMs);
  return new UnreachableError(`${url.origin}: ${why}`, { code, hint, cause: error });
}

function silence(timeoutMs: number): Diagnosis {
  return {
    code: 'SERVER_UNREACHABLE',
    why: `no complete answer within ${timeoutMs / 1000} s`,
    hint: 'Look whether the server is still starting, is overloaded, or sits behind a firewall that drops packets.',
  };
}

function diagnose(error: unknown, url: URL): Diagnosis {
  const code = codeOf(error);
  switch (code) {
    case 'ECONNREFUSED':
      return unreachable(
        `nothing listens on port ${url.port || 443} (connection refused)`,
        'Start the server, or correct its URL or port offset.',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable(
        `the host name ${url.hostname} cannot be resolved`,
        'Correct the host name, or run km-bootstrap where that name is known (the same network as the servers).',
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        code: 'TLS_HOST_MISMATCH',
        why: `its certificate is not for the host ${url.hostname} (${altNames(error)})`,
        hint: 'Use a host name that the certificate covers, or give the server a certificate whose SAN has this name.',
      };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return unreachable(
        'it does not speak TLS on this port',
        'Use the HTTPS port of the server (9443 plus its offset).',
      );
    default:
      return TLS_FAULTS.has(code) || code.startsWith('CERT_') || code.startsWith('UNABLE_TO_')
        ? untrusted(code)
        : unreachable(
            `the connection failed (${code})`,
            'Look at the server and the network between it and km-bootstrap.',
          );
  }
}

const TLS_FAULTS = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'INVALID_CA',
  'INVALID_PURPOSE',
]);

function untrusted(code: string): Diagnosis {
  const why =
    code === 'CERT_HAS_EXPIRED'
      ? 'its certificate has expired and is not the one in its keystore'
      : `its certificate is not trusted (${code})`;
  return {
    code: 'TLS_UNTRUSTED',
    why,
    hint: 'Give the home or certificate file of exactly this server, or further CAs with --ca-file.',
  };
}

function unreachable(why: string, hint: string): Diagnosis {
  return { code: 'SERVER_UNREACHABLE', why, hint };
}

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
