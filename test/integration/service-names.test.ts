import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { basicAuth, createHttpClient, type HttpReply, type HttpRequest } from '../../src/http/client.js';
import { Secret } from '../../src/secret.js';
import { readPeerCertificate } from '../../src/trust/certificate.js';
import { km, withSandbox } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { freeOffset } from '../support/free-offset.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { setOffset } from '../support/set-offset.js';
import { withTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';

const OFFSET = await freeOffset();
const PORT = 9443 + OFFSET;
const RESOLVE = ['--resolve', 'is7.test=127.0.0.1', '--resolve', 'apim.test=127.0.0.1'];
const NAMES = { KMB_IS7_HOSTNAME: 'is7.test', KMB_APIM_HOSTNAME: 'apim.test' };

test('by service names, the shipped certificates fail both ways, and those of [tls] generate hold', () =>
  withTempFolder(async (folder) => {
    const releases = ['--is7-version', '7.3', '--apim-version', '4.7'];
    const sandbox = ['--dir', folder, ...releases];
    await makeSandboxHomes(folder, releases);
    const [is7, apim] = [join(folder, 'wso2is-7.3.0'), join(folder, 'wso2am-4.7.0')];
    await setOffset(is7, OFFSET + 1);
    await setOffset(apim, OFFSET);
    await appendFile(deploymentToml(is7), revocationListener());
    const dropins = join(is7, 'repository', 'components', 'dropins');
    await mkdir(dropins, { recursive: true });
    await writeFile(join(dropins, 'wso2is.notification.event.handlers-2.1.3.jar'), '');
    const run = async (words: readonly string[], environment: Record<string, string>, exitCode: number) => {
      const done = await km([...words, ...RESOLVE, '--is7-home', is7, '--apim-home', apim], {
        ...NAMES,
        ...environment,
      });
      assert.is(done.exitCode, exitCode, `${words.join(' ')}:\n${done.stdout}\n${done.stderr}`);
      return done.stdout;
    };
    const tls = { KMB_TLS_GENERATE: 'true' };

    const before = await run(['apply', '--phase', 'offline'], {}, 0);
    assert.is(before.match(/note CERT_HOST_MISMATCH/g)?.length, 2, before);
    await withSandbox([...sandbox, ...RESOLVE], async () => {
      assert.match(await run(['apply', '--phase', 'online', '--timeout', '3s'], {}, 3), 'TLS_HOST_MISMATCH');
      const token = await revokeToken(is7);
      assert.match(
        await logLine(is7, token),
        /ERROR Error while sending Revocation Event to https:\/\/apim\.test:.* is not for the host/,
      );
    });

    const after = await run(['apply', '--phase', 'offline'], tls, 0);
    assert.not.match(after, /note CERT_/);
    const once = await snapshot(folder);
    await run(['apply', '--phase', 'offline'], tls, 0);
    assert.equal(await snapshot(folder), once);
    await withSandbox([...sandbox, ...RESOLVE], async () => {
      await run(['apply'], tls, 0);
      await run(['verify'], tls, 0);
      const token = await revokeToken(is7);
      assert.match(await logLine(apim, token), /INFO Token revoked by WSO2-IS/);
    });
  }));

function deploymentToml(home: string): string {
  return join(home, 'repository', 'conf', 'deployment.toml');
}

function revocationListener(): string {
  return `
[[event_listener]]
id = "token_revocation"
type = "org.wso2.carbon.identity.core.handler.AbstractIdentityHandler"
name = "org.wso2.is.notification.ApimOauthEventInterceptor"
order = 1
[event_listener.properties]
notification_endpoint = "https://apim.test:${PORT}/internal/data/v1/notify"
username = "admin"
password = "admin"
'header.X-WSO2-KEY-MANAGER' = "WSO2-IS"
`;
}

/** Registers a client at IS 7, gets a token and revokes it, as an application would. Gives the token's id. */
async function revokeToken(is7: string): Promise<string> {
  const url = `https://localhost:${PORT + 1}`;
  const client = createHttpClient({ trust: async () => ({ ca: [await tlsCertificate(is7)], pinnedSha256: [] }) });
  const post = (path: string, authorization: string, body: NonNullable<HttpRequest['body']>, headers = {}) =>
    client.send({
      method: 'POST',
      url: url + path,
      headers: { authorization, ...headers },
      body,
      signal: new AbortController().signal,
    });
  try {
    const registration = JSON.stringify({
      client_name: `client-${Date.now()}`,
      grant_types: ['client_credentials'],
      token_type_extension: 'JWT',
    });
    const admin = basicAuth('admin', new Secret('admin'));
    const registered = await post('/api/identity/oauth2/dcr/v1.1/register', admin, registration, {
      'content-type': 'application/json',
    });
    const application = basicAuth(textIn(registered, 'client_id'), new Secret(textIn(registered, 'client_secret')));
    const issued = await post('/oauth2/token', application, new URLSearchParams({ grant_type: 'client_credentials' }));
    const token = textIn(issued, 'access_token');
    assert.is((await post('/oauth2/revoke', application, new URLSearchParams({ token }))).status, 200);
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti;
  } finally {
    await client.close();
  }
}

/** The certificate that covers localhost before and after. */
async function tlsCertificate(home: string): Promise<string> {
  const toml = await readFile(deploymentToml(home), 'utf8');
  const name = toml.includes('"km-bootstrap-tls.p12"') ? 'km-bootstrap-tls.p12' : 'wso2carbon.p12';
  const store = { path: join(home, 'repository', 'resources', 'security', name), password: new Secret('wso2carbon') };
  return (await readPeerCertificate({ store })).toString();
}

function textIn({ text, status }: HttpReply, key: string): string {
  const value = (JSON.parse(text) as Record<string, unknown>)[key];
  assert.type(value, 'string', `${status} ${text}`);
  return value as string;
}

/** Both servers write their logs a moment later. */
async function logLine(home: string, token: string): Promise<string> {
  return until(`${home} logs what became of the token`, async () => {
    const log = await readFile(join(home, 'repository', 'logs', 'wso2carbon.log'), 'utf8').catch(() => '');
    return log.split('\n').find((text) => text.includes(token) || text.includes('ERROR'));
  });
}

test.run();
