import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import type { ProofOptions } from '../../src/key-manager/proof.js';
import { Secret } from '../../src/secret.js';
import { anyStep } from '../../src/step/step.js';
import { DEVPORTAL } from '../sandbox/apim/stand-in.js';
import { at, IDENTITY, selfSigned } from '../sandbox/is7/stand-in.js';
import { stepOf } from './given-step.js';
import { applyAll, declarationAt, type Pair, type PairOptions, thrownBy, withPair } from './pair.js';

/** A link that is broken, on servers that answer with the general errors of the real ones. */
interface Broken {
  readonly title: string;
  readonly servers?: PairOptions;
  readonly declared?: (pair: Pair) => Partial<KeyManagerDeclaration>;
  readonly proof?: Partial<ProofOptions>;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const another = selfSigned();
const elsewhere = selfSigned(undefined, 'elsewhere.example');
const MINUTE_MS = 60_000;

const links: readonly Broken[] = [
  {
    title: 'IS 7 is not reached',
    declared: ({ is7 }) => ({ ...declarationAt('https://localhost:1'), issuer: `${is7.url}/oauth2/token` }),
    code: 'PROOF_UNREACHABLE',
    message:
      /API Manager does not reach https:\/\/localhost:1\/.*and not from here either: .*nothing listens on port 1/,
    hint: /whether Identity Server is up/,
  },
  {
    title: 'its certificate is not trusted',
    servers: { trusted: [] },
    proof: { trustedByApim: async () => false },
    code: 'PROOF_UNTRUSTED',
    message: /does not trust the certificate of Identity Server: it is not in API Manager's truststore/,
    hint: /apply --only trust\/apim, then restart/,
  },
  {
    title: 'its certificate is not trusted, and the truststore is elsewhere',
    servers: { trusted: [] },
    code: 'PROOF_UNTRUSTED',
    message: /does not trust the certificate of Identity Server, or does not reach it; from here it answers/,
    hint: /PKIX/,
  },
  {
    title: 'it is trusted, but API Manager does not get there',
    servers: { trusted: [] },
    proof: { trustedByApim: async () => true },
    code: 'PROOF_UNREACHABLE',
    message: /though it answers here and its certificate is trusted/,
    hint: /truststore was changed while it ran, restart/,
  },
  {
    title: 'its certificate is for another host',
    servers: { identity: elsewhere },
    code: 'PROOF_HOST_MISMATCH',
    message: /certificate is not for the host localhost \(it is for DNS:elsewhere\.example\)/,
    hint: /host name that the certificate covers/,
  },
  {
    title: 'the password of the connector is wrong',
    declared: ({ declaration }) => ({ connector: { ...declaration.connector, Password: new Secret('wr0ng') } }),
    code: 'PROOF_CREDENTIALS',
    message: /refuses the connector's user admin and its password/,
    hint: /is7\.password/,
  },
  {
    title: 'the account may not register clients',
    servers: { conduct: { registration: 'forbidden' } },
    code: 'PROOF_REGISTRATION',
    message: /does not let the user admin register clients at https:.*\(403\)/,
    hint: /right to register/,
  },
  {
    title: 'there is no client registration at that address',
    declared: ({ is7 }) => ({ clientRegistrationEndpoint: `${is7.url}/keymanager-operations/dcr/register` }),
    code: 'PROOF_REGISTRATION',
    message: /there is no client registration at .*\/keymanager-operations\/dcr\/register \(401\)/,
    hint: /\/api\/identity\/oauth2\/dcr\/v1\.1\/register/,
  },
  {
    title: 'the token endpoint is wrong',
    declared: ({ is7 }) => ({ tokenEndpoint: `${is7.url}/oauth2/tokens` }),
    code: 'PROOF_UNREACHABLE',
    message: /does not reach .*\/oauth2\/tokens, and from here it answers 401/,
    hint: /Identity Server is up/,
  },
  {
    title: 'the issuer is another',
    declared: () => ({ issuer: 'https://login.example/oauth2/token' }),
    code: 'ISSUER_MISMATCH',
    message:
      /has the issuer https:\/\/login\.example\/oauth2\/token, but https:\/\/localhost.* says https:\/\/localhost/,
    hint: /is7\.public_url/,
  },
  {
    title: 'there is no key set at that address',
    declared: ({ is7 }) => ({ certificates: { type: 'JWKS', value: `${is7.url}/oauth2/keys` } }),
    code: 'PROOF_JWKS',
    message: /its key set https:.*\/oauth2\/keys: it answers 401 and no key set/,
    hint: /\/oauth2\/jwks/,
  },
  {
    title: 'the certificate is not the one that signs',
    declared: () => ({ certificates: { type: 'PEM', value: Buffer.from(another.cert).toString('base64') } }),
    code: 'PROOF_JWKS',
    message: /the declared certificate did not sign its token/,
    hint: /not the one for TLS/,
  },
  {
    title: 'opaque tokens and self-validation',
    servers: { conduct: { tokens: 'opaque' } },
    code: 'PROOF_VALIDATION',
    message: /validate tokens itself, but Identity Server gives opaque ones/,
    hint: /validation = "introspection"/,
  },
  {
    title: 'the application is not named where it is looked for',
    declared: () => ({ consumerKeyClaim: 'cid' }),
    code: 'PROOF_VALIDATION',
    message: /claim cid is missing/,
    hint: /azp/,
  },
  {
    title: 'a scope is not authorized',
    servers: { conduct: { authorizedScopes: ['read'] } },
    proof: { scopes: ['read', 'write'] },
    code: 'PROOF_SCOPE',
    message: /its tokens have only read in the claim scope \(asked for: write\)/,
    hint: /authorize_all_scopes/,
  },
  {
    title: 'the clock of IS 7 is ahead',
    servers: { conduct: { clockAheadMs: 10 * MINUTE_MS } },
    code: 'PROOF_CLOCK_SKEW',
    message: /not valid yet for API Manager: the clock of Identity Server is (599|600|601) s ahead of its own/,
    hint: /NTP/,
  },
  {
    title: 'the clock of IS 7 is behind',
    servers: { conduct: { clockAheadMs: -70 * MINUTE_MS } },
    code: 'PROOF_CLOCK_SKEW',
    message: /expired for API Manager: the clock of Identity Server is 4\d\d\d s behind its own/,
    hint: /NTP/,
  },
];

const { signal } = new AbortController();

for (const { title, servers = {}, declared = () => ({}), proof = {}, code, message, hint } of links) {
  test(`${code}: ${title}`, () =>
    withPair(servers, async (pair) => {
      const { http, account } = pair;
      const declaration = { ...pair.declaration, ...declared(pair) };
      const step = stepOf({ account, http, declaration, level: 'token', patienceMs: 1_000, proof });
      await applyAll(anyStep(step));
      const error = await thrownBy(step.prove?.(signal) ?? Promise.resolve());
      assert.is(error.code, code, error.message);
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
      assert.not.match(error.message, 'wr0ng');
      assert.is(await applicationsAt(pair), 0);
    }));
}

test('nothing broken: the token is checked, introspected and revoked, and nothing stays', () =>
  withPair({ trusted: [IDENTITY.cert] }, async (pair) => {
    const { http, account, declaration, calls } = pair;
    const step = stepOf({ account, http, declaration, level: 'token', proof: { scopes: ['read'] } });
    await applyAll(anyStep(step));
    calls.length = 0;
    assert.equal(await step.prove?.(signal), []);
    assert.is(await applicationsAt(pair), 0);
    const asked = new Set(calls);
    for (const call of ['GET /oauth2/jwks', 'POST /oauth2/introspect', 'POST /oauth2/revoke'])
      assert.ok(asked.has(call));
  }));

test('opaque tokens are fine when the gateway introspects', () =>
  withPair({ conduct: { tokens: 'opaque' } }, async ({ http, account, declaration: base }) => {
    const declaration = { ...base, enableSelfValidationJWT: false };
    const step = stepOf({ account, http, declaration, level: 'token' });
    await applyAll(anyStep(step));
    assert.equal(await step.prove?.(signal), []);
  }));

test('one that can give no keys as declared is not proved, and that is said', () =>
  withPair({}, async ({ http, account, declaration }) => {
    for (const change of [{ enabled: false }, { enableOAuthAppCreation: false }, { tokenType: 'EXCHANGED' as const }]) {
      const step = stepOf({ account, http, declaration: { ...declaration, ...change }, level: 'token' });
      assert.equal(
        (await step.prove?.(signal))?.map(({ code }) => code),
        ['PROOF_SKIPPED'],
      );
    }
  }));

async function applicationsAt({ apim }: Pair): Promise<unknown> {
  return at(await apim.call('GET', `${DEVPORTAL}/applications`), 'count');
}

test.run();
