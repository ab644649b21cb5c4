import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAIN } from '../support/cli.js';
import { withTempFolder } from '../support/temp-folder.js';

interface Ended {
  readonly exitCode: number;
  readonly stderr: string;
}

/** Runs km-bootstrap with a stdout that is closed before it says anything, or after its first words. */
async function unread(words: readonly string[], when: 'at once' | 'after the first words'): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text;
  });
  if (when === 'after the first words') await once(child.stdout, 'data');
  child.stdout.destroy();
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, stderr };
}

async function withHomes(use: (words: readonly string[], folder: string) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const made = spawn(process.execPath, [MAIN, 'sandbox', '--create-only', '--dir', folder], { stdio: 'ignore' });
    await once(made, 'close');
    const [apim, is7] = readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
    await use(['--is7-home', is7 ?? '', '--apim-home', apim ?? ''], folder);
  });
}

test('an apply that nobody reads ends quietly, leaves no lock, and is finished by the next', () =>
  withHomes(async (homes, folder) => {
    const { exitCode, stderr } = await unread(['apply', ...homes, '--phase', 'offline'], 'at once');
    assert.is(exitCode, 141);
    assert.not.match(stderr, /error|EPIPE|^ +at /im);
    const left = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    assert.equal(
      left.filter((name) => /lock|\.km-bootstrap$|\.tmp/.test(name) && existsSync(join(folder, name))),
      [],
    );
  }));

test('a watch whose reader has gone ends quietly', () =>
  withHomes(async (homes) => {
    const words = ['watch', '-v', ...homes, '--phase', 'offline', '--interval', '1s', '--listen', '127.0.0.1:0'];
    const { exitCode, stderr } = await unread(words, 'after the first words');
    assert.equal([exitCode, stderr], [141, '']);
  }));

test.run();
