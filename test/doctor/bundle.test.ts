import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { withTempFolder } from '../support/temp-folder.js';
import { findingsOf } from './diagnose.js';
import { makeZip, type ZipEntry } from './make-zip.js';

const IS7 = '[server]\nhostname = "localhost"\noffset = 1\n\n[database.identity_db]\ntype = "mysql"\n';
const APIM = '[server]\nhostname = "localhost"\n\n[database.apim_db]\ntype = "mysql"\n';

function lookAt(bytes: Buffer) {
  return withTempFolder(async (folder) => {
    const path = join(folder, 'support.zip');
    await writeFile(path, bytes);
    return findingsOf(['--bundle', path]);
  });
}

const REFUSED: readonly (readonly [title: string, bytes: Buffer, why: RegExp])[] = [
  ['a file that is no ZIP', Buffer.from('{"not":"a zip"}'), /no ZIP file/],
  ['an empty file', Buffer.alloc(0), /no ZIP file/],
  ['one that was cut short', makeZip([entry('deployment.toml', IS7)]).subarray(0, 60), /no ZIP file/],
  ['a name that leads out of it', makeZip([entry('../../etc/deployment.toml', IS7)]), /invalid relative path/],
  ['an absolute name', makeZip([entry('/etc/deployment.toml', IS7)]), /absolute path/],
  ['encrypted files', makeZip([{ ...entry('deployment.toml', IS7), claims: { encrypted: true } }]), /is encrypted/],
  [
    'a bomb that says how large it is',
    makeZip([{ ...entry('a.log', ''), claims: { size: 3e9 } }]),
    /would take \d+ MB/,
  ],
  [
    'a bomb that does not',
    makeZip([{ ...entry('a.log', 'x'.repeat(1e6)), claims: { size: 10 } }]),
    /a\.log is damaged/,
  ],
  [
    'parts of more homes than anybody has',
    makeZip(Array.from({ length: 30_000 }, (_, at) => entry(`a${at}/wso2carbon.log`, ''))),
    /more than 64 homes/,
  ],
  ['nothing of a home', makeZip([entry('readme.txt', 'hello')]), /nothing of a home/],
  [
    'two homes of one server',
    makeZip([entry('node1/deployment.toml', IS7), entry('node2/deployment.toml', IS7)]),
    /two homes of IS 7 .*node1.*node2/,
  ],
];

for (const [title, bytes, why] of REFUSED) {
  test(`refused: ${title}`, async () => {
    const before = await leftBehind();
    const error = await lookAt(bytes).then(
      () => assert.unreachable('it was taken'),
      (thrown: BootstrapError) => thrown,
    );
    assert.is(error?.code, 'BUNDLE_INVALID');
    assert.match(`${error?.message} ${error?.hint}`, why);
    assert.equal(await leftBehind(), before);
  });
}

test('parts of both homes are found wherever they are, and named as the bundle names them', async () => {
  const findings = await lookAt(
    makeZip([
      entry('case/identity/conf/deployment.toml', `${IS7}\n[oauth.x]\na = 1\n\n[oauth]\nb = 1\n`),
      entry('case/identity/security/client-truststore.p12', 'no store'),
      entry('case/apim/deployment.toml', APIM),
      entry('case/apim/wso2carbon.log', 'a\nPKIX path building failed: x\n'),
      entry('case/apim/old/wso2carbon.log', 'Error 901409\n'),
    ]),
  );
  const named = (code: string) => findings.find((found) => found.code === code);
  assert.match(named('TOML_INVALID')?.where ?? '', /support\.zip:case\/identity\/conf\/deployment\.toml:11$/);
  assert.match(
    named('STORE_UNREADABLE')?.where ?? '',
    /support\.zip:case\/identity\/security\/client-truststore\.p12$/,
  );
  assert.match(named('LOG_PKIX')?.where ?? '', /support\.zip:case\/apim\/wso2carbon\.log:2$/);
  assert.match(named('LOG_KEY_MAPPING_LEFT')?.where ?? '', /case\/apim\/old\/wso2carbon\.log:1$/);
  assert.not.ok(named('STORE_MISSING'), 'what is not in a bundle need not be missing');
  assert.not.match(JSON.stringify(findings), /km-bootstrap-bundle-/);
});

test('logs alone are read, and a name of the bundle does not steer the terminal', async () => {
  const findings = await lookAt(
    makeZip([entry('a\u001b[31m/wso2carbon.log', 'Key Manager IS7 not configured\u0007\n')]),
  );
  assert.equal(
    findings.map(({ code }) => code),
    ['LOG_KEY_MANAGER_NOT_CONFIGURED'],
  );
  assert.not.match(JSON.stringify(findings), /u001b|u0007/);
});

test('a bundle for each server, and a folder in place of a ZIP file', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, 'is.zip'), makeZip([entry('wso2is-7.2.0/repository/conf/deployment.toml', IS7)]));
    const conf = join(folder, 'unpacked', 'wso2am-4.5.0', 'repository', 'conf');
    await mkdir(conf, { recursive: true });
    await writeFile(join(conf, 'deployment.toml'), APIM.replace('[server]\n', '[server]\noffset = 1\n'));
    const findings = await findingsOf(['--bundle', join(folder, 'is.zip'), '--bundle', join(folder, 'unpacked')]);
    assert.equal(
      findings.map(({ code }) => code),
      ['PORT_CLASH', 'RECIPE_MISSING'],
    );
    assert.equal(await readFile(join(conf, 'deployment.toml'), 'utf8').then((text) => text.length > 0), true);
  }));

function entry(name: string, content: string): ZipEntry {
  return { name, content };
}

async function leftBehind(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('km-bootstrap-bundle-'));
}

test.run();
