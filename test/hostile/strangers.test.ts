import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km } from '../support/cli.js';
import { withTempFolder } from '../support/temp-folder.js';

const HUSH = 'hush-of-the-analyst';

/** An unpacked bundle that is also the working folder, with an identity database at a URL of its maker's choice. */
async function inBundle(url: string, use: (folder: string) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const conf = join(folder, 'wso2is-7.2.0', 'repository', 'conf');
    await mkdir(conf, { recursive: true });
    const database = `[database.identity_db]\nurl = ${JSON.stringify(url)}\nusername = "u"\npassword = "p"\n`;
    await writeFile(join(conf, 'deployment.toml'), `[server]\nhostname = "localhost"\n\n${database}`);
    await use(folder);
  });
}

const H2 = 'jdbc:h2:./repository/database/WSO2IDENTITY_DB';

test('settings that lie in a bundle are not read, and those that are named are', () =>
  inBundle(H2, async (folder) => {
    const clean = await km(['doctor', '--bundle', '.'], {}, folder);
    await writeFile(join(folder, 'km-bootstrap.toml'), 'there_is_no_such_setting = 1\n');
    await writeFile(join(folder, '.env'), 'KMB_THERE_IS_NO_SUCH_SETTING=1\n');
    for (const bundle of ['.', folder]) {
      const { exitCode, stdout } = await km(['doctor', '--bundle', bundle], {}, folder);
      assert.equal([exitCode, stdout.replaceAll(folder, '.')], [clean.exitCode, clean.stdout.replaceAll(folder, '.')]);
    }
    assert.is((await km(['doctor', '--bundle', '.', '--config', 'km-bootstrap.toml'], {}, folder)).exitCode, 78);
    await rm(join(folder, 'km-bootstrap.toml'));
    // Without a bundle the working folder is one's own.
    assert.is((await km(['doctor', '--is7-home', 'wso2is-7.2.0'], {}, folder)).exitCode, 78);
  }));

test('the variables of whoever looks at a bundle do not fill its placeholders', () =>
  inBundle('jdbc:h2:./repository/database/$env{ANALYST}', async (folder) => {
    const { stdout, stderr } = await km(['doctor', '--bundle', '.', '-vv'], { ANALYST: HUSH }, folder);
    assert.not.match(stdout + stderr, HUSH);
  }));

for (const url of ['jdbc:h2:/etc/passwd', 'jdbc:h2:~/DB', 'jdbc:h2:./../../../../../etc/x', 'jdbc:h2:file:/dev/zero']) {
  test(`a database that a bundle names outside of itself is not looked at: ${url}`, () =>
    inBundle(url, async (folder) => {
      const { stdout } = await km(['doctor', '--bundle', '.', '--json'], {}, folder);
      assert.not.match(stdout, /"code":"(DATABASE|CONSTRAINT)/);
    }));
}

for (const [title, url] of [
  ['SQL in a schema', "jdbc:h2:./repository/database/WSO2IDENTITY_DB;SCHEMA=PUBLIC\\;CALL CSVWRITE('ran','SELECT 42')"],
  [
    'SQL behind an escaped backslash',
    "jdbc:h2:./repository/database/WSO2IDENTITY_DB;SCHEMA=A --\\\\;INIT=CALL CSVWRITE('ran','SELECT 42')",
  ],
  ['a trace', 'jdbc:db2://127.0.0.1:1/X:sslConnection=true;traceFile=ran;'],
  ['a directory', 'jdbc:oracle:thin:@ldap://127.0.0.1:1/cn=x'],
  ['a configuration', 'jdbc:oracle:thin:@config-file:///etc/passwd'],
  ['a class', 'jdbc:sqlserver://127.0.0.1:1;socketFactoryClass=x.Y'],
  ['a log', 'jdbc:postgresql://127.0.0.1:1/x?loggerFile=ran&loggerLevel=TRACE'],
  ['a file for the server', 'jdbc:mysql://127.0.0.1:1/x?allowLoadLocalInfile=true'],
] as const) {
  test(`a URL with ${title} is refused by plan, verify and apply, and nothing is written or contacted`, () =>
    inBundle(url, async (folder) => {
      const home = join(folder, 'wso2is-7.2.0');
      const phase = url.startsWith('jdbc:h2') ? 'offline' : 'online';
      for (const command of ['plan', 'verify', 'apply']) {
        const words = [command, '--phase', phase, '--only', 'database/*', '--is7-home', home, '--timeout', '10s'];
        const { exitCode, stdout, stderr } = await km(words, {}, folder);
        assert.is(exitCode, 78, stdout + stderr);
        assert.match(stdout + stderr, 'DATABASE_URL_REFUSED');
      }
      for (const place of [folder, home])
        assert.is(await readFile(join(place, 'ran')).catch(() => undefined), undefined);
    }));
}

for (const [name, value] of [
  ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
  ['NODE_PG_FORCE_NATIVE', '1'],
] as const) {
  test(`${name}=${value} is refused before anything is read, from the environment and from .env`, () =>
    inBundle(H2, async (folder) => {
      const words = ['plan', '--is7-home', join(folder, 'wso2is-7.2.0')];
      const set = await km(words, { [name]: value }, folder);
      await writeFile(join(folder, '.env'), `${name}=${value}\n`);
      for (const { exitCode, stderr } of [set, await km(words, {}, folder)]) {
        assert.is(exitCode, 78);
        assert.match(stderr, 'VERIFICATION_OFF');
      }
      assert.is((await km(['help'], { [name]: value }, folder)).exitCode, 0);
    }));
}

test.run();
