import { join, resolve } from 'node:path';
import { BootstrapError } from '../src/errors.js';
import { writeFileWhole } from '../src/io/write-file.js';
import type { Jvm } from '../src/jvm/jvm.js';
import { Secret } from '../src/secret.js';
import { serveApim } from './apim/server.js';
import { MESSAGES } from './errors.js';
import type { RunningServer } from './http/listen.js';
import { type IdentityDatabase, openIdentityDatabase } from './identity-database.js';
import { serveIs7 } from './is7/server.js';
import type { LoadedHome } from './loaded-home.js';

export type { RunningServer } from './http/listen.js';

/**
 * Starts the stand-in of a home. Like the real server it writes its process id into `wso2carbon.pid` once it has read its configuration,
 * before it knows whether it can listen, and never removes it; IS 7 keeps its database file open.
 *
 * @throws BootstrapError `SANDBOX_FAILED`, `DATABASE_IN_USE`, `FILE_UNWRITABLE`
 */
export async function startServer(jvm: Jvm, home: LoadedHome): Promise<RunningServer> {
  await writeFileWhole(join(home.folder, 'wso2carbon.pid'), pidFile(process.pid), { mode: 0o644, keep: undefined });
  return home.server === 'apim' ? serveApim(home) : startIs7(home, openDatabase(jvm, home));
}

const PID_BUFFER_BYTES = 100;

/** Digits and a line break in a buffer that the real server writes whole. */
function pidFile(pid: number): Buffer {
  const buffer = Buffer.alloc(PID_BUFFER_BYTES);
  buffer.write(`${pid}\n`);
  return buffer;
}

async function startIs7(home: LoadedHome, database: IdentityDatabase): Promise<RunningServer> {
  try {
    const { url, close } = await serveIs7(home, database);
    return { url, close: () => close().finally(() => database.close()) };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A path in the URL is relative to the home, where the real server is started. */
function openDatabase(jvm: Jvm, { folder, toml }: LoadedHome): IdentityDatabase {
  const url = String(toml.get('database.identity_db.url') ?? '');
  const path = /^jdbc:h2:(?:file:)?([^;]+)/.exec(url)?.[1];
  if (path === undefined) {
    throw new BootstrapError(MESSAGES.SANDBOX_FAILED.otherDatabase(url));
  }
  return openIdentityDatabase(jvm, resolve(folder, path), {
    username: String(toml.get('database.identity_db.username')),
    password: new Secret(String(toml.get('database.identity_db.password'))),
  });
}
