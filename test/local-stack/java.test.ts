import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkJdk, findJdk, readJdkRange } from '../../src/local-stack/java.js';
import { assertRejects } from '../support/assert-rejects.js';

const RANGES = [
  ['if [ $java_version_formatted -lt 1100 ] || [ $java_version_formatted -gt 1700 ]; then', 11, 17],
  ['if [ $java_version_formatted -lt 2100 ] || [ $java_version_formatted -gt 2500 ]; then', 21, 25],
  ['if [ "${v}00" -lt 0800 ] || [ "${v}00" -gt 1100 ]; then', 8, 11],
] as const;

for (const [line, oldest, newest] of RANGES) {
  test(`a start script that compares with ${oldest}00 and ${newest}00 is for JDK ${oldest} to ${newest}`, () => {
    assert.equal(readJdkRange(`#!/bin/sh\n${line}\nfi\n`), { oldest, newest });
  });
}

test('a start script that compares nothing is for any JDK', () => {
  assert.is(readJdkRange('#!/bin/sh\nexec java -jar server.jar\n'), undefined);
  assert.equal(checkJdk('Server', { home: '/jdk', version: '8', major: 8 }, undefined), []);
});

test('a JDK in the range passes, an older one is refused, a newer one is named', () => {
  const range = { oldest: 11, newest: 21 };
  const jdk = (major: number) => ({ home: '/jdk', version: `${major}.0.2`, major });
  assert.equal(checkJdk('Server', jdk(11), range), []);
  assert.equal(checkJdk('Server', jdk(21), range), []);
  assert.throws(() => checkJdk('Server', jdk(8), range), /made for JDK 11 to 21, and \/jdk is JDK 8\.0\.2/);
  assert.equal(
    checkJdk('Server', jdk(25), range).map(({ code }) => code),
    ['JAVA_UNTESTED'],
  );
});

test('the setting comes before JAVA_HOME, and JAVA_HOME before PATH', () =>
  withJdks(async (jdk) => {
    const [old, long, next] = [await jdk('1.8.0_392'), await jdk('17.0.15'), await jdk('25')];
    const path = join(next, 'bin');
    assert.equal(await findJdk({ setting: old, javaHome: long, path }), { home: old, version: '1.8.0_392', major: 8 });
    assert.is((await findJdk({ setting: undefined, javaHome: long, path })).major, 17);
    assert.equal(await findJdk({ setting: undefined, javaHome: '', path }), { home: next, version: '25', major: 25 });
  }));

test('a java on PATH is followed to the JDK that it is of', () =>
  withJdks(async (jdk, folder) => {
    const home = await jdk('21.0.6');
    await mkdir(join(folder, 'links'));
    await symlink(join(home, 'bin', 'java'), join(folder, 'links', 'java'));
    assert.is((await findJdk({ setting: undefined, javaHome: undefined, path: join(folder, 'links') })).home, home);
  }));

test('what cannot be a JDK is refused in words', () =>
  withJdks(async (jdk, folder) => {
    const find = (javaHome: string) => findJdk({ setting: undefined, javaHome, path: undefined });
    await assertRejects(find(''), /JAVA_HOME is not set, and there is no java on PATH/);
    await assertRejects(find(folder), /JAVA_HOME is .* where there is no bin\/java/);
    await assertRejects(find('/opt/my jdk'), /cannot use a path with blanks/);
    const broken = await jdk('17');
    await writeFile(join(broken, 'bin', 'java'), '#!/bin/sh\necho cannot run\nexit 127\n');
    await assertRejects(find(broken), /does not tell a version: cannot run/);
  }));

/** Lends a maker of folders with a `bin/java` that tells a version; their path holds no blank. */
async function withJdks(
  use: (jdk: (version: string) => Promise<string>, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'km-jdks-'));
  const jdk = async (version: string) => {
    const home = join(folder, version);
    await mkdir(join(home, 'bin'), { recursive: true });
    await writeFile(join(home, 'bin', 'java'), `#!/bin/sh\necho 'openjdk version "${version}" 2025-04-15' >&2\n`);
    await chmod(join(home, 'bin', 'java'), 0o755);
    return home;
  };
  try {
    await use(jdk, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.run();
