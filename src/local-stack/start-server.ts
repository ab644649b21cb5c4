import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { execa } from 'execa';
import { BootstrapError } from '../errors.js';
import { makeFolder } from '../io/make-folder.js';
import { processStart } from '../io/process-start.js';
import { unwritable } from '../io/unwritable.js';
import { LOGS } from '../servers/layout.js';
import { PRODUCTS, type ServerId } from '../servers/server.js';
import { MESSAGES } from './errors.js';
import { lastLines } from './log.js';
import { signalGroup, stopGroup } from './process-group.js';
import { removeRecord, writeRecord } from './state-file.js';

export interface ServerToStart {
  readonly id: ServerId;
  /** For people: `WSO2 API Manager`. */
  readonly title: string;
  readonly home: string;
  /** `-DportOffset`, which counts in place of `[server] offset`. */
  readonly portOffset: number;
  readonly environment: Readonly<Record<string, string>>;
}

export interface StartedServer extends ServerToStart {
  /** Of the start script, which leads a group of its own with the JVM in it. */
  readonly pid: number;
  readonly log: string;
  /** How the server ended; pending while it runs. */
  readonly ended: Promise<Ending>;
  /** TERM for the whole group, KILL for what is left after `graceMs`. */
  stop(graceMs: number): Promise<'ended' | 'killed'>;
  /** At once, for the end of this process. */
  kill(): void;
}

export interface Ending {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

/**
 * Starts a server by its own script, in a session of its own: neither a Ctrl-C in this terminal nor the end of this process reaches it
 * but through {@link StartedServer.stop}. What it prints goes to a file in its logs, anew at each start.
 *
 * @throws BootstrapError `FILE_UNWRITABLE`, `SERVER_ENDED`
 */
export async function startServer(server: ServerToStart): Promise<StartedServer> {
  const { home, portOffset } = server;
  const log = join(home, LOGS, 'km-bootstrap-up.log');
  const { child } = await withLog(log, (output) => ({ child: runScript(server, output) }));
  const ended = child.then(({ exitCode, signal }): Ending => ({ exitCode, signal }));
  const { pid } = child;
  if (pid === undefined) throw endedError({ ...server, log }, await ended);
  const started = await processStart(pid);
  if (started !== undefined) await writeRecord(home, { pid, started, portOffset, log });
  return {
    ...server,
    pid,
    log,
    ended,
    async stop(graceMs) {
      const how = await stopGroup(pid, graceMs);
      await removeRecord(home);
      return how;
    },
    kill: () => signalGroup(pid, 'SIGKILL'),
  };
}

/** What is said when a server ended that should run: how, and the last words of its log. */
export function endedError(
  { title, log }: Pick<StartedServer, 'title' | 'log'>,
  { exitCode, signal }: Ending,
): BootstrapError {
  const how = signal ? `by ${signal}` : `with exit code ${exitCode ?? 'unknown'}`;
  const lines = lastLines(log, SHOWN_LINES);
  const words =
    lines.length > 0 ? `; the last lines of its log:\n${lines.join('\n')}` : ' and wrote nothing to its log';
  return new BootstrapError(MESSAGES.SERVER_ENDED(title, how, words, log));
}

const SHOWN_LINES = 12;

function runScript({ id, home, portOffset, environment }: ServerToStart, output: Writable) {
  const child = execa('sh', [PRODUCTS[id].startScript, `-DportOffset=${portOffset}`], {
    cwd: home,
    env: environment,
    extendEnv: false,
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    stdin: 'ignore',
    stdout: output,
    stderr: output,
  });
  child.unref();
  return child;
}

/** The server writes to the file itself, so that it goes on when this process has ended. */
async function withLog<T>(path: string, use: (output: Writable) => T): Promise<T> {
  await makeFolder(dirname(path));
  const file = await open(path, 'w', 0o600).catch(async (cause) => {
    throw await unwritable(`write the log ${path}`, path, cause);
  });
  try {
    return use(file.createWriteStream({ autoClose: false }));
  } finally {
    await file.close();
  }
}
