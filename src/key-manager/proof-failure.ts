import { BootstrapError, type ErrorCode, type Message, UnreachableError } from '../errors.js';
import type { HttpReply } from '../http/client.js';
import type { ApiRefusedError } from './api-reply.js';
import type { KeyManagerDeclaration } from './declaration.js';
import type { AccountVerdict } from './diagnose.js';
import { MESSAGES } from './errors.js';
import type { JsonObject } from './json.js';

/** The links of the chain that a token comes along, and what is wrong with each: one code a cause. */

/** API Manager does not get to Identity Server; `evidence` is what was seen from here. */
export function unreachableFromApim(name: string, url: string, evidence: string, cause: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_UNREACHABLE(name, url, evidence), { cause });
}

/**
 * API Manager does not trust Identity Server's certificate.
 *
 * @param how `known`: its truststore was looked at; `likely`: it could not be; `hereToo`: the certificate is not trusted here either
 */
export function untrustedByApim(
  name: string,
  url: string,
  how: 'known' | 'likely' | 'hereToo',
  cause: unknown,
): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_UNTRUSTED[how](name, url), { cause });
}

/** Identity Server's certificate is for another host name than the one in the URL. */
export function hostDiffers(name: string, cause: UnreachableError): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_HOST_MISMATCH(name, cause.message), { cause });
}

/** Identity Server refuses the account that the connector uses. */
export function accountRefused(declaration: KeyManagerDeclaration, cause: unknown): BootstrapError {
  const { name, connector, introspectionEndpoint } = declaration;
  return new BootstrapError(MESSAGES.PROOF_CREDENTIALS.account(name, connector['Username'], introspectionEndpoint), {
    cause,
  });
}

/** Identity Server does not take API Manager's certificate for the user that the connector is to act as. */
export function certificateRefused(declaration: KeyManagerDeclaration, cause: unknown): BootstrapError {
  const { name, connector, clientRegistrationEndpoint } = declaration;
  return new BootstrapError(
    MESSAGES.PROOF_CREDENTIALS.certificate(name, connector['IdentityUser'], clientRegistrationEndpoint),
    { cause },
  );
}

/** The account is good, but may not register clients, or there is no registration at that address. */
export function registrationRefused(
  declaration: KeyManagerDeclaration,
  status: number,
  account: 'accepted' | 'refused' | 'unknown',
  cause: unknown,
): BootstrapError {
  const { name, connector, clientRegistrationEndpoint: url } = declaration;
  const user = connector['Username'] ?? connector['IdentityUser'];
  // Identity Server answers 401 at a path that nothing is at, also to an account that it knows.
  const isAbsent = status === 404 || status === 405 || (status === 401 && account === 'accepted');
  const told = isAbsent
    ? MESSAGES.PROOF_REGISTRATION.absent(name, url, status)
    : MESSAGES.PROOF_REGISTRATION.forbidden(name, user, url, status);
  return new BootstrapError(told, { cause });
}

/** Identity Server says of itself, or in a token, that it is another issuer than the declared one. `ISSUER_MISMATCH` */
export function issuerDiffers(found: string, { name, issuer }: KeyManagerDeclaration): BootstrapError {
  return new BootstrapError(MESSAGES.ISSUER_MISMATCH(name, issuer, found));
}

/** The gateway could not check the signature of a token. */
export function keySetUnusable(declaration: KeyManagerDeclaration, why: string, cause?: unknown): BootstrapError {
  const { name, certificates } = declaration;
  const where = certificates?.type === 'JWKS' ? `its key set ${certificates.value}: ` : '';
  return new BootstrapError(MESSAGES.PROOF_JWKS(name, where, why), { cause });
}

/** Self-validation is on, and there is nothing in the token to validate. */
export function opaqueToken({ name }: KeyManagerDeclaration): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_VALIDATION.opaque(name));
}

/** Identity Server does not know its own token. */
export function inactiveToken({ name, introspectionEndpoint }: KeyManagerDeclaration): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_VALIDATION.inactive(name, introspectionEndpoint));
}

/** The connector's account may not introspect. */
export function introspectionRefused({
  name,
  connector,
  introspectionEndpoint,
}: KeyManagerDeclaration): BootstrapError {
  return new BootstrapError(
    MESSAGES.PROOF_VALIDATION.introspection(name, connector['Username'], introspectionEndpoint),
  );
}

/** Identity Server did not give the scopes that were asked for. */
export function scopesMissing(
  { name, scopesClaim = 'scope' }: KeyManagerDeclaration,
  missing: readonly string[],
  granted: readonly string[],
): BootstrapError {
  const got = granted.length > 0 ? `only ${granted.join(' ')}` : 'none';
  return scopeRefused(name, `its tokens have ${got} in the claim ${scopesClaim}`, missing, undefined);
}

/** Scopes or roles keep a token from being given, or from being of use. */
export function scopeRefused(name: string, said: string, scopes: readonly string[], cause: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_SCOPE.refused(name, said, scopes), { cause });
}

/** A token is not valid by API Manager's clock. */
export function clocksDiffer(
  { name }: KeyManagerDeclaration,
  times: 'not-yet-valid' | 'expired',
  claims: JsonObject,
  apimClockMs: number,
): BootstrapError {
  const issuedMs = Number(claims['iat'] ?? claims['nbf']) * 1000;
  const seconds = Math.round(Math.abs(issuedMs - apimClockMs) / 1000);
  return new BootstrapError(MESSAGES.PROOF_CLOCK_SKEW(name, times, seconds));
}

/** The token does not name the application where API Manager looks for it. */
export function claimDiffers({ name }: KeyManagerDeclaration, claim: string, found: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_VALIDATION.claim(name, claim, found));
}

/** A token that should have ended is still good. */
export function revocationFailed({ name }: KeyManagerDeclaration, why: string): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_FAILED.revocation(name, why));
}

/** The application of the proof may not call the API. */
export function subscriptionRefused({ name }: KeyManagerDeclaration, cause: ApiRefusedError): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_GATEWAY.subscription(name, cause.message), { cause });
}

/** Revocation is configured, and the gateway never hears of it. */
export function revocationUnseen({ name }: KeyManagerDeclaration, seconds: string): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_REVOCATION(name, seconds));
}

/** The gateway does not take a token that everything else takes. */
export function gatewayRefused(
  { name }: KeyManagerDeclaration,
  url: string,
  last: HttpReply | UnreachableError | undefined,
  code: string | undefined,
): BootstrapError {
  if (last instanceof UnreachableError || last === undefined) {
    return new BootstrapError(MESSAGES.PROOF_GATEWAY.silent(last?.message, url), { cause: last });
  }
  const answered = `${url} answers ${last.status}${code === undefined ? '' : `, code ${code}`} to a good token`;
  if (code === '900910') return scopeRefused(name, answered, [], undefined);
  return new BootstrapError(MESSAGES.PROOF_GATEWAY[gatewayFault(last.status, code)](name, answered));
}

function gatewayFault(status: number, code: string | undefined) {
  if (status === 404) return 'noApi';
  if (code === '900908') return 'noSubscription';
  return status === 401 ? 'unknownIssuer' : 'refused';
}

/** Key generation failed for a reason that waiting does not heal. */
export function keysRefused(
  declaration: KeyManagerDeclaration,
  verdict: AccountVerdict,
  cause: ApiRefusedError,
): BootstrapError {
  const { name, clientRegistrationEndpoint } = declaration;
  const as = (told: Message<ErrorCode>) => new BootstrapError(told, { cause });
  const { PROOF_FAILED, PROOF_SCOPE } = MESSAGES;
  switch (cause.apiCode) {
    case KEYS_EXIST:
      return as(
        PROOF_FAILED.registration(
          name,
          clientRegistrationEndpoint,
          cause.apiCode,
          causesOfFailedRegistration(declaration, verdict),
        ),
      );
    case APP_CREATION_OFF:
      return as(PROOF_FAILED.creationOff(name, cause.apiCode));
    case NOT_PERMITTED:
      return as(PROOF_SCOPE.permissions(name, cause.apiCode));
    default:
      return as(PROOF_FAILED.refused(name, cause.message, cause.hint));
  }
}

const KEYS_EXIST = 901409;
const APP_CREATION_OFF = 901405;
const NOT_PERMITTED = 902013;

/** Key generation failed until the end of our patience, and every link that can be tried from here holds. */
export function neverLoaded(
  declaration: KeyManagerDeclaration,
  verdict: AccountVerdict,
  patienceMs: number,
  cause: ApiRefusedError | undefined,
): BootstrapError {
  const seconds = Math.round(patienceMs / 1000);
  const said = cause ? `${cause.status}, code ${cause.apiCode}` : 'nothing';
  return new BootstrapError(
    MESSAGES.PROOF_FAILED.neverLoaded(
      declaration.name,
      seconds,
      said,
      causesOfFailedRegistration(declaration, verdict),
    ),
    { cause },
  );
}

function causesOfFailedRegistration({ connector }: KeyManagerDeclaration, verdict: AccountVerdict): string {
  if (connector['IdentityUser'] !== undefined) {
    return `Look whether Identity Server trusts and maps the certificate of API Manager's primary keystore (trust/is7, deployment-toml/is7, then restart Identity Server), whether its own certificate covers the host name in its URLs, which mutual TLS checks, and whether API Manager trusts it (trust/apim).`;
  }
  const account =
    verdict === 'accepted'
      ? 'Identity Server accepts the declared account, so API Manager may have an older password: run km-bootstrap apply --resend-secret. Else'
      : 'Look whether is7.username and is7.password are right (then km-bootstrap apply --resend-secret), and';
  return `${account} look whether Identity Server is up and reachable from the host of API Manager, and trusted by it (trust/apim, then restart API Manager).`;
}

/** Keys were made, but no token came with them, and from here one comes. */
export function tokenRefused({ name, tokenEndpoint }: KeyManagerDeclaration, cause: ApiRefusedError): BootstrapError {
  return new BootstrapError(MESSAGES.PROOF_FAILED.token(name, tokenEndpoint, cause.message), { cause });
}
