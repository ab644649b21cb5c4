import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/io/package-root.js';
import { km, MAIN } from '../support/cli.js';
import { patient } from '../support/patience.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { withTempFolder } from '../support/temp-folder.js';

interface Block {
  readonly text: string;
  readonly isRun: boolean;
}

/** Pages whose blocks need a state of their own. */
const RUN_BY: Readonly<Record<string, string>> = { 'docs/undo.md': 'test/integration/undo.test.ts' };

const ROOT = packageRoot();
const pages = [
  'README.md',
  ...(await readdir(join(ROOT, 'docs'), { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

for (const page of pages) {
  const blocks = blocksOf(await readFile(join(ROOT, page), 'utf8'));
  const script = blocks.filter(({ isRun }) => isRun).map(({ text }) => text);
  if (script.length > 0 && !(page in RUN_BY)) test(`the commands of ${page} work`, () => runs(script.join('\n')));
}

test('a block that is not run says why', async () => {
  for (const page of pages) {
    const text = await readFile(join(ROOT, page), 'utf8');
    assert.not.match(text, /<!-- not run:?\s*-->/, page);
  }
});

test('every link of the docs leads somewhere', async () => {
  for (const page of pages) {
    const text = await readFile(join(ROOT, page), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      await assertThere(join(ROOT, dirname(page), target), `${page} links ${target}`);
    }
  }
});

/** ```` ```sh ```` blocks; one with `<!-- not run: why -->` before it is for other places. */
function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/(<!-- not run: .+? -->\n)?```sh\n([\s\S]*?)```/g)].map(([, mark, text = '']) => ({
    text,
    isRun: mark === undefined,
  }));
}

/** A page is read from top to bottom: its blocks run in one shell, in a folder with two fresh homes, wso2is-7.2.0 and wso2am-4.5.0. */
async function runs(script: string): Promise<void> {
  await withTempFolder(async (folder) => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    // A plan or a doctor that finds something ends with 2 or 1, which is no failure of the page.
    const wrapper = `#!/bin/sh\n'${process.execPath}' '${MAIN}' "$@"\nstatus=$?\ncase "$1:$status" in plan:2 | doctor:1) exit 0 ;; esac\nexit $status\n`;
    await writeFile(join(bin, 'km-bootstrap'), wrapper);
    await chmod(join(bin, 'km-bootstrap'), 0o755);
    await makeSandboxHomes(folder);
    await execa('jar', ['cfM', 'support.zip', 'wso2is-7.2.0/repository/conf', 'wso2am-4.5.0/repository/conf'], {
      cwd: folder,
    });
    await writeFile(
      join(folder, 'km-bootstrap.toml'),
      '[is7]\nhome = "wso2is-7.2.0"\n\n[apim]\nhome = "wso2am-4.5.0"\n',
    );
    const run = await execa('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      env: { ...process.env, HOME: folder, PATH: `${bin}:${process.env['PATH']}` },
      extendEnv: false,
      all: true,
      reject: false,
      timeout: patient(240_000),
      stdin: 'ignore',
    });
    // What a page starts it stops, but for one that ended in the middle.
    if (run.exitCode !== 0) await km(['down', '--sandbox'], { HOME: folder }, folder);
    assert.is(run.exitCode, 0, `${script}\n${run.all}`);
  });
}

async function assertThere(path: string, message: string): Promise<void> {
  await readFile(path).catch(() => assert.unreachable(message));
}

test.run();
