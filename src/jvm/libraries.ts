import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { packageRoot } from '../io/package-root.js';
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
  if (existsSync(path)) {
    if (!checked.has(path)) requirePublished(path);
    checked.add(path);
    return path;
  }
  throw new BootstrapError(`the Java library ${fileName} is not in ${dirname(path)}`, {
    code: 'JAVA_LIBRARY_MISSING',
    hint: 'Run ./scripts/setup, which copies the jars that pom.xml names.',
  });
}
