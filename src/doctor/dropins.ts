import { join } from 'node:path';
import { findHeldJars, readHandlerJar } from '../dropins/handler-jar.js';
import { findDropinFaults } from '../dropins/plan.js';
import { BootstrapError } from '../errors.js';
import { DROPINS } from '../servers/layout.js';
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
    isFindingCode(code) ? [finding(code, { where: state.folder, message, hint })] : [],
  );
  return [...faults, ...(await Promise.all(paths.map(unusable))).flat()];
}

function noHandler(where: string, folder: string): Finding {
  return finding('DROPIN_MISSING', {
    where: join(folder, DROPINS),
    message: `the listener token_revocation of ${where} lives in wso2is.notification.event.handlers-….jar, which is not in dropins: it never fires`,
    hint: 'Put the jar there that WSO2 names for this API Manager (is7.notification_jar), then restart IS 7.',
  });
}

async function unusable(path: string): Promise<readonly Finding[]> {
  try {
    await readHandlerJar(path);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof BootstrapError) || thrown.code !== 'DROPIN_INVALID') return [];
    const message = thrown.message.replace(`is7.notification_jar ${path}`, 'it');
    return [finding('DROPIN_INVALID', { where: path, message, hint: thrown.hint })];
  }
}
