import { randomUUID } from 'node:crypto';
import type { Apim } from './apim.js';
import type { AuthorizationServer, OAuthApp } from './authorization-server.js';
import type { User } from './authorize.js';
import { type Client, newClient } from './clients.js';
import { FAULTS, refuse } from './faults.js';
import type { KeyManager } from './key-manager-fields.js';
import { issueToken } from './token.js';

/** The Key Manager that API Manager is to itself. */
export const RESIDENT_NAME = 'Resident Key Manager';

/** The Key Managers of a user's tenant, as every list of them begins. */
export async function keyManagersOf(apim: Apim, user: User): Promise<readonly KeyManager[]> {
  await ensureResident(apim, user);
  const own = apim.store.state.keyManagers.filter(({ tenant }) => tenant === user.tenant);
  return own.sort((a, b) => a.name.localeCompare(b.name));
}

/** It does not exist until somebody first lists the Key Managers (product-apim issue 12634). */
async function ensureResident({ url, store, loaded }: Apim, { tenant }: User): Promise<void> {
  const { keyManagers } = store.state;
  if (keyManagers.some((found) => found.name === RESIDENT_NAME && found.tenant === tenant)) return;
  const resident = { ...residentKeyManager(url), tenant };
  keyManagers.unshift(resident);
  await store.save();
  loaded.load(resident);
}

/** Registers applications and issues tokens in this server itself. */
export function residentServer(apim: Apim): AuthorizationServer {
  const { state } = apim.store;
  return {
    async register({ clientName, grantTypes, callbackUrl }) {
      const owner = apim.home.admin.username;
      const more = { tenant: undefined, saasApp: false, tokenType: 'JWT' };
      const client = newClient({ clientName, owner, grantTypes, callbackUrl, ...more });
      state.clients.push(client);
      return oauthAppOf(client);
    },
    async read(consumerKey) {
      return oauthAppOf(clientOf(apim, consumerKey));
    },
    async remove(consumerKey) {
      state.clients = state.clients.filter(({ clientId }) => clientId !== consumerKey);
    },
    async requestToken(consumerKey, consumerSecret, scopes, validitySeconds) {
      if (clientOf(apim, consumerKey).clientSecret !== consumerSecret) refuse(FAULTS.GENERAL);
      const granted = scopes.length > 0 ? scopes : ['default'];
      const { value } = await issueToken(apim, { clientId: consumerKey, scopes: granted, seconds: validitySeconds });
      return { accessToken: value, tokenScopes: granted, validityTime: validitySeconds };
    },
  };
}

function residentKeyManager(url: string): KeyManager {
  return {
    id: randomUUID(),
    name: RESIDENT_NAME,
    displayName: RESIDENT_NAME,
    type: 'default',
    description: 'This is Resident Key Manager',
    enabled: true,
    tokenType: 'DIRECT',
    issuer: `${url}/oauth2/token`,
    tokenEndpoint: `${url}/oauth2/token`,
    revokeEndpoint: `${url}/oauth2/revoke`,
    availableGrantTypes: ['client_credentials', 'password', 'refresh_token', 'authorization_code'],
    enableTokenGeneration: true,
    enableMapOAuthConsumerApps: true,
    enableOAuthAppCreation: true,
    enableSelfValidationJWT: true,
    permissions: { permissionType: 'PUBLIC', roles: [] },
    additionalProperties: { self_validate_jwt: true },
  };
}

function clientOf({ store }: Apim, consumerKey: string): Client {
  return store.state.clients.find(({ clientId }) => clientId === consumerKey) ?? refuse(FAULTS.GENERAL);
}

function oauthAppOf({ clientId, clientSecret, grantTypes }: Client): OAuthApp {
  return { consumerKey: clientId, consumerSecret: clientSecret, grantTypes };
}
