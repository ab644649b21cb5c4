import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config, Server } from '../composition/config.js';
import type { Settings } from '../config/parse.js';
import { BootstrapError, invalidConfiguration } from '../errors.js';
import { readWhole } from '../io/read-whole.js';
import { takenPorts } from '../io/taken-ports.js';
import type { Home } from '../servers/home.js';
import { serverPid, worksIn } from '../servers/running.js';
import { HTTPS_PORT, PRODUCTS } from '../servers/server.js';
import type { Notice } from '../step/step.js';
import { serverEnvironment } from './environment.js';
import { MESSAGES } from './errors.js';
import { checkJdk, findJdk, readJdkRange } from './java.js';
import { findFreeOffset, portsOf } from './ports.js';
import type { ServerToStart } from './start-server.js';
import { readLiveRecord } from './state-file.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A server whose home is here. */
export type LocalServer = Server & { readonly home: Home };

/** The port offsets that both servers of a stack get, and who runs already. */
export interface StackPlan {
  readonly servers: readonly PlannedServer[];
  readonly notices: readonly Notice[];
}

export interface PlannedServer {
  readonly server: LocalServer;
  /** The process that serves this home already, which is left alone. */
  readonly running: number | undefined;
  readonly portOffset: number;
  /** Whether the offset is another than what was configured, because that one's ports were taken. */
  readonly isMoved: boolean;
}

/**
 * Both servers, IS 7 first.
 *
 * @throws BootstrapError `CONFIG_INVALID` a home is missing, or written to through an overlay, which only a container's entrypoint copies
 */
export function localServers({ is7, apim }: Config): readonly [is7: LocalServer, apim: LocalServer] {
  return [requireHome(is7), requireHome(apim)];
}

/**
 * Who runs, and which offset each of the others gets: the configured one, or the next with which nothing is in its way.
 *
 * @throws BootstrapError `PORT_CLASH` an offset or URL that was asked for is taken
 */
export async function planStack(servers: readonly LocalServer[], settings: Settings): Promise<StackPlan> {
  const planned: PlannedServer[] = [];
  // API Manager keeps the usual ports, as in the guide, so it chooses first.
  for (const server of servers.toReversed()) {
    const reserved = planned.flatMap(({ server: { id }, portOffset }) => portsOf(id, portOffset));
    planned.unshift(await planServer(server, reserved, settings));
  }
  return { servers: planned, notices: planned.filter(({ isMoved }) => isMoved).map(movedNotice) };
}

/**
 * How to start a server, with its JDK and nothing of the environment that it does not need.
 *
 * @throws BootstrapError `HOME_NOT_FOUND` without its start script, `JAVA_NOT_FOUND`, `JAVA_UNSUPPORTED`
 */
export async function serverToStart(
  { server, portOffset }: PlannedServer,
  settings: Settings,
  environment: Environment,
): Promise<{ readonly start: ServerToStart; readonly notices: readonly Notice[] }> {
  const { id, title, home } = server;
  const script = readStartScript(server);
  const { JAVA_HOME: javaHome, PATH: path } = environment;
  const jdk = await findJdk({ setting: settings[`${id}.java_home`], javaHome, path });
  const notices = checkJdk(releaseName(server), jdk, readJdkRange(script));
  const deploymentToml = readWhole(home.deploymentToml).toString('utf8');
  const start = {
    id,
    title,
    home: resolve(home.folder),
    portOffset,
    environment: serverEnvironment(environment, jdk.home, deploymentToml),
  };
  return { start, notices };
}

function requireHome(server: Server): LocalServer {
  const { id, title, home } = server;
  if (!home)
    throw invalidConfiguration([
      `the home of ${title} is not known: give --${id}-home, or --sandbox to try on homes that are made`,
    ]);
  if (home.overlay === undefined) return { ...server, home };
  throw invalidConfiguration([
    `${id}.overlay is set, but a start script copies no overlay over its home: leave it out for up, which is for servers on this machine`,
  ]);
}

async function planServer(
  server: LocalServer,
  reserved: readonly number[],
  settings: Settings,
): Promise<PlannedServer> {
  const { id, home } = server;
  const configured = server.portOffset();
  const ports = portsOf(id, configured);
  const taken = await takenPorts(ports);
  const running = await findRunning(home.folder, taken.includes(ports[0] ?? 0));
  if (running !== undefined) return { server, running, portOffset: configured, isMoved: false };
  const inTheWay = [...taken, ...ports.filter((port) => reserved.includes(port))];
  if (inTheWay.length === 0) return { server, running, portOffset: configured, isMoved: false };
  if (settings[`${id}.offset`] !== undefined || settings[`${id}.url`] !== undefined) throw portsTaken(server, inTheWay);
  const portOffset = await findFreeOffset(id, configured + 1, reserved);
  if (portOffset === undefined) throw portsTaken(server, inTheWay);
  return { server, running, portOffset, isMoved: true };
}

/** One that we started, one whose process and port are there, or one that is only just starting. */
async function findRunning(home: string, isListening: boolean): Promise<number | undefined> {
  const record = await readLiveRecord(home);
  if (record) return record.pid;
  const pid = serverPid(home);
  return pid !== undefined && (isListening || worksIn(pid, home)) ? pid : undefined;
}

/** `WSO2 Identity Server 7.2` */
function releaseName({ title, version }: Server): string {
  return `${title.replace(/ 7$/, '')} ${version() ?? ''}`.trim();
}

function readStartScript({ id, title, home }: LocalServer): string {
  const { startScript } = PRODUCTS[id];
  const path = join(home.folder, startScript);
  try {
    if (existsSync(path)) return readWhole(path).toString('utf8');
  } catch (cause) {
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE(path, (cause as Error).message, title), { cause });
  }
  throw new BootstrapError(MESSAGES.HOME_NOT_FOUND(home.folder, startScript, title, id));
}

function portsTaken({ title, id }: Server, ports: readonly number[]): BootstrapError {
  const [which, are] = ports.length === 1 ? ['port', 'is'] : ['ports', 'are'];
  return new BootstrapError(MESSAGES.PORT_CLASH(title, which, ports, are, id));
}

function movedNotice({ server, portOffset }: PlannedServer): Notice {
  const from = server.portOffset();
  return MESSAGES.PORT_OFFSET_MOVED(server.title, portOffset, from, HTTPS_PORT + portOffset);
}
