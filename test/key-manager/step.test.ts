import { randomUUID } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import type { HttpClient } from '../../src/http/client.js';
import type { KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import type { keyManagerStep } from '../../src/key-manager/step.js';
import { Secret } from '../../src/secret.js';
import { converges } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';
import type { ApimVersion } from './connector-settings.js';
import { type Answer, APIM_PASSWORD, IS7_PASSWORD, refusal, type World, withServers } from './fake-servers.js';
import { type StepGiven, stepOf } from './given-step.js';

const { signal } = new AbortController();
const REGISTER = 'POST /client-registration/v0.17/register';
const ADMIN = '/api/am/admin/v4';

for (const version of ['4.3', '4.4', '4.5', '4.6'] as const satisfies ApimVersion[]) {
  test(`API Manager ${version}: created, and then in sync`, () =>
    withStep({}, async ({ world, step }) => {
      world.version = version;
      const [summary] = await withTempFolder((folder) => converges(step, folder));
      assert.is(
        summary,
        `create the Key Manager WSO2-IS-7 (WSO2-IS-7, issuer ${world.url}/oauth2/token) in API Manager at ${world.url}`,
      );
      const [stored] = [...world.keyManagers.values()];
      assert.is(stored?.additionalProperties['Password'], IS7_PASSWORD);
    }));
}

test('the step needs both servers up', () =>
  withStep({}, async ({ step }) => {
    assert.is(step.id, 'key-manager/WSO2-IS-7');
    assert.equal(step.needs, ['health/is7', 'health/apim']);
  }));

test('looking sends reads, our one client and a token with the least scopes; many looks sign in once', () =>
  withStep({}, async ({ world, step }) => {
    await step.inspect(signal);
    await step.inspect(signal);
    assert.equal(world.calls, [
      REGISTER,
      'POST /oauth2/token',
      `GET ${ADMIN}/settings`,
      `GET ${ADMIN}/key-managers`,
      // A list is not believed when it lacks what is looked for.
      `GET ${ADMIN}/key-managers`,
    ]);
    assert.equal(JSON.parse(String(world.bodies.get(REGISTER))), {
      callbackUrl: world.url,
      clientName: 'km-bootstrap',
      owner: 'admin',
      grantType: 'password refresh_token',
      saasApp: true,
    });
    const form = new URLSearchParams(String(world.bodies.get('POST /oauth2/token')));
    assert.is(form.get('scope'), 'apim:keymanagers_manage apim:admin_settings');
  }));

test('drift is shown field by field, mended, and what nobody declared stays, the secret too', () =>
  withStep({}, async ({ world, step }) => {
    const id = await createdBy(step, world);
    world.keyManagers.set(id, {
      ...stored(world, id),
      tokenEndpoint: 'https://elsewhere/token',
      availableGrantTypes: ['password', 'custom'],
      description: 'by hand',
      additionalProperties: { ...stored(world, id).additionalProperties, Username: 'other', note: 'by hand' },
    });
    const state = await step.inspect(signal);
    const [change] = step.plan(state);
    assert.is(change?.action, 'update');
    assert.is(change?.summary, 'update the Key Manager WSO2-IS-7: tokenEndpoint, availableGrantTypes, Username');
    const diff = (await step.diff?.(state)) ?? [];
    assert.is(diff[0], `~ tokenEndpoint        https://elsewhere/token → ${world.url}/oauth2/token`);
    assert.match(diff[1] ?? '', /^~ availableGrantTypes {2}\+ client_credentials, .*, - custom$/);
    assert.is(diff[2], '~ Username             other → is7-admin');
    await applyAll(step);
    const sent = JSON.parse(String(world.bodies.get(`PUT ${ADMIN}/key-managers/${id}`)));
    assert.is(sent.additionalProperties.Password, IS7_PASSWORD);
    assert.is(sent.description, 'by hand');
    assert.is(stored(world, id).additionalProperties['note'], 'by hand');
    assert.is(stored(world, id).additionalProperties['Password'], IS7_PASSWORD);
    assert.equal(step.plan(await step.inspect(signal)), []);
  }));

test('a secret that was just sent by a create is not sent again', () =>
  withStep({ resendSecret: true }, async ({ world, step }) => {
    await createdBy(step, world);
    assert.equal(step.plan(await step.inspect(signal)), []);
  }));

test('an older secret at the server is replaced with resend, and only then', () =>
  withStep({ resendSecret: true }, async ({ world, step, declaration }) => {
    const id = randomUUID();
    world.keyManagers.set(id, madeByHand(declaration, { Password: 'old' }));
    const [change] = step.plan(await step.inspect(signal));
    assert.is(change?.summary, 'update the Key Manager WSO2-IS-7: send its secret again');
    await applyAll(step);
    assert.is(stored(world, id).additionalProperties['Password'], IS7_PASSWORD);
    assert.equal(step.plan(await step.inspect(signal)), []);
  }));

test('one made by hand that is equal is taken over without a change', () =>
  withStep({}, async ({ world, step, declaration }) => {
    world.keyManagers.set(randomUUID(), madeByHand(declaration, { Password: 'old' }));
    assert.equal(step.plan(await step.inspect(signal)), []);
  }));

test('losing a race is success: the winner is read again and mended', () =>
  withStep({}, async ({ world, step, declaration }) => {
    const [change] = step.plan(await step.inspect(signal));
    assert.ok(change);
    const id = randomUUID();
    world.keyManagers.set(id, { ...madeByHand(declaration, { Password: 'x' }), displayName: 'Theirs' });
    if (change) await step.apply(change, signal);
    assert.is(world.keyManagers.size, 1);
    assert.is(stored(world, id)['displayName'], 'WSO2 Identity Server 7');
    assert.equal(step.plan(await step.inspect(signal)), []);
  }));

test('a 201 for a Key Manager that is then not listed is not believed', () =>
  withStep({}, async ({ world, step }) => {
    world.override[`POST ${ADMIN}/key-managers`] = () => ({
      status: 201,
      body: { id: randomUUID(), name: 'WSO2-IS-7' },
    });
    const error = await failure(applyAll(step));
    assert.is(error.code, 'KEY_MANAGER_CONFLICT');
    assert.match(error.message, /accepted the Key Manager WSO2-IS-7, but does not list it/);
  }));

test('one of this name and another type is not touched', () =>
  withStep({}, async ({ world, step, declaration }) => {
    world.keyManagers.set(randomUUID(), { ...madeByHand(declaration, {}), type: 'WSO2-IS' });
    const error = await failure(step.inspect(signal));
    assert.is(error.code, 'KEY_MANAGER_CONFLICT');
    assert.match(error.message, /has a Key Manager WSO2-IS-7 of type WSO2-IS, not WSO2-IS-7/);
  }));

test('client registration that is not up yet is tried again', () =>
  withStep({}, async ({ world, step }) => {
    world.registrationsRefused = 2;
    await step.inspect(signal);
    assert.is(world.calls.filter((call) => call === REGISTER).length, 3);
  }));

test('client registration that never comes up ends with what it said', () =>
  withStep({ patienceMs: 300 }, async ({ world, step }) => {
    world.registrationsRefused = 99;
    const error = await failure(step.inspect(signal));
    assert.is(error.code, 'SERVER_NOT_READY');
    assert.match(error.message, /register still answers 500 after 0 s/);
  }));

test('a token that has expired is replaced without a word', () =>
  withStep({}, async ({ world, step }) => {
    await step.inspect(signal);
    let expired = true;
    world.override[`GET ${ADMIN}/key-managers`] = () => {
      if (!expired) return undefined;
      expired = false;
      return refusal(401, 401, '', 'Unauthenticated request');
    };
    await step.inspect(signal);
    assert.is(world.calls.filter((call) => call === 'POST /oauth2/token').length, 2);
  }));

const DUMB: Answer = { status: 200, body: '<!DOCTYPE html><html></html>' };
const failures: [title: string, call: string, answer: Answer, code: string, message: RegExp, hint: RegExp][] = [
  [
    'a wrong password at registration',
    REGISTER,
    refusal(401, 401, 'Unauthorized', ''),
    'CREDENTIALS_REFUSED',
    /refuses the user admin and its password/,
    /apim\.password \(KMB_/,
  ],
  [
    'a wrong password at the token endpoint',
    'POST /oauth2/token',
    { status: 400, body: { error: 'invalid_grant', error_description: 'Authentication failed for admin' } },
    'CREDENTIALS_REFUSED',
    /refuses the user admin/,
    /apim\.username/,
  ],
  [
    'a client of ours that somebody changed',
    'POST /oauth2/token',
    { status: 400, body: { error: 'unauthorized_client', error_description: 'no password grant' } },
    'API_REFUSED',
    /400: unauthorized_client: no password grant/,
    /log/,
  ],
  [
    'an owner that is not the user',
    REGISTER,
    refusal(403, 403, 'Forbidden', 'not the owner'),
    'CREDENTIALS_REFUSED',
    /does not give the user admin the client km-bootstrap/,
    /apim\.authentication = "basic"/,
  ],
  [
    'a page instead of a client',
    REGISTER,
    DUMB,
    'API_REPLY_INVALID',
    /register answered 200 with an HTML page/,
    /apim\.url/,
  ],
  [
    'a client without a secret',
    REGISTER,
    { status: 200, body: { clientId: 'x' } },
    'API_REPLY_INVALID',
    /JSON without clientSecret/,
    /apim\.url/,
  ],
  [
    'a token reply without a token',
    'POST /oauth2/token',
    { status: 200, body: {} },
    'API_REPLY_INVALID',
    /JSON without access_token/,
    /apim\.url/,
  ],
  [
    'an empty list',
    `GET ${ADMIN}/key-managers`,
    { status: 200 },
    'API_REPLY_INVALID',
    /key-managers answered 200 with an empty body/,
    /apim\.url/,
  ],
  [
    'a list that is none',
    `GET ${ADMIN}/key-managers`,
    { status: 200, body: { count: 0 } },
    'API_REPLY_INVALID',
    /JSON without list/,
    /apim\.url/,
  ],
  [
    'settings without connectors',
    `GET ${ADMIN}/settings`,
    { status: 200, body: {} },
    'API_REPLY_INVALID',
    /JSON without keyManagerConfiguration/,
    /apim\.url/,
  ],
  [
    'a connector that is not there',
    `GET ${ADMIN}/settings`,
    { status: 200, body: { keyManagerConfiguration: [] } },
    'CONNECTOR_MISSING',
    /no Key Manager connector of type WSO2-IS-7 \(it has none\)/,
    /4\.3/,
  ],
  [
    'no right to the API',
    `GET ${ADMIN}/settings`,
    refusal(401, 401, '', 'Unauthenticated request'),
    'API_REFUSED',
    /refused with 401: Unauthenticated request/,
    /role admin/,
  ],
  [
    'another server',
    `GET ${ADMIN}/settings`,
    { status: 404, body: '<!DOCTYPE html>' },
    'API_REFUSED',
    /answered 404 with an HTML page/,
    /apim\.url/,
  ],
  [
    '901401 although all was sent',
    `POST ${ADMIN}/key-managers`,
    refusal(400, 901401, 'Required Key Manager configuration missing', ''),
    'API_REFUSED',
    /901401.*: but everything that its settings ask for was sent/,
    /wso2carbon\.log/,
  ],
  [
    'a failure inside',
    `POST ${ADMIN}/key-managers`,
    refusal(500, 500, 'Internal server error', ''),
    'API_REFUSED',
    /500: Internal server error/,
    /wso2carbon\.log/,
  ],
  [
    'a refusal that repeats the password',
    `POST ${ADMIN}/key-managers`,
    refusal(400, 400, 'Bad Request', `at {"Password":"${IS7_PASSWORD}"}`),
    'API_REFUSED',
    /Bad Request: at \{"Password":"\*{5}"\}/,
    /log/,
  ],
];

for (const [title, call, answer, code, message, hint] of failures) {
  test(`${code}: ${title}`, () =>
    withStep({}, async ({ world, step }) => {
      world.override[call] = () => answer;
      const error = await failure(applyAll(step));
      assert.is(error.code, code);
      assert.match(error.message, message);
      assert.match(error.hint, hint);
    }));
}

test('CREDENTIALS_REFUSED: a user without the role admin is told so, with the scope', () =>
  withStep({}, async ({ world, step }) => {
    world.grantedScopes = 'apim:admin_settings default';
    const error = await failure(step.inspect(signal));
    assert.is(error.code, 'CREDENTIALS_REFUSED');
    assert.match(error.message, /does not give the user admin the scope apim:keymanagers_manage$/);
  }));

test('901401 is explained by what the settings ask for by now', () =>
  withStep({}, async ({ world, step, declaration }) => {
    world.version = '4.3';
    const { is7_roles_endpoint: _, ...connector } = declaration.connector;
    Object.assign(declaration, { connector });
    const [change] = step.plan(await step.inspect(signal));
    world.version = '4.4';
    const error = await failure(step.apply(change as never, signal));
    assert.is(error.code, 'API_REFUSED');
    assert.match(
      error.message,
      /901401.*: the connector's api_resource_management_endpoint is not set; the connector's is7_roles_endpoint is not set$/,
    );
    const again = await failure(step.inspect(signal));
    assert.is(again.code, 'KEY_MANAGER_INVALID');
    assert.match(again.message, /the connector's is7_roles_endpoint is not set/);
  }));

test('a server that is down is unreachable, and an abort ends the looking', () =>
  withStep(
    { account: { url: 'https://localhost:1', username: 'admin', password: new Secret('x') } },
    async ({ step }) => {
      assert.is((await failure(step.inspect(signal))).code, 'CONNECTION_REFUSED');
      const reason = new Error('stopped');
      assert.is(await failure(step.inspect(AbortSignal.abort(reason))), reason);
    },
  ));

interface Stage {
  readonly world: World;
  readonly http: HttpClient;
  readonly declaration: KeyManagerDeclaration;
  readonly step: ReturnType<typeof keyManagerStep>;
}

async function withStep(options: Partial<StepGiven>, use: (stage: Stage) => Promise<void>): Promise<void> {
  await withServers(async (world, http, { account, declaration }) => {
    await use({ world, http, declaration, step: stepOf({ account, http, declaration, ...options }) });
  });
}

async function applyAll(step: Stage['step']): Promise<void> {
  for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
}

async function createdBy(step: Stage['step'], world: World): Promise<string> {
  await applyAll(step);
  const [id] = [...world.keyManagers.keys()];
  return id as string;
}

function stored(world: World, id: string) {
  const found = world.keyManagers.get(id);
  assert.ok(found);
  return found as NonNullable<typeof found>;
}

function madeByHand({ connector, ...fields }: KeyManagerDeclaration, properties: Record<string, unknown>) {
  return { ...fields, additionalProperties: { ...connector, ...properties } };
}

/** What was thrown; no secret may be in anything that is printed of it. */
async function failure(promise: Promise<unknown>): Promise<BootstrapError> {
  try {
    await promise;
  } catch (error) {
    const { message, hint, cause } = error as BootstrapError;
    for (const printed of [message, hint, String(cause)]) {
      assert.is(printed?.includes(IS7_PASSWORD) || printed?.includes(APIM_PASSWORD) || false, false, printed);
    }
    return error as BootstrapError;
  }
  return assert.unreachable('it did not fail') as never;
}

test.run();
