import type { LoadedHome } from '../loaded-home.js';
import { isAtLeast } from './release.js';

/** One setting that a connector asks for, as `/settings` describes it. */
export interface ConnectorSetting {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly required: boolean;
  readonly mask: boolean;
  readonly multiple: boolean;
  readonly tooltip: string;
  readonly default: unknown;
  readonly values: readonly unknown[];
}

/** A kind of Key Manager that this API Manager can use. */
export interface Connector {
  readonly type: string;
  readonly displayName: string;
  readonly defaultConsumerKeyClaim: string;
  readonly defaultScopesClaim: string;
  readonly configurations: readonly ConnectorSetting[];
  readonly endpointConfigurations: readonly ConnectorSetting[];
  /** API Manager 4.6 and later: settings that depend on the kind of authentication. */
  readonly authConfigurations?: readonly ConnectorSetting[];
}

/**
 * The connectors that an API Manager of this release comes with. The one for IS 7 is there from 4.3 on, and each release asks for more:
 * the endpoints of API resources and roles from 4.4, role creation from 4.5, a choice of authentication from 4.6
 * (apim-km-wso2is 2.0.2 to 2.0.8, WSO2IS7ConnectorConfiguration).
 */
export function connectorsOf(home: Pick<LoadedHome, 'version'>): readonly Connector[] {
  return [RESIDENT, IDENTITY_SERVER_6, ...(isAtLeast(home, '4.3') ? [identityServer7(home)] : [])];
}

/** The names of the settings that are never shown, nested ones included. */
export function maskedSettings({ configurations, authConfigurations = [] }: Connector): readonly string[] {
  return [...configurations, ...authConfigurations.flatMap(nested)]
    .filter((setting) => setting.mask)
    .map((setting) => setting.name);
}

function nested(setting: ConnectorSetting): readonly ConnectorSetting[] {
  const inner = setting.values.filter(
    (value): value is ConnectorSetting => typeof value === 'object' && value !== null,
  );
  return [setting, ...inner.flatMap(nested)];
}

function identityServer7(home: Pick<LoadedHome, 'version'>): Connector {
  const choice = isAtLeast(home, '4.6');
  return {
    type: 'WSO2-IS-7',
    displayName: 'WSO2 Identity Server 7',
    ...CLAIMS,
    configurations: [
      ...(choice ? [] : [USERNAME, PASSWORD]),
      ...(isAtLeast(home, '4.4') ? [API_RESOURCES, ROLES] : []),
      ...(isAtLeast(home, '4.5') ? [ROLE_CREATION] : []),
      ...(isAtLeast(home, '4.7') ? [SCHEMA_CACHE] : []),
    ],
    endpointConfigurations: ENDPOINTS,
    ...(choice && { authConfigurations: [AUTHENTICATION] }),
  };
}

function setting(name: string, label: string, more: Partial<ConnectorSetting> = {}): ConnectorSetting {
  const plain = { type: 'input', required: true, mask: false, multiple: false, tooltip: '', default: '', values: [] };
  return { name, label, ...plain, ...more };
}

const CLAIMS = { defaultConsumerKeyClaim: 'azp', defaultScopesClaim: 'scope' };

const ENDPOINTS: readonly ConnectorSetting[] = [
  setting('client_registration_endpoint', 'Client Registration Endpoint'),
  setting('introspection_endpoint', 'Introspection Endpoint'),
  setting('token_endpoint', 'Token Endpoint'),
  setting('revoke_endpoint', 'Revoke Endpoint'),
  setting('userinfo_endpoint', 'UserInfo Endpoint', { required: false }),
  setting('authorize_endpoint', 'Authorize Endpoint', { required: false }),
  setting('scope_management_endpoint', 'Scope Management Endpoint', { required: false }),
];

const USERNAME = setting('Username', 'Username');
const PASSWORD = setting('Password', 'Password', { mask: true });
const API_RESOURCES = setting(
  'api_resource_management_endpoint',
  'WSO2 Identity Server 7 API Resource Management Endpoint',
);
const ROLES = setting('is7_roles_endpoint', 'WSO2 Identity Server 7 Roles Endpoint');
const ROLE_CREATION = setting('enable_roles_creation', 'Create roles in WSO2 Identity Server 7', {
  type: 'checkbox',
  required: false,
  default: 'Enable',
  values: ['Enable'],
});
const SCHEMA_CACHE = setting('user_schema_cache_enabled', 'Enable User Schema Caching', {
  type: 'checkbox',
  required: false,
});
const AUTHENTICATION = setting('Authentication', 'Authentication Type', {
  type: 'dropdown',
  default: 'BasicAuth',
  values: [
    setting('BasicAuth', 'Basic Authentication', { type: 'labelOnly', values: [USERNAME, PASSWORD] }),
    setting('MutualTLS', 'Mutual TLS', {
      type: 'labelOnly',
      values: [
        setting('IdentityUser', 'Identity Username'),
        setting('MutualTLSOptions', 'Select a Certificate Type', {
          type: 'options',
          values: [
            setting('ServerWide', 'Server-wide certificate', { type: 'labelOnly' }),
            setting('TenantWide', 'Tenant-wide certificate', {
              type: 'labelOnly',
              values: [setting('TenantWideCertificate', 'Add a new certificate', { type: 'certificate' })],
            }),
          ],
        }),
      ],
    }),
  ],
});

const RESIDENT: Connector = {
  type: 'default',
  displayName: 'Resident Key Manager',
  ...CLAIMS,
  configurations: [],
  endpointConfigurations: [],
};

const IDENTITY_SERVER_6: Connector = {
  type: 'WSO2-IS',
  displayName: 'WSO2 Identity Server',
  ...CLAIMS,
  configurations: [USERNAME, PASSWORD],
  endpointConfigurations: ENDPOINTS,
};
