import { BootstrapError } from '../errors.js';
import type { ApiRefusedError } from './api-reply.js';
import type { AccountVerdict } from './connector-account.js';
import type { KeyManagerDeclaration } from './declaration.js';

/** API Manager could not read Identity Server's discovery document. `PROOF_FAILED` */
export function discoveryFailed(url: string, cause: unknown): BootstrapError {
  return proofFailed(
    `API Manager cannot read ${url}: it does not reach Identity Server there, or does not trust its certificate`,
    'Run km-bootstrap apply --only trust/apim and restart API Manager (up to 4.5 it reads its truststore only at start); then look whether the ' +
      'host of API Manager resolves and reaches this URL. "PKIX path building failed" in its log means the certificate.',
    cause,
  );
}

/** Identity Server says of itself, or in a token, that it is another issuer than the declared one. `ISSUER_MISMATCH` */
export function issuerDiffers(found: string, { name, issuer }: KeyManagerDeclaration): BootstrapError {
  return new BootstrapError(`the Key Manager ${name} has the issuer ${issuer}, but ${found}`, {
    code: 'ISSUER_MISMATCH',
    hint: 'Set is7.public_url (KMB_IS7_PUBLIC_URL) to what the issuer of Identity Server begins with: API Manager refuses tokens of another one.',
  });
}

/** Key generation failed for a reason that waiting does not heal. `PROOF_FAILED` */
export function keysRefused(
  declaration: KeyManagerDeclaration,
  verdict: AccountVerdict,
  cause: ApiRefusedError,
): BootstrapError {
  const what = `no keys can be generated through the Key Manager ${declaration.name}`;
  if (verdict === 'refused') return accountRefused(declaration, what, cause);
  switch (cause.apiCode) {
    case KEYS_EXIST:
      return proofFailed(
        `${what}: API Manager failed to register a client at ${declaration.clientRegistrationEndpoint} (${cause.apiCode} for a new application)`,
        causesOfFailedRegistration(verdict),
        cause,
      );
    case APP_CREATION_OFF:
      return proofFailed(
        `${what}: it may not create applications (${cause.apiCode})`,
        'Declare enableOAuthAppCreation = true and a tokenType other than EXCHANGED.',
        cause,
      );
    case NOT_PERMITTED:
      return proofFailed(
        `${what}: its permissions exclude this user (${cause.apiCode})`,
        'Add a role of apim.username to the permissions of the Key Manager, or verify with --proof off.',
        cause,
      );
    default:
      return proofFailed(`${what}: ${cause.message}`, cause.hint, cause);
  }
}

const KEYS_EXIST = 901409;
const APP_CREATION_OFF = 901405;
const NOT_PERMITTED = 902013;

/** Key generation failed until the end of our patience. `PROOF_FAILED` */
export function neverLoaded(
  declaration: KeyManagerDeclaration,
  verdict: AccountVerdict,
  patienceMs: number,
  cause: ApiRefusedError | undefined,
): BootstrapError {
  const seconds = Math.round(patienceMs / 1000);
  const said = cause ? `${cause.status}, code ${cause.apiCode}` : 'nothing';
  return proofFailed(
    `the Key Manager ${declaration.name} generates no keys after ${seconds} s (API Manager answers ${said})`,
    `${causesOfFailedRegistration(verdict)} If its log says "Key Manager ... not configured", API Manager could not load it: restart it.`,
    cause,
  );
}

function causesOfFailedRegistration(verdict: AccountVerdict): string {
  const account =
    verdict === 'accepted'
      ? 'Identity Server accepts the declared account, so API Manager may have an older password: run km-bootstrap apply --resend-secret. Else'
      : 'Look whether is7.username and is7.password are right (then km-bootstrap apply --resend-secret), and';
  return `${account} look whether Identity Server is up and reachable from the host of API Manager, and trusted by it (trust/apim, then restart API Manager).`;
}

function accountRefused(declaration: KeyManagerDeclaration, what: string, cause: unknown): BootstrapError {
  return proofFailed(
    `${what}: Identity Server refuses the connector's user ${declaration.connector['Username']} and its password at ${declaration.introspectionEndpoint}`,
    'Correct is7.username and is7.password (KMB_IS7_USERNAME, KMB_IS7_PASSWORD), then run km-bootstrap apply --resend-secret.',
    cause,
  );
}

/** Keys were made, but no token came with them. `PROOF_FAILED` */
export function tokenRefused({ name, tokenEndpoint }: KeyManagerDeclaration, cause: ApiRefusedError): BootstrapError {
  return proofFailed(
    `the Key Manager ${name} made keys, but API Manager got no token with them at ${tokenEndpoint} (${cause.message})`,
    'Look in the logs of both servers: Identity Server must allow client_credentials to the new client, and authorize its scopes.',
    cause,
  );
}

function proofFailed(message: string, hint: string, cause: unknown): BootstrapError {
  return new BootstrapError(message, { code: 'PROOF_FAILED', hint, cause });
}
