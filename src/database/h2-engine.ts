import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from '../jvm/errors.js';
import { copyOfKnownJar } from '../jvm/known-jars.js';
import { javaLibrary } from '../jvm/libraries.js';
import { PLUGINS } from '../servers/layout.js';

/**
 * The jar to change a server's H2 files with: of the version that the server ships, which its plugins tell (`h2-engine_2.2.224.wso2v2.jar`),
 * because a newer engine may write a file that an older one cannot read. Ours is preferred. The home's own is loaded only when it is one
 * that H2 published; else ours of the same line (2.2), which writes the same format. A jar that somebody put there is never loaded.
 *
 * A home without plugins (a volume with only its data), or none, gets the oldest engine we carry, which every IS 7 up to 7.3 ships.
 *
 * @throws BootstrapError `JAVA_LIBRARY_MISSING`, `JAR_UNKNOWN`
 */
export function h2EngineJar(home: string | undefined): string {
  const shipped = home && shippedEngine(join(home, PLUGINS));
  if (!shipped) return javaLibrary(OLDEST);
  const exact = `h2-${shipped.version}.jar`;
  if (OURS.includes(exact)) return javaLibrary(exact);
  const theirs = copyOfKnownJar(shipped.jar);
  if (theirs !== undefined) return theirs;
  const ofLine = OURS.find((jar) => lineOf(jar) === lineOf(shipped.version));
  if (ofLine !== undefined) return javaLibrary(ofLine);
  throw new BootstrapError(MESSAGES.JAR_UNKNOWN.engine(shipped.jar, shipped.version, OURS));
}

const OLDEST = 'h2-2.2.224.jar';
const OURS: readonly string[] = [OLDEST, 'h2-2.3.232.jar'];

/** `2.2` of `h2-2.2.224.jar`. */
function lineOf(text: string): string | undefined {
  return /(\d+\.\d+)\.\d+/.exec(text)?.[1];
}

/** Of several, which an update may leave behind, the oldest: it can do no harm to a file, only refuse it. */
function shippedEngine(plugins: string): { readonly version: string; readonly jar: string } | undefined {
  if (!existsSync(plugins)) return undefined;
  const [oldest] = readdirSync(plugins)
    .map((file) => ({ version: /^h2-engine_(\d+\.\d+\.\d+).*\.jar$/.exec(file)?.[1], jar: join(plugins, file) }))
    .filter((found): found is { version: string; jar: string } => found.version !== undefined)
    .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
  return oldest;
}
