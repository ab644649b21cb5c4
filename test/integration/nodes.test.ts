import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../src/secret.js';
import { readStore } from '../../src/trust/keystore/keystore.js';
import { type CliRun, km } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';

test('further homes of both servers are prepared like the first ones, and a second run changes nothing', () =>
  withTempFolder(async (folder) => {
    for (const pair of ['first', 'second']) {
      assert.is((await km(['sandbox', '--dir', join(folder, pair), '--create-only'])).exitCode, 0);
    }
    const home = (pair: string, name: string) => join(folder, pair, name);
    const is2 = home('second', 'wso2is-7.2.0');
    const gateway = home('second', 'wso2am-4.5.0');
    const file = join(folder, 'km-bootstrap.toml');
    const nodes = [node('is7', 'is2', is2), node('apim', 'gw1', gateway)];
    const homes = [`is7.home = "${home('first', 'wso2is-7.2.0')}"`, `apim.home = "${home('first', 'wso2am-4.5.0')}"`];
    await writeFile(file, [...homes, ...nodes].join('\n'));
    const options = ['--phase', 'offline', '--config', file, '--json'];

    const applied = await km(['apply', ...options]);
    assert.is(applied.exitCode, 0, applied.stdout + applied.stderr);
    assert.equal(stepsOf(applied), [
      'deployment-toml/is7 applied',
      'deployment-toml/apim in-sync',
      'deployment-toml/is7/is2 applied',
      'deployment-toml/apim/gw1 in-sync',
      'trust/apim applied',
      'trust/apim/is2 applied',
      'trust/apim/gw1 applied',
      'trust/apim/gw1/is2 applied',
      'trust/is7 applied',
      'trust/is7/gw1 applied',
      'trust/is7/is2 applied',
      'trust/is7/is2/gw1 applied',
      'trust/apim-self in-sync',
      'trust/apim-self/gw1 in-sync',
      'trust/is7-self in-sync',
      'trust/is7-self/is2 in-sync',
      'database/consumer-key applied',
    ]);
    const toml = await readFile(join(is2, 'repository', 'conf', 'deployment.toml'), 'utf8');
    assert.match(toml, 'legacy_mode = true');
    assert.not.match(toml, /^offset/m);
    assert.equal(await ours(gateway, 'client-truststore.jks'), ['wso2is', 'wso2is-is2']);
    assert.equal(await ours(is2, 'client-truststore.p12'), ['wso2apim', 'wso2apim-gw1']);

    const before = await snapshot(folder);
    await km(['apply', ...options]);
    assert.equal(await snapshot(folder), before);
  }));

function node(server: string, name: string, home: string): string {
  return `[[node]]\nserver = "${server}"\nname = "${name}"\nhome = "${home}"`;
}

function stepsOf({ stdout }: CliRun): readonly string[] {
  const lines = stdout.split('\n').map((line) => JSON.parse(line));
  return lines.filter(({ type }) => type === 'step').map(({ step, status }) => `${step} ${status}`);
}

/** Our aliases in a truststore. */
async function ours(home: string, name: string): Promise<readonly string[]> {
  const path = join(home, 'repository', 'resources', 'security', name);
  const { entries } = await readStore({ path, password: new Secret('wso2carbon') });
  return entries.flatMap(({ alias }) => (/^wso2(is|apim)/.test(alias) ? [alias] : [])).sort();
}

test.run();
