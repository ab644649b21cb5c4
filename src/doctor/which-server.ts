import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Server } from './facts.js';

/** Whose home a folder is, by its deployment.toml, which may be broken, then its start script, then its name; undefined if nothing tells. */
export function whichServer(home: string, shown: string): Server | undefined {
  const file = join(home, 'repository', 'conf', 'deployment.toml');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (/^\s*\[database\.identity_db\b/m.test(text)) return 'is7';
  if (/^\s*\[(database\.apim_db|apim\.)/m.test(text)) return 'apim';
  if (existsSync(join(home, 'bin', 'wso2server.sh'))) return 'is7';
  if (existsSync(join(home, 'bin', 'api-manager.sh'))) return 'apim';
  const name = `${basename(home)} ${shown}`;
  if (/wso2am|apim|api-manager/i.test(name)) return 'apim';
  return /wso2is|\bis7?\b|identity/i.test(name) ? 'is7' : undefined;
}
