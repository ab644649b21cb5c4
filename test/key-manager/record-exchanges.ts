import type { FormData } from 'undici';
import { apiOf } from '../../sandbox/apim/apis.js';
import type { HttpClient, HttpReply, HttpRequest } from '../../src/http/client.js';
import { absentKeyManagerStep } from '../../src/key-manager/absent-step.js';
import { ADMIN_SCOPES, DELETE_SCOPE } from '../../src/key-manager/admin-api.js';
import type { KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import { DEVPORTAL_SCOPES } from '../../src/key-manager/devportal-api.js';
import { createTenant } from '../../src/key-manager/tenant.js';
import { Secret } from '../../src/secret.js';
import { anyStep } from '../../src/step/step.js';
import { selfSigned } from '../sandbox/is7/stand-in.js';
import { stepOf } from './given-step.js';
import { applyAll, type Pair, withPair } from './pair.js';

/** One request of ours, its body parsed, and what came back. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | undefined;
  readonly body: unknown;
  readonly status: number;
  readonly text: string;
}

const { signal } = new AbortController();
const LOGIN = { Authentication: 'MutualTLS', MutualTLSOptions: 'ServerWide', IdentityUser: 'admin' };

/** Everything that the Key Manager steps send to a release of API Manager: create, look, mend, refuse, prove, clean up, delete. */
export function recordExchanges(release: string): Promise<readonly Exchange[]> {
  return withPair({ version: release, tenants: ['a.example'], pace: { keyManagerLoadMs: 300 } }, async (pair) => {
    const exchanges: Exchange[] = [];
    const recorded = { ...pair, http: recording(pair.http, exchanges) };
    for (const declaration of declarations(pair, release)) await applyTwice(recorded, declaration);
    await prove(recorded);
    await remove(recorded);
    await refuse(recorded);
    return exchanges;
  });
}

function declarations({ declaration }: Pair, release: string): readonly KeyManagerDeclaration[] {
  const hasLogin = Number(release) >= 4.6;
  const full: KeyManagerDeclaration = {
    ...declaration,
    name: 'Everything',
    issuer: 'https://everything.example',
    description: 'x'.repeat(256),
    alias: 'https://apim.example',
    tokenType: 'BOTH',
    claimMapping: [{ remoteClaim: 'a', localClaim: 'b' }],
    tokenValidation: [
      { type: 'JWT', value: { iss: 'https://everything.example' }, enable: true },
      { type: 'REFERENCE', value: '[0-9a-f-]{36}', enable: true },
    ],
    enableTokenEncryption: false,
    enableTokenHashing: false,
    permissions: { permissionType: 'DENY', roles: ['Internal/creator'] },
    certificates: { type: 'PEM', value: Buffer.from(selfSigned().cert).toString('base64') },
    ...(Number(release) >= 4.5 && { allowedOrganizations: ['ALL'] }),
    ...(hasLogin && { connector: { ...declaration.connector, ...LOGIN } }),
  };
  const exchanged: KeyManagerDeclaration = {
    name: 'Exchanged',
    type: 'WSO2-IS-7',
    enabled: true,
    issuer: 'https://exchanged.example',
    tokenType: 'EXCHANGED',
    alias: 'https://apim.example',
    connector: {},
  };
  return [declaration, full, exchanged];
}

async function applyTwice(pair: Pair, declaration: KeyManagerDeclaration): Promise<void> {
  await applyAll(anyStep(stepOf({ ...pair, declaration })));
  await applyAll(anyStep(stepOf({ ...pair, declaration: { ...declaration, displayName: 'Changed' } })));
}

async function prove(pair: Pair): Promise<void> {
  const { declaration, http, apim } = pair;
  const { id, context } = apiOf(undefined);
  const gateway = { http, url: `${apim.gatewayUrl}${context}/orders`, apiId: id };
  const proof = { scopes: ['orders:read'], gateway };
  await stepOf({ ...pair, declaration, level: 'gateway', proof }).prove?.(signal);
  const wrong = { ...declaration, connector: { ...declaration.connector, Password: new Secret('wrong') } };
  await stepOf({ ...pair, declaration: wrong, level: 'token' })
    .prove?.(signal)
    .catch(() => undefined);
}

async function remove({ http, account, declaration, apim }: Pair): Promise<void> {
  const scopes = [...ADMIN_SCOPES, DELETE_SCOPE, ...DEVPORTAL_SCOPES];
  const tenant = createTenant({ http, account, authentication: 'oauth', scopes, patienceMs: 1_000 });
  const step = anyStep(absentKeyManagerStep({ id: 'key-manager/x', needs: [], tenant, declaration }));
  const application = await apim.call('POST', '/api/am/devportal/v3/applications', {
    name: 'a',
    throttlingPolicy: 'Unlimited',
  });
  const path = `/api/am/devportal/v3/applications/${JSON.parse(application.text).applicationId}`;
  const keys = { keyType: 'PRODUCTION', keyManager: declaration.name, grantTypesToBeSupported: ['password'] };
  await apim.call('POST', `${path}/generate-keys`, keys);
  await applyAll(step).catch(() => undefined);
  await apim.call('DELETE', path);
  await applyAll(step);
}

async function refuse(pair: Pair): Promise<void> {
  const { declaration } = pair;
  const permissions = { permissionType: 'ALLOW', roles: ['nobody'] } as const;
  const refused = { ...declaration, name: 'Refused', permissions };
  await applyAll(anyStep(stepOf({ ...pair, declaration: refused }))).catch(() => undefined);
  const account = { ...pair.account, password: new Secret('wrong') };
  await applyAll(anyStep(stepOf({ ...pair, account, authentication: 'basic' }))).catch(() => undefined);
}

function recording(http: HttpClient, exchanges: Exchange[]): HttpClient {
  return {
    close: () => http.close(),
    async send(request) {
      const reply = await http.send(request);
      exchanges.push(exchangeOf(request, reply));
      return reply;
    },
  };
}

function exchangeOf({ method, url, headers = {}, body }: HttpRequest, { status, text }: HttpReply): Exchange {
  const exchange = { method, url, status, text };
  if (body === undefined) return { ...exchange, contentType: undefined, body };
  if (typeof body === 'string') {
    return { ...exchange, contentType: headers['content-type'], body: JSON.parse(body) as unknown };
  }
  const contentType = body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'multipart/form-data';
  return { ...exchange, contentType, body: Object.fromEntries(body as FormData) };
}
