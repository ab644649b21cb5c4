import { listen, type RunningServer } from '../http/listen.js';
import { empty, json } from '../http/reply.js';
import { type Route, route, router } from '../http/router.js';
import type { IdentityDatabase } from '../identity-database.js';
import type { LoadedHome } from '../loaded-home.js';
import { discoveryRoutes } from './discovery.js';
import type { Conduct, Is7 } from './is7.js';
import { keySetRoutes } from './json-web-token.js';
import { registrationRoutes } from './registration.js';
import { connectNotifier } from './revocation-notice.js';
import { tokenRoutes } from './token.js';
import { tokenStatusRoutes } from './token-status.js';
import { userRoutes } from './user.js';

/**
 * A stand-in of Identity Server 7: the endpoints that API Manager's connector and a client of its tokens use, with the answers of the
 * real one. Registered applications and issued tokens live in the identity database, which the caller opens and closes.
 *
 * @throws BootstrapError `SANDBOX_FAILED` when the port cannot be had.
 */
export async function serveIs7(
  home: LoadedHome,
  database: IdentityDatabase,
  conduct: Partial<Conduct> = {},
): Promise<RunningServer> {
  const { host, httpsPort: port } = home;
  const tls = { ...home.tls, clientAuthorities: home.trusted };
  const memory = { conduct: { ...USUAL, ...conduct }, opaqueTokens: new Map() };
  const notifier = connectNotifier(home);
  const { url, close } = await listen({ host, port, tls, failure: json(500, { error: 'server_error' }) }, (own) =>
    router(routesOf({ url: own, issuer: `${own}/oauth2/token`, home, database, notifier, ...memory }), () =>
      empty(404),
    ),
  );
  return { url, close: () => Promise.all([close(), notifier.close()]).then(() => undefined) };
}

const USUAL: Conduct = { clockAheadMs: 0, tokens: 'jwt', authorizedScopes: 'all', registration: 'allowed' };

function routesOf(is7: Is7): readonly Route[] {
  return [
    ...discoveryRoutes(is7),
    ...keySetRoutes(is7),
    ...registrationRoutes(is7),
    ...tokenRoutes(is7),
    ...tokenStatusRoutes(is7),
    ...userRoutes(is7),
    route('GET', '/api/health-check/v1.0/health', () => json(200, { health: HEALTH })),
  ];
}

const HEALTH = [{ key: 'SuperTenantUS.Health', value: 'UP' }];
