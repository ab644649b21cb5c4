import type { LoadedHome } from '../loaded-home.js';
import { fault, refuse } from './faults.js';
import type { KeyManager } from './key-manager-fields.js';
import { isAtLeast } from './release.js';

const POLICY = 'server.network_security.access_control';

const URL_FIELDS = [
  'wellKnownEndpoint',
  'introspectionEndpoint',
  'clientRegistrationEndpoint',
  'tokenEndpoint',
  'revokeEndpoint',
  'userInfoEndpoint',
  'authorizeEndpoint',
  'scopeManagementEndpoint',
] as const satisfies readonly (keyof KeyManager)[];

/**
 * Refuses a Key Manager whose URLs lead where deployment.toml does not let this server go; without `[server.network_security.access_control]`
 * everything is allowed (API Manager 4.7 with updates). Addresses are not resolved here: a host is matched by its name alone.
 *
 * @throws Refusal 400 900405
 */
export function checkUrls(home: LoadedHome, keyManager: Partial<KeyManager>): void {
  const wrong = URL_FIELDS.find((field) => !isAllowed(home, keyManager[field]));
  if (wrong === undefined) return;
  const description = `Invalid Key Manager URL configuration. The ${wrong} URL is not trusted.`;
  refuse(fault(400, 900405, 'Invalid Key Manager URL configuration', description));
}

function isAllowed(home: LoadedHome, url: string | undefined): boolean {
  const mode = home.toml.get(`${POLICY}.mode`);
  if (url === undefined || !isAtLeast(home, '4.7') || (mode !== 'allow' && mode !== 'deny')) return true;
  const hosts = home.toml.get(`${POLICY}.hosts`);
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  const isNamed = (Array.isArray(hosts) ? hosts : []).some((pattern) => matches(String(pattern), host));
  return isNamed === (mode === 'allow');
}

/** `*` stands for anything. */
function matches(pattern: string, host: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(host);
}
