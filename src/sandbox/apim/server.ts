import { connectPeer } from '../http/connect-peer.js';
import { listen, type RunningServer } from '../http/listen.js';
import { type Route, router } from '../http/router.js';
import type { LoadedHome } from '../loaded-home.js';
import type { Apim, Pace } from './apim.js';
import { applicationKeyRoutes } from './application-keys.js';
import { applicationRoutes } from './applications.js';
import { registrationRoutes } from './client-registration.js';
import { devportalKeyManagerRoutes } from './devportal-key-managers.js';
import { discoverRoutes } from './discover.js';
import { FAULTS, notFound } from './faults.js';
import { keyManagerRoutes } from './key-managers.js';
import { loadKeyManagers } from './loaded-key-managers.js';
import { notificationRoutes } from './notification.js';
import { isAtLeast } from './release.js';
import { settingsRoutes } from './settings.js';
import { startupRoutes, versionRoutes } from './startup.js';
import { openStore } from './store.js';
import { tokenRoutes } from './token.js';

const SANDBOX_PACE: Pace = { startupMs: 2000, registrationLagMs: 500, keyManagerLoadMs: 1000 };

/** API Manager has a plain HTTP port, too, which answers `/services/Version` only. */
export interface RunningApim extends RunningServer {
  readonly httpUrl: string;
}

/**
 * A stand-in of API Manager: health, client registration, tokens, and the Admin and Developer Portal APIs around Key Managers. What it
 * is told survives a restart, in a file of its home; calls to the Key Manager trust what the home's truststore holds and nothing else: up to
 * 4.5 what it held at start, since 4.6 what it holds at that moment (carbon-apimgt 9.32).
 *
 * @throws BootstrapError `SANDBOX_FAILED` when a port cannot be had or the saved state makes no sense.
 */
export async function serveApim(home: LoadedHome, pace: Pace = SANDBOX_PACE): Promise<RunningApim> {
  const store = await openStore(home.folder);
  const identityServer = connectPeer(home, isAtLeast(home, '4.6') ? 'each-time' : 'at-start');
  const loaded = loadKeyManagers(store.state.keyManagers, pace.keyManagerLoadMs);
  const common = { host: home.host, failure: FAULTS.INTERNAL };
  const startedAtMs = Date.now();
  const https = await listen({ ...common, port: home.httpsPort, tls: home.tls }, (url) =>
    router(routesOf({ url, home, store, loaded, identityServer, pace, startedAtMs }), resourceNotFound),
  );
  const plain = await listen({ ...common, port: home.httpPort }, () =>
    router(versionRoutes(home), resourceNotFound),
  ).catch(async (error: unknown) => {
    await https.close();
    throw error;
  });
  return {
    url: https.url,
    httpUrl: plain.url,
    async close() {
      await Promise.all([https.close(), plain.close(), identityServer.close()]);
    },
  };
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
    ...notificationRoutes(apim),
  ];
}

function resourceNotFound() {
  return notFound('The requested resource is not available.');
}
