import { isObject } from '../http/request.js';
import type { LoadedHome } from '../loaded-home.js';

/** What a server's release, its updates and its deployment.toml make of its answers, each of which the servers' own code gave when it was run. */
export interface Dialect {
  readonly release: string;
  /** 7.0.0 as it was published: registration refuses fields that it does not know, and neither setting of the newer recipe is read. */
  readonly isUnpatched: boolean;
  /** `[server] legacy_mode`: URLs name no tenant. */
  readonly isLegacy: boolean;
  /** `[oauth] authorize_all_scopes`: an application may ask for any scope of an API resource. */
  readonly authorizesAllScopes: boolean;
  /** `[role_mgt] allow_system_prefix_for_role` */
  readonly allowsSystemRoles: boolean;
  /** A user with any token may read himself: `[[resource.access_control]]` for `(.*)/scim2/Me`. */
  readonly opensMe: boolean;
  /** Scopes of the older API are for users who have one of the roles that they are bound to. Both settings together, never one. */
  readonly restrictsByRole: boolean;
}

/** Of a home that was read. */
export function dialectOf({ version, updates, toml }: LoadedHome): Dialect {
  const isOn = (key: string) => toml.get(key) === true;
  const isUnpatched = version === '7.0' && updates === 'none';
  return {
    release: version,
    isUnpatched,
    isLegacy: isOn('server.legacy_mode'),
    authorizesAllScopes: isOn('oauth.authorize_all_scopes') && !isUnpatched,
    allowsSystemRoles: isOn('role_mgt.allow_system_prefix_for_role') && !isUnpatched,
    opensMe: listOf(toml.get('resource.access_control')).some(isMeRule),
    restrictsByRole:
      isOn('oauth.global_rbac_scope_issuer.enable') &&
      isOn('oauth.global_scope_validators.role_based_scope_issuer.enable') &&
      !isUnpatched,
  };
}

function isMeRule(rule: Record<string, unknown>): boolean {
  const scopes = rule['scopes'];
  const methods = String(rule['http_method'] ?? '').split(/\s*,\s*/);
  return (
    /scim2\/Me$/.test(String(rule['context'])) &&
    methods.some((method) => /^(get|all)$/i.test(method)) &&
    (scopes === undefined || (Array.isArray(scopes) && scopes.length === 0))
  );
}

function listOf(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
