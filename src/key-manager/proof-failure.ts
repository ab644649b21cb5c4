import { BootstrapError, type ErrorCode, UnreachableError } from '../errors.js';
import type { HttpReply } from '../http/client.js';
import type { ApiRefusedError } from './api-reply.js';
import type { KeyManagerDeclaration } from './declaration.js';
import type { AccountVerdict } from './diagnose.js';
import type { JsonObject } from './json.js';

/** The links of the chain that a token comes along, and what is wrong with each: one code a cause. */

const RESTART =
  'restart API Manager (up to 4.5 it reads its truststore only at start). "PKIX path building failed" in its log means the same.';

/** API Manager does not get to Identity Server; `evidence` is what was seen from here. */
export function unreachableFromApim(name: string, url: string, evidence: string, cause: unknown): BootstrapError {
  return broken('PROOF_UNREACHABLE', {
    message: `the Key Manager ${name} does not work: API Manager does not reach ${url}, ${evidence}`,
    hint:
      'Look whether Identity Server is up, and whether the host of API Manager resolves that name and may connect to that port; ' +
      `if its truststore was changed while it ran, ${RESTART}`,
    cause,
  });
}

/**
 * API Manager does not trust Identity Server's certificate.
 *
 * @param how `known`: its truststore was looked at; `likely`: it could not be; `here-too`: the certificate is not trusted here either
 */
export function untrustedByApim(
  name: string,
  url: string,
  how: 'known' | 'likely' | 'here-too',
  cause: unknown,
): BootstrapError {
  const said = {
    known: "does not trust the certificate of Identity Server: it is not in API Manager's truststore",
    likely: 'does not trust the certificate of Identity Server, or does not reach it; from here it answers',
    'here-too': 'cannot trust the certificate of Identity Server, which is not the one that is known here either',
  }[how];
  return broken('PROOF_UNTRUSTED', {
    message: `the Key Manager ${name} does not work: API Manager ${said} (${url})`,
    hint: `Run km-bootstrap apply --only trust/apim, then ${RESTART}`,
    cause,
  });
}

/** Identity Server's certificate is for another host name than the one in the URL. */
export function hostDiffers(name: string, cause: UnreachableError): BootstrapError {
  return broken('PROOF_HOST_MISMATCH', {
    message: `the Key Manager ${name} does not work: the host name in its URLs and in the certificate of Identity Server differ: ${cause.message}`,
    hint: 'Use a host name that the certificate covers (is7.url, is7.hostname), or give Identity Server a certificate for this one.',
    cause,
  });
}

/** Identity Server refuses the account that the connector uses. */
export function accountRefused(declaration: KeyManagerDeclaration, cause: unknown): BootstrapError {
  const { name, connector, introspectionEndpoint } = declaration;
  return broken('PROOF_CREDENTIALS', {
    message: `the Key Manager ${name} does not work: Identity Server refuses the connector's user ${connector['Username']} and its password at ${introspectionEndpoint}`,
    hint: 'Correct is7.username and is7.password (KMB_IS7_USERNAME, KMB_IS7_PASSWORD), or those of this Key Manager, then run km-bootstrap apply.',
    cause,
  });
}

/** Identity Server does not take API Manager's certificate for the user that the connector is to act as. */
export function certificateRefused(declaration: KeyManagerDeclaration, cause: unknown): BootstrapError {
  const { name, connector, clientRegistrationEndpoint } = declaration;
  return broken('PROOF_CREDENTIALS', {
    message: `the Key Manager ${name} does not work: Identity Server does not take the certificate of API Manager's primary keystore as its user ${connector['IdentityUser']} at ${clientRegistrationEndpoint}`,
    hint: 'It must have that certificate in its truststore and, from 7.3 on, in [client_certificate_based_authentication]: run km-bootstrap apply --phase offline, then restart Identity Server.',
    cause,
  });
}

/** The account is good, but may not register clients, or there is no registration at that address. */
export function registrationRefused(
  declaration: KeyManagerDeclaration,
  status: number,
  cause: unknown,
): BootstrapError {
  const { name, connector, clientRegistrationEndpoint: url } = declaration;
  const isAbsent = status === 404 || status === 405;
  return broken('PROOF_REGISTRATION', {
    message: isAbsent
      ? `the Key Manager ${name} does not work: there is no client registration at ${url} (${status})`
      : `the Key Manager ${name} does not work: Identity Server does not let the user ${connector['Username'] ?? connector['IdentityUser']} register clients at ${url} (${status})`,
    hint: isAbsent
      ? 'Correct client_registration_endpoint: in Identity Server 7 it is /api/identity/oauth2/dcr/v1.1/register, after /t/<tenant> in a tenant.'
      : 'Give this user of Identity Server the right to register OAuth clients (its role needs application management).',
    cause,
  });
}

/** Identity Server says of itself, or in a token, that it is another issuer than the declared one. `ISSUER_MISMATCH` */
export function issuerDiffers(found: string, { name, issuer }: KeyManagerDeclaration): BootstrapError {
  return new BootstrapError(`the Key Manager ${name} has the issuer ${issuer}, but ${found}`, {
    code: 'ISSUER_MISMATCH',
    hint: 'Set is7.public_url (KMB_IS7_PUBLIC_URL), or the issuer of this Key Manager, to what Identity Server says: API Manager refuses tokens of another one.',
  });
}

/** The gateway could not check the signature of a token. */
export function keySetUnusable(declaration: KeyManagerDeclaration, why: string, cause?: unknown): BootstrapError {
  const { name, certificates } = declaration;
  const where = certificates?.type === 'JWKS' ? `its key set ${certificates.value}: ` : '';
  return broken('PROOF_JWKS', {
    message: `the Key Manager ${name} gives tokens that no gateway can check; ${where}${why}`,
    hint: 'Declare jwks = "https://…/oauth2/jwks" of the Identity Server that signs the tokens, or pem_file with the certificate that signs them (not the one for TLS).',
    cause,
  });
}

/** Self-validation is on, and there is nothing in the token to validate. */
export function opaqueToken({ name }: KeyManagerDeclaration): BootstrapError {
  return broken('PROOF_VALIDATION', {
    message: `the Key Manager ${name} lets the gateway validate tokens itself, but Identity Server gives opaque ones`,
    hint: 'Declare validation = "introspection", or have Identity Server give JWTs to new applications.',
  });
}

/** Identity Server does not know its own token. */
export function inactiveToken({ name, introspectionEndpoint }: KeyManagerDeclaration): BootstrapError {
  return broken('PROOF_VALIDATION', {
    message: `the Key Manager ${name} gives tokens that ${introspectionEndpoint} calls inactive`,
    hint: 'Look whether the introspection and token endpoints are of the same Identity Server and tenant, and whether its nodes share a database.',
  });
}

/** The connector's account may not introspect. */
export function introspectionRefused({
  name,
  connector,
  introspectionEndpoint,
}: KeyManagerDeclaration): BootstrapError {
  return broken('PROOF_VALIDATION', {
    message: `the Key Manager ${name}: the user ${connector['Username']} may not introspect tokens at ${introspectionEndpoint}`,
    hint: 'Give this user of Identity Server the right to introspect, or declare validation = "self".',
  });
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
  const asked = scopes.length > 0 ? ` (asked for: ${scopes.join(' ')})` : '';
  return broken('PROOF_SCOPE', {
    message: `the Key Manager ${name} gives no token with the right scopes: ${said}${asked}`,
    hint: 'Have Identity Server authorize these scopes to the application or its roles ([oauth] authorize_all_scopes = true in its deployment.toml), and look at scopes_claim.',
    cause,
  });
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
  const which = times === 'not-yet-valid' ? 'ahead of' : 'behind';
  return broken('PROOF_CLOCK_SKEW', {
    message: `the Key Manager ${name} gives tokens that are ${times === 'expired' ? 'expired' : 'not valid yet'} for API Manager: the clock of Identity Server is ${seconds} s ${which} its own`,
    hint: 'Set the clocks of both hosts (NTP): a gateway tolerates only a few seconds.',
  });
}

/** The token does not name the application where API Manager looks for it. */
export function claimDiffers({ name }: KeyManagerDeclaration, claim: string, found: unknown): BootstrapError {
  return broken('PROOF_VALIDATION', {
    message: `the Key Manager ${name} gives tokens whose claim ${claim} is ${found === undefined ? 'missing' : JSON.stringify(found)}, and not the consumer key of the application`,
    hint: 'Declare consumer_key_claim as the claim that holds the client id; Identity Server 7 writes it to azp.',
  });
}

/** A token that should have ended is still good. */
export function revocationFailed({ name }: KeyManagerDeclaration, why: string): BootstrapError {
  return broken('PROOF_FAILED', {
    message: `the Key Manager ${name}: a token could not be revoked: ${why}`,
    hint: 'Look at revoke_endpoint, and whether it is of the Identity Server that gives the tokens.',
  });
}

/** The application of the proof may not call the API. */
export function subscriptionRefused({ name }: KeyManagerDeclaration, cause: ApiRefusedError): BootstrapError {
  return broken('PROOF_GATEWAY', {
    message: `the Key Manager ${name} is not proved at the gateway, since the API cannot be subscribed to: ${cause.message}`,
    hint: 'Look at proof.api_id: it is the id in the Developer Portal of a published API of this tenant, which takes subscriptions.',
    cause,
  });
}

/** Revocation is configured, and the gateway never hears of it. */
export function revocationUnseen({ name }: KeyManagerDeclaration, seconds: string): BootstrapError {
  return broken('PROOF_REVOCATION', {
    message: `the Key Manager ${name}: the gateway still took a token ${seconds} s after it was revoked, although revocation = true`,
    hint:
      'Run km-bootstrap verify --phase offline (deployment-toml/is7 and dropins/is7 must hold), and restart Identity Server if it was changed while it ran. ' +
      '"Error while sending Revocation Event" in its log means that it does not reach or trust API Manager (trust/is7); silence, that the listener or its jar is wrong.',
  });
}

/** The gateway does not take a token that everything else takes. */
export function gatewayRefused(
  { name }: KeyManagerDeclaration,
  url: string,
  last: HttpReply | UnreachableError | undefined,
  code: string | undefined,
): BootstrapError {
  if (last instanceof UnreachableError || last === undefined) {
    return broken('PROOF_GATEWAY', {
      message: `no API could be called: ${last?.message ?? `${url} gave no answer`}`,
      hint: 'Look at proof.gateway_url (8243 plus the offset, by default), and give its certificate authority with --ca-file.',
      cause: last,
    });
  }
  const answered = `${url} answers ${last.status}${code === undefined ? '' : `, code ${code}`} to a good token`;
  if (code === '900910') return scopeRefused(name, answered, [], undefined);
  return broken('PROOF_GATEWAY', {
    message: `the Key Manager ${name}: ${answered}`,
    hint: gatewayHint(last.status, code),
  });
}

function gatewayHint(status: number, code: string | undefined): string {
  if (status === 404) return 'Look at proof.gateway_url: no API answers there.';
  if (code === '900908') return 'Set proof.api_id, so that the application of the proof subscribes to this API.';
  if (status === 401) {
    return 'The gateway must reach the key set and find the Key Manager by its issuer: look in its log, and whether another Key Manager has this issuer.';
  }
  return 'Look in the log of the gateway.';
}

/** Key generation failed for a reason that waiting does not heal. */
export function keysRefused(
  declaration: KeyManagerDeclaration,
  verdict: AccountVerdict,
  cause: ApiRefusedError,
): BootstrapError {
  const what = `no keys can be generated through the Key Manager ${declaration.name}`;
  switch (cause.apiCode) {
    case KEYS_EXIST:
      return broken('PROOF_FAILED', {
        message: `${what}: API Manager failed to register a client at ${declaration.clientRegistrationEndpoint} (${cause.apiCode} for a new application)`,
        hint: causesOfFailedRegistration(declaration, verdict),
        cause,
      });
    case APP_CREATION_OFF:
      return broken('PROOF_FAILED', {
        message: `${what}: it may not create applications (${cause.apiCode})`,
        hint: 'Declare oauth_app_creation = true and a token_type other than EXCHANGED.',
        cause,
      });
    case NOT_PERMITTED:
      return broken('PROOF_SCOPE', {
        message: `${what}: its permissions exclude this user (${cause.apiCode})`,
        hint: 'Add a role of apim.username to the permissions of the Key Manager, or verify with --proof off.',
        cause,
      });
    default:
      return broken('PROOF_FAILED', { message: `${what}: ${cause.message}`, hint: cause.hint, cause });
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
  return broken('PROOF_FAILED', {
    message: `the Key Manager ${declaration.name} generates no keys after ${seconds} s (API Manager answers ${said})`,
    hint: `${causesOfFailedRegistration(declaration, verdict)} If its log says "Key Manager ... not configured", API Manager could not load it: restart it.`,
    cause,
  });
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
  return broken('PROOF_FAILED', {
    message: `the Key Manager ${name} made keys, but API Manager got no token with them at ${tokenEndpoint} (${cause.message})`,
    hint: 'Look in the logs of both servers: Identity Server must allow client_credentials to the new client, and authorize its scopes.',
    cause,
  });
}

function broken(
  code: ErrorCode,
  { message, hint, cause }: { readonly message: string; readonly hint: string; readonly cause?: unknown },
): BootstrapError {
  return new BootstrapError(message, { code, hint, cause });
}
