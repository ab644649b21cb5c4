import { empty, json, type Reply } from '../http/reply.js';
import { isObject, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { allowing } from './authorize.js';
import { badRequest, FAULTS, refuse } from './faults.js';
import { MANAGING } from './key-managers.js';
import { isAtLeast } from './release.js';
import { checkUrls } from './trusted-urls.js';

/**
 * Reads a discovery document from where API Manager itself stands, so it also shows whether API Manager reaches and trusts the server.
 * Whatever goes wrong with that is the general 500.
 */
export function discoverRoutes(apim: Apim): readonly Route[] {
  const handle = allowing(apim, MANAGING, (request) => discover(apim, request));
  return [route('POST', '/api/am/admin/v4/key-managers/discover', handle)];
}

async function discover(apim: Apim, request: ServerRequest): Promise<Reply> {
  const form = await multipartForm(request);
  const url = form.get('url')?.trim() ?? '';
  if (url === '') return json(200, { valid: false, value: null });
  if (!URL.canParse(url)) return FAULTS.GENERAL;
  checkUrls(apim.home, { wellKnownEndpoint: url });
  const { status, text } = await apim.identityServer.send({ method: 'GET', url });
  const document: unknown = status === 200 ? JSON.parse(text) : undefined;
  if (!isObject(document)) return FAULTS.INTERNAL;
  return json(200, { valid: true, value: keyManagerFrom(apim, document, url, form.get('type') ?? null) });
}

async function multipartForm({ headers, body }: ServerRequest): Promise<Map<string, string>> {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) refuse(empty(415));
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    return new Map([...form].map(([name, value]) => [name, String(value)]));
  } catch {
    return refuse(badRequest('Malformed request body.'));
  }
}

/** Neither a name nor claims nor connector settings are filled in, and the user info endpoint is the one that IS 7 names, which is not the right one. */
function keyManagerFrom(
  { home }: Apim,
  document: Record<string, unknown>,
  url: string,
  type: string | null,
): Record<string, unknown> {
  return {
    ...UNKNOWN,
    ...(isAtLeast(home, '4.5') && { allowedOrganizations: [] }),
    type,
    wellKnownEndpoint: url,
    issuer: document['issuer'],
    tokenEndpoint: document['token_endpoint'],
    authorizeEndpoint: document['authorization_endpoint'],
    revokeEndpoint: document['revocation_endpoint'],
    introspectionEndpoint: document['introspection_endpoint'],
    clientRegistrationEndpoint: document['registration_endpoint'],
    ...(isAtLeast(home, '4.4') && { userInfoEndpoint: document['userinfo_endpoint'] }),
    certificates: { type: 'JWKS', value: document['jwks_uri'] },
    availableGrantTypes: document['grant_types_supported'],
    enabled: true,
    enableTokenGeneration: true,
    enableMapOAuthConsumerApps: true,
    enableOAuthAppCreation: true,
    enableSelfValidationJWT: true,
    tokenType: 'DIRECT',
  };
}

/** What no document tells. */
const UNKNOWN = {
  ...Object.fromEntries(
    [
      ...[
        'id',
        'name',
        'displayName',
        'description',
        'displayTokenEndpoint',
        'displayRevokeEndpoint',
        'userInfoEndpoint',
      ],
      ...['alias', 'scopeManagementEndpoint', 'consumerKeyClaim', 'scopesClaim', 'global', 'additionalProperties'],
      'permissions',
    ].map((name) => [name, null]),
  ),
  ...{ endpoints: [], claimMapping: [], tokenValidation: [] },
  ...{ enableTokenEncryption: false, enableTokenHashing: false },
};
