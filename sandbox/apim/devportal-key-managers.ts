import { json, type Reply } from '../http/reply.js';
import { type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { allowing, type User } from './authorize.js';
import { keyManagersOf } from './resident.js';

/** The Key Managers that an application's owner may choose from. */
export function devportalKeyManagerRoutes(apim: Apim): readonly Route[] {
  return [
    route(
      'GET',
      '/api/am/devportal/v3/key-managers',
      allowing(apim, ['apim:subscribe'], (_request, user) => list(apim, user)),
    ),
  ];
}

/** Endpoints are those to show: the display endpoint where there is one. */
async function list(apim: Apim, user: User): Promise<Reply> {
  const infos = (await keyManagersOf(apim, user)).map((keyManager) => ({
    id: keyManager.id,
    name: keyManager.name,
    type: keyManager.type,
    displayName: keyManager.displayName ?? null,
    description: keyManager.description ?? null,
    enabled: keyManager.enabled,
    availableGrantTypes: keyManager.availableGrantTypes ?? [],
    tokenEndpoint: keyManager.displayTokenEndpoint || (keyManager.tokenEndpoint ?? null),
    revokeEndpoint: keyManager.displayRevokeEndpoint || (keyManager.revokeEndpoint ?? null),
    // Left out by the real server, too.
    userInfoEndpoint: null,
    enableTokenGeneration: keyManager.enableTokenGeneration ?? null,
    enableTokenEncryption: keyManager.enableTokenEncryption ?? false,
    enableTokenHashing: keyManager.enableTokenHashing ?? false,
    enableOAuthAppCreation: keyManager.enableOAuthAppCreation ?? false,
    enableMapOAuthConsumerApps: keyManager.enableMapOAuthConsumerApps ?? false,
    applicationConfiguration: [],
    alias: keyManager.alias ?? null,
    additionalProperties: {},
    tokenType: keyManager.tokenType,
  }));
  return json(200, { count: infos.length, list: infos });
}
