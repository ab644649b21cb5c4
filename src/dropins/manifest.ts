import { buffer } from 'node:stream/consumers';
import { withZip, ZipFault } from '../io/zip.js';

/** Says what is missing in a file that should be a jar. */
export class NotAJarError extends Error {}

const MANIFEST = 'META-INF/MANIFEST.MF';
const LARGEST_MANIFEST = 1 << 20;

/**
 * The main attributes of a jar's manifest.
 *
 * @throws NotAJarError
 */
export async function readManifest(jar: Buffer): Promise<ReadonlyMap<string, string>> {
  const text = await readEntry(jar);
  // A line that begins with a blank goes on with the one before; the first empty line ends the main attributes.
  const [main = ''] = text.replaceAll(/\r\n?/g, '\n').replaceAll('\n ', '').split('\n\n');
  return new Map(main.split('\n').flatMap((line) => attribute(line)));
}

function attribute(line: string): [name: string, value: string][] {
  const [, name, value = ''] = /^([\w-]+): *(.*)$/.exec(line) ?? [];
  return name === undefined ? [] : [[name, value.trim()]];
}

async function readEntry(jar: Buffer): Promise<string> {
  try {
    return await withZip(jar, async (entries) => {
      const manifest = entries.find(({ path }) => path.toUpperCase() === MANIFEST);
      if (!manifest) throw new NotAJarError(`it is a ZIP file without ${MANIFEST}`);
      if (manifest.size > LARGEST_MANIFEST) throw new NotAJarError('its manifest is larger than any');
      return (await buffer(await manifest.open())).toString('utf8');
    });
  } catch (cause) {
    if (cause instanceof NotAJarError) throw cause;
    const isNoZip = cause instanceof ZipFault && cause.what === 'no ZIP file';
    throw new NotAJarError(isNoZip ? 'it has no directory of a ZIP file, or was cut off' : 'it is damaged', { cause });
  }
}
