import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type BootstrapError, UnreachableError } from '../../src/errors.js';
import type { HttpClient } from '../../src/http/client.js';
import type { ProofLevel } from '../../src/key-manager/proof.js';
import type { Notice } from '../../src/step/step.js';
import { type Answer, APIM_PASSWORD, IS7_PASSWORD, refusal, type World, withServers } from './fake-servers.js';
import { stepOf } from './given-step.js';

const APPLICATIONS = '/api/am/devportal/v3/applications';
const DISCOVER = 'POST /api/am/admin/v4/key-managers/discover';
const INTERNAL = refusal(500, 500, 'Internal server error', 'The server encountered an internal error.');
const NOT_LOADED = refusal(400, 901403, 'Key Manager not registered', 'Key Manager WSO2-IS-7 not configured');

test('off sends nothing at all', () =>
  withProof('off', async (world, prove) => {
    assert.equal(await prove(), []);
    assert.equal(world.calls, []);
  }));

test('token: discovery, keys and a token through the Key Manager, and nothing stays behind', () =>
  withProof('token', async (world, prove) => {
    assert.equal(await prove(), []);
    assert.match(String(world.bodies.get(DISCOVER)), `${world.url}/oauth2/token/.well-known/openid-configuration`);
    assert.ok(world.calls.some((call) => call.endsWith('/generate-token')));
    assert.ok(world.calls.some((call) => /^DELETE .*\/oauth-keys\/[^/]+$/.test(call)));
    assert.is(world.applications.size, 0);
  }));

test('keys: no token is asked for', () =>
  withProof('keys', async (world, prove) => {
    assert.equal(await prove(), []);
    assert.is(
      world.calls.some((call) => call.endsWith('/generate-token')),
      false,
    );
    assert.is(world.applications.size, 0);
  }));

test('while the Key Manager loads, each try uses an application of its own', () =>
  withProof(
    'token',
    async (world, prove) => {
      world.loadingFailures = [INTERNAL, NOT_LOADED];
      assert.equal(await prove(), []);
      assert.is(count(world, `POST ${APPLICATIONS}`), 3);
      assert.is(world.applications.size, 0);
    },
    { patienceMs: 10_000 },
  ));

test('a Key Manager that never loads is told with the likely causes', () =>
  withProof('token', async (world, prove) => {
    world.loadingFailures = Array.from({ length: 99 }, () => NOT_LOADED);
    const error = await failure(prove());
    assert.is(error.code, 'PROOF_FAILED');
    assert.match(error.message, /generates no keys after 1 s \(API Manager answers 400, code 901403\)/);
    assert.match(error.hint, /could not load it: restart it/);
    assert.is(world.applications.size, 0);
  }));

test('a wrong connector password is told at once, with the user and what to do', () =>
  withProof('token', async (world, prove) => {
    world.is7Password = 'another';
    const error = await failure(prove());
    assert.is(error.code, 'PROOF_CREDENTIALS');
    assert.match(error.message, /Identity Server refuses the connector's user is7-admin and its password/);
    assert.match(error.hint, /is7\.password /);
    assert.is(count(world, `POST ${APPLICATIONS}`), 0);
    assert.is(world.applications.size, 0);
  }));

test('when Identity Server cannot be trusted from here either, that is what is said', () =>
  withProof(
    'token',
    async (world, prove) => {
      world.is7Password = 'another';
      const error = await failure(prove());
      assert.is(error.code, 'PROOF_UNTRUSTED');
      assert.match(error.message, /is not the one that is known here either/);
      assert.is(world.applications.size, 0);
    },
    { reach: 'is7-out-of-reach' },
  ));

test('where Identity Server cannot be reached from, what API Manager proves counts, and the rest is said to be unchecked', () =>
  withProof(
    'token',
    async (world, prove) => {
      const notices = await prove();
      assert.equal([...new Set(notices.map(({ code }) => code))], ['PROOF_UNCHECKED']);
      assert.is(notices.length, 3);
      assert.is(world.applications.size, 0);
    },
    { reach: 'is7-out-of-reach' },
  ));

test('an older password stored at API Manager is told apart from a wrong one', () =>
  withProof('token', async (world, prove) => {
    const [body] = [...world.keyManagers.values()];
    Object.assign(body?.additionalProperties ?? {}, { Password: 'older' });
    const error = await failure(prove());
    assert.is(error.code, 'PROOF_FAILED');
    assert.match(
      error.hint,
      /accepts the declared account, so API Manager may have an older password.*--resend-secret/,
    );
  }));

test('keys that are refused for a reason that nobody knows are not asked for again', () =>
  withProof('keys', async (world, prove) => {
    world.loadingFailures = [refusal(400, 900967, 'Something', 'else')];
    const error = await failure(prove());
    assert.is(error.code, 'PROOF_FAILED');
    assert.match(error.message, /code 900967: Something: else/);
    assert.match(error.hint, /log/);
    assert.is(count(world, `POST ${APPLICATIONS}`), 1);
    assert.is(world.applications.size, 0);
  }));

const discoveries: [title: string, answer: Answer, code: string, message: RegExp, hint: RegExp][] = [
  [
    'a failure inside means no trust or no way',
    INTERNAL,
    'PROOF_UNREACHABLE',
    /API Manager does not reach https:.*openid-configuration, and from here it answers 401/,
    /resolves that name/,
  ],
  [
    'a document that is not valid',
    { status: 200, body: { valid: false } },
    'PROOF_UNREACHABLE',
    /does not reach/,
    /truststore was changed/,
  ],
  [
    'another issuer',
    { status: 200, body: { valid: true, value: { issuer: 'https://x' } } },
    'ISSUER_MISMATCH',
    /but https.* says https:\/\/x$/,
    /is7\.public_url/,
  ],
  ['no right to it', refusal(403, 403, 'Forbidden', ''), 'API_REFUSED', /discover was refused with 403/, /role admin/],
];

for (const [title, answer, code, message, hint] of discoveries) {
  test(`discovery through API Manager: ${title}`, () =>
    withProof('token', async (world, prove) => {
      world.override[DISCOVER] = () => answer;
      const error = await failure(prove());
      assert.is(error.code, code);
      assert.match(error.message, message);
      assert.match(error.hint, hint);
      assert.is(count(world, `POST ${APPLICATIONS}`), 0);
    }));
}

test('a token of another issuer fails, and the application is removed', () =>
  withProof('token', async (world, prove) => {
    world.tokenIssuer = 'https://proxy:443/oauth2/token';
    const error = await failure(prove());
    assert.is(error.code, 'ISSUER_MISMATCH');
    assert.match(error.message, /its token says https:\/\/proxy:443\/oauth2\/token/);
    assert.is(world.applications.size, 0);
  }));

test('a token that is refused fails, and the application is removed', () =>
  withProof('token', async (world, prove) => {
    const [keysCall] = [/generate-token$/];
    world.override = new Proxy(
      {},
      { get: (_none, call) => (keysCall?.test(String(call)) ? () => INTERNAL : undefined) },
    );
    const error = await failure(prove());
    assert.is(error.code, 'PROOF_FAILED');
    assert.match(error.message, /made keys, but API Manager got no token/);
    assert.is(world.applications.size, 0);
  }));

test('an abort in the middle removes the application and gives the reason', () =>
  withProof('token', async (world, prove) => {
    const controller = new AbortController();
    const reason = new Error('stopped');
    world.loadingFailures = Array.from({ length: 9 }, () => NOT_LOADED);
    world.override[`POST ${APPLICATIONS}`] = () => {
      setTimeout(() => controller.abort(reason), 5);
      return undefined;
    };
    assert.is(await failure(prove(controller.signal)), reason);
    assert.is(world.applications.size, 0);
  }));

test('an application whose creation was cut off is found by its name and removed', () =>
  withProof('token', async (world, prove) => {
    const controller = new AbortController();
    world.override[`POST ${APPLICATIONS}`] = () => {
      const { name } = JSON.parse(String(world.bodies.get(`POST ${APPLICATIONS}`))) as { name: string };
      world.applications.set('late', { name, keys: new Set() });
      world.applications.set('theirs', { name: 'theirs', keys: new Set() });
      controller.abort();
      return { status: 200, body: '' };
    };
    await failure(prove(controller.signal));
    assert.equal([...world.applications.keys()], ['theirs']);
  }));

test('an application that cannot be removed is named in a notice', () =>
  withProof('keys', async (world, prove) => {
    world.override = new Proxy(
      {},
      { get: (_none, call) => (/^DELETE .*applications\/[^/]+$/.test(String(call)) ? () => INTERNAL : undefined) },
    );
    const [notice] = await prove();
    const [left] = [...world.applications.values()];
    assert.is(notice?.code, 'PROOF_LEFTOVER');
    assert.match(notice?.message ?? '', left?.name ?? 'no application is left');
  }));

/** A way to Identity Server that leads nowhere. */
const DEAF: HttpClient = {
  send: async ({ url }) => {
    throw new UnreachableError({ code: 'TLS_UNTRUSTED', message: `${url}: nobody there`, hint: 'none' });
  },
  close: async () => {},
};

type Prove = (signal?: AbortSignal) => Promise<readonly Notice[]>;

/** Lends servers on which the Key Manager has just been created, with the calls so far forgotten. */
async function withProof(
  proof: ProofLevel,
  use: (world: World, prove: Prove) => Promise<void>,
  {
    reach = 'both',
    patienceMs = 1_000,
  }: { readonly reach?: 'both' | 'is7-out-of-reach'; readonly patienceMs?: number } = {},
): Promise<void> {
  await withServers(async (world, http, { account, declaration }) => {
    const { signal } = new AbortController();
    const step = stepOf({
      account,
      http,
      ...(reach === 'both' ? {} : { is7Http: DEAF }),
      declaration,
      level: proof,
      patienceMs,
    });
    for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
    world.calls.length = 0;
    await use(world, async (stop = signal) => (await step.prove?.(stop)) ?? []);
  });
}

function count(world: World, call: string): number {
  return world.calls.filter((made) => made === call).length;
}

async function failure(promise: Promise<unknown>): Promise<BootstrapError> {
  try {
    await promise;
  } catch (error) {
    const { message, hint } = error as BootstrapError;
    for (const printed of [message, hint]) {
      assert.is(printed?.includes(IS7_PASSWORD) || printed?.includes(APIM_PASSWORD) || false, false, printed);
    }
    return error as BootstrapError;
  }
  return assert.unreachable('it did not fail') as never;
}

test.run();
