/**
 * Why a TLS connection did not come about, in words, if that is what an error is about. mysql2 replaces Node's code by its own, so that
 * the message has to tell.
 */
export function tlsFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (isHostMismatch(error)) return `its certificate is for another host: ${message.replace(/^.*?: /, '')}`;
  if (offersNoTls(error)) return 'it offers no TLS';
  if (code === 'HANDSHAKE_SSL_ERROR' || CODES.test(code)) return `${NOT_TRUSTED}: ${message}`;
  if (message.includes('establishing an SSL connection') || /^(EPROTO|ERR_SSL_)/.test(code))
    return `TLS failed: ${message}`;
  return undefined;
}

/** The server says that it has no TLS at all. */
export function offersNoTls(error: unknown): boolean {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  return code === 'HANDSHAKE_NO_SSL_SUPPORT' || message === 'The server does not support SSL connections';
}

/** Another way to believe the server may do better. */
export function isDistrust(error: unknown): boolean {
  return (tlsFault(error) ?? '').startsWith(NOT_TRUSTED);
}

const NOT_TRUSTED = 'its certificate is not trusted';

/** The certificate is trusted, but names another host. */
export function isHostMismatch(error: unknown): boolean {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' || message.includes("does not match certificate's altnames");
}

/** The names that Node gives the faults of a chain: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CODES =
  /^(CERT_|UNABLE_TO_|CRL_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_MISMATCH$)/;
