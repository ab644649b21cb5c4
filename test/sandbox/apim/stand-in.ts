import type { ApimConduct, Pace } from '../../../sandbox/apim/apim.js';
import { serveApim } from '../../../sandbox/apim/server.js';
import type { HttpReply } from '../../../src/http/client.js';
import { withTempFolder } from '../../support/temp-folder.js';
import { ADMIN, at, basic, IDENTITY, loadedHome, type StandIn, withClient } from '../is7/stand-in.js';

export const ADMIN_API = '/api/am/admin/v4';
export const DEVPORTAL = '/api/am/devportal/v3';

/** Ready at once, and a Key Manager is loaded at once. */
const AT_ONCE: Pace = { startupMs: 0, registrationLagMs: 0, keyManagerLoadMs: 0, gatewaySyncMs: 0 };

/** A running API Manager stand-in, and a client that trusts it and logs in as the administrator unless told otherwise. */
export interface ApimStandIn {
  readonly url: string;
  readonly httpUrl: string;
  readonly gatewayUrl: string;
  readonly folder: string;
  readonly send: StandIn['send'];
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, headers?: Headers): Promise<HttpReply>;
}

type Headers = Readonly<Record<string, string>>;

export interface ApimOptions {
  readonly version?: string;
  readonly trusted?: readonly string[];
  readonly pace?: Partial<Pace>;
  readonly setUp?: Partial<ApimConduct>;
  /** Flat keys of deployment.toml. */
  readonly toml?: Readonly<Record<string, unknown>>;
}

/** Lends an API Manager stand-in with an empty home. */
export function withApim<T>(options: ApimOptions, use: (apim: ApimStandIn) => Promise<T>): Promise<T> {
  return withTempFolder((folder) => withApimAt(folder, options, use));
}

/** Lends an API Manager stand-in that runs from this folder. */
export async function withApimAt<T>(
  folder: string,
  { version = '4.5', trusted = [], pace = {}, setUp = {}, toml = {} }: ApimOptions,
  use: (apim: ApimStandIn) => Promise<T>,
): Promise<T> {
  const home = { ...loadedHome('apim', version, folder, IDENTITY, trusted), toml: new Map(Object.entries(toml)) };
  const { url, httpUrl, gatewayUrl, close } = await serveApim(home, { ...AT_ONCE, ...pace }, setUp);
  try {
    return await withClient(url, IDENTITY, (send) =>
      use({
        url,
        httpUrl,
        gatewayUrl,
        folder,
        send,
        call: (method, path, body, headers = ADMIN) =>
          send({
            method,
            path,
            headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
            ...(body !== undefined && { body: JSON.stringify(body) }),
          }),
      }),
    );
  } finally {
    await close();
  }
}

/** A token of a freshly registered client, with these scopes. */
export async function tokenWith({ call, send }: ApimStandIn, scope: string): Promise<Headers> {
  const client = { clientName: 'test', owner: 'admin', grantType: 'password', saasApp: true };
  const registered = await call('POST', '/client-registration/v0.17/register', client);
  const headers = basic(String(at(registered, 'clientId')), String(at(registered, 'clientSecret')));
  const body = new URLSearchParams({ grant_type: 'password', username: 'admin', password: 'admin', scope });
  const reply = await send({ method: 'POST', path: '/oauth2/token', headers, body });
  return { authorization: `Bearer ${at(reply, 'access_token')}` };
}

/** A Key Manager that works on every release, for an IS 7 at this URL. */
export function keyManager(is7: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'IS7',
    type: 'WSO2-IS-7',
    enabled: true,
    issuer: `${is7}/oauth2/token`,
    tokenEndpoint: `${is7}/oauth2/token`,
    introspectionEndpoint: `${is7}/oauth2/introspect`,
    revokeEndpoint: `${is7}/oauth2/revoke`,
    userInfoEndpoint: `${is7}/scim2/Me`,
    clientRegistrationEndpoint: `${is7}/api/identity/oauth2/dcr/v1.1/register`,
    enableTokenGeneration: true,
    enableOAuthAppCreation: true,
    additionalProperties: connectorSettings(is7),
    ...changes,
  };
}

/** The connector's settings, of every release at once. */
export function connectorSettings(is7: string, changes: Readonly<Record<string, unknown>> = {}) {
  const settings: Record<string, unknown> = {
    Authentication: 'BasicAuth',
    Username: 'admin',
    Password: 'admin',
    api_resource_management_endpoint: `${is7}/api/server/v1/api-resources`,
    is7_roles_endpoint: `${is7}/scim2/v2/Roles`,
    ...changes,
  };
  return settings;
}

/** The status of a reply, and the code in its body. */
export function outcome(reply: HttpReply): readonly unknown[] {
  return [reply.status, at(reply, 'code')];
}
