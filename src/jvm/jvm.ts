import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type NodeJava from 'java';
import { BootstrapError } from '../errors.js';
import { packageRoot } from '../io/package-root.js';
import { bridgeJar, classArchive, QUICK_START } from './class-archive.js';
import { MESSAGES } from './errors.js';

/** node-java's API, plus nothing: a JVM in this process. */
export type Jvm = typeof NodeJava;

let started: { readonly java: Jvm; readonly classpath: readonly string[] } | undefined;

/**
 * The one JVM of this process, started on first use with the given jars. A JVM's class path cannot change afterwards,
 * so a later call may only ask for jars that are already on it.
 *
 * After this the process does not end by itself: the command line ends it explicitly.
 *
 * @throws BootstrapError `JVM_BRIDGE_MISSING` node-java is not installed or was not built; `JVM_CLASSPATH_FIXED`.
 */
export function startJvm(jars: readonly string[]): Jvm {
  if (!started) {
    const java = requireNodeJava();
    java.classpath.splice(0, Infinity, ...bridgeClassPath(java), ...jars);
    java.options.push(...OPTIONS, ...archiveOptions());
    started = { java, classpath: jars };
    return java;
  }
  const missing = jars.filter((jar) => !started?.classpath.includes(jar));
  if (missing.length === 0) return started.java;
  throw new BootstrapError(MESSAGES.JVM_CLASSPATH_FIXED(missing));
}

/** -Xrs leaves SIGINT and SIGTERM to us. */
const OPTIONS = ['-Xrs', ...QUICK_START, '-Djava.awt.headless=true'];

/** node-java's own classes lie in a folder, and a JVM uses no archive when one is on its class path. */
function bridgeClassPath({ classpath }: Jvm): readonly string[] {
  const jar = bridgeJar();
  return jar === undefined ? classpath : classpath.map((path) => (path.endsWith('.jar') ? path : jar));
}

/** A JVM that finds the archive made by another one, or for other jars, says so on stdout and starts as it would without. */
function archiveOptions(): readonly string[] {
  const archive = classArchive();
  return archive === undefined ? [] : [`-XX:SharedArchiveFile=${archive}`, '-Xlog:disable'];
}

/** The release of node-java that builds on current Node. */
const BRIDGE = '0.18.0';

function requireNodeJava(): Jvm {
  try {
    return createRequire(import.meta.url)('java') as Jvm;
  } catch (cause) {
    throw new BootstrapError(MESSAGES.JVM_BRIDGE_MISSING(buildCommand()), { cause });
  }
}

/** One command that can be pasted: in a clone, in a project, and for a global installation, with or without the sources of the bridge. */
function buildCommand(): string {
  const root = packageRoot();
  if (existsSync(join(root, 'scripts', 'setup'))) return `'${join(root, 'scripts', 'setup')}'`;
  try {
    const bridge = createRequire(import.meta.url).resolve('java/package.json');
    return `npm rebuild java --foreground-scripts --prefix '${dirname(dirname(dirname(bridge)))}'`;
  } catch {
    return `npm install java@${BRIDGE} --no-save --foreground-scripts --prefix '${root}'`;
  }
}
