import { DROPINS } from '../servers/layout.js';
import { isAtLeast } from '../servers/server.js';
import { addressOfServer } from './addresses.js';
import { MESSAGES } from './errors.js';
import type { HomeFacts, PairFacts, SettingFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** Settings that were right for IS 6 and older, and what some releases need besides. */
export function findKeyManagerSettingFaults(pair: PairFacts): readonly Finding[] {
  const apim = pair.apim?.settings;
  return [
    ...(apim ? [...resident(apim, pair), ...skipped(apim)] : []),
    ...(pair.apim ? encryptionKey(pair.apim) : []),
    ...(pair.is7 ? oldConnector(pair.is7) : []),
    ...rolePrefix(pair),
  ];
}

/** IS 7 cannot be the resident Key Manager (wso2/docs-apim#11255): it is registered beside that one. */
function resident(apim: SettingFacts, pair: PairFacts): readonly Finding[] {
  const table = ['apim', 'key_manager'];
  const type = apim.text('apim.key_manager.type');
  const url = apim.text('apim.key_manager.service_url') ?? apim.text('apim.key_manager.server_url');
  const isOther = type !== undefined && type !== 'default';
  if (!isOther && !(url !== undefined && leadsToIs7(url, pair))) return [];
  const key = isOther ? 'type' : apim.value([...table, 'service_url']) === undefined ? 'server_url' : 'service_url';
  const what = isOther ? `has type = "${type}"` : `leads to IS 7 (${key} = "${url}")`;
  return [finding(MESSAGES.RESIDENT_KEY_MANAGER(what), { where: apim.place([...table, key]) })];
}

function leadsToIs7(url: string, pair: PairFacts): boolean {
  const is7 = addressOfServer(pair, 'is7');
  if (!is7 || !URL.canParse(url)) return false;
  const { hostname, port } = new URL(url);
  return hostname === is7.host && Number(port || 443) === is7.port;
}

function skipped(apim: SettingFacts): readonly Finding[] {
  const isSkipped = apim.text('apim.key_manager.skip_create_resident_key_manager') === 'true';
  if (!isSkipped || apim.value(['apim', 'tenant_sharing']) !== undefined) return [];
  return [
    finding(MESSAGES.RESIDENT_KEY_MANAGER_SKIPPED(), {
      where: apim.place(['apim', 'key_manager', 'skip_create_resident_key_manager']),
    }),
  ];
}

function encryptionKey({ version, settings }: HomeFacts): readonly Finding[] {
  if (!settings || version === undefined || !isAtLeast(version, '4.7')) return [];
  const key = settings.text('encryption.key');
  if (settings.value(['encryption']) === undefined || settings.value(['encryption', 'key']) === undefined) return [];
  if (key === undefined || key.trim() !== '') return [];
  return [finding(MESSAGES.ENCRYPTION_KEY_MISSING(version), { where: settings.place(['encryption', 'key']) })];
}

function oldConnector({ folder, jars }: HomeFacts): readonly Finding[] {
  const old = jars.get(DROPINS)?.filter((name) => /^wso2is\.key\.manager\.core[-_]/.test(name)) ?? [];
  return old.map((name) => finding(MESSAGES.OLD_CONNECTOR(name), { where: `${folder}/${DROPINS}/${name}` }));
}

/** The connector 2.0.3 of API Manager 4.4.0 makes a role for every role of a scope, and IS 7 refuses the prefix system_. */
function rolePrefix({ is7, apim, roleCreation }: PairFacts): readonly Finding[] {
  const settings = is7?.settings;
  const isAllowed = settings?.text('role_mgt.allow_system_prefix_for_role') === 'true';
  const isAlways = apim?.version === '4.4';
  // With the recipe legacy, scopes go by roles in another way.
  const isLegacy = settings?.text('server.legacy_mode') === 'true';
  if (!settings || isAllowed || isLegacy || !(isAlways || roleCreation)) return [];
  const who = isAlways
    ? 'API Manager 4.4.0 makes roles in IS 7 for scopes (later updates can be told not to)'
    : 'role_creation is set';
  return [
    finding(MESSAGES.ROLE_PREFIX_MISSING(who), { where: settings.place(['role_mgt', 'allow_system_prefix_for_role']) }),
  ];
}
