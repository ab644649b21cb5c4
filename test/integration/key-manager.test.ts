import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apiOf } from '../../sandbox/apim/apis.js';
import { basicAuth, createHttpClient, type HttpClient } from '../../src/http/client.js';
import { Secret } from '../../src/secret.js';
import { readPeerCertificate } from '../../src/trust/certificate.js';
import { km, MAIN, withSandbox } from '../support/cli.js';
import { freeOffset } from '../support/free-offset.js';
import { makeJar } from '../support/jar.js';
import { patient } from '../support/patience.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { setOffset } from '../support/set-offset.js';
import { withTempFolder } from '../support/temp-folder.js';

const OFFSET = await freeOffset();
const APIM = `https://localhost:${9443 + OFFSET}`;
const IS7 = `https://localhost:${9444 + OFFSET}`;
const GATEWAY = `https://localhost:${8243 + OFFSET}`;
const DEVPORTAL = `${APIM}/api/am/devportal/v3`;
const TENANT = 'a.example';
const JAR = 'wso2is.notification.event.handlers-2.0.5.jar';
const ADMIN = { authorization: basicAuth('admin', new Secret('admin')) };
const { signal } = new AbortController();

/** Ends the run right after the answer to this request: something is left behind each time. */
const KILLED_AFTER = [
  /^POST .*\/devportal\/v3\/applications /m,
  /^POST .*\/generate-keys /m,
  /^POST .*\/subscriptions /m,
  /^POST .*\/oauth2\/revoke /m,
];

test('two tenants on two homes: what trust is missing is found, the gateway proves the rest, and killed runs leave nothing for good', () =>
  withTempFolder(async (folder) => {
    const releases = ['--is7-version', '7.2', '--apim-version', '4.5', '--tenant', TENANT];
    const sandbox = ['--dir', folder, ...releases];
    await makeSandboxHomes(folder, releases);
    await setOffset(join(folder, 'wso2is-7.2.0'), String(OFFSET + 1));
    await setOffset(join(folder, 'wso2am-4.5.0'), String(OFFSET));
    await makeJar(join(folder, JAR));
    await writeFile(join(folder, 'km-bootstrap.toml'), configuration(folder));
    const run = async (exitCode: number, ...words: string[]) => {
      const done = await km([...words, '--config', join(folder, 'km-bootstrap.toml')]);
      assert.is(done.exitCode, exitCode, `${words.join(' ')}:\n${done.stdout}\n${done.stderr}`);
      return done.stdout;
    };

    const withoutTrust = ['deployment-toml/is7', 'dropins/is7', 'trust/is7'].flatMap((step) => ['--only', step]);
    await run(0, 'apply', ...withoutTrust);
    const first = ['verify', '--only', 'key-manager/WSO2-IS-7'];
    await withSandbox(sandbox, async () => {
      await run(0, 'apply', '--phase', 'online');
      const untrusted = await run(3, ...first);
      assert.match(untrusted, 'PROOF_UNTRUSTED');
      assert.match(
        untrusted,
        "does not trust the certificate of Identity Server: it is not in API Manager's truststore",
      );
      await run(0, 'apply', '--only', 'trust/apim');
      const notRestarted = await run(3, ...first);
      assert.match(notRestarted, 'PROOF_UNREACHABLE');
      assert.match(notRestarted, 'though it answers here and its certificate is trusted');
      assert.match(notRestarted, 'if its truststore was changed while it ran, restart API Manager');
    });

    await withSandbox(sandbox, async () => {
      await run(0, 'apply', '--only', 'health/*');
      const proved = await run(0, 'verify', '--proof', 'gateway');
      for (const name of ['WSO2-IS-7', 'Of-Tenant']) {
        assert.match(
          proved,
          new RegExp(`PROOF_REVOKED: the gateway refused a token of ${name} \\d+\\.\\d s after it was`),
        );
      }
      const http = createHttpClient({ trust: async () => ({ ca: await certificates(folder), pinnedSha256: [] }) });
      const clients: string[] = [];
      for (const point of KILLED_AFTER) {
        await killAfter(point, folder);
        const left = await leftBehind(http);
        // Its own: what the one before it left is gone by now.
        assert.is(left.applications, 1, `${point} left ${left.applications} applications`);
        clients.push(...left.clients);
      }
      assert.ok(clients.length >= 3, 'those with keys');
      assert.match(await run(0, ...first, '--proof', 'gateway'), 'PROOF_REVOKED');
      assert.equal(await leftBehind(http), { applications: 0, clients: [], subscriptions: 0 });
      for (const client of clients) assert.is(await isRegistered(http, client), false);
      await http.close();
    });
  }));

function configuration(folder: string): string {
  const proof = (tenant: string | undefined) => {
    const { id, context } = apiOf(tenant);
    return `gateway_url = "${GATEWAY}${context}/hello"\napi_id = "${id}"\n`;
  };
  return `
recipe = "current"
revocation = true
[is7]
home = "${folder}/wso2is-7.2.0"
notification_jar = "${folder}/${JAR}"
[apim]
home = "${folder}/wso2am-4.5.0"
[proof]
${proof(undefined)}
[[tenant]]
name = "${TENANT}"
password = "admin"
[[key_manager]]
name = "WSO2-IS-7"
[[key_manager]]
name = "Of-Tenant"
tenant = "${TENANT}"
connector = { username = "admin@${TENANT}", password = "admin" }
[key_manager.proof]
${proof(TENANT)}`;
}

async function certificates(folder: string): Promise<readonly string[]> {
  const stores = [join('wso2is-7.2.0', 'repository', 'resources', 'security', 'wso2carbon.p12')];
  stores.push(join('wso2am-4.5.0', 'repository', 'resources', 'security', 'wso2carbon.jks'));
  const password = new Secret('wso2carbon');
  const read = stores.map((path) => readPeerCertificate({ store: { path: join(folder, path), password } }));
  return (await Promise.all(read)).map(String);
}

/** Kills a proof without warning when its trace names the request. */
async function killAfter(point: RegExp, folder: string): Promise<void> {
  const words = ['verify', '--only', 'key-manager/WSO2-IS-7', '--proof', 'gateway', '-vv'];
  const run = execa('node', [MAIN, ...words, '--config', join(folder, 'km-bootstrap.toml')], {
    reject: false,
    stdin: 'ignore',
    timeout: patient(60_000),
  });
  let trace = '';
  run.stderr.on('data', (text: Buffer) => {
    trace += text.toString();
    if (point.test(trace)) run.kill('SIGKILL');
  });
  const { signal: endedBy, stdout } = await run;
  assert.is(endedBy, 'SIGKILL', `${point}: ${stdout}\n${trace}`);
}

interface Left {
  readonly applications: number;
  /** Ids of clients at IS 7. */
  readonly clients: readonly string[];
  readonly subscriptions: number;
}

async function leftBehind(http: HttpClient): Promise<Left> {
  const { list } = await read(http, `${DEVPORTAL}/applications`);
  const applications = list.filter(({ name }) => name?.startsWith('km-bootstrap-proof-'));
  const keys = applications.map(({ applicationId }) =>
    read(http, `${DEVPORTAL}/applications/${applicationId}/oauth-keys`),
  );
  const clients = (await Promise.all(keys)).flatMap((found) =>
    found.list.flatMap(({ consumerKey }) => consumerKey ?? []),
  );
  const subscriptions = await read(http, `${DEVPORTAL}/subscriptions?apiId=${apiOf(undefined).id}`);
  return { applications: applications.length, clients, subscriptions: subscriptions.list.length };
}

type Listed = { readonly list: readonly Readonly<Record<string, string | undefined>>[] };

async function read(http: HttpClient, url: string): Promise<Listed> {
  const { status, text } = await http.send({ method: 'GET', url, headers: ADMIN, signal });
  assert.is(status, 200, text);
  return JSON.parse(text) as Listed;
}

/** IS 7 answers 401 for a client that it does not have. */
async function isRegistered(http: HttpClient, client: string): Promise<boolean> {
  const url = `${IS7}/api/identity/oauth2/dcr/v1.1/register/${client}`;
  return (await http.send({ method: 'GET', url, headers: ADMIN, signal })).status === 200;
}

test.run();
