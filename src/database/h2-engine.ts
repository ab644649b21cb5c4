import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { javaLibrary } from '../jvm/libraries.js';
import { PLUGINS } from '../servers/layout.js';

/**
 * The jar to open a server's H2 files with: of exactly the version that the server ships, which its plugins tell
 * (`h2-engine_2.2.224.wso2v2.jar`), because a newer engine may write a file that an older one cannot read. Ours is preferred, as it is
 * known to be whole; the home's own serves for every other version.
 *
 * A home without plugins (a volume with only its data), or none, gets the oldest engine we carry, which every IS 7 up to 7.3 ships.
 *
 * @throws BootstrapError `JAVA_LIBRARY_MISSING`
 */
export function h2EngineJar(home: string | undefined): string {
  const shipped = home && shippedEngine(join(home, PLUGINS));
  if (!shipped) return javaLibrary(OLDEST);
  try {
    return javaLibrary(`h2-${shipped.version}.jar`);
  } catch {
    return shipped.jar;
  }
}

const OLDEST = 'h2-2.2.224.jar';

/** Of several, which an update may leave behind, the oldest: it can do no harm to a file, only refuse it. */
function shippedEngine(plugins: string): { readonly version: string; readonly jar: string } | undefined {
  if (!existsSync(plugins)) return undefined;
  const [oldest] = readdirSync(plugins)
    .map((file) => ({ version: /^h2-engine_(\d+\.\d+\.\d+).*\.jar$/.exec(file)?.[1], jar: join(plugins, file) }))
    .filter((found): found is { version: string; jar: string } => found.version !== undefined)
    .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
  return oldest;
}
