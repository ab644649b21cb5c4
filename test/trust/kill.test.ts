import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readStore } from '../../src/trust/keystore/keystore.js';
import { withTempFolder } from '../support/temp-folder.js';
import { untilNothingWorksIn } from '../support/until-nothing-works-in.js';
import { selfSigned } from './self-signed.js';
import { PASSWORD, storeBytes } from './stores.js';

const EXCHANGE = fileURLToPath(new URL('exchange.js', import.meta.url));
const KILLS = 4;

for (const encoding of ['jks', 'legacy'] as const) {
  test(`killed at any point of an exchange, the store holds every old entry, and the next run ends it: ${encoding}`, () =>
    withTempFolder(async (folder) => {
      const [path, pemFile] = [join(folder, 'client-truststore.jks'), join(folder, 'peer.pem')];
      const original = await storeBytes(encoding);
      const { contents } = await readStore(await stored(path, original));
      await writeFile(pemFile, selfSigned({ commonName: 'is7' }));
      const run = () => execa('node', [EXCHANGE, path, PASSWORD.reveal(), pemFile], { reject: false, stdin: 'ignore' });

      const started = performance.now();
      assert.is((await run()).exitCode, 0);
      const wholeMs = performance.now() - started;
      for (let kill = 1; kill <= KILLS; kill++) {
        await writeFile(path, original);
        const running = run();
        await Promise.race([sleep((wholeMs * kill) / KILLS), running]);
        running.kill('SIGKILL');
        await running;
        if ((await readFile(path)).equals(original)) continue;
        const left = await readStore({ path, password: PASSWORD });
        for (const [alias, content] of contents) assert.is(left.contents.get(alias), content, alias);
        assert.match(await listed(path), /wso2is/);
      }
      await untilNothingWorksIn(folder);
      await writeFile(path, original);
      assert.is((await run()).exitCode, 0);
      const { contents: last } = await readStore({ path, password: PASSWORD });
      assert.equal([...last.keys()].sort(), [...contents.keys(), 'wso2is'].sort());
      assert.equal((await readdir(folder)).sort(), ['client-truststore.jks', 'peer.pem']);
    }));
}

async function stored(path: string, bytes: Buffer) {
  await writeFile(path, bytes);
  return { path, password: PASSWORD };
}

async function listed(path: string): Promise<string> {
  const env = { PASS: PASSWORD.reveal(), LC_ALL: 'C.UTF-8' };
  return (await execa('keytool', ['-list', '-keystore', path, '-storepass:env', 'PASS'], { env })).stdout;
}

test.run();
