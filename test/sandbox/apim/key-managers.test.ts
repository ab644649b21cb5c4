import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FormData } from 'undici';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withTempFolder } from '../../support/temp-folder.js';
import { ADMIN, at, IDENTITY, selfSigned, withIs7 } from '../is7/stand-in.js';
import {
  ADMIN_API,
  type ApimStandIn,
  connectorSettings,
  DEVPORTAL,
  keyManager,
  outcome,
  withApim,
  withApimAt,
} from './stand-in.js';

const PATH = `${ADMIN_API}/key-managers`;
/** Nothing listens there, which no write notices. */
const IS7 = 'https://localhost:1';

test('settings describe the connector of each release', async () => {
  const expected: Record<string, readonly (readonly string[])[]> = {
    '4.3': [['Username', 'Password'], []],
    '4.4': [['Username', 'Password', 'api_resource_management_endpoint', 'is7_roles_endpoint'], []],
    '4.6': [['api_resource_management_endpoint', 'is7_roles_endpoint', 'enable_roles_creation'], ['Authentication']],
  };
  for (const [version, names] of Object.entries(expected)) {
    await withApim({ version }, async ({ call }) => {
      const settings = await call('GET', `${ADMIN_API}/settings`);
      const connectors = at(settings, 'keyManagerConfiguration') as Record<string, { name: string }[] | string>[];
      const connector = connectors.find(({ type }) => type === 'WSO2-IS-7');
      const namesOf = (key: string) => ((connector?.[key] ?? []) as { name: string }[]).map(({ name }) => name);
      assert.equal([namesOf('configurations'), namesOf('authConfigurations')], names, version);
    });
  }
});

test('which bodies each release accepts', async () => {
  const properties = (changes: Record<string, unknown>) => ({ additionalProperties: connectorSettings(IS7, changes) });
  const nothing = undefined;
  const cases: [string, Record<string, unknown>, number, number | undefined][] = [
    ['4.3', {}, 201, nothing],
    ['4.3', properties({ is7_roles_endpoint: nothing }), 201, nothing],
    ['4.3', { allowedOrganizations: ['ALL'] }, 400, 400],
    ['4.5', { allowedOrganizations: ['ALL'] }, 201, nothing],
    ['4.5', { nonsense: 1 }, 400, 400],
    ['4.5', { name: '' }, 400, 400],
    ['4.5', { name: ' ' }, 400, 901404],
    ['4.5', { name: 'x'.repeat(101) }, 400, 400],
    ['4.5', { name: 1 }, 400, 400],
    ['4.5', { type: 'Auth1' }, 400, 901400],
    ['4.5', { enabled: nothing }, 500, 500],
    ['4.5', { tokenType: 'SOMEHOW' }, 500, 500],
    ['4.5', { tokenEndpoint: nothing }, 400, 901401],
    ['4.5', { tokenEndpoint: nothing, tokenType: 'EXCHANGED' }, 201, nothing],
    ['4.5', { tokenEndpoint: nothing, endpoints: [{ name: 'token_endpoint', value: 'x' }] }, 201, nothing],
    ['4.5', { tokenEndpoint: 'not a URL' }, 201, nothing],
    ['4.5', { userInfoEndpoint: nothing }, 201, nothing],
    ['4.5', properties({ is7_roles_endpoint: nothing }), 400, 901401],
    ['4.5', properties({ is7_roles_endpoint: '' }), 201, nothing],
    ['4.5', properties({ Password: nothing }), 400, 901401],
    ['4.5', properties({ Password: 1 }), 500, 500],
    ['4.5', properties({ anything: { at: 'all' } }), 201, nothing],
    ['4.6', properties({ Password: nothing }), 500, 500],
    ['4.6', properties({ Password: '' }), 400, 901401],
    ['4.6', properties({ Password: nothing, Authentication: nothing }), 201, nothing],
    ['4.6', properties({ Authentication: 'MutualTLS', MutualTLSOptions: 'ServerWide' }), 400, 901401],
    [
      '4.6',
      properties({ Authentication: 'MutualTLS', MutualTLSOptions: 'ServerWide', IdentityUser: 'a' }),
      201,
      nothing,
    ],
    ['4.5', { permissions: { permissionType: 'ALLOW', roles: ['nobody'] } }, 404, 900607],
    ['4.5', { permissions: { permissionType: 'DENY' } }, 201, nothing],
  ];
  for (const version of new Set(cases.map(([release]) => release))) {
    await withApim({ version }, async ({ call }) => {
      for (const [index, [, changes, status, code]] of cases.filter(([release]) => release === version).entries()) {
        const reply = await call('POST', PATH, keyManager(IS7, { name: `km${index}`, ...changes }));
        assert.equal(outcome(reply), [status, code], `${version} ${JSON.stringify(changes)}: ${reply.text}`);
      }
    });
  }
});

test('what is missing is never named', () =>
  withApim({}, async ({ call }) => {
    const reply = await call('POST', PATH, keyManager(IS7, { tokenEndpoint: null }));
    assert.equal(
      [at(reply, 'message'), at(reply, 'description')],
      ['Required Key Manager configuration missing', 'Missing required configuration'],
    );
  }));

test('a name stands for one Key Manager and cannot be changed', () =>
  withApim({}, async ({ call }) => {
    const id = at(await call('POST', PATH, keyManager(IS7)), 'id');
    assert.equal(outcome(await call('POST', PATH, keyManager(IS7))), [409, 901402]);
    assert.equal(outcome(await call('PUT', `${PATH}/${id}`, keyManager(IS7, { name: 'other' }))), [400, 400]);
    assert.equal(outcome(await call('PUT', `${PATH}/none`, keyManager(IS7))), [404, 901411]);
    assert.equal(outcome(await call('GET', `${PATH}/none`)), [404, 901411]);
  }));

test('writes echo the secret, reads mask it, and a masked secret that is written keeps the stored one', () =>
  withApim({}, async (apim) => {
    const created = await apim.call('POST', PATH, keyManager(IS7));
    assert.is(at(created, 'additionalProperties', 'Password'), 'admin');
    const path = `${PATH}/${at(created, 'id')}`;
    assert.is(created.headers['location'], `${apim.url}/api/am/admin/key-managers/${at(created, 'id')}`);
    assert.is(at(await apim.call('GET', path), 'additionalProperties', 'Password'), '*****');
    const masked = { additionalProperties: connectorSettings(IS7, { Password: '*****' }), description: 'new' };
    const updated = await apim.call('PUT', path, keyManager(IS7, masked));
    assert.is(at(updated, 'additionalProperties', 'Password'), 'admin');
    assert.is(at(updated, 'description'), 'new');
    const replaced = await apim.call('PUT', path, keyManager(IS7));
    assert.is(at(replaced, 'description'), null);
  }));

test('what the server fills in, drops and trims', async () => {
  const sent = keyManager(IS7, {
    endpoints: [{ name: 'a', value: 'b' }],
    additionalProperties: connectorSettings(IS7, { Password: ' x ' }),
  });
  for (const [version, password] of [
    ['4.5', ' x '],
    ['4.6', 'x'],
  ]) {
    await withApim({ version: version as string }, async ({ call }) => {
      const reply = await call('POST', PATH, sent);
      assert.equal(
        [at(reply, 'consumerKeyClaim'), at(reply, 'scopesClaim'), at(reply, 'tokenType')],
        ['azp', 'scope', 'DIRECT'],
      );
      assert.is(at(reply, 'additionalProperties', 'self_validate_jwt'), true);
      assert.is(at(reply, 'additionalProperties', 'Password'), password);
      assert.equal(at(reply, 'endpoints'), []);
      assert.is(at(reply, 'alias'), null);
    });
  }
});

test('the Resident Key Manager appears with the first list and can never be deleted', () =>
  withApim({}, async ({ call }) => {
    const app = await call('POST', `${DEVPORTAL}/applications`, { name: 'a', throttlingPolicy: 'Unlimited' });
    const generate = `${DEVPORTAL}/applications/${at(app, 'applicationId')}/generate-keys`;
    const keys = { keyType: 'PRODUCTION', grantTypesToBeSupported: ['client_credentials'] };
    assert.equal(outcome(await call('POST', generate, keys)), [400, 901403]);
    const list = await call('GET', PATH);
    assert.equal([at(list, 'count'), at(list, 'list', 0, 'name')], [1, 'Resident Key Manager']);
    const generated = await call('POST', generate, keys);
    assert.type(at(generated, 'token', 'accessToken'), 'string');
    assert.equal(outcome(await call('DELETE', `${PATH}/${at(list, 'list', 0, 'id')}`)), [412, 902015]);
  }));

test('a Key Manager is deleted with an empty 200', () =>
  withApim({}, async ({ call }) => {
    const path = `${PATH}/${at(await call('POST', PATH, keyManager(IS7)), 'id')}`;
    const deleted = await call('DELETE', path);
    assert.equal([deleted.status, deleted.text], [200, '']);
    assert.equal(outcome(await call('DELETE', path)), [404, 901411]);
  }));

test('what was stored outlives the server, in a file for its owner only', () =>
  withTempFolder(async (folder) => {
    const id = await withApimAt(folder, {}, async ({ call }) => at(await call('POST', PATH, keyManager(IS7)), 'id'));
    const file = join(folder, 'repository/database/sandbox-apim.json');
    assert.is((await stat(file)).mode & 0o777, 0o600);
    await withApimAt(folder, {}, async ({ call }) => assert.is((await call('GET', `${PATH}/${id}`)).status, 200));
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 10));
    try {
      await withApimAt(folder, {}, async () => assert.unreachable());
    } catch (error) {
      assert.is((error as { code?: string }).code, 'SANDBOX_FAILED');
    }
  }));

test('garbage in is 400, and many writes at once all last', () =>
  withApim({}, async ({ call, send }) => {
    const headers = { ...ADMIN, 'content-type': 'application/json' };
    for (const body of ['{', '[]', '"x"']) {
      const reply = await send({ method: 'POST', path: PATH, headers, body });
      assert.equal(outcome(reply), [400, 400], body);
    }
    for (const body of ['', 'null'])
      assert.equal(outcome(await send({ method: 'POST', path: PATH, headers, body })), [500, 500]);
    const names = Array.from({ length: 10 }, (_, index) => `km${index}`);
    await Promise.all(names.map((name) => call('POST', PATH, keyManager(IS7, { name }))));
    assert.is(at(await call('GET', PATH), 'count'), 11);
  }));

test('discover works once the certificate is trusted, an expired one included, and fails without a reason before', async () => {
  await withIs7(async ({ url }) => {
    await withApim({}, async (apim) => assert.equal(outcome(await discover(apim, url)), [500, 500]));
    await withApim({ trusted: [IDENTITY.cert] }, async (apim) => {
      const found = await discover(apim, url);
      assert.is(at(found, 'valid'), true);
      assert.is(at(found, 'value', 'issuer'), `${url}/oauth2/token`);
      assert.is(at(found, 'value', 'userInfoEndpoint'), `${url}/oauth2/userinfo`);
      assert.is(at(found, 'value', 'name'), null);
      assert.equal(outcome(await discover(apim, `${url}/x`)), [500, 500]);
      const empty = new FormData();
      const headers = ADMIN;
      empty.set('url', '');
      const reply = await apim.send({ method: 'POST', path: `${PATH}/discover`, headers, body: empty });
      assert.equal([reply.status, at(reply, 'valid')], [200, false]);
      assert.is((await apim.call('POST', `${PATH}/discover`, {})).status, 415);
      const broken = { ...ADMIN, 'content-type': 'multipart/form-data; boundary=x' };
      assert.is(
        (await apim.send({ method: 'POST', path: `${PATH}/discover`, headers: broken, body: 'y' })).status,
        400,
      );
    });
  });
});

test('an expired certificate that stands in the truststore is accepted, as Java does', () => {
  const expired = selfSigned(new Date(Date.now() - 60_000));
  return withTempFolder((folder) =>
    withApimAt(folder, { trusted: [expired.cert], version: '4.3' }, (apim) =>
      withExpiredIs7(expired, async (url) => {
        const found = await discover(apim, url);
        assert.is(at(found, 'valid'), true);
        assert.is(at(found, 'value', 'userInfoEndpoint'), null);
      }),
    ),
  );
});

function withExpiredIs7(identity: typeof IDENTITY, use: (url: string) => Promise<void>): Promise<void> {
  return withIs7(({ url }) => use(url), identity);
}

function discover({ send }: ApimStandIn, is7: string) {
  const body = new FormData();
  body.set('url', `${is7}/oauth2/token/.well-known/openid-configuration`);
  body.set('type', 'WSO2-IS-7');
  return send({ method: 'POST', path: `${PATH}/discover`, headers: ADMIN, body });
}

test.run();
