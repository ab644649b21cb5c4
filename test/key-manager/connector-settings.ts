/** What `GET /settings` says of the connector for Identity Server 7, by version of API Manager. */
export type ApimVersion = '4.3' | '4.4' | '4.5' | '4.6';

export function settingsOf(version: ApimVersion): Record<string, unknown> {
  return {
    scopes: [],
    ...(version === '4.5' || version === '4.6' ? { orgAccessControlEnabled: false } : {}),
    keyManagerConfiguration: [
      { type: 'default', displayName: 'Resident', configurations: [], endpointConfigurations: [] },
      {
        type: 'WSO2-IS-7',
        displayName: 'WSO2 Identity Server 7',
        defaultConsumerKeyClaim: 'azp',
        defaultScopesClaim: 'scope',
        endpointConfigurations: [
          key('client_registration_endpoint', true),
          key('introspection_endpoint', true),
          key('token_endpoint', true),
          key('revoke_endpoint', true),
          key('userinfo_endpoint', false),
        ],
        ...CONFIGURATIONS[version],
      },
    ],
  };
}

const CREDENTIALS = [key('Username', true), { ...key('Password', true), mask: true }];
const ROLES = [key('api_resource_management_endpoint', true), key('is7_roles_endpoint', true)];
const ROLE_CREATION = {
  ...key('enable_roles_creation', false),
  type: 'checkbox',
  default: 'Enable',
  values: ['Enable'],
};
const AUTHENTICATION = {
  ...key('Authentication', true),
  type: 'dropdown',
  default: 'BasicAuth',
  values: [
    { ...key('BasicAuth', false), values: CREDENTIALS },
    {
      ...key('MutualTLS', false),
      values: [
        key('IdentityUser', true),
        {
          ...key('MutualTLSOptions', true),
          type: 'options',
          default: 'ServerWide',
          values: [
            key('ServerWide', false),
            { ...key('TenantWide', false), values: [{ ...key('TenantWideCertificate', true), type: 'certificate' }] },
          ],
        },
      ],
    },
  ],
};

const CONFIGURATIONS: Record<ApimVersion, Record<string, unknown>> = {
  '4.3': { configurations: CREDENTIALS },
  '4.4': { configurations: [...CREDENTIALS, ...ROLES] },
  '4.5': { configurations: [...CREDENTIALS, ...ROLES, ROLE_CREATION] },
  '4.6': { configurations: [...ROLES, ROLE_CREATION], authConfigurations: [AUTHENTICATION] },
};

function key(name: string, required: boolean): Record<string, unknown> {
  return { name, label: name, type: 'input', required, mask: false, multiple: false, default: '', values: [] };
}
