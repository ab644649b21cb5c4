import { oneLine, printable } from './printable.js';

/**
 * Every failure the tool can report, by its stable code word, with the exit code it leads to. What each means is in src/explain/codes,
 * which does not compile while one is missing.
 */
export const EXIT_CODE_OF = {
  USAGE: 64,
  CONFIG_INVALID: 78,
  CONFIG_FILE_INVALID: 78,
  FILE_EXISTS: 1,
  HOME_NOT_FOUND: 78,
  PLACEHOLDER_UNRESOLVED: 78,
  PORT_CLASH: 78,
  LOCKED: 75,
  INTERNAL: 1,
  NOT_CONVERGED: 1,
  ABORTED: 1,
  JVM_BRIDGE_MISSING: 1,
  JVM_CLASSPATH_FIXED: 1,
  JAVA_LIBRARY_MISSING: 1,
  FILE_UNREADABLE: 1,
  FILE_UNWRITABLE: 1,
  TOML_INVALID: 78,
  TOML_CONFLICT: 1,
  TOML_EDIT_UNPROVEN: 1,
  DROPIN_INVALID: 78,
  BUNDLE_INVALID: 78,
  OVERLAY_HOLDS_DATABASE: 78,
  DATABASE_IN_USE: 1,
  DATABASE_NOT_FOUND: 1,
  DATABASE_PASSWORD_WRONG: 3,
  DATABASE_TABLE_MISSING: 1,
  DATABASE_WRONG: 78,
  DATABASE_DUPLICATES: 1,
  DATABASE_CONFLICT: 1,
  DATABASE_FAILED: 1,
  DATABASE_UNSUPPORTED: 78,
  DATABASE_UNREACHABLE: 3,
  DATABASE_RIGHT_MISSING: 1,
  DATABASE_LOCKED: 1,
  DATABASE_AMBIGUOUS: 78,
  DATABASE_DRIVER_MISSING: 1,
  DATABASE_FORMAT_OLDER: 1,
  DATABASE_FORMAT_UNKNOWN: 1,
  DATABASE_ENCRYPTED: 1,
  DATABASE_CHANGING: 1,
  DATABASE_UNSAFE: 1,
  DB_TLS_CA_MISSING: 3,
  STORE_MISSING: 1,
  STORE_IS_FOLDER: 1,
  STORE_LINK_BROKEN: 1,
  STORE_EMPTY: 1,
  STORE_TRUNCATED: 1,
  STORE_FORMAT_UNSUPPORTED: 1,
  STORE_UNREADABLE: 1,
  STORE_PASSWORD_WRONG: 1,
  STORE_PASSWORD_NOT_ASCII: 78,
  STORE_ALIAS_MISSING: 1,
  STORE_ALIAS_TAKEN: 1,
  KEY_MISSING: 1,
  KEY_PASSWORD_WRONG: 1,
  KEY_MISMATCH: 1,
  KEY_UNREADABLE: 1,
  KEY_EXPOSED: 78,
  CERTIFICATE_UNREADABLE: 1,
  AUTHORITY_EXPIRED: 1,
  MUTUAL_TLS_UNSUPPORTED: 78,
  KEYTOOL_MISSING: 1,
  KEYTOOL_FAILED: 1,
  SERVER_UNREACHABLE: 3,
  HOST_NOT_FOUND: 3,
  CONNECTION_REFUSED: 3,
  CONNECTION_LOST: 3,
  CONNECTION_TIMEOUT: 3,
  NETWORK_UNREACHABLE: 3,
  NOT_TLS: 3,
  REPLY_UNREADABLE: 3,
  TLS_HANDSHAKE_FAILED: 3,
  PROXY_REFUSED: 3,
  SERVER_NOT_READY: 3,
  SERVER_STARTING: 3,
  SERVER_DATABASE_DOWN: 3,
  SERVER_REDIRECTS: 3,
  WRONG_PRODUCT: 3,
  WRONG_CONTEXT: 3,
  TLS_UNTRUSTED: 3,
  TLS_EXPIRED: 3,
  TLS_NOT_YET_VALID: 3,
  TLS_HOST_MISMATCH: 3,
  ISSUER_MISMATCH: 1,
  HEALTH_DEADLINE: 124,
  DEADLINE: 124,
  CREDENTIALS_REFUSED: 3,
  API_REFUSED: 1,
  API_REPLY_INVALID: 1,
  CONNECTOR_MISSING: 1,
  KEY_MANAGER_INVALID: 78,
  KEY_MANAGER_CONFLICT: 1,
  KEY_MANAGER_IN_USE: 1,
  PROOF_FAILED: 1,
  PROOF_UNREACHABLE: 3,
  PROOF_UNTRUSTED: 3,
  PROOF_HOST_MISMATCH: 3,
  PROOF_CREDENTIALS: 3,
  PROOF_REGISTRATION: 1,
  PROOF_JWKS: 1,
  PROOF_VALIDATION: 1,
  PROOF_REVOCATION: 1,
  PROOF_SCOPE: 1,
  PROOF_CLOCK_SKEW: 1,
  PROOF_GATEWAY: 1,
  LISTEN_IN_USE: 1,
  LISTEN_REFUSED: 78,
  SANDBOX_FAILED: 1,
  JAVA_NOT_FOUND: 78,
  JAVA_UNSUPPORTED: 78,
  SERVER_ENDED: 1,
} as const;

export type ErrorCode = keyof typeof EXIT_CODE_OF;

export interface ErrorDetails {
  readonly code: ErrorCode;
  /** What to do next, imperative, one sentence or two. Safe to print. */
  readonly hint: string;
  readonly cause?: unknown;
}

/**
 * A failure that was understood. The message says what failed, on what, with which value, and never holds a secret;
 * the hint says what to do next.
 */
export class BootstrapError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(message: string, { code, hint, cause }: ErrorDetails) {
    super(printable(message), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = printable(hint);
  }
}

/** Nothing can be read yet, because a server or database is not there: `plan` defers the step instead of failing it. */
export class UnreachableError extends BootstrapError {}

/** Wraps whatever was thrown; what is not a {@link BootstrapError} is a defect of ours and says so. */
export function toBootstrapError(thrown: unknown): BootstrapError {
  if (thrown instanceof BootstrapError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new BootstrapError(`unexpected failure: ${oneLine(message)}`, {
    code: 'INTERNAL',
    hint: 'Run again with -vv and report this as a defect of km-bootstrap.',
    cause: thrown,
  });
}
