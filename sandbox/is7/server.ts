import { Secret } from '../../src/secret.js';
import { makeIdentity } from '../home/certificate.js';
import { listen, type RunningServer } from '../http/listen.js';
import { empty, json } from '../http/reply.js';
import { type Handler, type Route, route, router } from '../http/router.js';
import type { IdentityDatabase } from '../identity-database.js';
import type { LoadedHome } from '../loaded-home.js';
import { readTenants, type TenantAccount } from '../tenants.js';
import { discoveryRoutes } from './discovery.js';
import type { Conduct, Is7 } from './is7.js';
import { registrationRoutes } from './registration.js';
import { connectNotifier } from './revocation-notice.js';
import { keySetRoutes } from './signing.js';
import { tokenRoutes } from './token.js';
import { tokenStatusRoutes } from './token-status.js';
import { userRoutes } from './user.js';

/**
 * A stand-in of Identity Server 7: the endpoints that API Manager's connector and a client of its tokens use, with the answers of the
 * real one; those of another tenant than the first below `/t/<tenant>`. Registered applications and issued tokens live in the identity
 * database, which the caller opens and closes.
 *
 * @throws BootstrapError `SANDBOX_FAILED` when the port cannot be had or the file of tenants makes no sense.
 */
export async function serveIs7(
  home: LoadedHome,
  database: IdentityDatabase,
  conduct: Partial<Conduct> = {},
): Promise<RunningServer> {
  const { host, httpsPort: port } = home;
  const tls = { ...home.tls, clientAuthorities: home.trusted };
  const tenants = await readTenants(home.folder, 'is7');
  const memory = { conduct: { ...USUAL, ...conduct }, opaqueTokens: new Map() };
  const notifier = connectNotifier(home);
  const { url, close } = await listen({ host, port, tls, failure: json(500, { error: 'server_error' }) }, (own) => {
    const first: Is7 = {
      url: own,
      issuer: `${own}/oauth2/token`,
      tenant: 'carbon.super',
      admin: home.admin,
      signing: home.signing,
      home,
      database,
      notifier,
      ...memory,
    };
    return byTenant(first, tenants, (account, id) => ofTenant(first, database, account, id));
  });
  return { url, close: () => Promise.all([close(), notifier.close()]).then(() => undefined) };
}

const USUAL: Conduct = { clockAheadMs: 0, tokens: 'jwt', authorizedScopes: 'all', registration: 'allowed' };

/** Hands a request to the tenant that its path names, which is made when it is first asked for. */
function byTenant(
  first: Is7,
  tenants: readonly TenantAccount[],
  open: (account: TenantAccount, id: number) => Promise<Is7>,
): Handler {
  const handleFirst = handlerOf(first);
  const others = new Map<string, Promise<Handler>>();
  return async (request, parameters) => {
    const [, domain, path] = /^\/t\/([^/]+)(\/.*)$/.exec(request.path) ?? [];
    if (domain === undefined || path === undefined) return handleFirst(request, parameters);
    const index = tenants.findIndex((tenant) => tenant.domain === domain);
    const account = tenants[index];
    if (!account) return empty(404);
    const opening = others.get(domain) ?? open(account, index + 1).then(handlerOf);
    others.set(domain, opening);
    return (await opening)({ ...request, path }, parameters);
  };
}

/** Each tenant has an issuer, applications and a signing key of its own. */
async function ofTenant(first: Is7, database: IdentityDatabase, account: TenantAccount, id: number): Promise<Is7> {
  const { domain, username, password } = account;
  const url = `${first.url}/t/${domain}`;
  return {
    ...first,
    url,
    issuer: `${url}/oauth2/token`,
    tenant: domain,
    admin: { username, password: new Secret(password) },
    signing: await makeIdentity({ locality: domain, from: new Date(), to: new Date(Date.now() + YEAR_MS) }),
    database: database.inTenant(id),
    opaqueTokens: new Map(),
  };
}

const YEAR_MS = 365 * 86_400_000;

function handlerOf(is7: Is7): Handler {
  return router(routesOf(is7), () => empty(404));
}

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
