import { json, type Reply } from '../http/reply.js';
import { jsonObjectOf, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import { writeServerLog } from '../server-log.js';
import type { Apim } from './apim.js';
import { requireUser } from './authorize.js';

/** The kind of handler that the connector of IS 7 registers; the header must name it, not the Key Manager. */
const HANDLER = 'WSO2-IS';

/** Where a Key Manager reports what happened to a token. */
export function notificationRoutes(apim: Apim): readonly Route[] {
  return [route('POST', '/internal/data/v1/notify', (request) => notify(apim, request))];
}

/** 200 also when no handler takes it, which is how revocations get lost in silence. */
async function notify(apim: Apim, request: ServerRequest): Promise<Reply> {
  requireUser(apim, request);
  const { accessToken } = jsonObjectOf(request) ?? {};
  if (request.headers['x-wso2-key-manager'] === HANDLER && typeof accessToken === 'string') {
    apim.revokedTokens.set(accessToken, Date.now() + apim.pace.gatewaySyncMs);
    await writeServerLog(apim.home.folder, 'INFO', `Token revoked by ${HANDLER}: ${accessToken}`);
  }
  return json(200, { message: 'notified' });
}
