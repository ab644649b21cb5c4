import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { h2EngineJar } from '../../src/database/h2-engine.js';
import { javaLibrary } from '../../src/jvm/libraries.js';
import { withTempFolder } from '../support/temp-folder.js';

for (const [title, plugins, expected] of [
  ['IS 7.0 to 7.3', ['h2-engine_2.2.224.wso2v2.jar', 'h2-other_2.9.9.jar'], 'h2-2.2.224.jar'],
  ['API Manager 4.4 and later', ['h2-engine_2.3.232.wso2v1.jar'], 'h2-2.3.232.jar'],
  ['a version we do not carry', ['h2-engine_2.1.214.wso2v1.jar'], 'h2-engine_2.1.214.wso2v1.jar'],
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

test('a home without plugins gets the oldest engine, which can upgrade no file', () => {
  assert.is(h2EngineJar('/nowhere'), javaLibrary('h2-2.2.224.jar'));
});

test.run();
