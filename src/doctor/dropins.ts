import { join } from 'node:path';
import { findHeldJars, readHandlerJar } from '../dropins/handler-jar.js';
import { findDropinFaults } from '../dropins/plan.js';
import { BootstrapError } from '../errors.js';
import { DROPINS } from '../servers/layout.js';
import { MESSAGES } from './errors.js';
import { type Finding, finding, isFindingCode } from './finding.js';
import { type ExaminedHome, handlersIn } from './home.js';
import { revocationListener } from './revocation.js';

/** Whether IS 7 has the jar that its listener of revoked tokens lives in: once, whole, and of the version that API Manager expects. */
export async function findHandlerFaults(
  is7: ExaminedHome,
  apimVersion: string | undefined,
): Promise<readonly Finding[]> {
  const { folder, settings, jars, overlay, from } = is7.facts;
  if (!settings || revocationListener(settings) === undefined) return [];
  const layers = [...overlay.folders, folder];
  const paths = handlersIn(jars, layers);
  if (paths.length === 0) return jars.has(DROPINS) && from === 'home' ? [noHandler(settings.file, folder)] : [];
  const held = (await Promise.all(layers.map((layer) => findHeldJars(join(layer, DROPINS))))).flat();
  const once = [...new Map(held.map((jar) => [jar.name, jar])).values()];
  const state = { folder: join(folder, DROPINS), apimVersion, wanted: undefined, held: once, below: [] };
  const faults = findDropinFaults(state).flatMap(({ code, message, hint }) =>
    isFindingCode(code) ? [finding({ code, message, hint }, { where: state.folder })] : [],
  );
  return [...faults, ...(await Promise.all(paths.map(unusable))).flat()];
}

function noHandler(where: string, folder: string): Finding {
  return finding(MESSAGES.DROPIN_MISSING(where), { where: join(folder, DROPINS) });
}

async function unusable(path: string): Promise<readonly Finding[]> {
  try {
    await readHandlerJar(path);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof BootstrapError) || thrown.code !== 'DROPIN_INVALID') return [];
    const { code, hint } = thrown;
    const message = thrown.message.replace(`is7.notification_jar ${path}`, 'it');
    return [finding({ code, message, hint }, { where: path })];
  }
}
