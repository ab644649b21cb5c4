import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readWhole } from '../io/read-whole.js';
import { DEPLOYMENT_TOML } from '../servers/layout.js';
import { isAtLeast, otherServer, PRODUCTS, SERVER_IDS, type ServerId } from '../servers/server.js';
import type { HomeFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** Whether a home is that of the server it was given as, in a release that the two get on with. */
export function findProductFaults(home: HomeFacts): readonly Finding[] {
  const { server, version, folder, settings } = home;
  const other = otherServer(server);
  const has = (id: ServerId) => settings?.value(['database', PRODUCTS[id].ownDatabase]) !== undefined;
  if (settings && !has(server) && has(other)) {
    return [
      finding('HOME_OF_OTHER_SERVER', {
        where: folder,
        message: `this is the home of ${PRODUCTS[other].title}, not of ${PRODUCTS[server].title}: its deployment.toml has [database.${PRODUCTS[other].ownDatabase}]`,
        hint: 'Exchange the two homes: --is7-home is Identity Server’s, --apim-home API Manager’s.',
      }),
    ];
  }
  if (version === undefined || isAtLeast(version, PRODUCTS[server].oldest)) return [];
  return [
    finding('VERSION_UNSUPPORTED', {
      where: folder,
      message:
        server === 'is7'
          ? `this is Identity Server ${version}: the connector WSO2-IS-7 is for 7.0 and later`
          : `this is API Manager ${version}: the connector WSO2-IS-7 comes with 4.3 and later`,
      hint:
        server === 'is7'
          ? 'Use Identity Server 7; older ones are set up another way, with the connector WSO2-IS.'
          : 'Use API Manager 4.3 or later; an older one takes Identity Server 6 and older only.',
    }),
  ];
}

/** Whose home a folder is, by its deployment.toml, which may be broken, then its start script, then its name; undefined if nothing tells. */
export function whichServer(home: string, shown: string): ServerId | undefined {
  const file = join(home, DEPLOYMENT_TOML);
  const text = existsSync(file) ? readWhole(file).toString('utf8') : '';
  if (/^\s*\[database\.identity_db\b/m.test(text)) return 'is7';
  if (/^\s*\[(database\.apim_db|apim\.)/m.test(text)) return 'apim';
  const byScript = SERVER_IDS.find((id) => existsSync(join(home, PRODUCTS[id].startScript)));
  if (byScript) return byScript;
  const name = `${basename(home)} ${shown}`;
  if (/wso2am|apim|api-manager/i.test(name)) return 'apim';
  return /wso2is|\bis7?\b|identity/i.test(name) ? 'is7' : undefined;
}
