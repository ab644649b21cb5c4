import { takenPorts } from '../io/taken-ports.js';
import type { ServerId } from '../servers/home.js';

/** What each server listens on besides its offset, as its own carbon.xml and deployment.toml have it. */
const PORTS: Readonly<Record<ServerId, readonly number[]>> = {
  is7: [9443, 9763],
  apim: [9443, 9763, 8243, 8280, 9099, 8099, 9021, 8021, 9611, 9711, 5672],
};

const HIGHEST_OFFSET = 65_535 - Math.max(...PORTS.apim);
/** More candidates than this are no coincidence. */
const ATTEMPTS = 100;

/** All ports of a server with an offset. */
export function portsOf(server: ServerId, offset: number): readonly number[] {
  return PORTS[server].map((port) => port + offset);
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
