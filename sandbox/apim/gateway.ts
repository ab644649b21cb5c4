import { json, Refusal, type Reply } from '../http/reply.js';
import { bearerToken, type ServerRequest } from '../http/request.js';
import type { Handler } from '../http/router.js';
import type { Apim } from './apim.js';
import { type Api, apiOf, type Resource } from './apis.js';
import { createTokenChecker, type TokenChecker } from './gateway-token.js';

/**
 * The gateway, in front of the one API that each tenant has here: it checks the token, the subscription of the application and the scope
 * of the resource, and then answers in the API's place.
 */
export function gatewayHandler(apim: Apim): Handler {
  const checker = createTokenChecker(apim);
  return async (request) => {
    const found = findResource(apim, request);
    if (!found) return refusal(404, 404, 'Not Found', 'The requested resource is not available.');
    const claims = await requireToken(checker, found.api, request);
    requireSubscription(apim, found.api, claims.consumerKey);
    const { scope } = found.resource;
    if (scope !== undefined && !claims.scopes.includes(scope)) {
      return refusal(403, '900910', 'The access token does not allow you to access the requested resource', 'Scope');
    }
    return json(200, { message: 'hello', application: claims.consumerKey });
  };
}

/** Wherever the gateway fails itself. */
export const GATEWAY_FAILURE = refusal(500, '900900', 'Unclassified Authentication Failure', 'Error');

function findResource(
  { store }: Apim,
  { method, path }: ServerRequest,
): { readonly api: Api; readonly resource: Resource } | undefined {
  if (method !== 'GET') return undefined;
  const apis = [undefined, ...store.state.tenants.map(({ domain }) => domain)].map(apiOf);
  const api = apis.find(({ context }) => path.startsWith(`${context}/`));
  const resource = api?.resources.find((candidate) => `${api.context}${candidate.path}` === path);
  return api && resource ? { api, resource } : undefined;
}

async function requireToken(checker: TokenChecker, { tenant }: Api, request: ServerRequest) {
  const token = bearerToken(request);
  if (token === undefined) throw new Refusal(refusal(401, '900902', 'Missing Credentials', 'Invalid Credentials'));
  const claims = await checker.check(token, tenant);
  if (claims) return claims;
  throw new Refusal(refusal(401, '900901', 'Invalid Credentials', 'Make sure you have provided the correct ones'));
}

/** The application is found by its key at whichever Key Manager the token is of. */
function requireSubscription({ store: { state }, pace }: Apim, api: Api, consumerKey: string): void {
  const owner = state.applications.find(
    ({ keys, tenant }) => tenant === api.tenant && keys.some((key) => key.consumerKey === consumerKey),
  );
  const isKnown = state.subscriptions.some(
    ({ applicationId, apiId, createdAtMs }) =>
      applicationId === owner?.applicationId && apiId === api.id && createdAtMs + pace.gatewaySyncMs <= Date.now(),
  );
  if (!isKnown) {
    throw new Refusal(refusal(403, '900908', 'Resource forbidden', 'User is NOT authorized to access the Resource'));
  }
}

function refusal(status: number, code: number | string, message: string, description: string): Reply {
  return json(status, { code, message, description });
}
