import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpClient } from '../../src/http/client.js';
import { absentKeyManagerStep } from '../../src/key-manager/absent-step.js';
import { ADMIN_SCOPES, DELETE_SCOPE } from '../../src/key-manager/admin-api.js';
import type { KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import { DEVPORTAL_SCOPES } from '../../src/key-manager/devportal-api.js';
import { FINGERPRINT_KEY } from '../../src/key-manager/fingerprint.js';
import { newProofName } from '../../src/key-manager/proof-run.js';
import { createTenant } from '../../src/key-manager/tenant.js';
import { Secret } from '../../src/secret.js';
import { anyStep } from '../../src/step/step.js';
import { ADMIN_API, DEVPORTAL, keyManager } from '../sandbox/apim/stand-in.js';
import { at } from '../sandbox/is7/stand-in.js';
import { patient } from '../support/patience.js';
import { type StepGiven, stepOf } from './given-step.js';
import { applyAll, type Pair, type PairOptions, TENANT_PASSWORD, thrownBy, withPair } from './pair.js';

const KEY_MANAGERS = `${ADMIN_API}/key-managers`;
const { signal } = new AbortController();

/** Something that API Manager does badly, and what the user reads of us. */
interface Trap {
  readonly title: string;
  readonly servers?: PairOptions;
  readonly declared?: Partial<KeyManagerDeclaration>;
  /** Connector settings beside the usual ones; undefined takes one away. */
  readonly connector?: Readonly<Record<string, string | boolean | undefined>>;
  readonly given?: (pair: Pair) => Partial<StepGiven>;
  readonly before?: (pair: Pair) => Promise<unknown>;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const traps: readonly Trap[] = [
  {
    title: 'the connector is not there before 4.3',
    servers: { version: '4.2' },
    code: 'CONNECTOR_MISSING',
    message: /has no Key Manager connector of type WSO2-IS-7 \(it has default, WSO2-IS\)/,
    hint: /4\.3 or later/,
  },
  {
    title: 'an absent UserInfo endpoint is accepted, and the Key Manager never loads',
    declared: { userInfoEndpoint: '' },
    code: 'KEY_MANAGER_INVALID',
    message: /userInfoEndpoint is not set/,
    hint: /Correct the declaration/,
  },
  {
    title: 'an absent scope endpoint, which the connector of 4.3 reads when it loads',
    servers: { version: '4.3' },
    declared: { scopeManagementEndpoint: '' },
    code: 'KEY_MANAGER_INVALID',
    message: /scopeManagementEndpoint is not set/,
    hint: /Correct/,
  },
  {
    title: '901401 does not name the missing endpoints: we do, all of them, before anything is sent',
    declared: { tokenEndpoint: '', revokeEndpoint: '', introspectionEndpoint: '', clientRegistrationEndpoint: '' },
    code: 'KEY_MANAGER_INVALID',
    message:
      /clientRegistrationEndpoint is not set; introspectionEndpoint is not set; tokenEndpoint .*; revokeEndpoint/,
    hint: /Correct/,
  },
  {
    title: '901401 does not name the missing connector key',
    servers: { version: '4.4' },
    connector: { is7_roles_endpoint: undefined },
    code: 'KEY_MANAGER_INVALID',
    message: /the connector's is7_roles_endpoint is not set/,
    hint: /Correct/,
  },
  {
    title: 'an empty connector key passes the server’s check',
    connector: { api_resource_management_endpoint: '' },
    code: 'KEY_MANAGER_INVALID',
    message: /the connector's api_resource_management_endpoint is not set/,
    hint: /Correct/,
  },
  {
    title: 'from 4.6 a missing user name is a null pointer, or accepted and of no use',
    servers: { version: '4.6' },
    connector: { Username: undefined },
    code: 'KEY_MANAGER_INVALID',
    message: /the connector's Username is not set/,
    hint: /is7\.username/,
  },
  {
    title: 'mutual TLS needs the user that it acts as',
    servers: { version: '4.6' },
    connector: { Authentication: 'MutualTLS', MutualTLSOptions: 'ServerWide' },
    code: 'KEY_MANAGER_INVALID',
    message: /the connector's IdentityUser is not set/,
    hint: /Correct/,
  },
  {
    title: 'mutual TLS is unknown before 4.6, and would be dropped',
    connector: { Authentication: 'MutualTLS', MutualTLSOptions: 'ServerWide', IdentityUser: 'admin' },
    code: 'KEY_MANAGER_INVALID',
    message: /mutual TLS is declared, but the connector of this API Manager does not have it \(4\.6 and later do\)$/,
    hint: /Correct/,
  },
  {
    title: 'role creation as a text is taken for off',
    connector: { enable_roles_creation: 'true' },
    code: 'KEY_MANAGER_INVALID',
    message: /the connector's enable_roles_creation must be true or false, without quotes/,
    hint: /Correct/,
  },
  {
    title: 'blanks around a secret are dropped from 4.6 on',
    servers: { version: '4.6' },
    connector: { Username: 'admin ' },
    code: 'KEY_MANAGER_INVALID',
    message: /Username begins or ends with a blank/,
    hint: /Correct/,
  },
  {
    title: 'a field that this version does not have is refused whole',
    servers: { version: '4.4' },
    declared: { allowedOrganizations: ['ALL'] },
    code: 'KEY_MANAGER_INVALID',
    message: /allowedOrganizations is declared, but this API Manager does not have it \(4\.5 and later do\)/,
    hint: /Correct/,
  },
  {
    title: '900607: a role that does not exist',
    declared: { permissions: { permissionType: 'ALLOW', roles: ['nobody'] } },
    code: 'API_REFUSED',
    message: /404, code 900607: Role does not exist in the system$/,
    hint: /Create this role in API Manager/,
  },
  {
    title: 'a field that the version which was said does not have is not tried',
    given: () => ({ apimVersion: '4.4.0' }),
    declared: { allowedOrganizations: ['ALL'] },
    code: 'KEY_MANAGER_INVALID',
    message: /allowedOrganizations is declared, but this API Manager does not have it \(4\.5 and later do\)/,
    hint: /Correct/,
  },
  {
    title: 'a version that was said wrongly: the server has the last word',
    servers: { version: '4.3' },
    given: () => ({ apimVersion: '4.5' }),
    declared: { allowedOrganizations: ['ALL'] },
    code: 'API_REFUSED',
    message: /400: Bad Request: Unrecognized property 'allowedOrganizations'$/,
    hint: /wso2carbon\.log/,
  },
  {
    title: 'too long for the server',
    declared: { description: 'x'.repeat(257) },
    code: 'API_REFUSED',
    message: /400: Bad Request: description: size must be between 0 and 256$/,
    hint: /wso2carbon\.log/,
  },
  {
    title: 'a name cannot change: the one that has it is named',
    before: ({ apim, is7 }) => apim.call('POST', KEY_MANAGERS, keyManager(is7.url, { name: 'Old Name' })),
    code: 'KEY_MANAGER_CONFLICT',
    message: /has the Key Manager Old Name with the issuer https:.* already, so WSO2-IS-7 would be a second one/,
    hint: /cannot be renamed.*declare name = "Old Name", or declare that one with state = "absent"/,
  },
  {
    title: 'a type cannot change',
    before: ({ apim, is7 }) =>
      apim.call('POST', KEY_MANAGERS, keyManager(is7.url, { name: 'WSO2-IS-7', type: 'WSO2-IS' })),
    code: 'KEY_MANAGER_CONFLICT',
    message: /has a Key Manager WSO2-IS-7 of type WSO2-IS, not WSO2-IS-7/,
    hint: /type cannot change/,
  },
  {
    title: 'a wrong password of the administrator',
    given: ({ account }) => ({ account: { ...account, password: new Secret('wr0ng') } }),
    code: 'CREDENTIALS_REFUSED',
    message: /refuses the user admin and its password \(POST .*register answered 401\)/,
    hint: /apim\.password/,
  },
  {
    title: 'a wrong password with basic authentication',
    given: ({ account }) => ({ authentication: 'basic', account: { ...account, password: new Secret('wr0ng') } }),
    code: 'API_REFUSED',
    message: /refused with 401: Unauthenticated request/,
    hint: /role admin/,
  },
  {
    // The same 403 comes when another user of the tenant registered the client first.
    title: 'client registration answers 403: here because it knows the owner by another spelling of the name',
    given: ({ account }) => ({ account: { ...account, username: 'admin@carbon.super' } }),
    code: 'CREDENTIALS_REFUSED',
    message: /does not give the user admin@carbon\.super the client km-bootstrap/,
    hint: /apim\.authentication = "basic"/,
  },
  {
    title: 'client registration that does not come up',
    servers: { pace: { registrationLagMs: 60_000 } },
    given: () => ({ patienceMs: 400 }),
    code: 'SERVER_NOT_READY',
    message: /register still answers 500/,
    hint: /deploys its client registration last/,
  },
];

for (const { title, servers = {}, declared = {}, connector = {}, given, before, code, message, hint } of traps) {
  test(`${code}: ${title}`, () =>
    withPair(servers, async (pair) => {
      await before?.(pair);
      const { http, account, declaration: base } = pair;
      const keys = Object.entries({ ...base.connector, ...connector }).filter(([, value]) => value !== undefined);
      const declaration = { ...base, ...declared, connector: Object.fromEntries(keys) } as KeyManagerDeclaration;
      const step = stepOf({ account, http, declaration, ...given?.(pair) });
      const error = await thrownBy(applyAll(anyStep(step)));
      assert.is(error.code, code, error.message);
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
      for (const text of [error.message, error.hint]) assert.not.match(text ?? '', 'wr0ng');
    }));
}

for (const version of ['4.3', '4.5', '4.6']) {
  test(`allowedOrganizations is only sent when it is declared, and ${version} tells whether it has it`, () =>
    withPair({ version }, async (pair) => {
      await applyAll(anyStep(stepOf(pair)));
      const declaration = { ...pair.declaration, allowedOrganizations: ['NONE'] };
      const applied = applyAll(anyStep(stepOf({ ...pair, declaration })));
      if (version === '4.3') {
        assert.is((await thrownBy(applied)).code, 'KEY_MANAGER_INVALID');
        return;
      }
      assert.match((await applied)[0] ?? '', 'update the Key Manager WSO2-IS-7: allowedOrganizations');
      assert.equal(await applyAll(anyStep(stepOf(pair))), [], 'undeclared, it stays');
    }));
}

test('role creation is a JSON boolean, and the password is in no answer that we show', () =>
  withPair({}, async (pair) => {
    await applyAll(anyStep(stepOf(pair)));
    const stored = await storedKeyManager(pair);
    assert.is(stored.additionalProperties['enable_roles_creation'], false);
    assert.is(stored.additionalProperties['Password'], '*****');
  }));

test('a certificate of a tenant is declared, and the connector never loads it: that is said', () =>
  withPair({ version: '4.6' }, async (pair) => {
    const login = { Authentication: 'MutualTLS', MutualTLSOptions: 'TenantWide', IdentityUser: 'admin' };
    const connector = { ...pair.declaration.connector, ...login, TenantWideCertificate: 'x' };
    const step = stepOf({ ...pair, declaration: { ...pair.declaration, connector } });
    const codes = step.notices?.(await step.inspect(signal)).map(({ code }) => code);
    assert.equal(codes, ['CONNECTOR_CERTIFICATE_UNUSED']);
  }));

test('one that only a killed proof still uses is deleted all the same', () =>
  withPair({}, async (pair) => {
    await applyAll(anyStep(stepOf(pair)));
    const { pid } = spawnSync('true');
    const name = newProofName(Date.now()).replace(/-\d+-[0-9a-f]{8}-/, `-${pid}-0badc0de-`);
    await applicationWithKeys(pair, name);
    const { http, account, declaration } = pair;
    const scopes = [...ADMIN_SCOPES, DELETE_SCOPE, ...DEVPORTAL_SCOPES];
    const tenant = createTenant({ http, account, authentication: 'oauth', scopes, patienceMs: 1_000 });
    const step = anyStep(absentKeyManagerStep({ id: 'key-manager/x', needs: [], tenant, declaration }));
    assert.is((await applyAll(step)).length, 1);
    assert.is(at(await pair.apim.call('GET', `${DEVPORTAL}/applications`), 'count'), 0);
  }));

test('a connector that lacks a declared key gets along without it, and that is said', () =>
  withPair({ version: '4.3' }, async (pair) => {
    const { declaration: base } = pair;
    const declaration = { ...base, connector: { ...base.connector, enable_roles_creation: true } };
    const step = stepOf({ ...pair, declaration });
    const state = await step.inspect(signal);
    assert.equal(
      step.notices?.(state).map(({ message }) => /no key (\w+)/.exec(message)?.[1]),
      ['enable_roles_creation'],
    );
  }));

test('a Key Manager that still loads spoils the first application, not the proof', () =>
  withPair({ pace: { keyManagerLoadMs: patient(400) } }, async (pair) => {
    const step = stepOf({ ...pair, level: 'token', patienceMs: patient(8_000) });
    await applyAll(anyStep(step));
    assert.equal(await step.prove?.(signal), []);
    const created = pair.calls.filter((call) => call === `POST ${DEVPORTAL}/applications`).length;
    assert.ok(created > 1, `${created} applications`);
  }));

test('a lost answer to a POST is looked for before anything is sent again', () =>
  withPair({}, async (pair) => {
    const losing = losingAnswers(pair.http, 1);
    await applyAll(anyStep(stepOf({ ...pair, http: losing })));
    assert.is(posts(pair), 1);
    const list = await pair.apim.call('GET', KEY_MANAGERS);
    assert.is(at(list, 'count'), 2);
  }));

test('a PUT that somebody else’s DELETE came before says so', () =>
  withPair({}, async (pair) => {
    await applyAll(anyStep(stepOf(pair)));
    const { id } = await storedKeyManager(pair);
    const step = stepOf({ ...pair, declaration: { ...pair.declaration, description: 'new' } });
    const [change] = step.plan(await step.inspect(signal));
    await pair.apim.call('DELETE', `${KEY_MANAGERS}/${id}`);
    const error = await thrownBy(step.apply(change as never, signal));
    assert.match(error.message, /901411/);
    assert.match(error.hint ?? '', /another client has just deleted/);
  }));

test('absent: one that is used stays, with who uses it; then it is deleted, and a second time nothing happens', () =>
  withPair({}, async (pair) => {
    await applyAll(anyStep(stepOf(pair)));
    const application = await applicationWithKeys(pair);
    const { http, account, declaration, calls } = pair;
    const scopes = [...ADMIN_SCOPES, DELETE_SCOPE, ...DEVPORTAL_SCOPES];
    const tenant = createTenant({ http, account, authentication: 'oauth', scopes, patienceMs: 1_000 });
    const step = anyStep(absentKeyManagerStep({ id: 'key-manager/x', needs: [], tenant, declaration }));
    const [change] = step.plan(await step.inspect(signal));
    assert.match(change?.summary ?? '', /^delete the Key Manager WSO2-IS-7 from API Manager at https:/);
    const error = await thrownBy(applyAll(step));
    assert.is(error.code, 'KEY_MANAGER_IN_USE');
    assert.match(error.message, /cannot be deleted: it is used by applications shop$/);
    await pair.apim.call('DELETE', application);
    assert.is((await applyAll(step)).length, 1);
    calls.length = 0;
    assert.equal(await applyAll(step), []);
    assert.equal(
      calls.filter((call) => !call.startsWith('GET ')),
      [],
    );
  }));

test('basic authentication registers no client', () =>
  withPair({}, async (pair) => {
    await applyAll(anyStep(stepOf({ ...pair, authentication: 'basic' })));
    assert.equal(
      pair.calls.filter((call) => /register|oauth2/.test(call)),
      [],
    );
  }));

test('each tenant has its own Key Manager of one name, behind its own admin', () =>
  withPair({ tenants: ['a.example'] }, async (pair) => {
    const account = { ...pair.account, username: 'admin@a.example', password: new Secret(TENANT_PASSWORD) };
    await applyAll(anyStep(stepOf(pair)));
    const step = stepOf({ ...pair, account, level: 'keys' });
    assert.is((await applyAll(anyStep(step))).length, 1);
    assert.equal(await step.prove?.(signal), []);
    const mine = await stepOf(pair).inspect(signal);
    const theirs = await stepOf({ ...pair, account }).inspect(signal);
    assert.is.not(mine.actual?.id, theirs.actual?.id);
  }));

interface Stored {
  readonly id: string;
  readonly additionalProperties: Readonly<Record<string, unknown>>;
}

async function storedKeyManager({ apim }: Pair): Promise<Stored> {
  const list = at(await apim.call('GET', KEY_MANAGERS), 'list') as { id: string; type: string }[];
  const found = list.find(({ type }) => type === 'WSO2-IS-7');
  const stored = JSON.parse((await apim.call('GET', `${KEY_MANAGERS}/${found?.id}`)).text) as Stored;
  assert.match(String(stored.additionalProperties[FINGERPRINT_KEY]), /^scrypt\$/);
  return stored;
}

async function applicationWithKeys({ apim }: Pair, name = 'shop'): Promise<string> {
  const created = await apim.call('POST', `${DEVPORTAL}/applications`, { name, throttlingPolicy: 'Unlimited' });
  const path = `${DEVPORTAL}/applications/${at(created, 'applicationId')}`;
  const keys = { keyType: 'PRODUCTION', keyManager: 'WSO2-IS-7', grantTypesToBeSupported: ['client_credentials'] };
  assert.is((await apim.call('POST', `${path}/generate-keys`, keys)).status, 200);
  return path;
}

function posts({ calls }: Pair): number {
  return calls.filter((call) => call === `POST ${KEY_MANAGERS}`).length;
}

/** The server does it, and the answer gets lost. */
function losingAnswers(http: HttpClient, count: number): HttpClient {
  let left = count;
  return {
    ...http,
    async send(request) {
      const reply = await http.send(request);
      if (request.method !== 'POST' || !request.url.endsWith('/key-managers') || left-- <= 0) return reply;
      const { UnreachableError } = await import('../../src/errors.js');
      throw new UnreachableError({
        code: 'SERVER_UNREACHABLE',
        message: 'the connection failed (UND_ERR_SOCKET)',
        hint: '',
      });
    },
  };
}

test.run();
