import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'smol-toml';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaText } from '../../src/commands/schema.js';
import { loadSettings } from '../../src/config/load.js';
import { parseSettings } from '../../src/config/parse.js';
import { SETTING_KEYS } from '../../src/config/settings.js';
import { makeBareHomes } from '../support/bare-homes.js';
import { km } from '../support/cli.js';
import { withTempFolder } from '../support/temp-folder.js';

test('init writes a file for the homes that lie here, with what they say as comments and no secret', () =>
  withTempFolder(async (folder) => {
    await makeBareHomes(folder);
    const { stdout, exitCode } = await km(['init'], {}, folder);
    assert.is(exitCode, 0);
    assert.match(stdout, 'km-bootstrap.toml is written for wso2is-7.2.0 and wso2am-4.5.0.');
    const text = await readFile(join(folder, 'km-bootstrap.toml'), 'utf8');
    assert.not.match(text, 's3cret');
    assert.match(text, '\nhome = "wso2is-7.2.0"\n');
    assert.match(text, '\n# url = "https://is7.example.com:9444"\n');
    assert.match(text, '\n# username = "boss"\n');
    assert.match(text, '\n# password_file = "/run/secrets/is7-password"\n');
    const said = Object.entries(parse(text)).filter(([table]) => ['is7', 'apim'].includes(table));
    assert.equal(JSON.parse(JSON.stringify(said)), [
      ['is7', { home: 'wso2is-7.2.0' }],
      ['apim', { home: 'wso2am-4.5.0' }],
    ]);
    assert.is(text.match(/^\w+ = /gm)?.length, 2);
    const schema = /^#:schema \.\/(.*)$/m.exec(text)?.[1] ?? '';
    const isValid = new Ajv({ strict: false }).compile(JSON.parse(await readFile(join(folder, schema), 'utf8')));
    assert.ok(isValid(parse(text)));
    assert.is((await km(['explain', 'is7.url'], {}, folder)).exitCode, 0);
  }));

test('every comment of a setting may be taken for a line, and every setting stands there once', () =>
  withTempFolder(async (folder) => {
    await makeBareHomes(folder);
    await km(['init'], {}, folder);
    const file = join(folder, 'km-bootstrap.toml');
    const lines = (await readFile(file, 'utf8')).replace(/\n# Nothing declared.*$/s, '\n').split('\n');
    const settings = lines.flatMap((line, at) => (/^(# )?\w+ = /.test(line) ? [at] : []));
    assert.is(settings.length, SETTING_KEYS.length);
    await writeFile(join(folder, 'secret'), 'x');
    const all = lines.map((line) =>
      line.replace(/^# (?=\w+ = )/, '').replace(/"\/run\/secrets\/[^"]*"/, JSON.stringify(join(folder, 'secret'))),
    );
    await writeFile(file, all.join('\n'));
    const { found } = loadSettings({ flags: new Map(), workingFolder: folder }, {});
    assert.equal([...found.keys()].toSorted(), [...SETTING_KEYS].toSorted());
    parseSettings(loadSettings({ flags: new Map(), workingFolder: folder }, {}));
  }));

test('a file that is there is never overwritten', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, 'km-bootstrap.toml'), 'mine');
    const { stderr, exitCode } = await km(['init'], {}, folder);
    assert.is(exitCode, 1);
    assert.match(stderr, 'error FILE_EXISTS: there is a file km-bootstrap.toml already');
    assert.is(await readFile(join(folder, 'km-bootstrap.toml'), 'utf8'), 'mine');
    assert.equal(await readdir(folder), ['km-bootstrap.toml']);
  }));

test('homes are looked for beside the folder, too; options come first; none is no failure', () =>
  withTempFolder(async (folder) => {
    const homes = await makeBareHomes(folder);
    await mkdir(join(folder, 'work'));
    const beside = await km(['init', '--json'], {}, join(folder, 'work'));
    assert.equal(JSON.parse(beside.stdout).homes, { is7: '../wso2is-7.2.0', apim: '../wso2am-4.5.0' });
    const named = await km(
      ['init', '--json', '--config', 'other.toml', '--is7-home', homes.is7],
      {},
      join(folder, 'work'),
    );
    assert.equal(JSON.parse(named.stdout), {
      type: 'init',
      file: 'other.toml',
      homes: { is7: homes.is7, apim: '../wso2am-4.5.0' },
    });
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    const none = await km(['init'], {}, join(folder, 'a', 'b'));
    assert.is(none.exitCode, 0);
    assert.match(none.stdout, 'without a home: none was found here');
  }));

test('of several homes one has to be named', () =>
  withTempFolder(async (folder) => {
    await makeBareHomes(folder);
    await mkdir(join(folder, 'wso2is-7.1.0', 'repository', 'conf'), { recursive: true });
    await writeFile(join(folder, 'wso2is-7.1.0', 'repository', 'conf', 'deployment.toml'), '');
    const { stderr, exitCode } = await km(['init'], {}, folder);
    assert.is(exitCode, 64);
    assert.match(stderr, /several homes of IS 7: wso2is-7\.\d\.0, wso2is-7\.\d\.0/);
    assert.match(stderr, '--is7-home');
    assert.is((await readdir(folder)).includes('km-bootstrap.toml'), false);
  }));

test('where nothing can be written, nothing is left behind', () =>
  withTempFolder(async (folder) => {
    const { stderr, exitCode } = await km(['init', '--config', 'no/where.toml'], {}, folder);
    assert.is(exitCode, 1);
    assert.match(stderr, 'FILE_UNWRITABLE');
    assert.equal(await readdir(folder), []);
  }));

test('schema prints a JSON Schema', () => {
  new Ajv({ strict: false }).compile(JSON.parse(schemaText()));
});

test.run();
