import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BootstrapError } from '../src/errors.js';
import { writeFileWhole } from '../src/io/write-file.js';
import { MESSAGES } from './errors.js';
import type { Server } from './home/releases.js';
import { isObject } from './http/request.js';

/** A tenant besides the first, and its administrator: `admin@example.com`. */
export interface TenantAccount {
  readonly domain: string;
  readonly username: string;
  readonly password: string;
}

/** The password of the administrators of tenants that the sandbox makes. */
const PASSWORD = 'admin';

/** Where a server keeps what is not in its databases. */
export function stateFile(home: string, server: Server): string {
  return join(home, 'repository', 'database', `sandbox-${server}.json`);
}

/**
 * The tenants that a home was given.
 *
 * @throws BootstrapError `SANDBOX_FAILED` when the file is there and makes no sense.
 */
export async function readTenants(home: string, server: Server): Promise<readonly TenantAccount[]> {
  const { tenants } = await readState(stateFile(home, server));
  return tenants;
}

/** Gives a home, whose server is not running, the tenants that it does not have yet. What else its server keeps stays. */
export async function addTenants(home: string, server: Server, domains: readonly string[]): Promise<void> {
  const file = stateFile(home, server);
  const state = await readState(file);
  const known = new Set(state.tenants.map(({ domain }) => domain));
  const added = [...new Set(domains)].filter((domain) => !known.has(domain)).map(tenantOf);
  if (added.length === 0) return;
  await mkdir(dirname(file), { recursive: true });
  const text = `${JSON.stringify({ ...state, tenants: [...state.tenants, ...added] }, null, 2)}\n`;
  await writeFileWhole(file, text, { mode: 0o600, keep: undefined });
}

function tenantOf(domain: string): TenantAccount {
  return { domain, username: `admin@${domain}`, password: PASSWORD };
}

async function readState(file: string): Promise<{ readonly tenants: readonly TenantAccount[] }> {
  try {
    const saved: unknown = JSON.parse(await readFile(file, 'utf8'));
    const tenants = isObject(saved) ? (saved['tenants'] ?? []) : undefined;
    if (Array.isArray(tenants)) return { ...(saved as object), tenants: tenants as TenantAccount[] };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { tenants: [] };
  }
  throw new BootstrapError(MESSAGES.SANDBOX_FAILED.identityState(file));
}
