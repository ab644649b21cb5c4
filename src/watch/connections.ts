import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections that may be open at once, in all and from one address. A probe and a scraper need one each. */
const MOST = 1_024;
const MOST_OF_ONE_ADDRESS = 512;

/** Milliseconds after which a connection that says nothing is closed. */
const IDLE_MS = 3_000;

/**
 * Keeps the connections of a server few by closing the oldest, those that have said nothing first, and never by turning a new one away:
 * whoever floods the server closes his own connections, and a probe that comes now is let in.
 */
export function keepConnectionsFew(server: Server): void {
  const open = new Set<Socket>();
  const addresses = new Map<Socket, string>();
  server.setTimeout(IDLE_MS, (socket) => socket.destroy());
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const neighbours = [...open].filter((other) => addresses.get(other) === address);
    if (neighbours.length >= MOST_OF_ONE_ADDRESS) closeOne(neighbours);
    else if (open.size >= MOST) closeOne([...open]);
    open.add(socket);
    addresses.set(socket, address);
    socket.once('close', () => {
      open.delete(socket);
      addresses.delete(socket);
    });
  });
}

function closeOne(oldestFirst: readonly Socket[]): void {
  const silent = oldestFirst.find(({ bytesRead }) => bytesRead === 0);
  (silent ?? oldestFirst[0])?.destroy();
}
