import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpReply } from '../../../src/http/client.js';
import { ADMIN, at, basic, type StandIn, withIs7 } from './stand-in.js';

const DCR = '/api/identity/oauth2/dcr/v1.1/register';
const JSON_TYPE = { 'content-type': 'application/json' };

function register({ send }: StandIn, body: unknown): Promise<HttpReply> {
  return send({ method: 'POST', path: DCR, headers: { ...ADMIN, ...JSON_TYPE }, body: JSON.stringify(body) });
}

async function registeredClient(is7: StandIn, name: string, grants: readonly string[]) {
  const reply = await register(is7, { client_name: name, grant_types: grants });
  assert.is(reply.status, 201);
  return { id: String(at(reply, 'client_id')), secret: String(at(reply, 'client_secret')) };
}

function form(fields: Record<string, string>): URLSearchParams {
  return new URLSearchParams(fields);
}

test('discovery stands below the issuer, names the wrong user info endpoint, and is closed at the root', () =>
  withIs7(async ({ url, send }) => {
    const found = await send({ method: 'GET', path: '/oauth2/token/.well-known/openid-configuration' });
    assert.is(at(found, 'issuer'), `${url}/oauth2/token`);
    assert.is(at(found, 'userinfo_endpoint'), `${url}/oauth2/userinfo`);
    assert.is(at(found, 'registration_endpoint'), `${url}${DCR}`);
    assert.is((await send({ method: 'GET', path: '/.well-known/openid-configuration' })).status, 401);
    assert.is((await send({ method: 'GET', path: '/api/health-check/v1.0/health' })).status, 200);
    assert.is((await send({ method: 'GET', path: '/anything' })).status, 401);
    assert.is((await send({ method: 'DELETE', path: '/oauth2/jwks' })).status, 405);
  }));

test('a token of client credentials is signed by the key of the key set and carries what API Manager reads', () =>
  withIs7(async (is7) => {
    const { id, secret } = await registeredClient(is7, 'app', ['client_credentials']);
    const reply = await is7.send({
      method: 'POST',
      path: '/oauth2/token',
      headers: basic(id, secret),
      body: form({ grant_type: 'client_credentials', scope: 'a b' }),
    });
    assert.is(at(reply, 'expires_in'), 3600);
    const [header = '', payload = '', signature = ''] = String(at(reply, 'access_token')).split('.');
    const key = at(await is7.send({ method: 'GET', path: '/oauth2/jwks' }), 'keys', 0) as JsonWebKey;
    const publicKey = createPublicKey({ key, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    assert.ok(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url')));
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    assert.is(claims.iss, `${is7.url}/oauth2/token`);
    assert.equal([claims.azp, claims.aud, claims.scope], [id, id, 'a b']);
    assert.is(JSON.parse(Buffer.from(header, 'base64url').toString()).kid, key['kid']);
  }));

test('what the token endpoint refuses', () =>
  withIs7(async (is7) => {
    const { id, secret } = await registeredClient(is7, 'app', ['client_credentials']);
    const good = basic(id, secret);
    const cases: [Record<string, string>, Record<string, string>, number, string][] = [
      [{ grant_type: 'client_credentials' }, basic(id, 'wrong'), 401, 'invalid_client'],
      [{ grant_type: 'client_credentials' }, basic('nobody', secret), 401, 'invalid_client'],
      [{ grant_type: 'client_credentials' }, basic('CONSOLE', ''), 401, 'invalid_client'],
      [{ grant_type: 'client_credentials' }, {}, 401, 'invalid_client'],
      [{ grant_type: 'implicit' }, good, 400, 'invalid_request'],
      [{ grant_type: 'password', username: 'admin', password: 'admin' }, good, 400, 'unauthorized_client'],
      [{}, good, 400, 'invalid_request'],
    ];
    for (const [fields, headers, status, error] of cases) {
      const reply = await is7.send({ method: 'POST', path: '/oauth2/token', headers, body: form(fields) });
      assert.equal([reply.status, at(reply, 'error')], [status, error], JSON.stringify(fields));
    }
  }));

test('a client lives from registration to deletion, and an unknown one is a bare 401', () =>
  withIs7(async (is7) => {
    const { id } = await registeredClient(is7, 'app', ['client_credentials']);
    const path = `${DCR}/${id}`;
    const body = JSON.stringify({ grant_types: ['password'], redirect_uris: ['https://a', 'https://b'] });
    assert.is((await is7.send({ method: 'PUT', path, headers: { ...ADMIN, ...JSON_TYPE }, body })).status, 200);
    const read = await is7.send({ method: 'GET', path, headers: ADMIN });
    assert.equal(at(read, 'grant_types'), ['password']);
    assert.equal(at(read, 'redirect_uris'), ['regexp=(https://a|https://b)']);
    assert.is(is7.database.findApp(id)?.callbackUrl, 'regexp=(https://a|https://b)');
    assert.is((await is7.send({ method: 'DELETE', path, headers: ADMIN })).status, 204);
    const gone = await is7.send({ method: 'GET', path, headers: ADMIN });
    assert.equal([gone.status, gone.text], [401, '']);
  }));

test('what registration refuses', () =>
  withIs7(async (is7) => {
    await registeredClient(is7, 'app', []);
    const cases: [unknown, string][] = [
      [{ client_name: 'app' }, 'invalid_client_metadata'],
      [{ grant_types: ['password'] }, 'invalid_client_metadata'],
      [{ client_name: 'x', grant_types: 'passwords' }, 'invalid_client_metadata'],
      [{ client_name: 'x', grant_types: ['authorization_code'] }, 'invalid_client_metadata'],
      [{ client_name: 'x', redirect_uris: ['no url'] }, 'invalid_redirect_uri'],
    ];
    for (const [body, error] of cases) {
      const reply = await register(is7, body);
      assert.equal([reply.status, at(reply, 'error')], [400, error], JSON.stringify(body));
    }
    const stranger = await is7.send({ method: 'POST', path: DCR, headers: basic('admin', 'x'), body: '{}' });
    assert.is(stranger.status, 401);
  }));

test('a user token with the scope of a login opens /scim2/Me until it is revoked; one without does not', () =>
  withIs7(async (is7) => {
    const { id, secret } = await registeredClient(is7, 'app', ['password', 'client_credentials']);
    const user = { grant_type: 'password', username: 'admin', password: 'admin', scope: 'internal_login' };
    const ask = { method: 'POST', path: '/oauth2/token', headers: basic(id, secret) } as const;
    const token = String(at(await is7.send({ ...ask, body: form(user) }), 'access_token'));
    const appToken = String(
      at(await is7.send({ ...ask, body: form({ grant_type: 'client_credentials' }) }), 'access_token'),
    );
    const me = (value: string) =>
      is7.send({ method: 'GET', path: '/scim2/Me', headers: { authorization: `Bearer ${value}` } });
    const introspect = async (value: string) =>
      at(
        await is7.send({ ...ask, path: '/oauth2/introspect', headers: ADMIN, body: form({ token: value }) }),
        'active',
      );
    assert.is(at(await me(token), 'userName'), 'admin');
    assert.is((await me(appToken)).status, 403);
    assert.is(await introspect(token), true);
    assert.is((await is7.send({ ...ask, path: '/oauth2/revoke', body: form({ token }) })).status, 200);
    assert.is((await me(token)).status, 401);
    assert.is(await introspect(token), false);
    assert.is(await introspect('a.b.c'), false);
    assert.is((await is7.send({ method: 'GET', path: '/scim2/Me', headers: ADMIN })).status, 200);
    assert.is((await is7.send({ method: 'GET', path: '/scim2/Me' })).status, 401);
    const wrong = await is7.send({ ...ask, body: form({ ...user, password: 'x' }) });
    assert.equal([wrong.status, at(wrong, 'error')], [400, 'invalid_grant']);
  }));

test('a body of more than a megabyte is refused', () =>
  withIs7(async (is7) => {
    const body = 'x'.repeat(1024 * 1024 + 1);
    assert.is((await is7.send({ method: 'POST', path: DCR, headers: ADMIN, body })).status, 413);
  }));

test.run();
