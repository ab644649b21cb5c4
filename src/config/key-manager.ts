import { X509Certificate } from 'node:crypto';
import type { Secret } from './secret.js';
import {
  anyProperties,
  choice,
  flag,
  httpsOrigin,
  httpsUrl,
  isTable,
  key,
  list,
  type Parsed,
  type Parser,
  type Shape,
  type Spot,
  secret,
  table,
  text,
  textOrTexts,
} from './shape.js';

/** The tenant that every server has; its admin is apim.username. */
export const SUPER_TENANT = 'carbon.super';

/** A tenant's name is a domain name, since it becomes a part of URLs and of its admin's user name. */
const tenantName: Parser<string> = (raw, spot) => {
  const name = text({ max: 255 })(raw, spot);
  if (name === undefined || /^[a-z0-9][a-z0-9.-]*$/i.test(name)) return name;
  spot.report(spot.path, `must be a tenant's domain, such as example.com, not ${JSON.stringify(name)}`);
  return undefined;
};

const keyManagerName: Parser<string> = (raw, spot) => {
  const name = text({ max: 100 })(raw, spot);
  if (name === undefined) return undefined;
  if (name !== name.trim()) spot.report(spot.path, 'begins or ends with a blank');
  if (name.toLowerCase() === 'resident key manager') spot.report(spot.path, "is API Manager's own Key Manager");
  return name;
};

/** The certificate that signs the tokens, as PEM text. */
const signingCertificate: Parser<string> = (raw, spot) => {
  const pem = text()(raw, spot);
  if (pem === undefined || isCertificate(pem)) return pem;
  spot.report(spot.path, 'is not a PEM certificate');
  return undefined;
};

const CONNECTOR = {
  authentication: key(choice(['basic', 'mutual-tls']), 'how API Manager logs in to IS 7; mutual-tls from 4.6 on'),
  username: key(text(), 'account at IS 7; default is7.username'),
  password: key(secret(), 'its password, or password_file; default is7.password'),
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
  claim_mapping: key(list(table(CLAIM)), 'claims of IS 7 and what API Manager calls them'),
  token_validation: key(list(table(TOKEN_RULE)), 'which tokens belong to this Key Manager'),
  validation: key(choice(['self', 'introspection']), 'the gateway checks tokens itself, or asks IS 7 each time'),
  token_type: key(choice(['DIRECT', 'EXCHANGED', 'BOTH']), 'use IS 7’s tokens, or exchange them for API Manager’s'),
  alias: key(text(), 'audience of exchanged tokens'),
  token_generation: key(flag(), 'API Manager may get tokens'),
  token_encryption: key(flag(), 'tokens are encrypted'),
  token_hashing: key(flag(), 'tokens are stored as hashes'),
  oauth_app_creation: key(flag(), 'API Manager may register clients'),
  map_oauth_apps: key(flag(), 'existing clients can be mapped'),
  permissions: key(table(PERMISSIONS), 'who may use it'),
  allowed_organizations: key(list(text()), 'organizations that may use it; 4.5 and later'),
  connector: key(table(CONNECTOR), 'how API Manager’s connector talks to IS 7'),
};

/** Keys that a variable can set: `KMB_KEY_MANAGER_ISSUER`. Tables have no variable. */
export const KEY_MANAGER_VARIABLES: readonly string[] = Object.keys(KEY_MANAGER_KEYS).filter(
  (name) => !['connector', 'permissions', 'claim_mapping', 'token_validation'].includes(name),
);

/** One `[[key_manager]]`, checked; what was not said is absent. */
export type KeyManagerSettings = Parsed<typeof KEY_MANAGER_KEYS>;

const TENANT_KEYS = {
  name: key(tenantName, 'domain of the tenant'),
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
  /** `km-bootstrap.toml: key_manager[0]` */
  readonly where: string;
  /** The keys that came from variables instead, with the name of each. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Checks every declared Key Manager; what is wrong is added to `problems`, one sentence each with file and key. */
export function parseKeyManagers(found: readonly FoundTable[], problems: string[]): readonly KeyManagerSettings[] {
  const parsed = found.map((table) => ({ ...table, entry: parseTable(KEY_MANAGER_KEYS, table, problems) }));
  const seen = new Map<string, string>();
  for (const { entry, where } of parsed) {
    problems.push(...contradictionsIn(entry, found.length).map((problem) => `${where}${problem}`));
    const identity = `${entry.name ?? 'WSO2-IS-7'} in ${entry.tenant ?? SUPER_TENANT}`;
    const earlier = seen.get(identity);
    if (earlier) problems.push(`${where}.name: ${identity} is already declared by ${earlier}`);
    seen.set(identity, where);
  }
  return parsed.map(({ entry }) => entry);
}

/** Checks every declared tenant, as {@link parseKeyManagers} does. */
export function parseTenants(found: readonly FoundTable[], problems: string[]): readonly TenantSettings[] {
  const seen = new Set<string>([SUPER_TENANT]);
  return found.flatMap((table) => {
    const { where } = table;
    const { name, username = `admin@${name}`, password } = parseTable(TENANT_KEYS, table, problems);
    if (name === undefined) problems.push(`${where}.name is missing`);
    if (!isTable(table.raw) || !('password' in table.raw))
      problems.push(`${where}.password is missing: give password or password_file`);
    if (name === undefined || password === undefined) return [];
    if (seen.has(name)) problems.push(`${where}.name: ${name} ${name === SUPER_TENANT ? OWN_ADMIN : 'is there twice'}`);
    if (!username.endsWith(`@${name}`)) problems.push(`${where}.username must end with @${name}`);
    seen.add(name);
    return [{ name, username, password }];
  });
}

const OWN_ADMIN = 'is the tenant of apim.username and apim.password';

function parseTable<S extends Shape>(
  shape: S,
  { raw, where, variables = {} }: FoundTable,
  problems: string[],
): Parsed<S> {
  const report: Spot['report'] = (path, problem) => {
    const key = path.slice(where.length + 1).replace(/[.[].*$/, '');
    problems.push(`${variables[key] ?? path} ${problem}`);
  };
  return table(shape)(raw, { path: where, report }) ?? ({} as Parsed<S>);
}

/** What two keys say against each other, as `.key problem`. */
function contradictionsIn(entry: KeyManagerSettings, count: number): readonly string[] {
  const { permissions, connector = {}, alias, token_type: tokenType = 'DIRECT' } = entry;
  const mutual = connector.authentication === 'mutual-tls';
  const checks: [isWrong: boolean, problem: string][] = [
    [count > 1 && entry.name === undefined, '.name is missing: with several Key Managers each needs one'],
    [entry.jwks !== undefined && entry.pem !== undefined, '.jwks and .pem are both given; give one'],
    [permissions !== undefined && permissions.type === undefined, '.permissions.type is missing'],
    [isRoleless(permissions), `.permissions.roles is missing: ${permissions?.type} needs at least one role`],
    [
      permissions?.type === 'PUBLIC' && Boolean(permissions.roles?.length),
      '.permissions.roles mean nothing with PUBLIC',
    ],
    [alias !== undefined && tokenType === 'DIRECT', '.alias means nothing unless token_type is EXCHANGED or BOTH'],
    [alias === undefined && tokenType === 'BOTH', '.alias is missing: token_type = "BOTH" needs it'],
    [mutual && connector.identity_user === undefined, '.connector.identity_user is missing: mutual-tls needs it'],
    [!mutual && connector.identity_user !== undefined, '.connector.identity_user means nothing without mutual-tls'],
    [mutual && connector.password !== undefined, '.connector.password means nothing with mutual-tls'],
    ...[...(entry.claim_mapping ?? []).entries()].map(
      ([index, claim]) =>
        [
          claim.remote === undefined || claim.local === undefined,
          `.claim_mapping[${index}] needs remote and local`,
        ] as [boolean, string],
    ),
    ...[...(entry.token_validation ?? []).entries()].map(
      ([index, rule]) => [rule.type === undefined, `.token_validation[${index}].type is missing`] as [boolean, string],
    ),
  ];
  return checks.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
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
