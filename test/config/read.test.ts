import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createConfig } from '../../src/composition/config.js';
import { createConnections } from '../../src/composition/connections.js';
import { keyManagerEntries } from '../../src/composition/key-managers.js';
import { KEY_MANAGER_KEYS, KEY_MANAGER_TABLES, type KeyManagerSettings } from '../../src/config/key-manager.js';
import { defaultSettings } from '../../src/config/parse.js';
import { SETTING_KEYS, type SettingKey } from '../../src/config/settings.js';
import { packageRoot } from '../../src/io/package-root.js';
import { Secret } from '../../src/secret.js';

/** The whole product, but for what lists the settings. */
const SOURCES = sourcesIn('src', ({ path }) => path !== 'src/config/settings.ts');
const OUTSIDE = sourcesIn('src', ({ path }) => !/^src\/(config\/|explain\/|composition\/config\.ts$)/.test(path));

test('every setting is read', () => {
  assert.equal(
    SETTING_KEYS.filter((key) => !readsOf(key).some((pattern) => pattern.test(SOURCES))),
    [],
  );
});

/** `settings.timeout`, `settings['is7.url']`, ``settings[`${id}.url`]``, `{ 'files.mode': mode }: Settings`. */
function readsOf(key: SettingKey): readonly RegExp[] {
  const ofServer = key.replace(/\b(is7|apim)\b/, '${\u0000}');
  const quoted = literally(key);
  return [
    new RegExp(`\\b(settings|named|own)(\\.${quoted}\\b|\\['${quoted}'\\])`),
    new RegExp(`\\{[^{}]*${quoted}'?[^{}]*\\}(: Settings| = settings)\\b`),
    new RegExp(`\\bsettings\\[\`${literally(ofServer).replace('\u0000', '\\w+')}\`\\]`),
  ];
}

test('what the settings come to is used: no part of the configuration is read by nothing', () => {
  const config = createConfig(defaultSettings(), { is7: undefined, apim: undefined });
  const members = [config, config.is7, config.watch()].flatMap((part) => Object.keys(part));
  assert.equal(
    members.filter((name) => !new RegExp(`(\\.|[{,]\\s*)${name}\\b`).test(OUTSIDE)),
    [],
  );
});

/** Every key with a value, the keys of its tables too. */
const EVERYTHING: Required<KeyManagerSettings> = {
  name: 'Every Key',
  display_name: 'Every Key',
  description: 'Has every key',
  state: 'present',
  tenant: 'carbon.super',
  is7_tenant: 'carbon.super',
  url: 'https://is.example:9443',
  public_url: 'https://id.example',
  well_known: true,
  enabled: true,
  issuer: 'https://id.example/oauth2/token',
  well_known_endpoint: 'https://is.example:9443/.well-known',
  client_registration_endpoint: 'https://is.example:9443/register',
  introspection_endpoint: 'https://is.example:9443/introspect',
  token_endpoint: 'https://is.example:9443/token',
  display_token_endpoint: 'https://id.example/token',
  revoke_endpoint: 'https://is.example:9443/revoke',
  display_revoke_endpoint: 'https://id.example/revoke',
  user_info_endpoint: 'https://is.example:9443/me',
  authorize_endpoint: 'https://id.example/authorize',
  scope_management_endpoint: 'https://is.example:9443/scopes',
  jwks: 'https://is.example:9443/jwks',
  pem: 'PEM',
  grant_types: ['password'],
  consumer_key_claim: 'azp',
  scopes_claim: 'scope',
  claim_mapping: [{ remote: 'groups', local: 'roles' }],
  token_validation: [{ type: 'REFERENCE', value: '.*', enable: true }],
  validation: 'self',
  token_type: 'BOTH',
  alias: 'https://am.example',
  token_generation: true,
  token_encryption: false,
  token_hashing: false,
  oauth_app_creation: true,
  map_oauth_apps: true,
  permissions: { type: 'ALLOW', roles: ['admin'] },
  allowed_organizations: ['ALL'],
  connector: {
    authentication: 'basic',
    username: 'admin',
    password: new Secret('hush'),
    role_creation: true,
    api_resources_endpoint: 'https://is.example:9443/api-resources',
    roles_endpoint: 'https://is.example:9443/roles',
    properties: { further: 'key' },
  },
  proof: { gateway_url: 'https://am.example:8243/pizza', api_id: 'id', scopes: ['read'] },
};

test('every key of a Key Manager is read when its step is built, those of its tables too', async () => {
  const read = new Set<string>();
  const mutual = { ...EVERYTHING, connector: { authentication: 'mutual-tls', identity_user: 'admin' } } as const;
  for (const declared of [EVERYTHING, mutual]) await buildSteps(traced(declared, '', read));
  const tables: Readonly<Record<string, object>> = KEY_MANAGER_TABLES;
  const keys = Object.keys(KEY_MANAGER_KEYS).flatMap((key) => [
    key,
    ...Object.keys(tables[key] ?? {}).map((inner) => `${key}.${inner}`),
  ]);
  assert.equal(
    keys.filter((key) => !read.has(key)),
    [],
  );
});

async function buildSteps(declared: KeyManagerSettings): Promise<void> {
  const said = { 'is7.url': 'https://is.example:9443', 'apim.url': 'https://am.example:9443' };
  const accounts = { 'apim.username': 'admin', 'apim.password': new Secret('hush') };
  const settings = { ...defaultSettings(), ...said, ...accounts, key_manager: [declared] };
  const connections = createConnections({ caFile: undefined, proxy: {} });
  try {
    const command = { name: 'verify', proof: 'token', resend: 'changed' } as const;
    const config = createConfig(settings, { is7: undefined, apim: undefined });
    for (const entry of keyManagerEntries(config, { connections, command })) entry.build();
  } finally {
    await connections.close();
  }
}

/** The same value, which notes what is read of it: `connector.username`; of a list what is read of its items. */
function traced<T>(value: T, path: string, read: Set<string>): T {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value;
  if (Array.isArray(value)) return value.map((item) => traced(item, path, read)) as T;
  return new Proxy(value, {
    get(table, name) {
      const inner: unknown = Reflect.get(table, name);
      if (typeof name !== 'string') return inner;
      const here = path === '' ? name : `${path}.${name}`;
      read.add(here);
      return traced(inner, here, read);
    },
  });
}

function sourcesIn(folder: string, isMeant: (file: { readonly path: string }) => boolean): string {
  return readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' })
    .map((name) => ({ path: `${folder}/${name}` }))
    .filter(({ path }) => path.endsWith('.ts') && isMeant({ path }))
    .map(({ path }) => readFileSync(join(packageRoot(), path), 'utf8'))
    .join('\n');
}

function literally(text: string): string {
  return text.replace(/[.$*+?()[\]{}|^\\]/g, '\\$&');
}

test.run();
