import type { Conduct } from '../../sandbox/is7/is7.js';
import type { Identity } from '../../sandbox/loaded-home.js';
import { addTenants } from '../../sandbox/tenants.js';
import { createHttpClient, type HttpClient, type HttpRequest } from '../../src/http/client.js';
import { defaultKeyManager, type KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import type { ApimAccount } from '../../src/key-manager/sign-in.js';
import { Secret } from '../../src/secret.js';
import type { Step } from '../../src/step/step.js';
import { type ApimOptions, type ApimStandIn, withApimAt } from '../sandbox/apim/stand-in.js';
import { IDENTITY, type StandIn, withIs7 } from '../sandbox/is7/stand-in.js';
import { withTempFolder } from '../support/temp-folder.js';

/** Both stand-ins of the sandbox, a client that trusts them, and what a run would declare. */
export interface Pair {
  readonly is7: StandIn;
  readonly apim: ApimStandIn;
  readonly http: HttpClient;
  readonly account: ApimAccount;
  readonly declaration: KeyManagerDeclaration;
  /** Every request that the client sent: `GET /api/am/admin/v4/settings`. */
  readonly calls: string[];
}

export interface PairOptions extends ApimOptions {
  readonly conduct?: Partial<Conduct>;
  /** Of IS 7; by default the one that everybody here trusts. */
  readonly identity?: Identity;
  /** Further tenants of both servers, with the admin `admin@<domain>` and this password. */
  readonly tenants?: readonly string[];
}

export const TENANT_PASSWORD = 'admin';

/** Lends both servers. */
export function withPair<T>(options: PairOptions, use: (pair: Pair) => Promise<T>): Promise<T> {
  const { identity = IDENTITY, conduct, tenants = [], trusted = [identity.cert] } = options;
  return withTempFolder(async (folder) => {
    await addTenants(folder, 'apim', tenants);
    return withIs7(
      (is7) => withApimAt(folder, { ...options, trusted }, (apim) => withPairOf(is7, apim, identity, use)),
      identity,
      conduct,
      tenants,
    );
  });
}

async function withPairOf<T>(
  is7: StandIn,
  apim: ApimStandIn,
  identity: Identity,
  use: (pair: Pair) => Promise<T>,
): Promise<T> {
  const client = createHttpClient({ trust: async () => ({ ca: [identity.cert, IDENTITY.cert], pinnedSha256: [] }) });
  const calls: string[] = [];
  const http: HttpClient = {
    send(request: HttpRequest) {
      calls.push(`${request.method} ${new URL(request.url).pathname}`);
      return client.send(request);
    },
    close: () => client.close(),
  };
  const account = { url: apim.url, username: 'admin', password: new Secret('admin') };
  try {
    return await use({ is7, apim, http, account, calls, declaration: declarationAt(is7.url) });
  } finally {
    await client.close();
  }
}

/** The default Key Manager for an IS 7 at this URL. */
export function declarationAt(is7Url: string): KeyManagerDeclaration {
  const login = { username: 'admin', password: new Secret('admin') };
  return defaultKeyManager({ is7Url, publicUrl: is7Url, login, roleCreation: false });
}

const { signal } = new AbortController();

/** Applies every change of a step, as the runner does; returns their summaries. */
export async function applyAll(step: Step): Promise<readonly string[]> {
  const changes = step.plan(await step.inspect(signal));
  for (const change of changes) await step.apply(change, signal);
  return changes.map(({ summary }) => summary);
}

/** What was thrown; undefined when nothing was. */
export async function thrownBy(promise: Promise<unknown>): Promise<Error & { code?: string; hint?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}
