import { randomBytes, randomUUID } from 'node:crypto';
import { empty, json, Refusal, type Reply } from '../http/reply.js';
import { isObject, type ServerRequest } from '../http/request.js';
import { type Handler, type Route, route } from '../http/router.js';
import type { ConsumerApp } from '../identity-database.js';
import { denied, requireAdmin } from './access.js';
import type { Is7 } from './is7.js';

const PATH = '/api/identity/oauth2/dcr/v1.1/register';
const DEFAULT_TOKEN_SECONDS = 3600;
const DEFAULT_REFRESH_SECONDS = 86_400;
const NAME = /^[a-zA-Z0-9._-]+(?: [a-zA-Z0-9._-]+)*$/;
const CLIENT_ID = /^[a-zA-Z0-9_]{15,30}$/;
const GRANTS = [
  'authorization_code',
  'client_credentials',
  'implicit',
  'password',
  'refresh_token',
  'iwa:ntlm',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'account_switch',
  'organization_switch',
];

/** Dynamic client registration v1.1, for the administrator. An application is a row of IDN_OAUTH_CONSUMER_APPS. */
export function registrationRoutes(is7: Is7): readonly Route[] {
  return [
    route('POST', PATH, forAdmin(is7, register)),
    route('GET', PATH, forAdmin(is7, findByName)),
    route('GET', `${PATH}/{clientId}`, forAdmin(is7, read)),
    route('PUT', `${PATH}/{clientId}`, forAdmin(is7, update)),
    route('DELETE', `${PATH}/{clientId}`, forAdmin(is7, remove)),
  ];
}

function forAdmin(is7: Is7, handle: (is7: Is7, request: ServerRequest, clientId: string) => Reply): Handler {
  return (request, { clientId = '' }) => {
    requireAdmin(is7, request);
    if (is7.conduct.registration === 'forbidden') throw denied(request, 403);
    return handle(is7, request, clientId);
  };
}

function register(is7: Is7, request: ServerRequest): Reply {
  const body = bodyOf(is7, request);
  const name = newName(is7, body);
  const app: ConsumerApp = {
    consumerKey: givenClientId(is7, body) ?? randomBytes(21).toString('base64url'),
    consumerSecret: textOf(body, 'ext_param_client_secret') ?? randomBytes(32).toString('base64url'),
    name,
    owner: ownerOf(is7, body),
    ...fieldsOf(is7, body, FRESH),
  };
  if (is7.database.addApp(app) === 'taken') return refuse('An application with the same clientId already exists.');
  return json(201, registrationOf(is7, app, 'answer'));
}

function findByName(is7: Is7, request: ServerRequest): Reply {
  const app = is7.database.findAppByName(request.query.get('client_name') ?? '');
  return app ? json(200, registrationOf(is7, app, 'stored')) : empty(401);
}

function read(is7: Is7, _request: ServerRequest, clientId: string): Reply {
  return json(200, registrationOf(is7, existingApp(is7, clientId), 'stored'));
}

function update(is7: Is7, request: ServerRequest, clientId: string): Reply {
  const old = existingApp(is7, clientId);
  const body = bodyOf(is7, request);
  const name = textOf(body, 'client_name') ?? old.name;
  if (name !== old.name && is7.database.findAppByName(name)) return refuseTakenName(name);
  const app = { ...old, name, ...fieldsOf(is7, body, old) };
  is7.database.updateApp(app);
  return json(200, registrationOf(is7, app, 'stored'));
}

function remove(is7: Is7, _request: ServerRequest, clientId: string): Reply {
  is7.database.removeApp(existingApp(is7, clientId).consumerKey);
  return empty(204);
}

/** An unknown client id is answered with a bare 401, not 404. */
function existingApp({ database }: Is7, clientId: string): ConsumerApp {
  return database.findApp(clientId) ?? reject(empty(401));
}

/** What is not JSON is refused in the words of the library that reads it. An unpatched 7.0.0 wants no field that it does not know. */
function bodyOf({ dialect }: Is7, request: ServerRequest): Record<string, unknown> {
  const text = request.body.toString('utf8');
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return reject(empty(415));
  if (text.trim() === '')
    return reject({ status: 500, headers: { 'content-type': 'text/html;charset=utf-8' }, body: '<html></html>' });
  const at = (column: number) =>
    dialect.release === '7.0'
      ? `[Source: (org.apache.cxf.transport.http.AbstractHTTPDestination$1); line: 1, column: ${column}]`
      : `[Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: 1, column: ${column}]`;
  const body =
    parsed(text) ?? refuseText(`Unexpected end-of-input within/between Object entries\n at ${at(text.length + 1)}`);
  if (!isObject(body)) {
    const type = 'org.wso2.carbon.identity.oauth2.dcr.endpoint.dto.RegistrationRequestDTO';
    return refuseText(
      `Cannot deserialize value of type \`${type}\` from Array value (token \`JsonToken.START_ARRAY\`)\n at ${at(1)}`,
    );
  }
  const unknown = dialect.isUnpatched ? Object.keys(body).find((key) => !KNOWN_TO_7_0_0.includes(key)) : undefined;
  return unknown === undefined
    ? body
    : reject(json(400, { error: METADATA, error_description: `Unrecognized field : ${unknown}`, traceId: null }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function newName(is7: Is7, body: Record<string, unknown>): string {
  const name = textOf(body, 'client_name');
  if (is7.dialect.isUnpatched && name === undefined) return reject(empty(500));
  if (!name && !is7.dialect.isUnpatched) return refuse('The client name is missing or empty.');
  if (name === undefined || !NAME.test(name)) return refuse(`Client Name is not adhering to the regex: ${NAME.source}`);
  return is7.database.findAppByName(name) ? refuseTakenName(name) : name;
}

function givenClientId(is7: Is7, body: Record<string, unknown>): string | undefined {
  const given = textOf(body, 'ext_param_client_id');
  if (given === undefined) return undefined;
  if (!CLIENT_ID.test(given))
    return refuse(
      `Provided client id is not adhering to the provided regex ${CLIENT_ID.source.replace(/^\^|\$$/g, '')}`,
    );
  return is7.database.findApp(given) ? refuse(`Client id ${given} already exist in the system`) : given;
}

function ownerOf({ admin, directory, tenant }: Is7, body: Record<string, unknown>): string {
  const given = textOf(body, 'ext_application_owner') ?? admin.username;
  const name = tenant === 'carbon.super' ? given.replace(/@carbon\.super$/, '') : given;
  return directory.users.some(({ userName }) => userName === name) ? name : reject(empty(500));
}

const FRESH: ConsumerApp = {
  consumerKey: '',
  consumerSecret: '',
  name: '',
  owner: '',
  callbackUrl: '',
  grantTypes: [],
  userTokenSeconds: DEFAULT_TOKEN_SECONDS,
  applicationTokenSeconds: DEFAULT_TOKEN_SECONDS,
  registered: {},
};

type Changeable = Pick<
  ConsumerApp,
  'callbackUrl' | 'grantTypes' | 'userTokenSeconds' | 'applicationTokenSeconds' | 'registered'
>;

/** What a body says, over what was known. */
function fieldsOf(is7: Is7, body: Record<string, unknown>, old: ConsumerApp): Changeable {
  const grantTypes = listOf(body, 'grant_types') ?? old.grantTypes;
  const unknown = grantTypes.find((grant) => !GRANTS.includes(grant));
  if (unknown !== undefined) return refuse(`'${unknown}' grant type is not allowed.`);
  const redirectUris = listOf(body, 'redirect_uris');
  const badUri = redirectUris?.find((uri) => !URL.canParse(uri));
  if (badUri !== undefined) return refuse(`Invalid redirect URI: ${badUri}`, 'invalid_redirect_uri');
  const callbackUrl = redirectUris ? callbackOf(redirectUris) : old.callbackUrl;
  if (callbackUrl === '' && grantTypes.some((grant) => grant === 'authorization_code' || grant === 'implicit')) {
    return refuse(
      'RedirectUris property must have at least one URI value when using Authorization code or implicit grant types.',
    );
  }
  return {
    grantTypes,
    callbackUrl,
    userTokenSeconds: secondsOf(body, 'ext_user_token_lifetime', old.userTokenSeconds),
    applicationTokenSeconds: secondsOf(body, 'ext_application_token_lifetime', old.applicationTokenSeconds),
    registered: registeredOf(is7, body, old.registered),
  };
}

function callbackOf(redirectUris: readonly string[]): string {
  return redirectUris.length > 1 ? `regexp=(${redirectUris.join('|')})` : (redirectUris[0] ?? '');
}

/** Booleans and lifetimes of 0, which the connector sends for what it has no value for, leave the default. */
function registeredOf(
  { dialect }: Is7,
  body: Record<string, unknown>,
  old: ConsumerApp['registered'],
): ConsumerApp['registered'] {
  const text = (key: string) => textOf(body, key) ?? old[key];
  const flag = (key: string) => (typeof body[key] === 'boolean' ? body[key] : (old[key] ?? false));
  const displayName = text('ext_application_display_name');
  const tokenType =
    textOf(body, 'token_type_extension') ?? textOf(body, 'ext_token_type') ?? old['token_type_extension'];
  const audience = textOf(body, 'ext_allowed_audience');
  const usualAudience = dialect.isLegacy ? 'organization' : 'application';
  const seconds = (key: string, otherwise: number) => secondsOf(body, key, Number(old[key] ?? otherwise));
  return {
    ...(displayName !== undefined && { ext_application_display_name: displayName }),
    ext_refresh_token_lifetime: seconds('ext_refresh_token_lifetime', DEFAULT_REFRESH_SECONDS),
    ext_id_token_lifetime: seconds('ext_id_token_lifetime', DEFAULT_TOKEN_SECONDS),
    ext_pkce_mandatory: flag('ext_pkce_mandatory'),
    ext_pkce_support_plain: flag('ext_pkce_support_plain'),
    ext_public_client: flag('ext_public_client'),
    token_type_extension: tokenType ?? 'Default',
    require_pushed_authorization_requests: flag('require_pushed_authorization_requests'),
    require_signed_request_object: flag('require_signed_request_object'),
    tls_client_certificate_bound_access_tokens: flag('tls_client_certificate_bound_access_tokens'),
    ext_allowed_audience:
      audience === 'organization' || audience === 'application'
        ? audience
        : (old['ext_allowed_audience'] ?? usualAudience),
  };
}

/** `stored` is what a read or an update tells, which is a little more than what a client is first told. */
function registrationOf({ dialect, tenant }: Is7, app: ConsumerApp, as: 'answer' | 'stored'): Record<string, unknown> {
  const { token_type_extension: tokenType = 'JWT', ext_allowed_audience: audience, ...registered } = app.registered;
  return {
    client_id: app.consumerKey,
    client_secret: app.consumerSecret,
    client_secret_expires_at: 0,
    redirect_uris: [app.callbackUrl],
    grant_types: app.grantTypes,
    client_name: app.name,
    ...(!dialect.isUnpatched && { ext_application_version: 'v3.0.0' }),
    ext_application_owner: tenant === 'carbon.super' ? `${app.owner}@carbon.super` : app.owner,
    ext_application_token_lifetime: app.applicationTokenSeconds,
    ext_user_token_lifetime: app.userTokenSeconds,
    ...registered,
    token_type_extension: tokenType,
    ext_token_type: tokenType,
    subject_type: 'public',
    ...(dialect.isUnpatched ? UNSET_IN_7_0_0 : { ext_allowed_audience: audience }),
    ...(as === 'stored' && { id_token_encrypted_response_alg: 'null', id_token_encrypted_response_enc: 'null' }),
  };
}

/** Told as null by 7.0.0, and not at all by later ones. */
const UNSET_IN_7_0_0 = Object.fromEntries(
  [
    'jwks_uri',
    'token_endpoint_auth_method',
    'token_endpoint_auth_signing_alg',
    'sector_identifier_uri',
    'id_token_signed_response_alg',
    'id_token_encrypted_response_alg',
    'id_token_encrypted_response_enc',
    'request_object_signing_alg',
    'tls_client_auth_subject_dn',
    'request_object_encryption_alg',
    'request_object_encryption_enc',
    'software_statement',
  ].map((name) => [name, null]),
);

const KNOWN_TO_7_0_0 = [
  ...Object.keys(UNSET_IN_7_0_0),
  'client_name',
  'grant_types',
  'redirect_uris',
  'client_id',
  'client_secret',
  'token_type_extension',
  'ext_token_type',
  'ext_application_display_name',
  'ext_application_owner',
  'ext_application_token_lifetime',
  'ext_user_token_lifetime',
  'ext_refresh_token_lifetime',
  'ext_id_token_lifetime',
  'ext_pkce_mandatory',
  'ext_pkce_support_plain',
  'ext_public_client',
  'ext_param_client_id',
  'ext_param_client_secret',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'tls_client_certificate_bound_access_tokens',
  'subject_type',
  'application_type',
  'contacts',
  'postlogout_redirect_uris',
  'sp_template_name',
  'is_management_app',
  'software_id',
];

const METADATA = 'invalid_client_metadata';

function textOf(body: Record<string, unknown>, key: string): string | undefined {
  const value = body[key];
  return value === undefined || value === null ? undefined : String(value);
}

/** A single value counts as a list of one, as to the library that the real server reads JSON with. */
function listOf(body: Record<string, unknown>, key: string): readonly string[] | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** API Manager sends lifetimes as numbers or as text. */
function secondsOf(body: Record<string, unknown>, key: string, otherwise: number): number {
  const value = Number(body[key] ?? 0);
  return Number.isSafeInteger(value) && value > 0 ? value : otherwise;
}

function refuseTakenName(name: string): never {
  return refuse(`Application with the name ${name} already exist in the system`);
}

function refuse(description: string, error = METADATA): never {
  return reject(json(400, { error, error_description: description, traceId: randomUUID() }));
}

function refuseText(body: string): never {
  return reject({ status: 400, headers: { 'content-type': 'text/plain' }, body });
}

function reject(reply: Reply): never {
  throw new Refusal(reply);
}
