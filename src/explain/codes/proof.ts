import type { ErrorCode } from '../../codes.js';
import { MESSAGES as KEY_MANAGERS } from '../../key-manager/errors.js';
import type { Explanation } from '../explanation.js';

const NAME = 'WSO2-IS-7';
const IS7 = 'https://localhost:9444';

export const PROOF_ERRORS = {
  PROOF_FAILED: {
    what: '`verify` used the Key Manager, and something went wrong that has no code of its own.',
    why: 'API Manager made no keys, or got no token with them, and every link that can be tried from here holds.',
    remedy: 'Follow the hint, and look into the logs of both servers at that time.',
    example: KEY_MANAGERS.PROOF_FAILED.neverLoaded(
      NAME,
      60,
      '500, code 901409',
      'Look whether is7.username and is7.password are right (then km-bootstrap apply --resend-secret), and look whether Identity Server is up and reachable from the host of API Manager, and trusted by it (trust/apim, then restart API Manager).',
    ),
  },
  PROOF_UNREACHABLE: {
    what: 'API Manager does not reach Identity Server.',
    why: 'Seen from the host of API Manager the name is not resolved, the port is closed, or nothing answers, although it may from here.',
    remedy: 'Try the URL on the host (in the container) of API Manager, and correct is7.url or the network.',
    example: KEY_MANAGERS.PROOF_UNREACHABLE(
      NAME,
      `${IS7}/oauth2/token`,
      'though it answers here and its certificate is trusted',
    ),
  },
  PROOF_UNTRUSTED: {
    what: 'API Manager does not trust the certificate of Identity Server.',
    why: 'It is not in its truststore, or was imported after API Manager had started.',
    remedy: 'Apply the step trust/apim, then restart API Manager.',
    example: KEY_MANAGERS.PROOF_UNTRUSTED.known(NAME, `${IS7}/oauth2/token`),
  },
  PROOF_HOST_MISMATCH: {
    what: 'The URLs of the Key Manager have a host that the certificate of Identity Server does not cover.',
    why: 'The packs’ certificates are for localhost alone.',
    remedy: 'Use a name that it covers, or give Identity Server a certificate for this one ([tls] generate = true).',
    example: KEY_MANAGERS.PROOF_HOST_MISMATCH(
      NAME,
      'https://is7:9443: its certificate is not for the host is7 (it is for DNS:localhost)',
    ),
  },
  PROOF_CREDENTIALS: {
    what: 'Identity Server refuses the account that the connector of API Manager uses.',
    why: 'The password was changed at Identity Server, or is7.username and is7.password are wrong. With mutual TLS: it does not trust the certificate of API Manager, has no mapping of it to the user, or was not restarted since.',
    remedy:
      'Correct is7.username and is7.password, then apply: the new password is sent. With mutual TLS: apply offline, then restart Identity Server.',
    example: KEY_MANAGERS.PROOF_CREDENTIALS.account(NAME, 'admin', `${IS7}/oauth2/introspect`),
  },
  PROOF_REGISTRATION: {
    what: 'No client can be registered at Identity Server with the account of the connector.',
    why: 'The account may not, or there is no registration at that address.',
    remedy: 'Give its role the right to manage applications, or correct client_registration_endpoint.',
    example: KEY_MANAGERS.PROOF_REGISTRATION.forbidden(NAME, 'km', `${IS7}/api/identity/oauth2/dcr/v1.1/register`, 403),
  },
  PROOF_JWKS: {
    what: 'The signature of the tokens cannot be checked.',
    why: 'The key set cannot be read, belongs to another server, or lacks the key that signed; or the declared certificate is the one for TLS.',
    remedy: 'Declare jwks (or pem_file) of the Identity Server that signs.',
    example: KEY_MANAGERS.PROOF_JWKS(
      NAME,
      'i',
      `ts key set ${IS7}/oauth2/jwks: the key of its token (kid abc) is not in it`,
    ),
  },
  PROOF_REVOCATION: {
    what: 'Revocation is configured, and the gateway goes on taking a revoked token.',
    why: 'Identity Server does not send the event (its listener or the jar is wrong, or it was not restarted), does not reach or trust API Manager, or names another handler than WSO2-IS.',
    remedy:
      'Run verify --phase offline, restart Identity Server, and look for "Error while sending Revocation Event" in its log.',
    example: KEY_MANAGERS.PROOF_REVOCATION(NAME, '20.1'),
  },
  PROOF_VALIDATION: {
    what: 'A token came, and API Manager would not take it.',
    why: 'It is opaque while the gateway is to check it itself, Identity Server calls it inactive, the account may not introspect, or it does not name the application.',
    remedy: 'Follow the hint, which depends on which of these it was.',
    example: KEY_MANAGERS.PROOF_VALIDATION.opaque(NAME),
  },
  PROOF_SCOPE: {
    what: 'Scopes, roles or permissions keep a token from being given or from being of use.',
    why: 'Identity Server does not grant the scopes, or the permissions of the Key Manager exclude the user.',
    remedy: 'Have Identity Server authorize the scopes, or correct the permissions.',
    example: KEY_MANAGERS.PROOF_SCOPE.refused(NAME, 'its tokens have none in the claim scope', ['orders']),
  },
  PROOF_CLOCK_SKEW: {
    what: 'By the clock of API Manager a fresh token is expired, or not valid yet.',
    why: 'The clocks of the two hosts differ.',
    remedy: 'Set both clocks (NTP).',
    example: KEY_MANAGERS.PROOF_CLOCK_SKEW(NAME, 'not-yet-valid', 90),
  },
  PROOF_GATEWAY: {
    what: 'The gateway does not take a token that everything else takes.',
    why: 'It does not reach the key set, finds another Key Manager by the issuer, or the API needs a subscription.',
    remedy: 'Follow the hint, and look into the log of the gateway.',
    example: KEY_MANAGERS.PROOF_GATEWAY.noSubscription(
      NAME,
      'https://localhost:8243/pizza answers 403, code 900908 to a good token',
    ),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const PROOF_NOTICES = {
  PROOF_SKIPPED: {
    what: 'That the Key Manager works was not proved.',
    why: 'You asked for that (--proof off), or the Key Manager is declared so that no keys can be made.',
    remedy: 'Nothing, if that is what you want.',
    example: KEY_MANAGERS.PROOF_SKIPPED(NAME, 'it is disabled'),
  },
  PROOF_UNCHECKED: {
    what: 'A part of the proof could not be made from here; the rest holds.',
    why: 'Identity Server cannot be reached from where km-bootstrap runs.',
    remedy: 'Run verify where Identity Server can be reached.',
    example: KEY_MANAGERS.PROOF_UNCHECKED(NAME, 'it cannot be introspected from here'),
  },
  PROOF_LEFTOVER: {
    what: 'The application that was made for the proof could not be removed.',
    why: 'API Manager refused to delete it, or did not answer.',
    remedy: 'Delete it by hand; the next proof makes one of its own.',
    example: KEY_MANAGERS.PROOF_LEFTOVER('km-bootstrap-proof'),
  },
  PROOF_REVOKED: {
    what: 'How long a revoked token still passed the gateway.',
    why: 'Gateways learn of a revocation by a message or by the end of a cache, not at once.',
    remedy: 'Nothing: revocation works.',
    example: KEY_MANAGERS.PROOF_REVOKED(NAME, '0.6'),
  },
  PROOF_REVOCATION_OFF: {
    what: 'The gateway takes a token that was revoked.',
    why: 'Revocation is not configured: a gateway that checks tokens itself takes them until they expire, one that introspects until it forgets the answer.',
    remedy: 'Set revocation = true with the recipe current, or accept it and keep tokens short-lived.',
    example: KEY_MANAGERS.PROOF_REVOCATION_OFF(NAME, 'it expires'),
  },
} as const satisfies Record<string, Explanation>;
