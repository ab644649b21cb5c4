import { BootstrapError } from '../src/errors.js';
import { takenPorts } from '../src/io/taken-ports.js';
import { MESSAGES } from './errors.js';
import type { LoadedHome } from './loaded-home.js';

/** A home, and the offset by which its server listens elsewhere than its deployment.toml says; 0 where its ports are free. */
export interface Moved {
  readonly home: LoadedHome;
  readonly by: number;
}

/** More offsets than this that are all taken are no coincidence. */
const ATTEMPTS = 100;

/**
 * Moves a server whose ports are taken to the next offset with which they are free.
 *
 * @param reserved ports that another server is about to listen on
 * @throws BootstrapError `SANDBOX_FAILED` none of the next hundred is free
 */
export async function moveToFreePorts(home: LoadedHome, reserved: readonly number[]): Promise<Moved> {
  for (let by = 0; by <= ATTEMPTS; by++) {
    const moved = movedBy(home, by);
    const ports = portsOf(moved);
    if (Math.max(...ports) > 65_535) break;
    if (ports.some((port) => reserved.includes(port))) continue;
    if ((await takenPorts(ports)).length === 0) return { home: moved, by };
  }
  throw new BootstrapError(MESSAGES.SANDBOX_FAILED.moveToFreePorts(home.folder, home.httpsPort));
}

/** What the stand-in of a server listens on: API Manager also by HTTP, and for its gateway. */
export function portsOf({ server, httpsPort, httpPort, gatewayPort }: LoadedHome): readonly number[] {
  return server === 'is7' ? [httpsPort] : [httpsPort, httpPort, gatewayPort];
}

function movedBy(home: LoadedHome, by: number): LoadedHome {
  const { httpsPort, httpPort, gatewayPort } = home;
  return { ...home, httpsPort: httpsPort + by, httpPort: httpPort + by, gatewayPort: gatewayPort + by };
}
