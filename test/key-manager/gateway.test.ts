import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apiOf } from '../../sandbox/apim/apis.js';
import type { HttpClient } from '../../src/http/client.js';
import type { KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import type { GatewayTarget } from '../../src/key-manager/gateway-proof.js';
import type { ProofOptions } from '../../src/key-manager/proof.js';
import { anyStep } from '../../src/step/step.js';
import { ADMIN_API, DEVPORTAL, keyManager } from '../sandbox/apim/stand-in.js';
import { ADMIN, at, IDENTITY } from '../sandbox/is7/stand-in.js';
import { stepOf } from './given-step.js';
import { applyAll, type Pair, type PairOptions, thrownBy, withPair } from './pair.js';

const { signal } = new AbortController();
const API = apiOf(undefined);
const APPLICATIONS = `${DEVPORTAL}/applications`;

interface Case {
  readonly title: string;
  readonly servers?: PairOptions;
  readonly declared?: Partial<KeyManagerDeclaration>;
  readonly target?: Partial<GatewayTarget> & { readonly path?: string };
  readonly proof?: Partial<ProofOptions>;
  /** What somebody else does once the Key Manager is there. */
  readonly after?: (pair: Pair) => Promise<unknown>;
}

interface Good extends Case {
  /** The codes of the notices, and the text of the last. */
  readonly notices: readonly string[];
  readonly said: RegExp;
}

interface Bad extends Case {
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const good: readonly Good[] = [
  {
    title: 'a JWT, by the key set; where revocation is not configured, that is said',
    notices: ['PROOF_REVOCATION_OFF'],
    said: /taken by the gateway until it expires: revocation is not configured/,
  },
  {
    title: 'a JWT, by the certificate that signs',
    declared: { certificates: { type: 'PEM', value: Buffer.from(IDENTITY.cert).toString('base64') } },
    notices: ['PROOF_REVOCATION_OFF'],
    said: /until it expires/,
  },
  {
    title: 'a JWT that is introspected, whose answer is remembered',
    declared: { enableSelfValidationJWT: false },
    notices: ['PROOF_REVOCATION_OFF'],
    said: /until its answer to introspection is forgotten \(900 s\)/,
  },
  {
    title: 'an opaque token, introspected each time',
    servers: { conduct: { tokens: 'opaque' }, toml: { 'apim.cache.gateway_token.expiry_time': '0s' } },
    declared: { enableSelfValidationJWT: false },
    notices: ['PROOF_REVOKED'],
    said: /refused a token of WSO2-IS-7 \d+\.\d s after it was revoked/,
  },
  {
    title: 'a resource with a scope',
    target: { path: '/orders' },
    proof: { scopes: ['orders:read'] },
    notices: ['PROOF_REVOCATION_OFF'],
    said: /until it expires/,
  },
  {
    title: 'a gateway that learns late of a subscription and of a revocation, which is measured',
    servers: { pace: { gatewaySyncMs: 400 } },
    proof: { revocation: 'configured' },
    notices: ['PROOF_REVOKED'],
    said: /refused a token of WSO2-IS-7 (0\.[4-9]|[1-9]\d*\.\d) s after it was revoked/,
  },
];

for (const { notices, said, ...given } of good) {
  test(`the gateway takes ${given.title}`, () =>
    withGateway(given, async (prove, pair) => {
      const found = await prove();
      assert.equal(
        found.map(({ code }) => code),
        notices,
      );
      assert.match(found.at(-1)?.message ?? '', said);
      assert.is(await countOf(pair, APPLICATIONS), 0);
      assert.is(await countOf(pair, `${DEVPORTAL}/subscriptions?apiId=${API.id}`), 0);
    }));
}

const bad: readonly Bad[] = [
  {
    title: 'no API there',
    target: { path: '/nothing' },
    code: 'PROOF_GATEWAY',
    message: /\/sandbox\/1\.0\/nothing answers 404, code 404 to a good token/,
    hint: /no API answers there/,
  },
  {
    title: 'no subscription',
    target: { apiId: '' },
    code: 'PROOF_GATEWAY',
    message: /answers 403, code 900908 to a good token/,
    hint: /Set proof\.api_id/,
  },
  {
    title: 'an API that does not exist',
    target: { apiId: 'none' },
    code: 'PROOF_GATEWAY',
    message: /cannot be subscribed to: GET https:.*\/apis\/none was refused with 404/,
    hint: /proof\.api_id/,
  },
  {
    title: 'a scope that was not asked for',
    target: { path: '/orders' },
    code: 'PROOF_SCOPE',
    message: /answers 403, code 900910/,
    hint: /authorize_all_scopes/,
  },
  {
    title: 'a second Key Manager of this issuer that nobody declared',
    after: ({ apim, is7 }) =>
      apim.call(
        'POST',
        `${ADMIN_API}/key-managers`,
        keyManager(is7.url, { name: 'By Hand', certificates: { type: 'JWKS', value: `${is7.url}/oauth2/none` } }),
      ),
    code: 'PROOF_GATEWAY',
    message: /answers 401, code 900901/,
    hint: /by its issuer: .*whether another Key Manager has this issuer/,
  },
  {
    title: 'a gateway that does not answer',
    target: { url: 'https://localhost:1/sandbox/1.0/hello' },
    code: 'PROOF_GATEWAY',
    message: /no API could be called: https:\/\/localhost:1: nothing listens/,
    hint: /proof\.gateway_url/,
  },
];

for (const { code, message, hint, ...given } of bad) {
  test(`the gateway refuses: ${given.title}`, () =>
    withGateway(given, async (prove, pair) => {
      const error = await thrownBy(prove());
      assert.is(error.code, code, error.message);
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
      assert.is(await countOf(pair, APPLICATIONS), 0);
    }));
}

test('revocation that is configured and never seen is a failure, with where to look', () =>
  withPair({}, async (pair) => {
    const error = await thrownBy(proofOf(pair, pair.http, { proof: { revocation: 'configured' } })());
    assert.is(error.code, 'PROOF_REVOCATION');
    assert.match(error.message, /still took a token \d+\.\d s after it was revoked, although revocation = true/);
    assert.match(error.hint ?? '', /Error while sending Revocation Event/);
    assert.is(await countOf(pair, APPLICATIONS), 0);
  }));

type Prove = () => Promise<readonly { readonly code: string; readonly message: string }[]>;

/** Lends a pair with the Key Manager on it, where Identity Server tells API Manager of each revoked token. */
function withGateway(given: Case, use: (prove: Prove, pair: Pair) => Promise<void>): Promise<void> {
  return withPair(given.servers ?? {}, async (pair) => {
    await use(proofOf(pair, notifying(pair, given), given), pair);
  });
}

function proofOf(pair: Pair, http: HttpClient, { declared, target = {}, proof, after }: Omit<Case, 'title'>): Prove {
  const { account, declaration } = pair;
  const { path = '/hello', ...rest } = target;
  const { apiId = API.id, url = `${pair.apim.gatewayUrl}${API.context}${path}` } = rest;
  const gateway = { http, url, ...(apiId && { apiId }) };
  const step = stepOf({
    account,
    http,
    declaration: { ...declaration, ...declared },
    level: 'gateway',
    patienceMs: 1_500,
    proof: { ...proof, gateway },
  });
  return async () => {
    await applyAll(anyStep(step));
    await after?.(pair);
    return (await step.prove?.(signal)) ?? [];
  };
}

/** What IS 7's event listener does, where the case has it: this pair's IS 7 has no deployment.toml. */
function notifying({ http, apim }: Pair, { proof }: Case): HttpClient {
  if (proof?.revocation !== 'configured') return http;
  return {
    ...http,
    async send(request) {
      const reply = await http.send(request);
      if (request.url.endsWith('/oauth2/revoke')) {
        const token = (request.body as URLSearchParams).get('token') ?? '';
        const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string };
        const headers = { ...ADMIN, 'x-wso2-key-manager': 'WSO2-IS' };
        await apim.call('POST', '/internal/data/v1/notify', { accessToken: jti }, headers);
      }
      return reply;
    },
  };
}

async function countOf({ apim }: Pair, path: string): Promise<unknown> {
  return at(await apim.call('GET', path), 'count');
}

test.run();
