import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DropinOptions, dropinStep } from '../../src/dropins/step.js';
import type { BootstrapError } from '../../src/errors.js';
import { converges } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';

const run = promisify(execFile);
const BUNDLE = 'wso2is.notification.event.handlers';

/** A real jar, made by the JDK. */
async function makeJar(path: string, attributes: Readonly<Record<string, string>> = {}, content = 'x'): Promise<void> {
  const folder = `${path}.content`;
  await mkdir(folder);
  await writeFile(join(folder, 'content.txt'), content);
  const lines = Object.entries(attributes).map(([name, value]) => `${name}: ${value}\n`);
  await writeFile(join(folder, 'manifest'), lines.join(''));
  await run('jar', ['cfm', path, join(folder, 'manifest'), '-C', folder, 'content.txt']);
}

interface Given {
  readonly folder: string;
  readonly dropins: string;
  step(options?: Partial<DropinOptions>): ReturnType<typeof dropinStep>;
}

function withDropins(use: (given: Given) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const dropins = join(folder, 'home', 'repository', 'components', 'dropins');
    await use({
      folder,
      dropins,
      step: (options) =>
        dropinStep({ id: 'dropins/is7', folder: dropins, jar: undefined, apimVersion: '4.5', ...options }),
    });
  });
}

test('the jar that was named comes into dropins, readable for the server', () =>
  withDropins(async ({ folder, dropins, step }) => {
    const jar = join(folder, `${BUNDLE}-2.0.5.jar`);
    await makeJar(jar);
    assert.equal(await converges(step({ jar }), folder), [`put ${BUNDLE}-2.0.5.jar into ${dropins}`]);
    assert.equal(await readFile(join(dropins, `${BUNDLE}-2.0.5.jar`)), await readFile(jar));
    assert.is((await stat(join(dropins, `${BUNDLE}-2.0.5.jar`))).mode & 0o777, 0o644);
  }));

test('another version of the bundle is replaced, and the plan says so; other jars stay', () =>
  withDropins(async ({ folder, dropins, step }) => {
    const jar = join(folder, `${BUNDLE}-2.0.5.jar`);
    await makeJar(jar);
    await mkdir(dropins, { recursive: true });
    await makeJar(join(folder, 'other.jar'));
    for (const name of [`${BUNDLE}-2.0.3.12.jar`, `${BUNDLE}_2.0.1.jar`, 'org.other-1.0.0.jar']) {
      await writeFile(join(dropins, name), 'x');
    }
    assert.equal(await converges(step({ jar }), folder), [
      `put ${BUNDLE}-2.0.5.jar into ${dropins}, in place of ${BUNDLE}-2.0.3.12.jar, ${BUNDLE}_2.0.1.jar`,
    ]);
    assert.equal((await readdir(dropins)).sort(), ['org.other-1.0.0.jar', `${BUNDLE}-2.0.5.jar`]);
  }));

test('a jar of the same name is compared by its bytes', () =>
  withDropins(async ({ folder, dropins, step }) => {
    const jar = join(folder, `${BUNDLE}-2.0.5.jar`);
    await makeJar(jar);
    await mkdir(dropins, { recursive: true });
    await writeFile(join(dropins, `${BUNDLE}-2.0.5.jar`), 'cut off');
    assert.equal(await converges(step({ jar }), folder), [
      `put the named bytes of ${BUNDLE}-2.0.5.jar into ${dropins}`,
    ]);
  }));

test('under another name, the manifest tells bundle and version', () =>
  withDropins(async ({ folder, dropins, step }) => {
    const jar = join(folder, 'handlers.jar');
    await makeJar(jar, { 'Bundle-SymbolicName': `${BUNDLE};singleton:=true`, 'Bundle-Version': '2.1.3' });
    await converges(step({ jar }), folder);
    assert.equal(await readdir(dropins), [`${BUNDLE}-2.1.3.jar`]);
  }));

test('without a named jar the one that is there serves', () =>
  withDropins(async ({ dropins, step }) => {
    await mkdir(dropins, { recursive: true });
    await writeFile(join(dropins, `${BUNDLE}-2.0.5.jar`), 'x');
    const state = await step().inspect(new AbortController().signal);
    assert.equal([step().plan(state), step().notices?.(state)], [[], []]);
  }));

const versions: readonly [apim: string, jar: string, notice: RegExp | undefined][] = [
  ['4.4', '2.0.3.12', undefined],
  ['4.4', '2.0.5', /2\.0\.5\.jar is not the version that WSO2 names for API Manager 4\.4: 2\.0\.3\.12$/],
  ['4.5', '2.0.5', undefined],
  ['4.6', '2.0.5', undefined],
  ['4.7', '2.0.5', /for API Manager 4\.7: 2\.1\.3$/],
  ['4.7', '2.1.3', undefined],
  ['4.3', '2.0.5', undefined],
];

for (const [apimVersion, version, notice] of versions) {
  test(`version ${version} is ${notice ? 'not ' : ''}what goes with API Manager ${apimVersion}`, () =>
    withDropins(async ({ dropins, step }) => {
      await mkdir(dropins, { recursive: true });
      await writeFile(join(dropins, `${BUNDLE}-${version}.jar`), 'x');
      const { inspect, notices } = step({ apimVersion });
      const said = notices?.(await inspect(new AbortController().signal)) ?? [];
      if (!notice) return assert.equal(said, []);
      assert.is(said[0]?.code, 'DROPIN_VERSION');
      assert.match(said[0]?.message ?? '', notice);
    }));
}

test('below an overlay the home is read and never written; what cannot be removed there is said', () =>
  withDropins(async ({ folder, dropins, step }) => {
    const jar = join(folder, `${BUNDLE}-2.0.5.jar`);
    await makeJar(jar);
    const below = join(folder, 'image');
    await mkdir(below);
    await writeFile(join(below, `${BUNDLE}-2.0.3.12.jar`), 'x');
    const overlaid = step({ jar, below });
    await converges(overlaid, folder);
    assert.equal(await readdir(below), [`${BUNDLE}-2.0.3.12.jar`]);
    assert.equal(await readdir(dropins), [`${BUNDLE}-2.0.5.jar`]);
    const notices = overlaid.notices?.(await overlaid.inspect(new AbortController().signal)) ?? [];
    assert.equal(
      notices.map(({ code }) => code),
      ['DROPIN_VERSION', 'DROPIN_TWICE'],
    );
  }));

const failures: readonly [title: string, name: string, content: string | undefined, code: string, message: RegExp][] = [
  ['a web page', `${BUNDLE}-2.0.5.jar`, '<html>', 'DROPIN_INVALID', /2\.0\.5\.jar is no jar: it has no directory/],
  ['a file that is not there', 'none.jar', undefined, 'FILE_UNREADABLE', /none\.jar: ENOENT/],
];

for (const [title, name, content, code, message] of failures) {
  test(`${title} is refused by name`, () =>
    withDropins(async ({ folder, step }) => {
      const jar = join(folder, name);
      if (content !== undefined) await writeFile(jar, content);
      await failsWith(step({ jar }), code, message);
    }));
}

test('a jar that was cut off, and one of something else, are refused', () =>
  withDropins(async ({ folder, step }) => {
    const jar = join(folder, 'handlers.jar');
    await makeJar(jar, { 'Bundle-SymbolicName': 'org.other', 'Bundle-Version': '1' });
    await failsWith(step({ jar }), 'DROPIN_INVALID', /is the bundle org\.other and not wso2is/);
    const bytes = await readFile(jar);
    await writeFile(jar, bytes.subarray(0, bytes.length - 30));
    await failsWith(step({ jar }), 'DROPIN_INVALID', /is no jar: it has no directory of a ZIP file, or was cut off/);
    await writeFile(jar, Buffer.concat([bytes.subarray(40)]));
    await failsWith(step({ jar }), 'DROPIN_INVALID', /is no jar: it is damaged/);
  }));

test('no jar at all is a configuration error that names the setting', () =>
  withDropins(({ step }) =>
    failsWith(step(), 'CONFIG_INVALID', /needs wso2is.*-2\.0\.5\.jar, and .*dropins has none/),
  ));

async function failsWith(step: ReturnType<typeof dropinStep>, code: string, message: RegExp): Promise<void> {
  try {
    step.plan(await step.inspect(new AbortController().signal));
  } catch (error) {
    assert.is((error as BootstrapError).code, code, String(error));
    assert.match((error as BootstrapError).message, message);
    return;
  }
  assert.unreachable();
}

test.run();
