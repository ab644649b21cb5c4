import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { exactPlacesIn } from '../config/place.js';
import { readWhole } from '../io/read-whole.js';
import type { Home } from '../servers/home.js';
import { VERSION_FILE } from '../servers/layout.js';

/** What was asked of a home and is there, and where it stands. */
export interface HomeRead {
  /** `server.hostname`; `version` for the version. */
  readonly path: string;
  /** File and line; absent: the file does not say it, and the server has a default of its own. */
  readonly source?: string;
}

/** A home that tells what it was asked for with success. */
export function traceHome(home: Home, onRead: (read: HomeRead) => void): Home {
  const find = exactPlacesIn(home.deploymentToml, readWhole(home.deploymentToml).toString('utf8'));
  return {
    ...home,
    text(path, instead) {
      const value = home.text(path, instead);
      const source = find(path)?.source;
      if (value !== undefined) onRead({ path, ...(source !== undefined && { source }) });
      return value;
    },
    version() {
      const file = join(home.folder, VERSION_FILE);
      onRead({ path: 'version', source: existsSync(file) ? file : home.folder });
      return home.version();
    },
  };
}
