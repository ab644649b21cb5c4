import type { Apim } from './apim.js';
import { type AuthorizationServer, authorizationServerOf } from './authorization-server.js';
import { FAULTS, refuse } from './faults.js';

/** The row that ties an application to a client at a Key Manager. */
export interface KeyMapping {
  readonly keyMappingId: string;
  readonly keyManagerId: string;
  readonly keyType: string;
  readonly callbackUrl: string;
  grantTypes: readonly string[];
  /** Missing when the client could not be registered: the row stays all the same and blocks another try. */
  consumerKey?: string;
}

/**
 * The authorization server behind a mapping.
 *
 * @throws Refusal 500 when its Key Manager is not loaded, or not loaded yet
 */
export function serverOf(apim: Apim, { keyManagerId }: Pick<KeyMapping, 'keyManagerId'>): AuthorizationServer {
  return authorizationServerOf(apim, apim.loaded.find(keyManagerId) ?? refuse(FAULTS.GENERAL));
}

/**
 * Deletes the client of a mapping, if it ever got one and its Key Manager is loaded.
 *
 * @throws Refusal 500 when the authorization server does not do it
 */
export async function removeOAuthApp(apim: Apim, mapping: KeyMapping): Promise<void> {
  if (mapping.consumerKey === undefined || !apim.loaded.find(mapping.keyManagerId)) return;
  await serverOf(apim, mapping).remove(mapping.consumerKey);
}
