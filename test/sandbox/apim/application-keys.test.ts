import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpReply } from '../../../src/http/client.js';
import { patient } from '../../support/patience.js';
import { at, basic, IDENTITY, type StandIn, withIs7 } from '../is7/stand-in.js';
import {
  ADMIN_API,
  type ApimOptions,
  type ApimStandIn,
  connectorSettings,
  DEVPORTAL,
  keyManager,
  outcome,
  withApim,
} from './stand-in.js';

const APPLICATIONS = `${DEVPORTAL}/applications`;

function withPair(options: ApimOptions, use: (apim: ApimStandIn, is7: StandIn) => Promise<void>): Promise<void> {
  return withIs7((is7) => withApim({ trusted: [IDENTITY.cert], ...options }, (apim) => use(apim, is7)));
}

/** Creates a Key Manager and an application; returns the application's path. */
async function prepare({ call }: ApimStandIn, body: Record<string, unknown>): Promise<string> {
  assert.is((await call('POST', `${ADMIN_API}/key-managers`, body)).status, 201);
  const created = await call('POST', APPLICATIONS, { name: `app of ${body['name']}`, throttlingPolicy: 'Unlimited' });
  assert.is(created.status, 201);
  return `${APPLICATIONS}/${at(created, 'applicationId')}`;
}

function generate({ call }: ApimStandIn, application: string, keyManagerName: unknown = 'IS7'): Promise<HttpReply> {
  return call('POST', `${application}/generate-keys`, {
    keyType: 'PRODUCTION',
    keyManager: keyManagerName,
    grantTypesToBeSupported: ['client_credentials'],
  });
}

test('keys are a real client at IS 7, with a real token, and go with the application', () =>
  withPair({}, async (apim, is7) => {
    const application = await prepare(apim, keyManager(is7.url));
    const keys = await generate(apim, application);
    assert.is(keys.status, 200, keys.text);
    const [consumerKey, consumerSecret] = [String(at(keys, 'consumerKey')), String(at(keys, 'consumerSecret'))];
    const id = application.split('/').at(-1);
    assert.is(is7.database.findApp(consumerKey)?.name, `admin_${id}_PRODUCTION`);
    const payload = Buffer.from(String(at(keys, 'token', 'accessToken')).split('.')[1] ?? '', 'base64url');
    assert.equal(
      [JSON.parse(String(payload)).azp, JSON.parse(String(payload)).iss],
      [consumerKey, `${is7.url}/oauth2/token`],
    );

    const token = `${application}/oauth-keys/${at(keys, 'keyMappingId')}/generate-token`;
    const again = await apim.call('POST', token, { consumerSecret, validityPeriod: 3600, scopes: ['s'] });
    assert.equal([at(again, 'tokenScopes'), at(again, 'validityTime')], [['s'], 3600]);
    assert.equal(outcome(await apim.call('POST', token, { consumerSecret })), [500, 500]);
    const wrong = await apim.call('POST', token, { consumerSecret: 'x', validityPeriod: 3600 });
    assert.equal(outcome(wrong), [500, 900967]);
    const direct = await is7.send({
      method: 'POST',
      path: '/oauth2/token',
      headers: basic(consumerKey, consumerSecret),
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    assert.is(direct.status, 200);

    const list = await apim.call('GET', `${application}/oauth-keys`);
    assert.equal(
      [at(list, 'count'), at(list, 'list', 0, 'keyManager'), at(list, 'list', 0, 'consumerSecret')],
      [1, 'IS7', consumerSecret],
    );
    assert.is((await apim.call('DELETE', application)).status, 200);
    assert.is(is7.database.findApp(consumerKey), undefined);
    assert.is((await apim.call('GET', application)).status, 404);
  }));

/** Longer than two requests take, however busy the machine. */
const LOAD_MS = patient(300);

test('a Key Manager that is still loading answers 500, and its mapping row blocks the next try with 409', () =>
  withPair({ pace: { keyManagerLoadMs: LOAD_MS } }, async (apim, is7) => {
    const application = await prepare(apim, keyManager(is7.url));
    assert.equal(outcome(await generate(apim, application)), [500, 900967]);
    await wait(LOAD_MS + 50);
    assert.equal(outcome(await generate(apim, application)), [409, 901409]);
    const list = await apim.call('GET', `${application}/oauth-keys`);
    assert.equal([at(list, 'count'), at(list, 'list', 0, 'consumerKey')], [1, null]);
    const mapping = `${application}/oauth-keys/${at(list, 'list', 0, 'keyMappingId')}`;
    assert.is((await apim.call('POST', `${mapping}/clean-up`)).status, 200);
    assert.is((await generate(apim, application)).status, 200);
  }));

test('an update takes effect only once it is loaded', () =>
  withPair({ pace: { keyManagerLoadMs: LOAD_MS } }, async (apim, is7) => {
    const wrong = keyManager(is7.url, { additionalProperties: connectorSettings(is7.url, { Password: 'wrong' }) });
    const application = await prepare(apim, wrong);
    const id = at(await apim.call('GET', `${ADMIN_API}/key-managers`), 'list', 1, 'id');
    await wait(LOAD_MS + 50);
    assert.is((await apim.call('PUT', `${ADMIN_API}/key-managers/${id}`, keyManager(is7.url))).status, 200);
    assert.equal(outcome(await generate(apim, application)), [500, 900967]);
    const list = await apim.call('GET', `${application}/oauth-keys`);
    assert.is(
      (await apim.call('DELETE', `${application}/oauth-keys/${at(list, 'list', 0, 'keyMappingId')}`)).status,
      200,
    );
    await wait(LOAD_MS + 50);
    assert.is((await generate(apim, application)).status, 200);
  }));

test('each way to a Key Manager that cannot make keys has its own answer', () =>
  withPair({}, async (apim, { url }) => {
    const cases: [string, Record<string, unknown>, readonly [number, number]][] = [
      ['disabled', { enabled: false }, [400, 901403]],
      ['no-creation', { enableOAuthAppCreation: false }, [400, 901405]],
      ['exchange', { tokenType: 'EXCHANGED' }, [400, 901405]],
      ['no-user-info', { userInfoEndpoint: null }, [500, 900967]],
      ['listed', { tokenEndpoint: null, endpoints: [{ name: 'token_endpoint', value: url }] }, [500, 900967]],
      ['unreachable', keyManager('https://localhost:1'), [500, 900967]],
      ['wrong-password', { additionalProperties: connectorSettings(url, { Password: 'wrong' }) }, [500, 900967]],
    ];
    for (const [name, changes, expected] of cases) {
      const application = await prepare(apim, keyManager(url, { ...changes, name }));
      assert.equal(outcome(await generate(apim, application, name)), expected, name);
    }
    const application = await prepare(apim, keyManager(url));
    assert.equal(outcome(await generate(apim, application, 'nobody')), [400, 901403]);
  }));

test('without the certificate exchange no keys are made', () =>
  withPair({ trusted: [] }, async (apim, is7) => {
    const application = await prepare(apim, keyManager(is7.url));
    assert.equal(outcome(await generate(apim, application)), [500, 900967]);
  }));

test('who may use a Key Manager is looked at when it is named by id', () =>
  withPair({}, async (apim, is7) => {
    const permissions = { permissionType: 'DENY', roles: ['admin'] };
    const application = await prepare(apim, keyManager(is7.url, { permissions }));
    const id = at(await apim.call('GET', `${ADMIN_API}/key-managers`), 'list', 1, 'id');
    assert.equal(outcome(await generate(apim, application, id)), [403, 902013]);
    assert.is((await generate(apim, application, 'IS7')).status, 200);
  }));

test('a Key Manager with keys cannot be deleted until they are gone', () =>
  withPair({}, async (apim, is7) => {
    const application = await prepare(apim, keyManager(is7.url));
    const keys = await generate(apim, application);
    const list = await apim.call('GET', `${ADMIN_API}/key-managers`);
    assert.is(at(list, 'list', 1, 'isUsed'), true);
    const path = `${ADMIN_API}/key-managers/${at(list, 'list', 1, 'id')}`;
    assert.equal(outcome(await apim.call('DELETE', path)), [412, 902015]);
    assert.is((await apim.call('DELETE', `${application}/oauth-keys/${at(keys, 'keyMappingId')}`)).status, 200);
    assert.is(is7.database.findApp(String(at(keys, 'consumerKey'))), undefined);
    assert.is((await apim.call('DELETE', path)).status, 200);
  }));

test('applications are listed by name, and a name or a policy that does not fit is refused', () =>
  withApim({}, async ({ call }) => {
    const body = { name: 'one', throttlingPolicy: 'Unlimited' };
    assert.is((await call('POST', APPLICATIONS, body)).status, 201);
    assert.is((await call('POST', APPLICATIONS, { ...body, name: 'two' })).status, 201);
    assert.equal(outcome(await call('POST', APPLICATIONS, body)), [409, 409]);
    assert.equal(outcome(await call('POST', APPLICATIONS, { ...body, throttlingPolicy: 'Some' })), [400, 400]);
    assert.equal(outcome(await call('POST', APPLICATIONS, { name: 'x' })), [400, 400]);
    assert.is(at(await call('GET', `${APPLICATIONS}?query=tw`), 'list', 0, 'name'), 'two');
    assert.is(at(await call('GET', `${APPLICATIONS}?limit=1`), 'pagination', 'total'), 2);
  }));

test('the Developer Portal shows the endpoints that are meant to be shown', () =>
  withApim({}, async ({ call }) => {
    await call(
      'POST',
      `${ADMIN_API}/key-managers`,
      keyManager('https://is', { displayTokenEndpoint: 'https://public' }),
    );
    const list = await call('GET', `${DEVPORTAL}/key-managers`);
    const shown = at(list, 'list', 1) as Record<string, unknown>;
    assert.equal([shown['tokenEndpoint'], shown['revokeEndpoint']], ['https://public', 'https://is/oauth2/revoke']);
  }));

test.run();
