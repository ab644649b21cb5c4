import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { packageRoot } from '../io/package-root.js';
import { MESSAGES } from './errors.js';

/**
 * The path of a jar that `scripts/setup` copied from Maven, by its file name (`h2-2.2.224.jar`).
 *
 * @throws BootstrapError `JAVA_LIBRARY_MISSING`
 */
export function javaLibrary(fileName: string): string {
  const path = join(packageRoot(), 'java', 'lib', fileName);
  if (existsSync(path)) return path;
  throw new BootstrapError(MESSAGES.JAVA_LIBRARY_MISSING(fileName, dirname(path)));
}
