import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHttpClient } from '../../src/http/client.js';
import type { KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import { FINGERPRINT_KEY } from '../../src/key-manager/fingerprint.js';
import { Secret } from '../../src/secret.js';
import { anyStep } from '../../src/step/step.js';
import { ADMIN_API } from '../sandbox/apim/stand-in.js';
import { at, IDENTITY } from '../sandbox/is7/stand-in.js';
import { stepOf } from './given-step.js';
import { applyAll, type Pair, withPair } from './pair.js';

const KEY_MANAGERS = `${ADMIN_API}/key-managers`;
const { signal } = new AbortController();

/** Everything that can be declared, with a value of its own. */
function everything({ declaration }: Pair): KeyManagerDeclaration {
  return {
    ...declaration,
    displayName: 'Login',
    description: 'Ours',
    claimMapping: [{ remoteClaim: 'http://wso2.org/claims/role', localClaim: 'role' }],
    tokenValidation: [{ type: 'JWT', value: { iss: 'x' }, enable: true }],
    enableTokenEncryption: false,
    enableTokenHashing: false,
    permissions: { permissionType: 'ALLOW', roles: ['Internal/creator', 'Internal/publisher'] },
    allowedOrganizations: ['ALL'],
    tokenType: 'BOTH',
    alias: 'https://apim.example/oauth2/token',
  };
}

/** Another value of the same kind. */
function drifted(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return value.slice(1);
  if (typeof value === 'object' && value !== null) return { ...value, type: 'PEM', permissionType: 'DENY' };
  return `${value}-by-hand`;
}

test('drift in each field, each connector key, is found, shown and mended', () =>
  withPair({}, async (pair) => {
    const declaration = everything(pair);
    const step = anyStep(stepOf({ ...pair, declaration }));
    await applyAll(step);
    const { id, body } = await stored(pair);
    const { name, type, connector, tokenType, ...fields } = declaration;
    assert.equal([name, type, tokenType], ['WSO2-IS-7', 'WSO2-IS-7', 'BOTH']);
    for (const field of [...Object.keys(fields), 'tokenType']) {
      const value = field === 'tokenType' ? 'DIRECT' : drifted(body[field]);
      await put(pair, id, { ...body, [field]: value });
      await isMended(pair, step, field);
    }
    for (const key of Object.keys(connector).filter((name) => !['Password', 'Authentication'].includes(name))) {
      const additionalProperties = { ...body.additionalProperties, [key]: drifted(body.additionalProperties[key]) };
      await put(pair, id, { ...body, additionalProperties });
      await isMended(pair, step, key);
    }
  }));

async function isMended(pair: Pair, step: ReturnType<typeof anyStep>, field: string): Promise<void> {
  const diff = (await step.diff?.(await step.inspect(signal))) ?? [];
  assert.is(diff.length, 1, diff.join('\n'));
  assert.ok(diff[0]?.startsWith(`~ ${field}`), `${field}: ${diff[0]}`);
  assert.match(diff[0] ?? '', / → | [+-] /);
  const [summary = ''] = await applyAll(step);
  assert.ok(summary.startsWith(`update the Key Manager WSO2-IS-7: ${field}`), `${field}: ${summary}`);
  assert.equal(await applyAll(step), [], `${field} is not mended`);
  assert.ok(pair.calls.length > 0);
}

test('one made by hand in the portal is taken over: equal, it stays untouched; else only what differs changes', () =>
  withPair({}, async (pair) => {
    const { connector, ...fields } = pair.declaration;
    const additionalProperties = { ...connector, Password: 'admin', note: 'by hand' };
    const made = await pair.apim.call('POST', KEY_MANAGERS, { ...fields, alias: 'by hand', additionalProperties });
    assert.is(made.status, 201, made.text);
    assert.equal(await applyAll(anyStep(stepOf(pair))), []);
    assert.not.ok(pair.calls.some((call) => /^(PUT|DELETE)|POST .*key-managers/.test(call)));

    const declaration = { ...pair.declaration, displayName: 'Other' };
    const [summary] = await applyAll(anyStep(stepOf({ ...pair, declaration })));
    assert.is(summary, 'update the Key Manager WSO2-IS-7: displayName');
    const { body } = await stored(pair);
    assert.equal([body['alias'], body.additionalProperties['note']], ['by hand', 'by hand']);
  }));

test('a password that changed is sent, without any knowledge of our own, and only then', () =>
  withPair({}, async (pair) => {
    const withPassword = (password: string) => ({
      ...pair.declaration,
      connector: { ...pair.declaration.connector, Password: new Secret(password) },
    });
    await applyAll(anyStep(stepOf(pair)));
    // Another process, another salt: nothing is remembered here.
    assert.equal(await applyAll(anyStep(stepOf({ ...pair, declaration: withPassword('admin') }))), []);
    const changed = anyStep(stepOf({ ...pair, declaration: withPassword('changed') }));
    assert.equal(await applyAll(changed), ['update the Key Manager WSO2-IS-7: send its secret again']);
    assert.equal(await applyAll(changed), []);
    assert.equal(await applyAll(anyStep(stepOf({ ...pair, declaration: withPassword('changed') }))), []);
    const resent = anyStep(stepOf({ ...pair, declaration: withPassword('changed'), resendSecret: true }));
    assert.equal(await applyAll(resent), ['update the Key Manager WSO2-IS-7: send its secret again']);
    assert.equal(await applyAll(resent), []);
  }));

test('a fingerprint that is gone, or that nobody can read, is no difference', () =>
  withPair({}, async (pair) => {
    await applyAll(anyStep(stepOf(pair)));
    const { id, body } = await stored(pair);
    for (const fingerprint of [undefined, '', 'x', 'scrypt$1$1$1$a$b']) {
      const additionalProperties = { ...body.additionalProperties, [FINGERPRINT_KEY]: fingerprint };
      await put(pair, id, { ...body, additionalProperties });
      assert.equal(await applyAll(anyStep(stepOf(pair))), [], String(fingerprint));
    }
  }));

test('twenty runs at once make one Key Manager, no error, and end in sync', () =>
  withPair({}, async (pair) => {
    for (const round of [1, 2]) {
      const declaration = { ...pair.declaration, name: `race-${round}`, issuer: `https://race-${round}` };
      await Promise.all(Array.from({ length: 20 }, () => oneRun(pair, declaration)));
      const list = at(await pair.apim.call('GET', KEY_MANAGERS), 'list') as { name: string; id: string }[];
      const [found, ...others] = list.filter(({ name }) => name === declaration.name);
      assert.equal(others, []);
      assert.is((await pair.apim.call('GET', `${KEY_MANAGERS}/${found?.id}`)).status, 200);
    }
  }));

/** As a process of its own: connections, token and lists are not shared. */
async function oneRun(pair: Pair, declaration: KeyManagerDeclaration): Promise<void> {
  const http = createHttpClient({ trust: async () => ({ ca: [IDENTITY.cert], pinnedSha256: [] }) });
  try {
    const step = stepOf({ ...pair, http, declaration, declaredHere: new Set(['race-1', 'race-2']) });
    await applyAll(anyStep(step));
    const { actual } = await step.inspect(signal);
    assert.ok(actual);
    assert.equal(await applyAll(anyStep(step)), []);
  } finally {
    await http.close();
  }
}

test('in sync, a run reads and signs in, and changes nothing: at most two requests for each Key Manager beside that', () =>
  withPair({}, async (pair) => {
    await applyAll(anyStep(stepOf(pair)));
    pair.calls.length = 0;
    await applyAll(anyStep(stepOf(pair)));
    assert.equal(
      pair.calls.map((call) => call.replace(/[0-9a-f-]{36}/, '<id>')),
      [
        'POST /client-registration/v0.17/register',
        'POST /oauth2/token',
        'GET /api/am/admin/v4/settings',
        'GET /api/am/admin/v4/key-managers',
        'GET /api/am/admin/v4/key-managers/<id>',
      ],
    );
  }));

interface Body extends Record<string, unknown> {
  readonly additionalProperties: Readonly<Record<string, unknown>>;
}

async function stored({ apim }: Pair): Promise<{ readonly id: string; readonly body: Body }> {
  const list = at(await apim.call('GET', KEY_MANAGERS), 'list') as { id: string; type: string }[];
  const id = list.find(({ type }) => type === 'WSO2-IS-7')?.id ?? '';
  return { id, body: JSON.parse((await apim.call('GET', `${KEY_MANAGERS}/${id}`)).text) as Body };
}

async function put({ apim }: Pair, id: string, body: Body): Promise<void> {
  const reply = await apim.call('PUT', `${KEY_MANAGERS}/${id}`, body);
  assert.is(reply.status, 200, reply.text);
}

test.run();
