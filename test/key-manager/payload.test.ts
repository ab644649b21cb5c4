import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { readConnector } from '../../src/key-manager/connector.js';
import { defaultKeyManager, type KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import { buildPayload } from '../../src/key-manager/payload.js';
import { Secret } from '../../src/secret.js';
import { type ApimVersion, settingsOf } from './connector-settings.js';

const IS7 = 'https://is.internal:9444';
const declared = defaultKeyManager({
  is7Url: IS7,
  publicUrl: 'https://login.example',
  login: { username: 'admin', password: new Secret('s3cret') },
  roleCreation: true,
});

const keysByVersion: [version: ApimVersion, keys: string][] = [
  ['4.3', 'Password Username'],
  ['4.4', 'Password Username api_resource_management_endpoint is7_roles_endpoint'],
  ['4.5', 'Password Username api_resource_management_endpoint enable_roles_creation is7_roles_endpoint'],
  ['4.6', 'Authentication Password Username api_resource_management_endpoint enable_roles_creation is7_roles_endpoint'],
];

for (const [version, keys] of keysByVersion) {
  test(`API Manager ${version} is sent the connector keys that it lists, and no other`, () => {
    const { additionalProperties } = buildPayload(declared, connectorOf(version), 'clear');
    assert.is(Object.keys(additionalProperties).sort().join(' '), keys);
    assert.is(additionalProperties['Password'], 's3cret');
  });
}

test('the default declaration is the guide, back channel and front channel apart', () => {
  const { additionalProperties, ...fields } = buildPayload(declared, connectorOf('4.6'), 'masked');
  assert.equal(fields, {
    name: 'WSO2-IS-7',
    displayName: 'WSO2 Identity Server 7',
    type: 'WSO2-IS-7',
    enabled: true,
    issuer: 'https://login.example/oauth2/token',
    wellKnownEndpoint: `${IS7}/oauth2/token/.well-known/openid-configuration`,
    clientRegistrationEndpoint: `${IS7}/api/identity/oauth2/dcr/v1.1/register`,
    introspectionEndpoint: `${IS7}/oauth2/introspect`,
    tokenEndpoint: `${IS7}/oauth2/token`,
    displayTokenEndpoint: 'https://login.example/oauth2/token',
    revokeEndpoint: `${IS7}/oauth2/revoke`,
    displayRevokeEndpoint: 'https://login.example/oauth2/revoke',
    userInfoEndpoint: `${IS7}/scim2/Me`,
    authorizeEndpoint: 'https://login.example/oauth2/authorize',
    scopeManagementEndpoint: `${IS7}/api/identity/oauth2/v1.0/scopes`,
    certificates: { type: 'JWKS', value: `${IS7}/oauth2/jwks` },
    availableGrantTypes: [
      'password',
      'client_credentials',
      'refresh_token',
      'authorization_code',
      'iwa:ntlm',
      'urn:ietf:params:oauth:grant-type:saml2-bearer',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ],
    consumerKeyClaim: 'azp',
    scopesClaim: 'scope',
    tokenType: 'DIRECT',
    enableTokenGeneration: true,
    enableMapOAuthConsumerApps: true,
    enableOAuthAppCreation: true,
    enableSelfValidationJWT: true,
  });
  assert.equal(additionalProperties, {
    api_resource_management_endpoint: `${IS7}/api/server/v1/api-resources`,
    is7_roles_endpoint: `${IS7}/scim2/v2/Roles`,
    enable_roles_creation: true,
    Authentication: 'BasicAuth',
    Username: 'admin',
    Password: '*****',
  });
});

test('name, display name and description can be given', () => {
  const named = { name: 'IS', displayName: 'Login', description: 'Ours' };
  const login = { username: 'admin', password: new Secret('s3cret') };
  const found = defaultKeyManager({ ...named, is7Url: IS7, publicUrl: IS7, login, roleCreation: false });
  assert.equal({ name: found.name, displayName: found.displayName, description: found.description }, named);
});

test('with mutual TLS the keys of basic authentication are neither sent nor missed', () => {
  const connector = {
    ...declared.connector,
    Authentication: 'MutualTLS',
    IdentityUser: 'admin',
    MutualTLSOptions: 'ServerWide',
  };
  const { additionalProperties } = buildPayload({ ...declared, connector }, connectorOf('4.6'), 'clear');
  assert.is('Password' in additionalProperties, false);
  assert.is(additionalProperties['IdentityUser'], 'admin');
});

const refused: [title: string, version: ApimVersion, change: Partial<KeyManagerDeclaration>, problem: RegExp][] = [
  [
    'an absent UserInfo endpoint, which the server accepts and never loads',
    '4.5',
    { userInfoEndpoint: '' },
    /userInfoEndpoint is not set/,
  ],
  ['a required endpoint', '4.5', { tokenEndpoint: '' }, /: tokenEndpoint is not set$/],
  ['scope management before 4.4', '4.3', { scopeManagementEndpoint: '' }, /scopeManagementEndpoint/],
  [
    'the roles endpoint from 4.4 on',
    '4.4',
    withConnector({ is7_roles_endpoint: '' }),
    /connector's is7_roles_endpoint is not set/,
  ],
  ['an empty password', '4.6', withConnector({ Password: new Secret('') }), /connector's Password is not set/],
  [
    'an identity user with mutual TLS',
    '4.6',
    withConnector({ Authentication: 'MutualTLS' }),
    /IdentityUser is not set/,
  ],
  [
    'a certificate when it is to be tenant-wide',
    '4.6',
    withConnector({ Authentication: 'MutualTLS', IdentityUser: 'admin', MutualTLSOptions: 'TenantWide' }),
    /: the connector's TenantWideCertificate is not set$/,
  ],
  [
    'a password with a blank at its end',
    '4.6',
    withConnector({ Password: new Secret('s3cret ') }),
    /Password begins or ends with a blank/,
  ],
  ['organizations before 4.5', '4.4', { allowedOrganizations: ['ALL'] }, /allowedOrganizations/],
];

for (const [title, version, change, problem] of refused) {
  test(`it names before anything is sent: ${title}`, () => {
    try {
      buildPayload({ ...declared, ...change }, connectorOf(version), 'clear');
    } catch (error) {
      assert.is((error as BootstrapError).code, 'KEY_MANAGER_INVALID');
      assert.match((error as BootstrapError).message, problem);
      assert.not.match((error as BootstrapError).message, 's3cret');
      return;
    }
    assert.unreachable();
  });
}

test('all problems are named at once', () => {
  try {
    buildPayload({ ...declared, tokenEndpoint: '', revokeEndpoint: '' }, connectorOf('4.5'), 'clear');
    assert.unreachable();
  } catch (error) {
    assert.match((error as BootstrapError).message, /tokenEndpoint is not set; revokeEndpoint is not set/);
  }
});

test('with exchanged tokens nothing of the connector is needed', () => {
  buildPayload({ name: 'X', type: 'WSO2-IS-7', tokenType: 'EXCHANGED', connector: {} }, connectorOf('4.6'), 'clear');
});

test('a server without the connector is named with what it has', () => {
  try {
    readConnector({ keyManagerConfiguration: [{ type: 'default' }] }, 'WSO2-IS-7', {
      url: 'https://apim',
      version: undefined,
    });
    assert.unreachable();
  } catch (error) {
    assert.is((error as BootstrapError).code, 'CONNECTOR_MISSING');
    assert.match((error as BootstrapError).message, /no Key Manager connector of type WSO2-IS-7 \(it has default\)/);
  }
});

function connectorOf(version: ApimVersion) {
  return readConnector(settingsOf(version), 'WSO2-IS-7', { url: 'https://apim:9443', version: undefined });
}

function withConnector(change: KeyManagerDeclaration['connector']): Partial<KeyManagerDeclaration> {
  return { connector: { ...declared.connector, ...change } };
}

test.run();
