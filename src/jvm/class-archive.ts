import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../io/package-root.js';
import { readWhole } from '../io/read-whole.js';
import { sha256 } from './known-jars.js';

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

/** What setup noted down of what it made. */
const SUMS = 'sha256.json';

/** One that is not what setup made is as good as none. */
function ifThere(fileName: string): string | undefined {
  const [path, sums] = [join(ARCHIVE_FOLDER, fileName), join(ARCHIVE_FOLDER, SUMS)];
  if (!existsSync(path) || !existsSync(sums)) return undefined;
  const made = JSON.parse(readWhole(sums).toString('utf8')) as Readonly<Record<string, string>>;
  return made[fileName] === sha256(readWhole(path)) ? path : undefined;
}

/**
 * Has a JVM that lives for a moment start fast: no time is spent on the best code, on several collector threads, or on figures for
 * other programs in /tmp. None of these prints a warning on JDK 11 to 25.
 */
export const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-Xshare:auto'] as const;
