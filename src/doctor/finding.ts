import type { Notice } from '../step/step.js';

/** `breaks`: IS 7 does not work as Key Manager. `risk`: it works, or may, and something else fails or will. `note`: worth knowing. */
export type Severity = 'breaks' | 'risk' | 'note';

/** Something that does not fit, and its remedy. */
export interface Finding extends Notice {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** `/opt/wso2is-7.2.0/repository/conf/deployment.toml:14`, a store, a log; with a bundle, the place in it. */
  readonly where: string;
}

/**
 * Every finding by its code, the most important first: what keeps a server from starting, then what keeps the two from talking, then the
 * rest. Codes that the steps use for the same fact are theirs.
 */
export const SEVERITY_OF = {
  HOME_OF_OTHER_SERVER: 'breaks',
  VERSION_UNSUPPORTED: 'breaks',
  DEPLOYMENT_TOML_ELSEWHERE: 'risk',
  TOML_INVALID: 'breaks',
  OVERLAY_OVERWRITES: 'breaks',
  OVERLAY_TWICE: 'risk',
  OVERLAY_HOLDS_DATABASE: 'breaks',
  FILE_UNREADABLE: 'breaks',
  FILE_UNREADABLE_BY_SERVER: 'breaks',
  PLACEHOLDER_UNRESOLVED: 'risk',
  SECRET_UNDECLARED: 'breaks',
  STORE_MISSING: 'breaks',
  STORE_IS_FOLDER: 'breaks',
  STORE_LINK_BROKEN: 'breaks',
  STORE_EMPTY: 'breaks',
  STORE_TRUNCATED: 'breaks',
  STORE_UNREADABLE: 'breaks',
  STORE_PASSWORD_WRONG: 'breaks',
  STORE_ALIAS_MISSING: 'breaks',
  KEY_MISSING: 'breaks',
  KEY_PASSWORD_WRONG: 'breaks',
  KEY_MISMATCH: 'breaks',
  CERTIFICATE_UNREADABLE: 'breaks',
  STORE_TYPE_DIFFERS: 'breaks',
  DATABASE_WRONG: 'breaks',
  DATABASE_SHARED: 'breaks',
  DATABASE_NOT_FOUND: 'breaks',
  DATABASE_PASSWORD_WRONG: 'breaks',
  DATABASE_UNSUPPORTED: 'breaks',
  DATABASE_DRIVER_MISSING: 'breaks',
  DATABASE_URL_UNESCAPED: 'breaks',
  DATABASE_TABLE_MISSING: 'breaks',
  DATABASE_AMBIGUOUS: 'risk',
  DATABASE_CONFLICT: 'breaks',
  DATABASE_FAILED: 'risk',
  HOSTNAME_INVALID: 'breaks',
  OFFSET_INVALID: 'breaks',
  PORT_CLASH: 'breaks',
  TRUST_MISSING: 'breaks',
  CERT_ISSUER_EXPIRED: 'breaks',
  CERT_NOT_YET_VALID: 'breaks',
  RECIPE_MISSING: 'breaks',
  SETTING_SWALLOWED: 'breaks',
  SETTING_MISSING: 'breaks',
  SETTING_DIFFERS: 'breaks',
  ACCESS_RULE_HIDDEN: 'breaks',
  RESIDENT_KEY_MANAGER: 'breaks',
  CONSTRAINT_MISSING: 'breaks',
  DATABASE_DUPLICATES: 'breaks',
  ISSUER_MISMATCH: 'breaks',
  ENCRYPTION_KEY_MISSING: 'breaks',
  MUTUAL_TLS_MISMATCH: 'breaks',
  DROPIN_MISSING: 'breaks',
  DROPIN_INVALID: 'breaks',
  REVOCATION_TYPE_WRONG: 'breaks',
  REVOCATION_HEADER_WRONG: 'breaks',
  REVOCATION_ENDPOINT_WRONG: 'breaks',
  REVOCATION_ACCOUNT_WRONG: 'breaks',
  CERT_HOST_MISMATCH: 'breaks',
  CERT_ADDRESS_MISMATCH: 'breaks',
  CERT_NO_SAN: 'breaks',
  CERT_USAGE_WRONG: 'breaks',
  CERT_CHAIN_BROKEN: 'risk',
  RESTART_NEEDED: 'risk',
  OFFSET_OVERRIDDEN: 'risk',
  HOST_IS_LOCALHOST: 'risk',
  ALIAS_HOLDS_OTHER: 'risk',
  ROLE_PREFIX_MISSING: 'risk',
  RESIDENT_KEY_MANAGER_SKIPPED: 'risk',
  DROPIN_TWICE: 'risk',
  DROPIN_VERSION: 'risk',
  CERT_EXPIRED: 'risk',
  CERT_EXPIRES_SOON: 'risk',
  CERT_KEY_WEAK: 'risk',
  CERT_HASH_WEAK: 'risk',
  HOST_CHECK_OFF: 'risk',
  STORE_HOLDS_KEY: 'risk',
  RECIPE_LEFTOVER: 'risk',
  OLD_CONNECTOR: 'risk',
  LOG_TOML_OVERFLOW: 'risk',
  LOG_TOML_REFUSED: 'risk',
  LOG_ENVIRONMENT_MISSING: 'risk',
  LOG_PKIX: 'risk',
  LOG_HOST_MISMATCH: 'risk',
  LOG_KEY_MANAGER_NOT_CONFIGURED: 'risk',
  LOG_KEY_MAPPING_LEFT: 'risk',
  LOG_KEY_MANAGER_UNREACHABLE: 'risk',
  LOG_CONNECTOR_SETTING_MISSING: 'risk',
  LOG_ROLE_NOT_CREATED: 'risk',
  LOG_REVOCATION_FAILED: 'risk',
  HOME_NOT_GIVEN: 'note',
  STORE_FORMAT_UNSUPPORTED: 'note',
  DATABASE_NOT_LOOKED_AT: 'note',
  CERT_ISSUER_MISSING: 'note',
  CERT_ISSUER_TRUSTED: 'note',
  CERT_SEVERAL_ALIASES: 'note',
  STORE_UNPROTECTED: 'note',
  RECIPE_CURRENT_FITS: 'note',
} as const satisfies Readonly<Record<string, Severity>>;

export type FindingCode = keyof typeof SEVERITY_OF;

export interface FindingDetails {
  readonly where: string;
  readonly message: string;
  readonly hint: string;
  /** Where it is not that of the code. */
  readonly severity?: Severity;
}

export function finding(code: FindingCode, { severity, ...details }: FindingDetails): Finding {
  return { code, severity: severity ?? SEVERITY_OF[code], ...details };
}

/** Whether a failure or notice of a step is one that the doctor reports. */
export function isFindingCode(code: string): code is FindingCode {
  return Object.hasOwn(SEVERITY_OF, code);
}

const SEVERITIES: readonly Severity[] = ['breaks', 'risk', 'note'];
const CODES: readonly string[] = Object.keys(SEVERITY_OF);

/** The most important first, each once. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const once = new Map(findings.map((found) => [`${found.code} ${found.where} ${found.message}`, found]));
  const rank = ({ severity, code }: Finding) => SEVERITIES.indexOf(severity) * CODES.length + CODES.indexOf(code);
  return [...once.values()].sort((one, other) => rank(one) - rank(other));
}
