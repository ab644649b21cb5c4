import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km, MAIN } from './support/cli.js';
import { makeSandboxHomes } from './support/sandbox-homes.js';
import { withTempFolder } from './support/temp-folder.js';

test('help and version load no package at all', async () => {
  for (const word of ['--version', 'help']) assert.equal(await packagesLoadedBy([word]), [], word);
});

test('offline, what is in sync is found with no driver, HTTP client or terminal library, and without a JVM', () =>
  withTempFolder(async (folder) => {
    const homes = await makeJksHomes(folder);
    await km(['apply', '--phase', 'offline', ...homes]);
    for (const command of ['apply', 'plan', 'verify']) {
      assert.equal(await packagesLoadedBy([command, '--phase', 'offline', ...homes]), ['smol-toml'], command);
    }
  }));

/** IS 7.0 and API Manager 4.3: their stores are JKS. */
async function makeJksHomes(folder: string): Promise<readonly string[]> {
  await makeSandboxHomes(folder, ['--is7-version', '7.0', '--apim-version', '4.3']);
  const [apim = '', is7 = ''] = (await readdir(folder)).sort().map((name) => join(folder, name));
  return ['--is7-home', is7, '--apim-home', apim];
}

/** Notes every module: those that are imported as they are loaded, those that are required, and libraries of machine code, at the end. */
function recorder(file: string): string {
  const hooks = `import{appendFileSync}from'node:fs';
    export async function load(url,context,next){appendFileSync(${JSON.stringify(file)},url+'\\n');return next(url,context)}`;
  return `import{appendFileSync}from'node:fs';import{createRequire,register}from'node:module';
    register(${JSON.stringify(asUrl(hooks))});
    const{cache}=createRequire('file:///none.js');
    process.on('exit',()=>appendFileSync(${JSON.stringify(file)},
      [...Object.keys(cache),...process.report.getReport().sharedObjects].join('\\n')))`;
}

function asUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

async function packagesLoadedBy(words: readonly string[]): Promise<readonly string[]> {
  return withTempFolder(async (folder) => {
    const file = join(folder, 'modules');
    const { exitCode, stdout } = await execa('node', ['--import', asUrl(recorder(file)), MAIN, ...words], {
      reject: false,
    });
    assert.is(exitCode, 0, stdout);
    const modules = await readFile(file, 'utf8');
    assert.match(modules, 'main.js');
    assert.not.match(modules, 'libjvm');
    const names = [...modules.matchAll(/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/g)].map(([, name = '']) => name);
    return [...new Set(names)].sort();
  });
}

test.run();
