import { X509Certificate } from 'node:crypto';
import type { Secret } from '../secret.js';
import { type FindPlace, problemAt } from './place.js';
import type { JsonSchema } from './shape.js';
import {
  anyProperties,
  choice,
  flag,
  httpsOrigin,
  httpsUrl,
  isTable,
  key,
  list,
  narrowed,
  type Parsed,
  type Parser,
  type Spot,
  secret,
  table,
  text,
  textOrTexts,
} from './shape.js';

/** The name of a Key Manager that is given none. */
export const DEFAULT_NAME = 'WSO2-IS-7';

/** The tenant that every server has; its admin is apim.username. */
export const SUPER_TENANT = 'carbon.super';

/** A tenant's name is a domain name, since it becomes a part of URLs and of its admin's user name. */
const tenantName = narrowed(text({ max: 255 }), { pattern: '^[A-Za-z0-9][A-Za-z0-9.-]*$' }, (name) =>
  /^[a-z0-9][a-z0-9.-]*$/i.test(name)
    ? undefined
    : `must be a tenant's domain, such as example.com, not ${JSON.stringify(name)}`,
);

const keyManagerName = narrowed(
  text({ max: 100 }),
  { pattern: '^\\S(.*\\S)?$', not: { pattern: '^[Rr]esident [Kk]ey [Mm]anager$' } },
  (name) => {
    if (name !== name.trim()) return 'begins or ends with a blank';
    return name.toLowerCase() === 'resident key manager' ? "is API Manager's own Key Manager" : undefined;
  },
);

/** The certificate that signs the tokens, as PEM text. */
const signingCertificate = narrowed(text(), { pattern: '-----BEGIN CERTIFICATE-----' }, (pem) =>
  isCertificate(pem) ? undefined : 'is not a PEM certificate',
);

const CONNECTOR = {
  authentication: key(choice(['basic', 'mutual-tls']), 'how API Manager logs in to IS 7; mutual-tls from 4.6 on'),
  username: key(text(), 'account at IS 7; default is7.username'),
  password: key(secret(), 'password of that account, or password_file; default is7.password'),
  identity_user: key(text(), 'with mutual-tls: the user of IS 7 that the calls act as'),
  role_creation: key(flag(), 'create roles in IS 7; default role_creation'),
  api_resources_endpoint: key(httpsUrl(), 'API resources of IS 7'),
  roles_endpoint: key(httpsUrl(), 'roles of IS 7'),
  properties: key(anyProperties(), 'further keys that this server’s connector lists'),
};

const PERMISSIONS = {
  type: key(choice(['PUBLIC', 'ALLOW', 'DENY']), 'who may use the Key Manager'),
  roles: key(list(text()), 'the roles that ALLOW or DENY is about'),
};

const CLAIM = {
  remote: key(text(), 'claim of IS 7'),
  local: key(text(), 'claim of API Manager'),
};

const TOKEN_RULE = {
  type: key(choice(['REFERENCE', 'JWT', 'CUSTOM']), 'how a token is recognised as this Key Manager’s'),
  value: key(textOrTexts(), 'with REFERENCE a regular expression; with JWT a table of claims and what each must match'),
  enable: key(flag(), 'whether the rule counts'),
};

const PROOF = {
  gateway_url: key(httpsUrl(), 'an API that verify calls through the gateway with its token'),
  api_id: key(text(), 'its id in the Developer Portal, when it takes a subscription'),
  scopes: key(list(text()), 'scopes that verify asks for'),
};

/** Every key of a `[[key_manager]]`, with what it is for; the names follow the Admin API's. */
export const KEY_MANAGER_KEYS = {
  name: key(keyManagerName, 'name in API Manager; it can never change'),
  display_name: key(text({ max: 100 }), 'the name that people see'),
  description: key(text({ max: 256 }), 'a sentence about it'),
  state: key(choice(['present', 'absent']), 'absent deletes it'),
  tenant: key(tenantName, `tenant of API Manager; ${SUPER_TENANT}`),
  is7_tenant: key(tenantName, 'tenant of IS 7, whose URLs begin with /t/<tenant>; default the same as tenant'),
  url: key(httpsOrigin(), 'IS 7 as API Manager reaches it; default is7.url'),
  public_url: key(
    httpsOrigin(),
    'IS 7 as issuer and browsers name it; default is7.public_url, or url if that is given',
  ),
  well_known: key(flag(), 'take issuer, endpoints and grant types from IS 7’s discovery document'),
  enabled: key(flag(), 'whether it can be used'),
  issuer: key(text(), 'the `iss` of the tokens'),
  well_known_endpoint: key(httpsUrl(), 'discovery document'),
  client_registration_endpoint: key(httpsUrl(), 'dynamic client registration'),
  introspection_endpoint: key(httpsUrl(), 'introspection'),
  token_endpoint: key(httpsUrl(), 'tokens, for API Manager'),
  display_token_endpoint: key(httpsUrl(), 'tokens, as shown to API consumers'),
  revoke_endpoint: key(httpsUrl(), 'revocation, for API Manager'),
  display_revoke_endpoint: key(httpsUrl(), 'revocation, as shown to API consumers'),
  user_info_endpoint: key(httpsUrl(), 'claims of a user'),
  authorize_endpoint: key(httpsUrl(), 'login of users'),
  scope_management_endpoint: key(httpsUrl(), 'scopes'),
  jwks: key(httpsUrl(), 'where the keys are that sign the tokens'),
  pem: key(signingCertificate, 'instead of jwks: the certificate that signs the tokens, or pem_file'),
  grant_types: key(list(text()), 'grant types that applications may use'),
  consumer_key_claim: key(text(), 'claim that names the application; azp'),
  scopes_claim: key(text(), 'claim that holds the scopes; scope'),
  claim_mapping: key(list(table(CLAIM, ['remote', 'local'])), 'claims of IS 7 and what API Manager calls them'),
  token_validation: key(list(table(TOKEN_RULE, ['type'])), 'which tokens belong to this Key Manager'),
  validation: key(choice(['self', 'introspection']), 'the gateway checks tokens itself, or asks IS 7 each time'),
  token_type: key(choice(['DIRECT', 'EXCHANGED', 'BOTH']), 'use IS 7’s tokens, or exchange them for API Manager’s'),
  alias: key(text(), 'audience of exchanged tokens'),
  token_generation: key(flag(), 'API Manager may get tokens'),
  token_encryption: key(flag(), 'tokens are encrypted'),
  token_hashing: key(flag(), 'tokens are stored as hashes'),
  oauth_app_creation: key(flag(), 'API Manager may register clients'),
  map_oauth_apps: key(flag(), 'existing clients can be mapped'),
  permissions: key(table(PERMISSIONS, ['type']), 'who may use it'),
  allowed_organizations: key(list(text()), 'organizations that may use it; 4.5 and later'),
  connector: key(table(CONNECTOR), 'how API Manager’s connector talks to IS 7'),
  proof: key(table(PROOF), `what verify does besides; in ${SUPER_TENANT} default as in [proof]`),
};

/** The keys of the tables in a `[[key_manager]]`, by its own key. */
export const KEY_MANAGER_TABLES = {
  connector: CONNECTOR,
  permissions: PERMISSIONS,
  claim_mapping: CLAIM,
  token_validation: TOKEN_RULE,
  proof: PROOF,
} as const;

/** Keys that a variable can set: `KMB_KEY_MANAGER_ISSUER`. Tables have no variable. */
export const KEY_MANAGER_VARIABLES: readonly string[] = Object.keys(KEY_MANAGER_KEYS).filter(
  (name) => !Object.hasOwn(KEY_MANAGER_TABLES, name),
);

/** One `[[key_manager]]`, checked; what was not said is absent. */
export type KeyManagerSettings = Parsed<typeof KEY_MANAGER_KEYS>;

/** Every key of a `[[tenant]]`. */
export const TENANT_KEYS = {
  name: key(
    narrowed(tenantName, { not: { const: SUPER_TENANT } }, (name) =>
      name === SUPER_TENANT ? `${name} is the tenant of apim.username and apim.password` : undefined,
    ),
    'domain of the tenant',
  ),
  username: key(text(), 'its admin; default admin@<name>'),
  password: key(secret(), 'the admin’s password, or password_file'),
};

/** One `[[tenant]]`: who manages API Manager there. */
export interface TenantSettings {
  readonly name: string;
  /** With the tenant behind it: `admin@example.com`. */
  readonly username: string;
  readonly password: Secret;
}

/** A table as it was found. */
export interface FoundTable {
  readonly raw: unknown;
  /** `key_manager[0]` */
  readonly path: string;
  readonly place: FindPlace;
}

/** Checks every declared Key Manager; what is wrong is added to `problems`, one sentence each with its place and key. */
export function parseKeyManagers(found: readonly FoundTable[], problems: string[]): readonly KeyManagerSettings[] {
  const parsed = found.map((table) => ({ table, entry: parseTable(KEY_MANAGER_TABLE, table, problems) }));
  const seen = new Map<string, string>();
  for (const { entry, table } of parsed) {
    const { path, place } = table;
    for (const [key, problem] of contradictionsIn(entry)) problems.push(tell(table, `${path}.${key}`, problem));
    if (found.length > 1 && entry.name === undefined)
      problems.push(tell(table, `${path}.name`, 'is missing: with several Key Managers each needs one'));
    const identity = `${entry.name ?? DEFAULT_NAME} in ${entry.tenant ?? SUPER_TENANT}`;
    const earlier = seen.get(identity);
    if (earlier) problems.push(tell(table, `${path}.name:`, `${identity} is already declared by ${earlier}`));
    seen.set(identity, `${path} (${place(path).source})`);
  }
  return parsed.map(({ entry }) => entry);
}

/** Checks every declared tenant, as {@link parseKeyManagers} does. */
export function parseTenants(found: readonly FoundTable[], problems: string[]): readonly TenantSettings[] {
  const seen = new Set<string>();
  return found.flatMap((table) => {
    const { raw, path } = table;
    const { name, username = `admin@${name}`, password } = parseTable(TENANT_TABLE, table, problems);
    if (!isTable(raw) || !('password' in raw))
      problems.push(tell(table, `${path}.password`, 'is missing: give password or password_file'));
    if (name === undefined || password === undefined) return [];
    if (seen.has(name)) problems.push(tell(table, `${path}.name:`, `${name} is there twice`));
    if (!username.endsWith(`@${name}`)) problems.push(tell(table, `${path}.username`, `must end with @${name}`));
    seen.add(name);
    return [{ name, username, password }];
  });
}

/** Reads one table, and says what is wrong with it at its place. */
export function parseTable<T>(parser: Parser<T>, table: FoundTable, problems: string[]): T {
  const { raw, path } = table;
  const report: Spot['report'] = (at, problem, what) => problems.push(tell(table, at, problem, what));
  return parser.parse(raw, { path, report }) ?? ({} as T);
}

/** A problem with its place in the file. */
export function tell({ place }: FoundTable, path: string, problem: string, at?: 'key'): string {
  return problemAt(place(path.replace(/:$/, ''), at), `${path} ${problem}`);
}

/** What two keys say against each other: how it is told, and how JSON Schema says it. */
interface Contradiction {
  readonly isIn: (entry: KeyManagerSettings) => boolean;
  readonly key: string;
  readonly problem: string | ((entry: KeyManagerSettings) => string);
  readonly schema: JsonSchema;
}

const MUTUAL = has('authentication', { const: 'mutual-tls' });

const CONTRADICTIONS: readonly Contradiction[] = [
  {
    isIn: ({ jwks, pem }) => jwks !== undefined && pem !== undefined,
    key: 'jwks',
    problem: 'and pem are both given; give one',
    schema: { not: { required: ['jwks'], anyOf: [{ required: ['pem'] }, { required: ['pem_file'] }] } },
  },
  {
    isIn: ({ permissions }) => isRoleless(permissions),
    key: 'permissions.roles',
    problem: ({ permissions }) => `is missing: ${permissions?.type} needs at least one role`,
    schema: within('permissions', implies(has('type', { enum: ['ALLOW', 'DENY'] }), has('roles', { minItems: 1 }))),
  },
  {
    isIn: ({ permissions }) => permissions?.type === 'PUBLIC' && Boolean(permissions.roles?.length),
    key: 'permissions.roles',
    problem: 'mean nothing with PUBLIC',
    schema: within(
      'permissions',
      implies(has('type', { const: 'PUBLIC' }), within('roles', { type: 'array', maxItems: 0 })),
    ),
  },
  {
    isIn: ({ alias, token_type: type = 'DIRECT' }) => alias !== undefined && type === 'DIRECT',
    key: 'alias',
    problem: 'means nothing unless token_type is EXCHANGED or BOTH',
    schema: implies({ required: ['alias'] }, has('token_type', { enum: ['EXCHANGED', 'BOTH'] })),
  },
  {
    isIn: ({ alias, token_type: type }) => alias === undefined && type === 'BOTH',
    key: 'alias',
    problem: 'is missing: token_type = "BOTH" needs it',
    schema: implies(has('token_type', { const: 'BOTH' }), { required: ['alias'] }),
  },
  {
    isIn: ({ connector }) => isMutual(connector) && connector?.identity_user === undefined,
    key: 'connector.identity_user',
    problem: 'is missing: mutual-tls needs it',
    schema: within('connector', implies(MUTUAL, { required: ['identity_user'] })),
  },
  {
    isIn: ({ connector }) => !isMutual(connector) && connector?.identity_user !== undefined,
    key: 'connector.identity_user',
    problem: 'means nothing without mutual-tls',
    schema: within('connector', implies({ required: ['identity_user'] }, MUTUAL)),
  },
  {
    isIn: ({ connector }) => isMutual(connector) && connector?.password !== undefined,
    key: 'connector.password',
    problem: 'means nothing with mutual-tls',
    schema: within(
      'connector',
      implies({ anyOf: [{ required: ['password'] }, { required: ['password_file'] }] }, { not: MUTUAL }),
    ),
  },
];

const KEY_MANAGER_TABLE = table(KEY_MANAGER_KEYS);
const TENANT_TABLE = table(TENANT_KEYS, ['name']);

/** JSON Schema of one `[[key_manager]]`. */
export function keyManagerSchema(): JsonSchema {
  const { allOf, ...schema } = KEY_MANAGER_TABLE.schema;
  return { ...schema, allOf: [...(allOf as JsonSchema[]), ...CONTRADICTIONS.map((rule) => rule.schema)] };
}

/** JSON Schema of one `[[tenant]]`. */
export function tenantSchema(): JsonSchema {
  return { ...TENANT_TABLE.schema, anyOf: [{ required: ['password'] }, { required: ['password_file'] }] };
}

function contradictionsIn(entry: KeyManagerSettings): readonly [key: string, problem: string][] {
  return CONTRADICTIONS.filter(({ isIn }) => isIn(entry)).map(({ key, problem }) => [
    key,
    typeof problem === 'string' ? problem : problem(entry),
  ]);
}

function implies(condition: JsonSchema, consequence: JsonSchema): JsonSchema {
  return { anyOf: [{ not: condition }, consequence] };
}

function has(key: string, schema: JsonSchema): JsonSchema {
  return { required: [key], properties: { [key]: schema } };
}

function within(key: string, schema: JsonSchema): JsonSchema {
  return { properties: { [key]: schema } };
}

function isMutual(connector: KeyManagerSettings['connector']): boolean {
  return connector?.authentication === 'mutual-tls';
}

/** Without roles the server meets a null pointer, or the Key Manager is closed to everybody. */
function isRoleless(permissions: KeyManagerSettings['permissions']): boolean {
  const needsRoles = permissions?.type === 'ALLOW' || permissions?.type === 'DENY';
  return needsRoles && (permissions.roles ?? []).length === 0;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
