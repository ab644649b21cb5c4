import { randomBytes } from 'node:crypto';
import { empty, json, Refusal, type Reply } from '../http/reply.js';
import { jsonObjectOf, type ServerRequest } from '../http/request.js';
import { type Handler, type Route, route } from '../http/router.js';
import type { ConsumerApp } from '../identity-database.js';
import { type Is7, requireAdmin } from './is7.js';

const PATH = '/api/identity/oauth2/dcr/v1.1/register';
const DEFAULT_TOKEN_SECONDS = 3600;

/** Dynamic client registration v1.1, for the administrator. An application is a row of IDN_OAUTH_CONSUMER_APPS. */
export function registrationRoutes(is7: Is7): readonly Route[] {
  return [
    route('POST', PATH, forAdmin(is7, register)),
    route('GET', `${PATH}/{clientId}`, forAdmin(is7, read)),
    route('PUT', `${PATH}/{clientId}`, forAdmin(is7, update)),
    route('DELETE', `${PATH}/{clientId}`, forAdmin(is7, remove)),
  ];
}

function forAdmin(is7: Is7, handle: (is7: Is7, request: ServerRequest, clientId: string) => Reply): Handler {
  return (request, { clientId = '' }) => {
    requireAdmin(is7, request);
    if (is7.conduct.registration === 'forbidden') throw new Refusal(empty(403));
    return handle(is7, request, clientId);
  };
}

function register(is7: Is7, request: ServerRequest): Reply {
  const body = jsonObjectOf(request) ?? refuse('invalid_client_metadata', 'The request body is not a JSON object.');
  const name = textOf(body, 'client_name');
  if (!name) return refuse('invalid_client_metadata', 'client_name is missing.');
  if (is7.database.findAppByName(name)) return refuseTakenName(name);
  const app: ConsumerApp = {
    consumerKey: textOf(body, 'ext_param_client_id') ?? randomBytes(21).toString('base64url'),
    consumerSecret: textOf(body, 'ext_param_client_secret') ?? randomBytes(32).toString('base64url'),
    name,
    owner: textOf(body, 'ext_application_owner') ?? is7.admin.username,
    ...changeableFields(body),
  };
  if (is7.database.findApp(app.consumerKey)) {
    return refuse('invalid_client_metadata', `The client id ${app.consumerKey} is taken.`);
  }
  is7.database.addApp(app);
  return json(201, registrationOf(app));
}

function read(is7: Is7, _request: ServerRequest, clientId: string): Reply {
  return json(200, registrationOf(existingApp(is7, clientId)));
}

function update(is7: Is7, request: ServerRequest, clientId: string): Reply {
  const old = existingApp(is7, clientId);
  const body = jsonObjectOf(request) ?? refuse('invalid_client_metadata', 'The request body is not a JSON object.');
  const name = textOf(body, 'client_name') ?? old.name;
  if (name !== old.name && is7.database.findAppByName(name)) return refuseTakenName(name);
  const app = { ...old, name, ...changeableFields(body) };
  is7.database.updateApp(app);
  return json(200, registrationOf(app));
}

function remove(is7: Is7, _request: ServerRequest, clientId: string): Reply {
  is7.database.removeApp(existingApp(is7, clientId).consumerKey);
  return empty(204);
}

/** An unknown client id is answered with a bare 401, not 404: identity-inbound-auth-oauth, DCRMUtils.handleErrorResponse. */
function existingApp({ database }: Is7, clientId: string): ConsumerApp {
  const app = database.findApp(clientId);
  if (app) return app;
  throw new Refusal(empty(401));
}

function changeableFields(
  body: Record<string, unknown>,
): Pick<ConsumerApp, 'callbackUrl' | 'grantTypes' | 'userTokenSeconds' | 'applicationTokenSeconds'> {
  const grantTypes = textsOf(body, 'grant_types');
  const redirectUris = textsOf(body, 'redirect_uris');
  if (redirectUris.length === 0 && grantTypes.some((grant) => grant === 'authorization_code' || grant === 'implicit')) {
    return refuse('invalid_redirect_uri', 'The authorization code and implicit grants need at least one redirect URI.');
  }
  return {
    grantTypes,
    callbackUrl: redirectUris.length > 1 ? `regexp=(${redirectUris.join('|')})` : (redirectUris[0] ?? ''),
    userTokenSeconds: secondsOf(body, 'ext_user_token_lifetime'),
    applicationTokenSeconds: secondsOf(body, 'ext_application_token_lifetime'),
  };
}

function registrationOf(app: ConsumerApp): Record<string, unknown> {
  return {
    client_id: app.consumerKey,
    client_secret: app.consumerSecret,
    client_secret_expires_at: 0,
    client_name: app.name,
    grant_types: app.grantTypes,
    redirect_uris:
      /^regexp=\((.*)\)$/.exec(app.callbackUrl)?.[1]?.split('|') ?? (app.callbackUrl ? [app.callbackUrl] : []),
    ext_application_owner: app.owner,
    ext_application_token_lifetime: app.applicationTokenSeconds,
    ext_user_token_lifetime: app.userTokenSeconds,
    token_type_extension: 'JWT',
  };
}

function textOf(body: Record<string, unknown>, key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : refuse('invalid_client_metadata', `${key} is not a string.`);
}

function textsOf(body: Record<string, unknown>, key: string): readonly string[] {
  const value = body[key] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  return refuse('invalid_client_metadata', `${key} is not a list of strings.`);
}

/** API Manager sends lifetimes as numbers or as text. */
function secondsOf(body: Record<string, unknown>, key: string): number {
  const value = Number(body[key] ?? DEFAULT_TOKEN_SECONDS);
  return Number.isSafeInteger(value) && value > 0
    ? value
    : refuse('invalid_client_metadata', `${key} is not a number.`);
}

function refuseTakenName(name: string): never {
  return refuse('invalid_client_metadata', `Application with the name ${name} already exist in the system`);
}

function refuse(error: string, description: string): never {
  throw new Refusal(json(400, { error, error_description: description }));
}
