import { json } from '../http/reply.js';
import { type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { allowing } from './authorize.js';
import { connectorsOf } from './connectors.js';
import { isAtLeast } from './release.js';

const SCOPES = ['apim:admin', 'apim:admin_operations', 'apim:admin_settings', 'apim:keymanagers_manage'];

/** What this API Manager can do; the list of connectors is the safe way to learn whether it knows IS 7. */
export function settingsRoutes(apim: Apim): readonly Route[] {
  const settings = {
    scopes: SCOPES,
    gatewayTypes: ['Regular'],
    IsJWTEnabledForLoginTokens: false,
    keyManagerConfiguration: connectorsOf(apim.home),
    analyticsEnabled: false,
    ...(isAtLeast(apim.home, '4.5') && {
      orgAccessControlEnabled: false,
      gatewayConfiguration: [],
      transactionCounterEnable: false,
    }),
  };
  const scopes = ['apim:admin', 'apim:admin_settings'];
  return [
    route(
      'GET',
      '/api/am/admin/v4/settings',
      allowing(apim, scopes, () => json(200, settings)),
    ),
  ];
}
