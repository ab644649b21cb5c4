import { join, resolve } from 'node:path';
import { BootstrapError } from '../src/errors.js';
import type { HostNames } from '../src/http/host-names.js';
import { type Jvm, startJvm } from '../src/jvm/jvm.js';
import { javaLibrary } from '../src/jvm/libraries.js';
import { apiOf } from './apim/apis.js';
import { MESSAGES } from './errors.js';
import { moveToFreePorts, portsOf } from './free-ports.js';
import { createHome } from './home/create-home.js';
import { type Release, releaseOf, type Server } from './home/releases.js';
import type { Environment } from './home/server-settings.js';
import { type LoadedHome, loadHome } from './loaded-home.js';
import { serverTomlJars } from './server-toml.js';
import { type RunningServer, startServer } from './start-server.js';
import { addTenants, readTenants } from './tenants.js';

export interface SandboxOptions {
  /** Where the homes are, or are made: `<dir>/wso2is-7.2.0`, `<dir>/wso2am-4.5.0`. */
  readonly dir: string;
  /** `7.0`…`7.3` */
  readonly is7Version: string;
  /** `4.3`…`4.7` */
  readonly apimVersion: string;
  /** Port offset in place of the one in deployment.toml. */
  readonly is7Offset?: number;
  readonly apimOffset?: number;
  /** Only their homes are made; none: both homes are made and nothing is served. */
  readonly serve: readonly Server[];
  /** Of homes that are made now. */
  readonly certificates: 'valid' | 'expired';
  /** Domains of tenants that both servers get besides the first; their administrators are `admin@<domain>`, password `admin`. */
  readonly tenants: readonly string[];
  /** Names that both servers resolve by themselves, like those of /etc/hosts. */
  readonly hosts?: HostNames;
}

export interface SandboxContext {
  /** Aborted: close everything and return. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Where `$env{}` in the homes' deployment.toml looks; nothing by default. */
  readonly environment?: Environment;
}

/**
 * Makes the homes that are missing and serves stand-ins of the two servers from them until the signal aborts. Ports that are taken are
 * passed over, which is said, unless an offset was asked for or one server alone is served.
 *
 * @throws BootstrapError `SANDBOX_FAILED` a home cannot be made, a server would not start, a port is taken; `PORT_CLASH` the two want
 * the same one; `DATABASE_IN_USE`; those of {@link startJvm} and {@link loadHome}
 */
export async function runSandbox(options: SandboxOptions, context: SandboxContext): Promise<void> {
  const { signal, say } = context;
  say('The sandbox holds stand-ins made by km-bootstrap, for trying and testing. They are not WSO2’s software.');
  const jvm = startJvm(sandboxJars());
  for (const place of placesOf(options)) {
    if (signal.aborted) return;
    const outcome = await createHome({ ...place.release, ...place, certificates: options.certificates, jvm });
    await addTenants(place.folder, place.release.server, options.tenants);
    say(outcome === 'created' ? `made ${place.folder}` : `found ${place.folder}, used as it is`);
  }
  if (options.serve.length > 0) await serve(jvm, options, context);
}

/** What the JVM of a process needs on its class path to make and to run stand-ins. */
export function sandboxJars(): readonly string[] {
  return [javaLibrary('h2-2.2.224.jar'), ...serverTomlJars()];
}

interface Place {
  readonly release: Release;
  readonly folder: string;
  readonly portOffset: number | undefined;
}

function placesOf({ dir, is7Version, apimVersion, is7Offset, apimOffset, serve }: SandboxOptions): readonly Place[] {
  const is7 = releaseOf('is7', is7Version);
  const apim = releaseOf('apim', apimVersion);
  const places = [
    { release: is7, folder: join(resolve(dir), is7.folderName), portOffset: is7Offset },
    { release: apim, folder: join(resolve(dir), apim.folderName), portOffset: apimOffset },
  ];
  return places.filter(({ release }) => serve.length === 0 || serve.includes(release.server));
}

async function serve(jvm: Jvm, options: SandboxOptions, { signal, say, environment = {} }: SandboxContext) {
  const asked: LoadedHome[] = [];
  for (const { release, folder, portOffset } of placesOf(options)) {
    const offset = portOffset === undefined ? {} : { portOffset };
    const { hosts = {} } = options;
    asked.push(await loadHome(jvm, { server: release.server, folder, environment, hosts, ...offset }));
  }
  refuseOnePort(asked);
  const homes = await onFreePorts(asked, options, say);
  const running: RunningServer[] = [];
  try {
    for (const home of homes) {
      if (signal.aborted) return;
      const server = await startServer(jvm, home);
      running.push(server);
      say(`${TITLE[home.server]} ${home.version} listens on ${server.url}`);
      const tenants = (await readTenants(home.folder, home.server)).map(({ domain }) => domain);
      if (server.gatewayUrl !== undefined) for (const line of apisAt(server.gatewayUrl, tenants)) say(line);
    }
    say('press Ctrl-C to stop');
    await aborted(signal);
  } finally {
    for (const server of running.reverse()) await server.close();
  }
  say('stopped');
}

/**
 * Of two servers, one whose ports another program holds moves, unless its offset was asked for. One alone stays, like the real server: it is
 * what the start script of a home runs, and whoever started it waits for it there.
 */
async function onFreePorts(
  asked: readonly LoadedHome[],
  options: SandboxOptions,
  say: SandboxContext['say'],
): Promise<readonly LoadedHome[]> {
  if (asked.length < 2) return asked;
  const homes = [...asked];
  for (const [index, home] of homes.entries()) {
    if (options[`${home.server}Offset`] !== undefined) continue;
    const reserved = homes.flatMap((other) => (other === home ? [] : portsOf(other)));
    const { home: moved, by } = await moveToFreePorts(home, reserved);
    if (by === 0) continue;
    homes[index] = moved;
    say(`a port of ${TITLE[home.server]}, from ${home.httpsPort} on, is taken: it gets the next that are free`);
    say(`tell km-bootstrap so: KMB_${home.server.toUpperCase()}_OFFSET=${moved.httpsPort - BASE_PORT}`);
  }
  return homes;
}

const BASE_PORT = 9443;

/** What `proof.gateway_url` and `proof.api_id` can be here. */
function apisAt(gatewayUrl: string, tenants: readonly string[]): readonly string[] {
  return [undefined, ...tenants].map((tenant) => {
    const { id, context, name } = apiOf(tenant);
    return `its gateway has the API ${name} at ${gatewayUrl}${context}/hello (id ${id})`;
  });
}

const TITLE = { is7: 'Identity Server', apim: 'API Manager' } as const;

function refuseOnePort(homes: readonly LoadedHome[]): void {
  const [one, other] = homes;
  if (!one || !other || one.httpsPort !== other.httpsPort) return;
  throw new BootstrapError(MESSAGES.PORT_CLASH(one.httpsPort));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
