import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { BootstrapError } from '../errors.js';
import type { Notice } from '../step/step.js';
import { type JdkRange, MESSAGES } from './errors.js';

/** Where a server's JDK is looked for, first to last. */
export interface JavaSources {
  /** `is7.java_home` or `apim.java_home`. */
  readonly setting: string | undefined;
  /** JAVA_HOME. */
  readonly javaHome: string | undefined;
  /** PATH: the JDK that its `java` belongs to. */
  readonly path: string | undefined;
}

export interface Jdk {
  readonly home: string;
  /** `17.0.15`, as it says itself. */
  readonly version: string;
  /** 17; 8 for `1.8.0`. */
  readonly major: number;
}

/**
 * The JDK that a server gets. Both start scripts end at once without JAVA_HOME, so it is found here, where it can be said what is wrong.
 *
 * @throws BootstrapError `JAVA_NOT_FOUND`
 */
export async function findJdk({ setting, javaHome, path }: JavaSources): Promise<Jdk> {
  if (setting !== undefined) return readJdk(setting, 'the java_home that is set for this server');
  if (javaHome) return readJdk(javaHome, 'JAVA_HOME');
  const jdk = await jdkOnPath(path);
  if (jdk !== undefined) return readJdk(jdk, 'the java on PATH');
  throw noJdk('JAVA_HOME is not set, and there is no java on PATH');
}

/**
 * The range in the script's own words: it compares the version as `1700`, two digits for each part, so an update of the server that takes
 * a newer JDK is known here too. Undefined when it compares nothing.
 */
export function readJdkRange(startScript: string): JdkRange | undefined {
  const [, oldest, newest] = /-lt 0*(\d+)00 .*-gt 0*(\d+)00\b/.exec(startScript) ?? [];
  return oldest && newest ? { oldest: Number(oldest), newest: Number(newest) } : undefined;
}

/**
 * Whether a server can run on a JDK. One that is older cannot load its classes; with a newer one the start script complains and goes on,
 * and so do we.
 *
 * @param server for people, with its version: `WSO2 API Manager 4.7`
 * @throws BootstrapError `JAVA_UNSUPPORTED`
 */
export function checkJdk(
  server: string,
  { home, version, major }: Jdk,
  range: JdkRange | undefined,
): readonly Notice[] {
  if (!range || (major >= range.oldest && major <= range.newest)) return [];
  if (major < range.oldest) throw new BootstrapError(MESSAGES.JAVA_UNSUPPORTED(server, range, home, version));
  return [MESSAGES.JAVA_UNTESTED(server, range, home, version)];
}

/** The start scripts run `$JAVA_HOME/bin/java` without quotes. */
async function readJdk(home: string, source: string): Promise<Jdk> {
  if (/\s/.test(home))
    throw noJdk(`${source} is ${home}, and the start scripts of both servers cannot use a path with blanks`);
  const java = join(home, 'bin', 'java');
  if (!existsSync(java)) throw noJdk(`${source} is ${home}, where there is no bin/java`);
  const { all, failed } = await execa(java, ['-version'], {
    all: true,
    reject: false,
    timeout: JAVA_TIMEOUT_MS,
    stdin: 'ignore',
  });
  const version = /version "([^"]+)"/.exec(all)?.[1];
  if (failed || version === undefined) throw noJdk(`${java} -version does not tell a version: ${all.split('\n')[0]}`);
  return { home, version, major: Number(/^(?:1\.)?(\d+)/.exec(version)?.[1] ?? 0) };
}

const JAVA_TIMEOUT_MS = 30_000;

/** `java` on PATH is a link into the JDK that it belongs to. */
async function jdkOnPath(path = ''): Promise<string | undefined> {
  const java = path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, 'java'))
    .find((candidate) => existsSync(candidate));
  return java && dirname(dirname(await realpath(java)));
}

function noJdk(message: string): BootstrapError {
  return new BootstrapError(MESSAGES.JAVA_NOT_FOUND(message));
}
