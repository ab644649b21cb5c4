import { json, Refusal } from './reply.js';
import { basicCredentials, type Credentials, formOf, type ServerRequest } from './request.js';

/** Refuses with the error body of OAuth 2 (RFC 6749, 5.2). */
export function refuseOAuth(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): never {
  throw new Refusal(json(status, { error_description: description, error }, headers));
}

/**
 * The client id and secret of a request, from the header or else from the form.
 *
 * @throws Refusal 401 `invalid_client`
 */
export function clientCredentials(request: ServerRequest): Credentials {
  const sent = basicCredentials(request) ?? credentialsIn(formOf(request), 'client_id', 'client_secret');
  return sent ?? refuseOAuth(401, 'invalid_client', 'Unsupported Client Authentication Method!');
}

/**
 * The user name and password of a password grant.
 *
 * @throws Refusal 400 `invalid_request`
 */
export function userCredentials(request: ServerRequest): Credentials {
  const sent = credentialsIn(formOf(request), 'username', 'password');
  return sent ?? refuseOAuth(400, 'invalid_request', 'Missing username or password');
}

function credentialsIn(form: URLSearchParams, name: string, secret: string): Credentials | undefined {
  const [username, password] = [form.get(name), form.get(secret)];
  return username === null || password === null ? undefined : { username, password };
}

/**
 * The grant that a token request asks for, which must be one of `played`.
 *
 * @throws Refusal 400 `invalid_request`, `unsupported_grant_type`
 */
export function requestedGrant<Grant extends string>(request: ServerRequest, played: readonly Grant[]): Grant {
  const asked = formOf(request).get('grant_type');
  if (!asked) return refuseOAuth(400, 'invalid_request', 'Missing grant_type parameter value');
  const grant = played.find((candidate) => candidate === asked);
  return grant ?? refuseOAuth(400, 'unsupported_grant_type', `Unsupported grant_type value: ${asked}`);
}

/**
 * Checks that a client may use a grant.
 *
 * @throws Refusal 400 `unauthorized_client`
 */
export function requireGrant(allowed: readonly string[], grant: string): void {
  if (allowed.includes(grant)) return;
  const description = 'The authenticated client is not authorized to use this authorization grant type';
  refuseOAuth(400, 'unauthorized_client', description);
}

/**
 * Checks a client's secret; a client without one is a public client, which cannot authenticate.
 *
 * @throws Refusal 401 `invalid_client`
 */
export function requireSecret(sent: Credentials, secret: string | undefined): void {
  if (secret === undefined) {
    refuseOAuth(401, 'invalid_client', `A valid OAuth client could not be found for client_id: ${sent.username}`);
  }
  if (secret === '' || secret !== sent.password) refuseOAuth(401, 'invalid_client', 'Client Authentication failed.');
}
