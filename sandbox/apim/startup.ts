import { empty } from '../http/reply.js';
import { type Route, route } from '../http/router.js';
import type { LoadedHome } from '../loaded-home.js';
import type { Apim } from './apim.js';

/** The health check that Kubernetes and we poll: 500 until everything is deployed, then 200; nobody needs to log in. */
export function startupRoutes({ startedAtMs, pace }: Apim): readonly Route[] {
  return [
    route('GET', '/api/am/gateway/v2/server-startup-healthcheck', () =>
      empty(Date.now() < startedAtMs + pace.startupMs ? 500 : 200),
    ),
  ];
}

/** The liveness check of every Carbon server. */
export function versionRoutes({ version }: LoadedHome): readonly Route[] {
  const body =
    '<ns:getVersionResponse xmlns:ns="http://version.services.core.carbon.wso2.org">' +
    `<ns:return>WSO2 API Manager-${version}.0</ns:return></ns:getVersionResponse>`;
  return [
    route('GET', '/services/Version', () => ({ status: 200, headers: { 'content-type': 'application/xml' }, body })),
  ];
}
