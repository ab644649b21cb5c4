import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bridgeJar, classArchive, QUICK_START } from '../../src/jvm/class-archive.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { javaLibrary } from '../../src/jvm/libraries.js';
import { withTempFolder } from '../support/temp-folder.js';

test('the class path begins with jars only, which an archive needs', () => {
  if (bridgeJar() === undefined) return skipped('scripts/setup has not run here');
  const { classpath } = startJvm([javaLibrary('h2-2.2.224.jar')]);
  const folders = classpath.filter((path) => !path.endsWith('.jar') || !existsSync(path));
  assert.equal(folders, []);
});

test('the archive of setup is one that this Java takes for our class path', async () => {
  const archive = classArchive();
  if (archive === undefined)
    return skipped('there is no class archive: scripts/setup has not run here, or on a JDK before 13');
  const lang = fileURLToPath(import.meta.resolve('java/package.json'));
  const classPath = [
    join(dirname(lang), 'src-java', 'commons-lang3-node-java.jar'),
    bridgeJar(),
    javaLibrary('h2-2.2.224.jar'),
  ];
  const { exitCode, stdout } = await java('-Xshare:on', `-XX:SharedArchiveFile=${archive}`, '-cp', classPath.join(':'));
  assert.is(exitCode, 0, stdout);
});

test('an archive that does not fit is passed over without a word on stdout', () =>
  withTempFolder(async (folder) => {
    const archive = join(folder, 'h2.jsa');
    await writeFile(archive, 'made by another Java');
    const { exitCode, stdout } = await java(`-XX:SharedArchiveFile=${archive}`, '-Xlog:disable');
    assert.is(exitCode, 0);
    assert.is(stdout, '');
  }));

/** Its version goes to stderr. */
function java(...options: readonly string[]) {
  return execa('java', [...QUICK_START, ...options, '-version'], { reject: false });
}

function skipped(why: string): void {
  process.stdout.write(`skipped: ${why}\n`);
}

test.run();
