import { Secret } from '../../src/secret.js';
import { makeIdentity } from '../home/certificate.js';
import { listen, type RunningServer } from '../http/listen.js';
import { empty, json, type Reply } from '../http/reply.js';
import { type Handler, type Route, route, router } from '../http/router.js';
import type { IdentityDatabase } from '../identity-database.js';
import type { LoadedHome } from '../loaded-home.js';
import { writeServerLog } from '../server-log.js';
import { readTenants, type TenantAccount } from '../tenants.js';
import { nothingThere } from './access.js';
import { apiResourceRoutes } from './api-resources.js';
import { authorizeRoutes } from './authorize.js';
import { type Dialect, dialectOf } from './dialect.js';
import { openDirectories } from './directory.js';
import { discoveryRoutes } from './discovery.js';
import type { Conduct, Is7, IssuedTokens } from './is7.js';
import { olderScopeRoutes } from './older-scopes.js';
import { registrationRoutes } from './registration.js';
import { connectNotifier } from './revocation-notice.js';
import { roleRoutes } from './roles.js';
import { keySetRoutes } from './signing.js';
import { tenantRoutes } from './tenant-creation.js';
import { tokenRoutes } from './token.js';
import { tokenStatusRoutes } from './token-status.js';
import { userRoutes } from './users.js';

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
  const dialect = dialectOf(home);
  const tenants = [...(await readTenants(home.folder, 'is7'))];
  const directories = await openDirectories(home.folder);
  const notifier = connectNotifier(home);
  const withoutOAuth = !startsOAuth(dialect, database);
  if (withoutOAuth) await writeServerLog(home.folder, 'ERROR', CONSTRAINT_MISSING);
  const { url, close } = await listen({ host, port, tls, failure: json(500, { error: 'server_error' }) }, (own) => {
    const publicUrl = publicUrlOf(home, own);
    const issuerByUrl = `${publicUrl}/oauth2/token`;
    const entityId = database.entityId(issuerByUrl);
    const { username, password } = home.admin;
    const first: Is7 = {
      url: publicUrl,
      issuer: dialect.isLegacy ? entityId : issuerByUrl,
      tenant: 'carbon.super',
      admin: home.admin,
      signing: home.signing,
      home,
      dialect,
      database,
      directory: directories.of('carbon.super', { userName: username, password: password.reveal() }),
      directories,
      notifier,
      conduct: { ...USUAL, ...conduct },
      tokens: noTokens(),
    };
    const handle = byTenant(first, tenants, (account, id) => ofTenant(first, database, account, id));
    return withoutOAuth ? refusingOAuth(handle) : handle;
  });
  return { url, close: () => Promise.all([close(), notifier.close()]).then(() => directories.settled()) };
}

const USUAL: Conduct = {
  clockAheadMs: 0,
  tokens: 'as-registered',
  authorizedScopes: 'by-settings',
  registration: 'allowed',
};

function noTokens(): IssuedTokens {
  return { opaque: new Map(), live: new Map(), refresh: new Map() };
}

/** Behind a proxy the server's own URLs name the proxy's port. */
function publicUrlOf({ toml }: LoadedHome, own: string): string {
  const proxyPort = toml.get('transport.https.properties.proxyPort');
  if (proxyPort === undefined) return own;
  const url = new URL(own);
  url.port = String(proxyPort);
  return url.origin;
}

const CONSTRAINT_MISSING =
  'OAuth2ServiceComponent: The unique key constraint in the IDN_OAUTH_CONSUMER_APPS table is not compatible with the server configs on tenant qualified URLs';

/** In legacy mode later releases start without OAuth where the key of an application is not unique over all tenants. */
function startsOAuth({ isLegacy, release }: Dialect, database: IdentityDatabase): boolean {
  return !isLegacy || Number(release) < 7.2 || database.hasUniqueConsumerKey();
}

function refusingOAuth(handle: Handler): Handler {
  return (request, parameters) =>
    /^(?:\/t\/[^/]+)?(?:\/oauth2\/|\/api\/identity\/oauth2\/)/.test(request.path)
      ? empty(404)
      : handle(request, parameters);
}

/** Hands a request to the tenant that its path names, which is made when it is first asked for. */
function byTenant(
  first: Is7,
  tenants: TenantAccount[],
  open: (account: TenantAccount, id: number) => Promise<Is7>,
): Handler {
  const handleFirst = handlerOf(first, tenantRoutes(first, tenants));
  const others = new Map<string, Promise<Handler>>();
  return async (request, parameters) => {
    const [, domain, path] = /^\/t\/([^/]+)(\/.*)$/.exec(request.path) ?? [];
    if (domain === undefined || path === undefined) return handleFirst(request, parameters);
    if (domain === 'carbon.super') return handleFirst({ ...request, path }, parameters);
    const index = tenants.findIndex((tenant) => tenant.domain === domain);
    const account = tenants[index];
    if (!account) return unknownTenant(domain, path);
    const opening = others.get(domain) ?? open(account, index + 1).then((is7) => handlerOf(is7));
    others.set(domain, opening);
    return (await opening)({ ...request, path }, parameters);
  };
}

function unknownTenant(domain: string, path: string): Reply {
  const why = `${domain} is an invalid tenant domain`;
  if (!path.startsWith('/api/'))
    return {
      status: 404,
      headers: { 'content-type': 'text/html;charset=UTF-8' },
      body: `<html>\n<body>${why}</body>\n</html>\n`,
    };
  const headers = { 'content-type': 'application/json;charset=UTF-8' };
  return json(404, { code: 404, message: why, description: why }, headers);
}

/** Each tenant has an issuer, applications, users and a signing key of its own. */
async function ofTenant(first: Is7, database: IdentityDatabase, account: TenantAccount, id: number): Promise<Is7> {
  const { domain, username, password } = account;
  const url = `${first.url}/t/${domain}`;
  return {
    ...first,
    url,
    issuer: first.dialect.isLegacy ? first.issuer : `${url}/oauth2/token`,
    tenant: domain,
    admin: { username, password: new Secret(password) },
    signing: await makeIdentity({ locality: domain, from: new Date(), to: new Date(Date.now() + YEAR_MS) }),
    database: database.inTenant(id),
    directory: first.directories.of(domain, { userName: username, password }),
    tokens: noTokens(),
  };
}

const YEAR_MS = 365 * 86_400_000;

function handlerOf(is7: Is7, more: readonly Route[] = []): Handler {
  return router([...routesOf(is7), ...more], (request) => nothingThere(is7, request));
}

function routesOf(is7: Is7): readonly Route[] {
  return [
    ...discoveryRoutes(is7),
    ...keySetRoutes(is7),
    ...registrationRoutes(is7),
    ...tokenRoutes(is7),
    ...tokenStatusRoutes(is7),
    ...authorizeRoutes(is7),
    ...userRoutes(is7),
    ...roleRoutes(is7),
    ...apiResourceRoutes(is7),
    ...olderScopeRoutes(is7),
    // The checks are off as shipped.
    route('GET', '/api/health-check/v1.0/health', () => json(200, { health: [] })),
  ];
}
