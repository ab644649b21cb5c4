import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { patient } from '../../support/patience.js';
import { ADMIN, at, basic } from '../is7/stand-in.js';
import { ADMIN_API, outcome, tokenWith, withApim } from './stand-in.js';

const HEALTH = '/api/am/gateway/v2/server-startup-healthcheck';
const DCR = '/client-registration/v0.17/register';
const PROFILE = { clientName: 'a b-1', owner: 'admin', grantType: 'password authorization_code', saasApp: true };

/** Longer than four requests take, however busy the machine. */
const LAG_MS = patient(1_000);

test('the health check is 500 at first, and client registration comes a little later still', () =>
  withApim({ pace: { startupMs: LAG_MS, registrationLagMs: LAG_MS } }, async ({ call, httpUrl }) => {
    assert.is((await call('GET', HEALTH, undefined, {})).status, 500);
    assert.is((await call('GET', '/services/Version', undefined, {})).status, 200);
    assert.match(await (await fetch(`${httpUrl}/services/Version`)).text(), 'WSO2 API Manager-4.5.0');
    await wait(LAG_MS + 50);
    assert.is((await call('GET', HEALTH, undefined, {})).status, 200);
    assert.is((await call('POST', DCR, PROFILE)).status, 500);
    await wait(LAG_MS + 50);
    assert.is((await call('POST', DCR, PROFILE)).status, 200);
  }));

test('a client name that is known returns its client, secret included, and keeps its grants', () =>
  withApim({}, async ({ call }) => {
    const first = await call('POST', DCR, PROFILE);
    const second = await call('POST', DCR, { ...PROFILE, grantType: 'client_credentials' });
    assert.is(second.text, first.text);
    assert.is(JSON.parse(String(at(first, 'jsonString'))).grant_types, 'password');
  }));

test('what client registration refuses', () =>
  withApim({}, async ({ call }) => {
    const cases: [Record<string, unknown>, Record<string, string>, number][] = [
      [PROFILE, basic('admin', 'wrong'), 401],
      [PROFILE, {}, 401],
      [{ ...PROFILE, clientName: 'a/b' }, ADMIN, 400],
      [{ ...PROFILE, owner: '' }, ADMIN, 400],
      [{ ...PROFILE, owner: 'nobody' }, ADMIN, 403],
      [{ ...PROFILE, grantType: null }, ADMIN, 500],
      [{ ...PROFILE, grant: 'x' }, ADMIN, 400],
    ];
    for (const [body, headers, status] of cases) {
      assert.equal(outcome(await call('POST', DCR, body, headers)), [status, status], JSON.stringify(body));
    }
  }));

test('what the token endpoint refuses', () =>
  withApim({}, async ({ call, send }) => {
    const registered = await call('POST', DCR, PROFILE);
    const client = basic(String(at(registered, 'clientId')), String(at(registered, 'clientSecret')));
    const password = { grant_type: 'password', username: 'admin', password: 'admin' };
    const cases: [Record<string, string>, Record<string, string>, number, string][] = [
      [password, basic('nobody', 'x'), 401, 'invalid_client'],
      [{ ...password, password: 'x' }, client, 400, 'invalid_grant'],
      [{ grant_type: 'client_credentials' }, client, 400, 'unauthorized_client'],
      [{ grant_type: 'magic' }, client, 400, 'unsupported_grant_type'],
    ];
    for (const [fields, headers, status, error] of cases) {
      const reply = await send({ method: 'POST', path: '/oauth2/token', headers, body: new URLSearchParams(fields) });
      assert.equal([reply.status, at(reply, 'error')], [status, error], JSON.stringify(fields));
    }
  }));

test('each operation wants its own scope, and whatever is wrong with the token is the same 401', () =>
  withApim({}, async (apim) => {
    const manage = await tokenWith(apim, 'apim:keymanagers_manage unknown:scope');
    assert.is((await apim.call('GET', `${ADMIN_API}/key-managers`, undefined, manage)).status, 200);
    const refused = [
      await apim.call('GET', `${ADMIN_API}/settings`, undefined, manage),
      await apim.call('DELETE', `${ADMIN_API}/key-managers/x`, undefined, manage),
      await apim.call('GET', `${ADMIN_API}/key-managers`, undefined, { authorization: 'Bearer nothing' }),
      await apim.call('GET', `${ADMIN_API}/key-managers`, undefined, {}),
    ];
    for (const reply of refused) {
      assert.is(reply.status, 401);
      assert.equal([at(reply, 'code'), at(reply, 'description')], [401, 'Unauthenticated request']);
    }
  }));

test.run();
