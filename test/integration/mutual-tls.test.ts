import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../src/secret.js';
import { readPeerCertificate } from '../../src/trust/certificate.js';
import { readClientIdentity } from '../../src/trust/client-certificate.js';
import { leaksIn } from '../secrets/canaries.js';
import { km, withSandbox } from '../support/cli.js';
import { freeOffset } from '../support/free-offset.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { setOffset } from '../support/set-offset.js';
import { withTempFolder } from '../support/temp-folder.js';

const PASSWORD = new Secret('wso2carbon');
const OFFSET = await freeOffset();
const IS7_KM = '[[key_manager]]\nname = "WSO2-IS-7"\n';
const MUTUAL = `${IS7_KM}[key_manager.connector]\nauthentication = "mutual-tls"\nidentity_user = "admin"\n`;

test('mutual TLS: refused by Identity Server until it is mapped and restarted, then keys are generated over it', () =>
  withTempFolder(async (folder) => {
    const releases = ['--is7-version', '7.3', '--apim-version', '4.6'];
    const sandbox = ['--dir', folder, ...releases];
    await makeSandboxHomes(folder, releases);
    const [is7, apim] = [join(folder, 'wso2is-7.3.0'), join(folder, 'wso2am-4.6.0')];
    const config = join(folder, 'km-bootstrap.toml');
    await setOffset(is7, OFFSET + 1);
    await setOffset(apim, OFFSET);
    const presented = join(apim, 'repository', 'resources', 'security', 'wso2carbon.jks');
    const { key } = await keyIn(presented);
    const run = async (words: readonly string[], exitCode: number) => {
      const done = await km([...words, '-vv', '--is7-home', is7, '--apim-home', apim, '--config', config]);
      assert.is(done.exitCode, exitCode, `${words.join(' ')}:\n${done.stdout}\n${done.stderr}`);
      assert.equal(leaksIn(done.stdout + done.stderr, { key }), []);
      return done.stdout + done.stderr;
    };
    await writeFile(config, IS7_KM);
    await run(['apply', '--phase', 'offline', '--only', 'deployment-toml/*', '--only', 'database/*'], 0);
    await writeFile(config, MUTUAL);

    await withSandbox(sandbox, async () => {
      await run(['apply', '--phase', 'online', '--timeout', '60s'], 0);
      // API Manager 4.6 and later read their truststore anew: nobody has to restart it for this alone.
      assert.match(await run(['verify', '--phase', 'online'], 3), /PROOF_UNTRUSTED/);
      assert.not.match(await run(['apply', '--only', 'trust/apim'], 0), 'Restart');
      const refused = await run(['verify', '--phase', 'online'], 77);
      assert.match(refused, /PROOF_CREDENTIALS.*does not take the certificate of API Manager's primary keystore as/);
      assert.match(refused, 'client_certificate_based_authentication');

      const applied = await run(['apply', '--phase', 'offline'], 0);
      assert.match(applied, 'Restart WSO2 Identity Server 7: it is running');
      assert.match(await run(['verify', '--phase', 'online'], 77), 'PROOF_CREDENTIALS');
    });
    assert.not.match(await logOf(is7), 'client certificate');

    await withSandbox(sandbox, async () => {
      await run(['apply', '--only', 'health/*'], 0);
      await run(['verify'], 0);
    });
    const { fingerprint256 } = await readPeerCertificate({ store: { path: presented, password: PASSWORD } });
    assert.match(await logOf(is7), `admin came with the client certificate ${fingerprint256}`);

    const old = await km(['plan', '--is7-home', is7, '--apim-home', apim, '--config', config], {
      KMB_APIM_VERSION: '4.5',
    });
    assert.is(old.exitCode, 78);
    assert.match(
      old.stderr,
      'MUTUAL_TLS_UNSUPPORTED: mutual-tls is declared, but the connector of API Manager 4.5 cannot do it',
    );
  }));

/** A line of the private key, which is never to be seen. */
async function keyIn(path: string): Promise<{ readonly key: string }> {
  const { key } = await readClientIdentity({ store: { path, password: PASSWORD }, alias: 'wso2carbon' });
  const [, , line = ''] = key.split('\n');
  assert.is(line.length, 64);
  return { key: line };
}

function logOf(home: string): Promise<string> {
  return readFile(join(home, 'repository', 'logs', 'wso2carbon.log'), 'utf8').catch(() => '');
}

test.run();
