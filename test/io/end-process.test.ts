import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withTempFolder } from '../support/temp-folder.js';

const END_PROCESS = fileURLToPath(new URL('../../src/io/end-process.js', import.meta.url));
const canReplaceItself = 'execve' in process;

/** What a process ends with that runs these statements and then asks to end with 124. */
async function endOf(statements: string): Promise<number | undefined> {
  const script = `import { endProcess } from ${JSON.stringify(END_PROCESS)};\n${statements}\nsetTimeout(() => endProcess(124), 50);`;
  const child = await execa('node', ['--input-type=module', '-e', script], { reject: false, timeout: 20_000 });
  assert.not(child.timedOut, child.stderr);
  return child.exitCode ?? (child.signal === 'SIGKILL' ? 137 : undefined);
}

test('a process without work in threads ends with its exit code', async () => {
  assert.is(await endOf(''), 124);
});

test('a file that cannot be opened for ever does not keep the process from ending', () =>
  withTempFolder(async (folder) => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const opening = `import { open } from 'node:fs/promises';\nopen(${JSON.stringify(pipe)});`;
    assert.is(await endOf(opening), canReplaceItself ? 124 : 137);
  }));

test.run();
