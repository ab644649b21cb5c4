import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BootstrapError } from '../../src/errors.js';
import { writeFileWhole } from '../../src/io/write-file.js';
import { MESSAGES } from '../errors.js';
import { isObject } from '../http/request.js';
import { stateFile } from '../tenants.js';

export interface User {
  readonly id: string;
  readonly userName: string;
  readonly password: string;
  /** Of a user that was made over the API, an ISO date; the administrator has none. */
  readonly created?: string;
}

export interface Role {
  readonly id: string;
  readonly displayName: string;
  /** Names of scopes. */
  permissions: readonly string[];
  /** Ids of users. */
  users: readonly string[];
}

export interface Scope {
  readonly id: string;
  readonly name: string;
  displayName: string;
  description: string;
}

/** An API whose scopes roles can have (`/api/server/v1/api-resources`). */
export interface ApiResource {
  readonly id: string;
  readonly name: string;
  readonly identifier: string;
  readonly description: string;
  readonly requiresAuthorization: boolean;
  scopes: readonly Scope[];
}

/** A scope of the older API (`/api/identity/oauth2/v1.0/scopes`). */
export interface OlderScope {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  /** Names of roles. */
  readonly roles: readonly string[];
}

/** Who and what a tenant knows besides its applications. Handlers change it in place and then save. */
export interface Directory {
  readonly organizationId: string;
  users: User[];
  roles: Role[];
  resources: ApiResource[];
  olderScopes: OlderScope[];
}

export interface Directories {
  /** That of a tenant, with its administrator when it is new. */
  of(tenant: string, administrator: Pick<User, 'userName' | 'password'>): Directory;
  save(): Promise<void>;
  /** Once everything is written. */
  settled(): Promise<void>;
}

/**
 * What a server was told, from `repository/database/sandbox-is7.json` of its home, where tenants stand, too.
 *
 * @throws BootstrapError `SANDBOX_FAILED` when the file is there and makes no sense
 */
export async function openDirectories(home: string): Promise<Directories> {
  const path = stateFile(home, 'is7');
  const { directories = {}, ...rest } = await readState(path);
  let writing: Promise<void> = Promise.resolve();
  return {
    of(tenant, administrator) {
      directories[tenant] ??= freshDirectory(administrator);
      return directories[tenant];
    },
    save() {
      writing = writing
        .catch(() => undefined)
        .then(async () => {
          await mkdir(dirname(path), { recursive: true });
          await writeFileWhole(path, `${JSON.stringify({ ...rest, directories }, null, 2)}\n`, {
            mode: 0o600,
            keep: undefined,
          });
        });
      return writing;
    },
    settled: () => writing,
  };
}

function freshDirectory(administrator: Pick<User, 'userName' | 'password'>): Directory {
  const admin = { id: randomUUID(), ...administrator };
  const role = (displayName: string, users: readonly string[]): Role => {
    return { id: randomUUID(), displayName, permissions: [], users };
  };
  return {
    organizationId: randomUUID(),
    users: [admin],
    roles: [role('admin', [admin.id]), role('everyone', [])],
    resources: [],
    olderScopes: [],
  };
}

async function readState(path: string): Promise<{ directories?: Record<string, Directory> }> {
  try {
    const saved: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isObject(saved)) return saved;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
  }
  throw new BootstrapError(MESSAGES.SANDBOX_FAILED.directoryState(path));
}

/** The roles of a user: everybody has `everyone`. */
export function rolesOf({ roles }: Directory, userId: string): readonly Role[] {
  return roles.filter(({ displayName, users }) => displayName === 'everyone' || users.includes(userId));
}

/** The scopes of all API resources, each with the resource that has it. */
export function scopesOf({
  resources,
}: Directory): readonly { readonly scope: Scope; readonly resource: ApiResource }[] {
  return resources.flatMap((resource) => resource.scopes.map((scope) => ({ scope, resource })));
}
