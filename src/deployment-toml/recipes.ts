import type { Secret } from '../secret.js';
import type { Wanted, WantedEntry } from './wanted.js';

/** Which of WSO2's two set-ups is wanted. */
export type Recipe = 'legacy' | 'current';

/**
 * What IS 7's deployment.toml must say by the guide "Configure WSO2 Identity Server 7 as a Key Manager", step 1.2, as it was written for
 * API Manager 4.3.0.
 */
export function legacyRecipe(): readonly Wanted[] {
  return [
    { path: ['server', 'legacy_mode'], value: true },
    { path: ['oauth', 'global_rbac_scope_issuer', 'enable'], value: true },
    { path: ['oauth', 'global_scope_validators', 'role_based_scope_issuer', 'enable'], value: true },
    scim2Me(),
  ];
}

/** Where IS 7 reports revoked tokens to, so that API Manager's gateways stop accepting them. */
export interface Revocation {
  readonly notificationEndpoint: string;
  /** The account of API Manager that may report. */
  readonly username: string;
  readonly password: Secret;
}

/** What the same guide says since update level 2 of API Manager 4.3.0: no legacy mode, every API's scopes authorized at IS 7. */
export function currentRecipe({
  roleCreation,
  revocation,
}: {
  /** API Manager creates the roles of an API's scopes in IS 7. */
  readonly roleCreation: boolean;
  readonly revocation?: Revocation | undefined;
}): readonly Wanted[] {
  return [
    { path: ['oauth', 'authorize_all_scopes'], value: true },
    scim2Me(),
    ...(roleCreation ? [{ path: ['role_mgt', 'allow_system_prefix_for_role'], value: true }] : []),
    ...(revocation ? [tokenRevocation(revocation)] : []),
  ];
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

/** Handled by wso2is.notification.event.handlers, a jar in `repository/components/dropins`. */
export function tokenRevocation({ notificationEndpoint, username, password }: Revocation): WantedEntry {
  return {
    path: ['event_listener'],
    identity: ['id'],
    value: {
      id: 'token_revocation',
      type: 'org.wso2.carbon.identity.core.handler.AbstractIdentityHandler',
      name: 'org.wso2.is.notification.ApimOauthEventInterceptor',
      order: 1,
      properties: {
        notification_endpoint: notificationEndpoint,
        username,
        password,
        'header.X-WSO2-KEY-MANAGER': 'WSO2-IS',
      },
    },
  };
}
