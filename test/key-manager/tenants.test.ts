import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apiOf } from '../../sandbox/apim/apis.js';
import { defaultKeyManager, type KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import { Secret } from '../../src/secret.js';
import { anyStep } from '../../src/step/step.js';
import { DEVPORTAL } from '../sandbox/apim/stand-in.js';
import { at, basic } from '../sandbox/is7/stand-in.js';
import { stepOf } from './given-step.js';
import { applyAll, type Pair, TENANT_PASSWORD, thrownBy, withPair } from './pair.js';

const { signal } = new AbortController();
const TENANT = 'a.example';
const ADMIN = { username: `admin@${TENANT}`, password: new Secret(TENANT_PASSWORD) };
const SERVERS = { tenants: [TENANT, 'b.example'] };

test('a tenant of IS 7 is the Key Manager of a tenant of API Manager, proved through the gateway', () =>
  withPair(SERVERS, async (pair) => {
    const step = stepIn(pair, {}, 'gateway');
    const [summary] = await applyAll(anyStep(step));
    assert.match(summary ?? '', `issuer ${pair.is7.url}/t/${TENANT}/oauth2/token`);
    const codes = (await step.prove?.(signal))?.map(({ code }) => code);
    assert.equal(codes, ['PROOF_REVOCATION_OFF']);
    assert.ok(pair.calls.includes(`POST /t/${TENANT}/oauth2/introspect`));
    const headers = basic(ADMIN.username, TENANT_PASSWORD);
    const applications = await pair.apim.call('GET', `${DEVPORTAL}/applications`, undefined, headers);
    assert.is(at(applications, 'count'), 0);
  }));

const wrong: [
  title: string,
  declared: (pair: Pair) => Partial<KeyManagerDeclaration>,
  code: string,
  message: RegExp,
][] = [
  [
    'the account of another tenant',
    ({ declaration }) => ({
      connector: { ...declaration.connector, Username: 'admin@b.example', Password: ADMIN.password },
    }),
    'PROOF_CREDENTIALS',
    /refuses the connector's user admin@b\.example and its password at https:.*\/t\/a\.example\/oauth2\/introspect/,
  ],
  [
    'the key set of another tenant',
    ({ is7 }) => ({ certificates: { type: 'JWKS', value: `${is7.url}/t/b.example/oauth2/jwks` } }),
    'PROOF_JWKS',
    /\/t\/b\.example\/oauth2\/jwks: the key of its token \(kid .*\) is not in it/,
  ],
  [
    'the issuer of the first tenant',
    ({ is7 }) => ({ issuer: `${is7.url}/oauth2/token` }),
    'ISSUER_MISMATCH',
    /but https:.*\/t\/a\.example\/oauth2\/token\/\.well-known\/openid-configuration says https:.*\/t\/a\.example/,
  ],
  [
    'a tenant that IS 7 does not have',
    ({ is7 }) => ({ wellKnownEndpoint: `${is7.url}/t/c.example/oauth2/token/.well-known/openid-configuration` }),
    'PROOF_UNREACHABLE',
    /does not reach https:.*\/t\/c\.example\/.* and from here it answers 404/,
  ],
];

for (const [title, declared, code, message] of wrong) {
  test(`${code} in a tenant: ${title}`, () =>
    withPair(SERVERS, async (pair) => {
      const step = stepIn(pair, declared(pair), 'token');
      await applyAll(anyStep(step));
      const error = await thrownBy(step.prove?.(signal) ?? Promise.resolve());
      assert.is(error.code, code, error.message);
      assert.match(error.message, message);
    }));
}

function stepIn(pair: Pair, declared: Partial<KeyManagerDeclaration>, level: 'token' | 'gateway') {
  const { is7, apim, http, account } = pair;
  const { id, context } = apiOf(TENANT);
  const base = defaultKeyManager({
    is7Url: is7.url,
    publicUrl: is7.url,
    tenant: TENANT,
    login: ADMIN,
    roleCreation: false,
  });
  return stepOf({
    account: { ...account, ...ADMIN },
    http,
    declaration: { ...base, ...declared },
    level,
    proof: { gateway: { http, url: `${apim.gatewayUrl}${context}/hello`, apiId: id } },
  });
}

test.run();
