import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';
import { BASES, put, removePairs, withPair } from './pairs.js';

test('doctor says what breaks and how to mend it, exits 1, and writes nothing', () =>
  withPair(BASES.legacy, async ({ folder, is7, apim }) => {
    const homes = ['--is7-home', is7, '--apim-home', apim];
    const healthy = await km(['doctor', ...homes]);
    assert.is(healthy.exitCode, 0, healthy.stdout + healthy.stderr);
    assert.match(healthy.stdout, 'Nothing was found that breaks IS 7 as Key Manager');

    await put(join(is7, 'repository', 'components', 'dropins', 'wso2is.key.manager.core-1.7.17.jar'), '');
    const risky = await km(['doctor', ...homes, '-q']);
    assert.is(risky.exitCode, 0);
    assert.is(risky.stdout, '', 'quiet shows what breaks, and nothing did');

    await put(join(is7, 'repository', 'resources', 'security', 'client-truststore.p12'), 'x');
    const before = await snapshot(folder);
    const broken = await km(['doctor', ...homes]);
    assert.is(broken.exitCode, 1);
    assert.match(broken.stdout, /^breaks STORE_UNREADABLE {2}.*client-truststore\.p12\n {4}.*\n {4}→ /);
    assert.match(broken.stdout, /1 thing that breaks IS 7 as Key Manager, 1 risk/);
    assert.not.match(broken.stdout, '\u001b');

    const lines = (await km(['doctor', ...homes, '--json'])).stdout.split('\n').map((line) => JSON.parse(line));
    assert.equal(Object.keys(lines[0]).sort(), ['code', 'hint', 'message', 'severity', 'type', 'where']);
    assert.equal(lines.at(-1), { type: 'summary', breaks: 1, risks: 1, notes: lines.length - 3, exitCode: 1 });
    assert.equal(await snapshot(folder), before);
  }).finally(removePairs));

test('without a home, or with one that is none, it says so and exits 78', () =>
  withTempFolder(async (folder) => {
    const nothing = await km(['doctor']);
    assert.is(nothing.exitCode, 78);
    assert.match(nothing.stderr, 'no home is known: give --is7-home and --apim-home, or --bundle');
    const empty = await km(['doctor', '--is7-home', folder]);
    assert.is(empty.exitCode, 78);
    assert.match(empty.stderr, 'HOME_NOT_FOUND');
    const absent = await km(['doctor', '--bundle', join(folder, 'none.zip')]);
    assert.is(absent.exitCode, 78);
    assert.match(absent.stderr, /BUNDLE_INVALID: .*ENOENT/);
    const foreign = await km(['plan', '--bundle', 'x.zip']);
    assert.is(foreign.exitCode, 64);
  }));

test.run();
