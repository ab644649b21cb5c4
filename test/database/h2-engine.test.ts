import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { h2EngineJar } from '../../src/database/h2-engine.js';
import type { BootstrapError } from '../../src/errors.js';
import { packageRoot } from '../../src/io/package-root.js';
import { KNOWN_JARS, requirePublished } from '../../src/jvm/known-jars.js';
import { javaLibrary } from '../../src/jvm/libraries.js';
import { withTempFolder } from '../support/temp-folder.js';

for (const [title, plugins, expected] of [
  ['IS 7.0 to 7.3', ['h2-engine_2.2.224.wso2v2.jar', 'h2-other_2.9.9.jar'], 'h2-2.2.224.jar'],
  ['API Manager 4.4 and later', ['h2-engine_2.3.232.wso2v1.jar'], 'h2-2.3.232.jar'],
  ['a release of the same line', ['h2-engine_2.2.999.jar'], 'h2-2.2.224.jar'],
  ['a newer release of the other line', ['h2-engine_2.3.999.wso2v1.jar'], 'h2-2.3.232.jar'],
  ['two versions after an update', ['h2-engine_2.10.1.jar', 'h2-engine_2.2.224.wso2v2.jar'], 'h2-2.2.224.jar'],
  ['plugins without the engine', ['org.wso2.carbon.core_4.10.9.jar'], 'h2-2.2.224.jar'],
] as const) {
  test(`${title}: the engine is ${expected}`, () =>
    withTempFolder(async (home) => {
      const folder = join(home, 'repository', 'components', 'plugins');
      await mkdir(folder, { recursive: true });
      for (const plugin of plugins) await writeFile(join(folder, plugin), '');
      assert.is(basename(h2EngineJar(home)), expected);
    }));
}

test('a jar of a version that we do not carry is loaded only when it is one that H2 published', () =>
  withTempFolder(async (home) => {
    const folder = join(home, 'repository', 'components', 'plugins');
    await mkdir(folder, { recursive: true });
    const jar = join(folder, 'h2-engine_2.1.214.wso2v1.jar');
    await writeFile(jar, 'PK');
    assert.throws(
      () => h2EngineJar(home),
      (error: BootstrapError) => error.code === 'JAR_UNKNOWN' && error.message.includes(jar),
    );
    // Known by what it holds, under whatever name, and opened where nobody can exchange it.
    await copyFile(javaLibrary('h2-2.2.224.jar'), jar);
    const copy = h2EngineJar(home);
    assert.not.ok(copy.startsWith(home));
    assert.is(h2EngineJar(home), copy);
    assert.is((await stat(dirname(copy))).mode & 0o777, 0o700);
  }));

test('every jar that pom.xml names is known, and is what was published', async () => {
  const pom = await readFile(join(packageRoot(), 'pom.xml'), 'utf8');
  const named = [
    ...pom.matchAll(/<artifactId>([^<]+)<\/artifactId>\s*<version>([^<]+)<\/version>(?!\s*<(packaging|executions))/g),
  ].map(([, name, version]) => `${name}-${version}.jar`);
  const jars = named.filter((jar) => !jar.startsWith('km-bootstrap'));
  assert.is(jars.length, 6);
  for (const jar of jars) {
    assert.ok(Object.hasOwn(KNOWN_JARS, jar), jar);
    assert.ok(javaLibrary(jar).endsWith(jar));
  }
});

test('a jar of ours that is not what was published under its name is not loaded', () =>
  withTempFolder(async (folder) => {
    const changed = join(folder, 'h2-2.2.224.jar');
    for (const bytes of [
      await readFile(javaLibrary('h2-2.3.232.jar')),
      Buffer.concat([await readFile(javaLibrary('h2-2.2.224.jar')), Buffer.from([0])]),
    ]) {
      await writeFile(changed, bytes);
      assert.throws(
        () => requirePublished(changed),
        (error: BootstrapError) => error.code === 'JAR_UNKNOWN',
      );
    }
  }));

test('a home without plugins gets the oldest engine, which can upgrade no file', () => {
  assert.is(h2EngineJar('/nowhere'), javaLibrary('h2-2.2.224.jar'));
});

test.run();
