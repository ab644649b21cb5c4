import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAIN } from '../support/cli.js';
import { withTempFolder } from '../support/temp-folder.js';

const SCRIPT = join(dirname(MAIN), 'container', 'healthcheck.js');
const ENTRYPOINT = ['node', '/opt/km-bootstrap/dist/container/entrypoint.js'];

/** Whether a container whose process 1 has these words is healthy, and what is said if not. */
function check(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return withTempFolder(async (folder) => {
    const file = join(folder, 'cmdline');
    await writeFile(file, [...ENTRYPOINT, ...words, ''].join('\0'));
    const { exitCode, stdout } = await execa('node', [SCRIPT, file], { cwd: folder, env: environment, reject: false });
    return { exitCode, stdout };
  });
}

/** A sidecar that answers its /healthz with this status. */
async function withSidecar(status: number, use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((request, reply) => reply.writeHead(request.url === '/healthz' ? status : 404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

test('what is not the sidecar is never unhealthy', async () => {
  for (const words of [['prepare'], ['register', '--json'], ['plan'], []]) assert.is((await check(words)).exitCode, 0);
});

test('the sidecar is asked where KMB_WATCH_LISTEN says, on this machine also when it listens on all addresses', () =>
  withSidecar(200, async (port) => {
    for (const address of [`127.0.0.1:${port}`, `0.0.0.0:${port}`, `[::]:${port}`])
      assert.equal(await check(['watch'], { KMB_WATCH_LISTEN: address }), { exitCode: 0, stdout: '' });
  }));

test('--listen comes before the variable', () =>
  withSidecar(200, async (port) => {
    const wrong = { KMB_WATCH_LISTEN: '127.0.0.1:1' };
    assert.is((await check(['watch', '--listen', `127.0.0.1:${port}`], wrong)).exitCode, 0);
    assert.is((await check(['watch', `--listen=127.0.0.1:${port}`], wrong)).exitCode, 0);
    const refused = await check(['watch'], wrong);
    assert.is(refused.exitCode, 1);
    assert.match(refused.stdout, /^http:\/\/127\.0\.0\.1:1\/healthz: .*ECONNREFUSED/);
  }));

test('its words are those of the program: after other options, and in the settings file that they name', () =>
  withSidecar(200, async (port) => {
    await withTempFolder(async (folder) => {
      const file = join(folder, 'sidecar.toml');
      await writeFile(file, `[watch]\nlisten = "127.0.0.1:${port}"\n`);
      assert.equal(await check(['--json', 'watch', '--config', file]), { exitCode: 0, stdout: '' });
    });
  }));

test('settings that the sidecar itself refuses are unhealthy, and named', async () => {
  const { exitCode, stdout } = await check(['watch', '--listen', 'nowhere']);
  assert.is(exitCode, 1);
  assert.match(stdout, /must be address:port such as 127\.0\.0\.1:9095/);
});

test('a sidecar that says it is not well is unhealthy', () =>
  withSidecar(503, async (port) => {
    const listen = `127.0.0.1:${port}`;
    const unwell = { exitCode: 1, stdout: `http://${listen}/healthz answers 503` };
    assert.equal(await check(['watch', '--listen', listen]), unwell);
  }));

test.run();
