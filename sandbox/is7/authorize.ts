import { randomUUID } from 'node:crypto';
import { empty } from '../http/reply.js';
import { type Route, route } from '../http/router.js';
import type { Is7 } from './is7.js';

/** Where a browser is sent: the login of the authorization code grant, whose pages are not played, and the consoles. */
export function authorizeRoutes(is7: Is7): readonly Route[] {
  const to = (location: string) => empty(302, { location });
  return [
    route('GET', '/oauth2/authorize', ({ query }) => {
      const app = is7.database.findApp(query.get('client_id') ?? '');
      if (app) return to(`${is7.url}/authenticationendpoint/login.do?${query}&sessionDataKey=${randomUUID()}`);
      const error = `oauthErrorCode=invalid_client&oauthErrorMsg=application.not.found&crId=${randomUUID()}`;
      return to(`${is7.url}/authenticationendpoint/oauth2_error.do?${error}`);
    }),
    route('GET', '/', () => to(`${is7.url}/console`)),
    route('GET', '/carbon/', () =>
      to(`${is7.url}${Number(is7.dialect.release) >= 7.3 ? '/carbon' : '/carbon/admin/index.jsp'}`),
    ),
  ];
}
