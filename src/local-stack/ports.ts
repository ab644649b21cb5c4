import { takenPorts } from '../io/taken-ports.js';
import { HIGHEST_OFFSET, PRODUCTS, type ServerId } from '../servers/server.js';

/** More candidates than this are no coincidence. */
const ATTEMPTS = 100;

/** All ports of a server with an offset. */
export function portsOf(server: ServerId, offset: number): readonly number[] {
  return PRODUCTS[server].ports.map((port) => port + offset);
}

/**
 * The first offset from the one given with which nothing is in the server's way.
 *
 * @param reserved ports that another server is about to listen on
 */
export async function findFreeOffset(
  server: ServerId,
  from: number,
  reserved: readonly number[],
): Promise<number | undefined> {
  for (let offset = from; offset < from + ATTEMPTS && offset <= HIGHEST_OFFSET; offset++) {
    const ports = portsOf(server, offset);
    if (ports.some((port) => reserved.includes(port))) continue;
    if ((await takenPorts(ports)).length === 0) return offset;
  }
  return undefined;
}
