import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../io/package-root.js';

/** Where `scripts/setup` puts what it makes of the installed packages and jars for a faster start; nothing needs any of it. */
export const ARCHIVE_FOLDER = join(packageRoot(), 'java', 'archive');

/** node-java's own Java classes as a jar; undefined when setup made none. */
export function bridgeJar(): string | undefined {
  return ifThere('node-java.jar');
}

/** The classes that H2 needs for our work as a JVM lays them out in memory (class data sharing); undefined when setup made none. */
export function classArchive(): string | undefined {
  return ifThere('h2.jsa');
}

function ifThere(fileName: string): string | undefined {
  const path = join(ARCHIVE_FOLDER, fileName);
  return existsSync(path) ? path : undefined;
}

/**
 * Has a JVM that lives for a moment start fast: no time is spent on the best code, on several collector threads, or on figures for
 * other programs in /tmp. None of these prints a warning on JDK 11 to 25.
 */
export const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-Xshare:auto'] as const;
