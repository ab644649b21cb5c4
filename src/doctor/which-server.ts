import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readWhole } from '../io/read-whole.js';
import { DEPLOYMENT_TOML } from '../servers/layout.js';
import { PRODUCTS, SERVER_IDS, type ServerId } from '../servers/server.js';

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
