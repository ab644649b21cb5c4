#!/usr/bin/env node
// Makes java/archive, with which a JVM of this process starts in half the time: node-java's own classes as a jar, and an archive of the
// classes that the step database/consumer-key loads (class data sharing), noted down while it works on a database made for that. A JDK
// before 13 cannot make the archive; then there is none, which costs time and nothing else. Needs `npm run build`.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

const BUILD = new URL('../.build/', import.meta.url);
const LIVES_ON = '--in-a-jvm';
const SUMS = 'sha256.json';

if (process.argv[2] === LIVES_ON) await workInJvm(process.argv[3]);
else await main();

async function main() {
  const { ARCHIVE_FOLDER } = await import(new URL('src/jvm/class-archive.js', BUILD));
  await rm(ARCHIVE_FOLDER, { recursive: true, force: true });
  await mkdir(ARCHIVE_FOLDER, { recursive: true });
  const bridge = join(dirname(createRequire(import.meta.url).resolve('java/package.json')), 'src-java');
  await execa('jar', ['--create', '--file', join(ARCHIVE_FOLDER, 'node-java.jar'), '-C', bridge, 'node']);
  await noteSums(ARCHIVE_FOLDER);
  const archive = join(ARCHIVE_FOLDER, 'h2.jsa');
  // The JVM writes it as it ends; under another name, so that half an archive is never found.
  const { failed } = await execa('node', [import.meta.filename, LIVES_ON, `${archive}.new`], { reject: false });
  await (failed ? rm(`${archive}.new`, { force: true }) : rename(`${archive}.new`, archive));
  await noteSums(ARCHIVE_FOLDER);
}

/** A JVM of ours loads nothing of the folder that is not what was made here. */
async function noteSums(folder) {
  const names = (await readdir(folder)).filter((name) => name !== SUMS);
  const sums = await Promise.all(
    names.map(async (name) => [
      name,
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
    ]),
  );
  await writeFile(join(folder, SUMS), `${JSON.stringify(Object.fromEntries(sums), undefined, 2)}\n`);
}

/** What a first apply and a second one do with the identity database; System.exit has the JVM write the archive. */
async function workInJvm(archive) {
  const java = createRequire(import.meta.url)('java');
  java.options.push(`-XX:ArchiveClassesAtExit=${archive}`);
  const [{ Secret }, { consumerKeyStep }, { javaLibrary }, { startJvm }, { createIdentityDatabase }] =
    await Promise.all(
      ['src/secret', 'src/database/step', 'src/jvm/libraries', 'src/jvm/jvm', 'sandbox/identity-database'].map(
        (module) => import(new URL(`${module}.js`, BUILD)),
      ),
    );
  const folder = await mkdtemp(join(tmpdir(), 'km-bootstrap-'));
  const file = join(folder, 'WSO2IDENTITY_DB');
  const login = { username: 'archive', password: new Secret('archive') };
  const { signal } = new AbortController();
  createIdentityDatabase(startJvm([javaLibrary('h2-2.2.224.jar')]), file, login);
  const step = consumerKeyStep({ connection: () => ({ url: `jdbc:h2:${file}`, lockTimeoutMs: 10_000, ...login }) });
  for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
  await step.inspect(signal);
  await rm(folder, { recursive: true });
  java.callStaticMethodSync('java.lang.System', 'exit', 0);
}
