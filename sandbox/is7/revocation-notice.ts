import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { basicAuth } from '../../src/http/client.js';
import { Secret } from '../../src/secret.js';
import { connectPeer } from '../http/connect-peer.js';
import { isObject } from '../http/request.js';
import type { LoadedHome } from '../loaded-home.js';
import { writeServerLog } from '../server-log.js';

/** The only type under which the real server looks for the listener; with any other it never fires. */
const LISTENER_TYPE = 'org.wso2.carbon.identity.core.handler.AbstractIdentityHandler';
const HEADER_PREFIX = 'header.';

/** Tells API Manager of revoked tokens, when deployment.toml says where. */
export interface RevocationNotifier {
  /** Resolves when it was told, or could not be: the real server does not let the client wait for that either. */
  tell(revoked: RevokedToken): Promise<void>;
  close(): Promise<void>;
}

/** A token that was revoked. */
export interface RevokedToken {
  /** The id of a JWT, or an opaque token itself. */
  readonly token: string;
  readonly consumerKey: string;
  /** `carbon.super` or the domain of another tenant. */
  readonly tenant: string;
}

/** What keeps a notice from arriving is a line in the server's log, and nothing else, as on the real server. */
export function connectNotifier(home: LoadedHome): RevocationNotifier {
  const listener = listenerIn(home);
  const peer = connectPeer(home);
  return {
    async tell({ token, consumerKey, tenant }) {
      if (!listener || !(await hasHandler(home))) return;
      const { endpoint, headers } = listener;
      const body = JSON.stringify({
        type: 'token_revocation',
        accessToken: token,
        consumerKey,
        tenantDomain: tenant,
      });
      try {
        const { status } = await peer.send({ method: 'POST', url: endpoint, headers, body });
        if (status !== 200) throw new Error(`it answered ${status}`);
      } catch (error) {
        const reason = (error as Error).message;
        await writeServerLog(home.folder, 'ERROR', `Error while sending Revocation Event to ${endpoint}: ${reason}`);
      }
    },
    close: () => peer.close(),
  };
}

/** Without the jar that has the listener's class nothing is sent, and nothing is said. */
async function hasHandler({ folder }: LoadedHome): Promise<boolean> {
  const names = await readdir(join(folder, 'repository', 'components', 'dropins')).catch(() => []);
  return names.some((name) => /^wso2is\.notification\.event\.handlers-.*\.jar$/.test(name));
}

interface Listener {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The keys of `[event_listener.properties]`, whichever way the parser spells a quoted one. */
function listenerIn({ toml }: LoadedHome): Listener | undefined {
  const listeners = toml.get('event_listener');
  const found = (Array.isArray(listeners) ? listeners : []).find(
    (listener) => isObject(listener) && listener['id'] === 'token_revocation' && listener['type'] === LISTENER_TYPE,
  );
  if (!found) return undefined;
  const properties = Object.entries(found as Record<string, unknown>).flatMap(([key, value]) => {
    const [, name] = /^properties\.(.*)$/.exec(key.replaceAll('"', '')) ?? [];
    return name === undefined ? [] : [[name, String(value)] as const];
  });
  const { notification_endpoint: endpoint, username = '', password = '' } = Object.fromEntries(properties);
  if (!endpoint) return undefined;
  const headers = properties
    .filter(([name]) => name.startsWith(HEADER_PREFIX))
    .map(([name, value]) => [name.slice(HEADER_PREFIX.length).toLowerCase(), value]);
  const authorization = basicAuth(username, new Secret(password));
  return { endpoint, headers: { authorization, 'content-type': 'application/json', ...Object.fromEntries(headers) } };
}
