import { json, type Reply } from '../http/reply.js';
import type { ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { requireUser } from './authorize.js';
import { type Body, readBody } from './body.js';
import { type Client, newClient } from './clients.js';
import { badRequest, FAULTS, fault, refuse } from './faults.js';

/** Dynamic client registration v0.17: how a program gets a client for the REST APIs (carbon-apimgt, RegistrationServiceImpl). */
export function registrationRoutes(apim: Apim): readonly Route[] {
  return [route('POST', '/client-registration/v0.17/register', (request) => register(apim, request))];
}

const PROFILE = {
  callbackUrl: { kind: 'string' },
  clientName: { kind: 'string' },
  owner: { kind: 'string' },
  grantType: { kind: 'string' },
  saasApp: { kind: 'boolean' },
  tokenScope: { kind: 'string' },
  tokenType: { kind: 'string' },
} as const;

/** A name that is known returns its client as it is, secret included; grants are not updated. */
async function register(apim: Apim, request: ServerRequest): Promise<Reply> {
  const user = requireUser(apim, request);
  if (Date.now() < apim.startedAtMs + apim.pace.startupMs + apim.pace.registrationLagMs) return NOT_AVAILABLE;
  const profile = readBody(request, PROFILE);
  const { clientName = '', owner = '' } = profile;
  if (owner.trim() === '') return OWNER_EMPTY;
  if (owner !== user.username) {
    const isSuperAdmin = user.tenant === undefined;
    if (!isSuperAdmin) return badRequest(`Logged in user and application owner '${owner}' should be same.`);
    const isKnown = apim.store.state.tenants.some(({ username }) => username === owner);
    return isKnown ? FORBIDDEN : unknownOwner(owner);
  }
  if (!/^[\sa-zA-Z0-9._-]+$/.test(clientName)) return notMade(clientName);
  const { clients } = apim.store.state;
  const known = clients.find((client) => client.clientName === clientName && client.tenant === user.tenant);
  if (known) return known.owner === owner ? json(200, resultOf(known)) : FORBIDDEN;
  const client = newClient({
    clientName,
    owner,
    tenant: user.tenant,
    grantTypes: grantsOf(profile),
    callbackUrl: profile.callbackUrl ?? '',
    saasApp: profile.saasApp ?? false,
    tokenType: profile.tokenType ?? 'JWT',
  });
  clients.push(client);
  await apim.store.save();
  return json(200, resultOf(client));
}

const OWNER_EMPTY = fault(400, 400, 'Application owner cannot be empty', 'Application owner cannot be empty');

function unknownOwner(owner: string): Reply {
  const why = `User: ${owner} does not exist for application registration`;
  return fault(403, 403, why, why);
}

/** In the words of one that is not up yet, and yet it will never be made. */
function notMade(name: string): Reply {
  const why = `OAuth app '${name}' creation or updating failed. Dynamic Client Registration Service not available.`;
  return fault(500, 500, 'Internal server error', why);
}

const FORBIDDEN = fault(403, 403, 'Forbidden', 'Access is forbidden to the application');
const NOT_AVAILABLE = fault(500, 500, 'Bad Request', 'Dynamic Client Registration Service not available.');

/** Without a callback URL the grants that need one are dropped; without grants as well, the real server meets a null pointer. */
function grantsOf({ grantType, callbackUrl = '' }: Body<typeof PROFILE>): readonly string[] {
  const grants = grantType?.split(' ').filter(Boolean);
  if (callbackUrl.trim() !== '') return grants ?? [];
  const needsCallback = ['authorization_code', 'implicit'];
  return grants?.filter((grant) => !needsCallback.includes(grant)) ?? refuse(FAULTS.INTERNAL);
}

function resultOf(client: Client): Record<string, unknown> {
  return {
    clientId: client.clientId,
    clientName: client.clientName,
    callBackURL: client.callbackUrl,
    clientSecret: client.clientSecret,
    isSaasApplication: client.saasApp,
    appOwner: client.owner,
    jsonString: JSON.stringify({ grant_types: client.grantTypes.join(' ') }),
    jsonAppAttribute: '{}',
    applicationUUID: null,
    tokenType: client.tokenType,
  };
}
