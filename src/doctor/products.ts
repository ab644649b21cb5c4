import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readWhole } from '../io/read-whole.js';
import { DEPLOYMENT_TOML } from '../servers/layout.js';
import { isAtLeast, otherServer, PRODUCTS, SERVER_IDS, type ServerId } from '../servers/server.js';
import { MESSAGES } from './errors.js';
import type { HomeFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** Whether a home is that of the server it was given as, in a release that the two get on with. */
export function findProductFaults(home: HomeFacts): readonly Finding[] {
  const { server, version, folder, settings } = home;
  const other = otherServer(server);
  const has = (id: ServerId) => settings?.value(['database', PRODUCTS[id].ownDatabase]) !== undefined;
  if (settings && !has(server) && has(other)) {
    return [
      finding(
        MESSAGES.HOME_OF_OTHER_SERVER(PRODUCTS[other].title, PRODUCTS[server].title, PRODUCTS[other].ownDatabase),
        { where: folder },
      ),
    ];
  }
  if (version === undefined || isAtLeast(version, PRODUCTS[server].oldest)) return [];
  return [finding(MESSAGES.VERSION_UNSUPPORTED(server, version), { where: folder })];
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
