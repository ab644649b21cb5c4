import { createServer } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { takenPorts } from '../../src/io/taken-ports.js';
import { findFreeOffset, portsOf } from '../../src/local-stack/ports.js';
import { freePort } from '../support/database-servers.js';

test('a port that anything listens on is taken, on whatever address', () =>
  withListener('127.0.0.1', async (port) => {
    assert.equal(await takenPorts([port]), [port]);
  }));

test('an offset with a port in the way is passed over, and so is one whose ports are reserved', () =>
  withListener('127.0.0.1', async (port) => {
    const offset = port - 9763;
    assert.ok(portsOf('is7', offset).includes(port));
    const free = await findFreeOffset('is7', offset, portsOf('is7', offset + 1));
    assert.ok(free !== undefined && free >= offset + 2, `${free}`);
  }));

test('beyond the highest port there is no offset', async () => {
  assert.is(await findFreeOffset('apim', 60_000, []), undefined);
});

async function withListener(host: string, use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer();
  let port = 0;
  while (port < 9763) port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  try {
    await use(port);
  } finally {
    server.close();
  }
}

test.run();
