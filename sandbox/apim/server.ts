import { connectPeer } from '../http/connect-peer.js';
import { listen, type RunningServer } from '../http/listen.js';
import { empty } from '../http/reply.js';
import { type Handler, type Route, router } from '../http/router.js';
import type { LoadedHome } from '../loaded-home.js';
import type { Apim, ApimConduct, Pace } from './apim.js';
import { apiRoutes } from './apis.js';
import { applicationKeyRoutes } from './application-keys.js';
import { applicationRoutes } from './applications.js';
import { registrationRoutes } from './client-registration.js';
import { devportalKeyManagerRoutes } from './devportal-key-managers.js';
import { discoverRoutes } from './discover.js';
import { FAULTS } from './faults.js';
import { GATEWAY_FAILURE, gatewayHandler } from './gateway.js';
import { keyManagerRoutes } from './key-managers.js';
import { loadKeyManagers } from './loaded-key-managers.js';
import { notificationRoutes } from './notification.js';
import { isAtLeast } from './release.js';
import { settingsRoutes } from './settings.js';
import { startupRoutes, versionRoutes } from './startup.js';
import { openStore } from './store.js';
import { subscriptionRoutes } from './subscriptions.js';
import { tokenRoutes } from './token.js';

const SANDBOX_PACE: Pace = { startupMs: 2000, registrationLagMs: 500, keyManagerLoadMs: 1000, gatewaySyncMs: 500 };
const USUAL: ApimConduct = { readOnlySettings: [], identityProviders: 'work', hostNames: 'any' };

/** API Manager has a plain HTTP port, too, which answers `/services/Version` only, and the port of its gateway. */
export interface RunningApim extends RunningServer {
  readonly httpUrl: string;
  readonly gatewayUrl: string;
}

/**
 * A stand-in of API Manager: health, client registration, tokens, the Admin and Developer Portal APIs around Key Managers, and a gateway
 * with one API. What it is told survives a restart, in a file of its home; calls to the Key Manager trust what the home's truststore holds
 * and nothing else: up to 4.5 what it held at start, since 4.6 what it holds at that moment (carbon-apimgt 9.32).
 *
 * @throws BootstrapError `SANDBOX_FAILED` when a port cannot be had or the saved state makes no sense.
 */
export async function serveApim(
  home: LoadedHome,
  pace: Pace = SANDBOX_PACE,
  conduct: Partial<ApimConduct> = {},
): Promise<RunningApim> {
  const store = await openStore(home.folder);
  const { hostNames } = { ...USUAL, ...conduct };
  const identityServer = connectPeer(home, isAtLeast(home, '4.6') ? 'each-time' : 'at-start', hostNames);
  const loaded = loadKeyManagers(store.state.keyManagers, pace.keyManagerLoadMs);
  const memory = { pace, conduct: { ...USUAL, ...conduct }, startedAtMs: Date.now(), revokedTokens: new Map() };
  const apimAt = (url: string): Apim => ({ url, home, store, loaded, identityServer, ...memory });
  const { host, tls } = home;
  const listening: RunningServer[] = [];
  const close = async () => {
    await Promise.all([...listening.map((server) => server.close()), identityServer.close()]);
  };
  try {
    const failure = FAULTS.INTERNAL;
    const https = await listen({ host, failure, tls, port: home.httpsPort }, (url) =>
      byVersion(
        home,
        router(routesOf(apimAt(url)), () => empty(404)),
      ),
    );
    listening.push(https);
    const plain = await listen({ host, failure, port: home.httpPort }, () =>
      router(versionRoutes(home), () => empty(404)),
    );
    listening.push(plain);
    const gateway = await listen({ host, failure: GATEWAY_FAILURE, tls, port: home.gatewayPort }, () =>
      gatewayHandler(apimAt(https.url)),
    );
    listening.push(gateway);
    return { url: https.url, httpUrl: plain.url, gatewayUrl: gateway.url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function routesOf(apim: Apim): readonly Route[] {
  return [
    ...startupRoutes(apim),
    ...versionRoutes(apim.home),
    ...registrationRoutes(apim),
    ...tokenRoutes(apim),
    ...settingsRoutes(apim),
    ...discoverRoutes(apim),
    ...keyManagerRoutes(apim),
    ...devportalKeyManagerRoutes(apim),
    ...applicationRoutes(apim),
    ...applicationKeyRoutes(apim),
    ...apiRoutes(apim),
    ...subscriptionRoutes(apim),
    ...notificationRoutes(apim),
  ];
}

/** The Admin API answers below its own version alone: `v4`, `v4.N` with the N of this release, and without any. */
function byVersion({ version }: LoadedHome, handle: Handler): Handler {
  const minor = ADMIN_MINOR[version];
  return (request, parameters) => {
    const path = request.path.replace(/^\/api\/am\/admin\/(?:v4(?:\.(\d+))?\/)?(?!v\d)/, (whole, given?: string) =>
      given === undefined || given === minor ? '/api/am/admin/v4/' : whole,
    );
    return handle({ ...request, path }, parameters);
  };
}

const ADMIN_MINOR: Readonly<Record<string, string>> = { '4.3': '1', '4.4': '2', '4.5': '3', '4.6': '4', '4.7': '5' };
