import { basename } from 'node:path';
import { BootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';

/** The bundle through which IS 7 tells API Manager which tokens were revoked (wso2-extensions/apim-km-wso2is). */
export const HANDLER_BUNDLE = 'wso2is.notification.event.handlers';

export interface HandlerJar {
  /** As it is called in `dropins`. */
  readonly name: string;
  readonly version: string;
  readonly bytes: Buffer;
}

/**
 * Reads the jar that the user named. Its name tells the version, else its manifest does.
 *
 * @throws BootstrapError `DROPIN_INVALID` it is no jar, or another one; `FILE_UNREADABLE`
 */
export async function readHandlerJar(path: string): Promise<HandlerJar> {
  const bytes = await readBytes(path);
  const manifest = await manifestOf(path, bytes);
  const version = handlerVersion(basename(path)) ?? versionInManifest(path, manifest);
  return { name: `${HANDLER_BUNDLE}-${version}.jar`, version, bytes };
}

/** `2.0.5` of `wso2is.notification.event.handlers-2.0.5.jar`; undefined for the name of anything else. */
export function handlerVersion(fileName: string): string | undefined {
  return /^wso2is\.notification\.event\.handlers[-_](\d[\w.-]*)\.jar$/.exec(fileName)?.[1];
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return readWhole(path);
  } catch (cause) {
    throw new BootstrapError(`cannot read is7.notification_jar ${path}: ${(cause as NodeJS.ErrnoException).code}`, {
      code: 'FILE_UNREADABLE',
      hint: `Name the file ${HANDLER_BUNDLE}-….jar that you downloaded from WSO2.`,
      cause,
    });
  }
}

async function manifestOf(path: string, bytes: Buffer): Promise<ReadonlyMap<string, string>> {
  // Hardly any run reads a jar, and no other one has a use for a reader of ZIP files.
  const { NotAJarError, readManifest } = await import('./manifest.js');
  try {
    return await readManifest(bytes);
  } catch (cause) {
    if (!(cause instanceof NotAJarError)) throw cause;
    throw new BootstrapError(`is7.notification_jar ${path} is no jar: ${cause.message}`, {
      code: 'DROPIN_INVALID',
      hint: `Download ${HANDLER_BUNDLE}-….jar again; what a browser saves under that name may be a web page.`,
      cause,
    });
  }
}

function versionInManifest(path: string, manifest: ReadonlyMap<string, string>): string {
  const [bundle] = manifest.get('Bundle-SymbolicName')?.split(';') ?? [];
  const version = manifest.get('Bundle-Version');
  if (bundle === HANDLER_BUNDLE && version !== undefined && /^\d[\w.-]*$/.test(version)) return version;
  throw new BootstrapError(
    `is7.notification_jar ${path} is ${bundle === undefined ? 'not' : `the bundle ${bundle} and not`} ${HANDLER_BUNDLE}`,
    { code: 'DROPIN_INVALID', hint: `Name the file ${HANDLER_BUNDLE}-….jar that you downloaded from WSO2.` },
  );
}
