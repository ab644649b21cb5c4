import type { Secret } from '../secret.js';
import type { Wanted, WantedEntry } from './wanted.js';

/** Which of WSO2's two set-ups is wanted. */
export type Recipe = 'legacy' | 'current';

/** A key of IS 7's deployment.toml that one recipe sets to true and the other does not want. */
export interface RecipeKey {
  readonly recipe: Recipe;
  readonly path: readonly string[];
  /** What it does as long as it stands without its recipe. */
  readonly effect: string;
  /** What is amiss in its recipe without it. */
  readonly without: string;
  /** Only where API Manager creates the roles of an API's scopes in IS 7. */
  readonly forRoleCreation?: true;
}

/**
 * The keys of both recipes: `legacy` as the guide "Configure WSO2 Identity Server 7 as a Key Manager", step 1.2, was written for API
 * Manager 4.3.0, `current` as it reads since update level 2 of it: no legacy mode, every API's scopes authorized at IS 7.
 */
export const RECIPE_KEYS: readonly RecipeKey[] = [
  {
    recipe: 'legacy',
    path: ['server', 'legacy_mode'],
    effect: 'it keeps legacy mode on: SHA-1 and MD5 signatures, and no tenant-qualified URLs',
    without: 'the guide’s set-up rests on it',
  },
  {
    recipe: 'legacy',
    path: ['oauth', 'global_rbac_scope_issuer', 'enable'],
    effect: 'it still binds scopes to roles, for every application',
    without: 'the recipe legacy is not complete',
  },
  {
    recipe: 'legacy',
    path: ['oauth', 'global_scope_validators', 'role_based_scope_issuer', 'enable'],
    effect: 'it still checks scopes against the roles of users, for every application',
    without: 'the recipe legacy is not complete',
  },
  {
    recipe: 'current',
    path: ['oauth', 'authorize_all_scopes'],
    effect: 'it still lets IS 7 authorize every scope of the tenant',
    without: 'tokens come without the scopes of the APIs',
  },
  {
    recipe: 'current',
    path: ['role_mgt', 'allow_system_prefix_for_role'],
    effect: 'it still lets roles with the prefix system_ be made',
    without: 'roles with the prefix system_ are refused',
    forRoleCreation: true,
  },
];

/** The keys of a recipe, those for the creation of roles included. */
export function keysOf(recipe: Recipe): readonly RecipeKey[] {
  return RECIPE_KEYS.filter((key) => key.recipe === recipe);
}

/** Where IS 7 reports revoked tokens to, so that API Manager's gateways stop accepting them. */
export interface Revocation {
  readonly notificationEndpoint: string;
  /** The account of API Manager that may report. */
  readonly username: string;
  readonly password: Secret;
}

/** What IS 7's deployment.toml must say by the recipe `legacy`. */
export function legacyRecipe(): readonly Wanted[] {
  return [...keysOf('legacy').map(switchedOn), scim2Me()];
}

/** What it must say by the recipe `current`. */
export function currentRecipe({
  roleCreation,
  revocation,
}: {
  /** API Manager creates the roles of an API's scopes in IS 7. */
  readonly roleCreation: boolean;
  readonly revocation?: Revocation | undefined;
}): readonly Wanted[] {
  const keys = keysOf('current');
  return [
    ...keys.filter(({ forRoleCreation }) => !forRoleCreation).map(switchedOn),
    scim2Me(),
    ...keys.filter(({ forRoleCreation }) => forRoleCreation && roleCreation).map(switchedOn),
    ...(revocation ? [tokenRevocation(revocation)] : []),
  ];
}

function switchedOn({ path }: RecipeKey): Wanted {
  return { path, value: true };
}

/** The user info endpoint of the connector: any user with a token may read himself, whatever his tenant and scopes. */
function scim2Me(): WantedEntry {
  return {
    path: ['resource', 'access_control'],
    identity: ['context', 'http_method'],
    value: {
      context: '(.*)/scim2/Me',
      secure: true,
      http_method: 'GET',
      cross_tenant: true,
      permissions: [],
      scopes: [],
    },
  };
}

/** The listener through which IS 7 reports revoked tokens. */
export const TOKEN_REVOCATION = {
  /** Of the table `[[event_listener]]`. */
  id: 'token_revocation',
  /** The only type by which IS 7 finds the listener's settings; with any other it never fires (WSO2's integration test on IS 7.3.0). */
  type: 'org.wso2.carbon.identity.core.handler.AbstractIdentityHandler',
  /** Which Key Manager reports. API Manager looks its handler up by this word, and answers 200 when there is none. */
  header: { name: 'header.X-WSO2-KEY-MANAGER', value: 'WSO2-IS' },
  /** Of API Manager, where it is reported to. */
  notifyPath: '/internal/data/v1/notify',
} as const;

/** Handled by wso2is.notification.event.handlers, a jar in `repository/components/dropins`. */
export function tokenRevocation({ notificationEndpoint, username, password }: Revocation): WantedEntry {
  const { id, type, header } = TOKEN_REVOCATION;
  return {
    path: ['event_listener'],
    identity: ['id'],
    value: {
      id,
      type,
      name: 'org.wso2.is.notification.ApimOauthEventInterceptor',
      order: 1,
      properties: { notification_endpoint: notificationEndpoint, username, password, [header.name]: header.value },
    },
  };
}
