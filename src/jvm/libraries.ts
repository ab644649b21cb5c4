import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { packageRoot } from '../io/package-root.js';
import { MESSAGES } from './errors.js';
import { requirePublished } from './known-jars.js';

/** Once a process: it takes some milliseconds. */
const checked = new Set<string>();

/**
 * The path of a jar that `scripts/setup` copied from Maven, by its file name (`h2-2.2.224.jar`).
 *
 * @throws BootstrapError `JAVA_LIBRARY_MISSING`, `JAR_UNKNOWN` it is not what was published under that name
 */
export function javaLibrary(fileName: string): string {
  const path = join(packageRoot(), 'java', 'lib', fileName);
  if (!existsSync(path)) throw new BootstrapError(MESSAGES.JAVA_LIBRARY_MISSING(fileName, dirname(path)));
  if (!checked.has(path)) requirePublished(path);
  checked.add(path);
  return path;
}
