import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHttpClient, type HttpClient } from '../../src/http/client.js';
import {
  ADMIN_SCOPES,
  createKeyManager,
  DELETE_SCOPE,
  deleteKeyManager,
  getKeyManager,
  listKeyManagers,
  updateKeyManager,
} from '../../src/key-manager/admin-api.js';
import { type ApiClient, createApiClient } from '../../src/key-manager/api-client.js';
import type { ApiRefusedError } from '../../src/key-manager/api-reply.js';
import type { KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import { DEVPORTAL_SCOPES } from '../../src/key-manager/devportal-api.js';
import { diagnoseKeys, gatherEvidence } from '../../src/key-manager/diagnose.js';
import { withThrowawayKeys } from '../../src/key-manager/throwaway-application.js';
import { Secret } from '../../src/secret.js';
import { anyStep } from '../../src/step/step.js';
import { ADMIN_API, type ApimOptions, keyManager, withApimAt } from '../sandbox/apim/stand-in.js';
import { at, IDENTITY, withIs7 } from '../sandbox/is7/stand-in.js';
import { withTempFolder } from '../support/temp-folder.js';
import { type StepGiven, stepOf } from './given-step.js';
import { applyAll, declarationAt, type Pair, type PairOptions, thrownBy, withPair } from './pair.js';

const { signal } = new AbortController();
const KEY_MANAGERS = `${ADMIN_API}/key-managers`;

/** An error code of API Manager, how a run comes to it on the sandbox, and what the user reads. */
interface ErrorCode {
  readonly title: string;
  readonly servers?: PairOptions;
  readonly provoke: (pair: Pair) => Promise<unknown>;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const codes: readonly ErrorCode[] = [
  {
    title: '900405 when the Key Manager is written: its URLs lead where API Manager may not go',
    servers: { version: '4.7', toml: onlyTo('elsewhere.example') },
    provoke: apply,
    code: 'API_REFUSED',
    message: /POST .*key-managers was refused with 400, code 900405: .* The wellKnownEndpoint URL is not trusted/,
    hint: /\[server\.network_security\.access_control\]/,
  },
  {
    title: '900405 when API Manager reads the discovery document',
    servers: { version: '4.7', toml: onlyTo('*host') },
    provoke: (pair) => prove(pair, { declared: { wellKnownEndpoint: 'https://elsewhere.example/w' }, applied: {} }),
    code: 'API_REFUSED',
    message: /discover was refused with 400, code 900405/,
    hint: /Add the host of this URL/,
  },
  {
    title: '900607: a role that does not exist',
    provoke: (pair) => apply(pair, { permissions: { permissionType: 'DENY', roles: ['nobody'] } }),
    code: 'API_REFUSED',
    message: /404, code 900607: Role does not exist in the system$/,
    hint: /Create this role in API Manager/,
  },
  {
    title: '900611: the identity provider of exchanged tokens is not made',
    servers: { setUp: { identityProviders: 'fail' } },
    provoke: (pair) => apply(pair, { tokenType: 'BOTH', alias: 'https://apim' }),
    code: 'API_REFUSED',
    message: /400, code 900611/,
    hint: /identity provider of this Key Manager/,
  },
  {
    title: '900967: whatever fails at IS 7, which our own look at it explains',
    provoke: (pair) => prove(pair, { connector: { Password: new Secret('wr0ng') } }),
    code: 'PROOF_CREDENTIALS',
    message: /refuses the connector's user admin and its password/,
    hint: /is7\.password/,
  },
  {
    title: '901402 is met by looking again: somebody else was faster',
    provoke: async (pair) => {
      const step = stepOf(pair);
      const [change] = step.plan(await step.inspect(signal));
      await pair.apim.call('POST', KEY_MANAGERS, keyManager(pair.is7.url, { name: 'WSO2-IS-7', type: 'WSO2-IS' }));
      await step.apply(change as never, signal);
    },
    code: 'KEY_MANAGER_CONFLICT',
    message: /has a Key Manager WSO2-IS-7 of type WSO2-IS, not WSO2-IS-7/,
    hint: /type cannot change/,
  },
  {
    title: '901403: somebody disabled it before the proof',
    provoke: (pair) => prove(pair, { byHand: { enabled: false } }),
    code: 'PROOF_FAILED',
    message: /generates no keys after 1 s \(API Manager answers 400, code 901403\)/,
    hint: /restart it/,
  },
  {
    title: '901404: a name of blanks',
    provoke: (pair) => createKeyManager(clientOf(pair), { payload: bodyOf(pair, { name: ' ' }), secrets: [] }, signal),
    code: 'API_REFUSED',
    message: /400, code 901404: Key Manager name cannot be empty$/,
    hint: /Give the Key Manager a name/,
  },
  {
    title: '901405: somebody forbade it to create applications',
    provoke: (pair) => prove(pair, { byHand: { enableOAuthAppCreation: false } }),
    code: 'PROOF_FAILED',
    message: /no keys can be generated through the Key Manager WSO2-IS-7: it may not create applications \(901405\)/,
    hint: /oauth_app_creation = true/,
  },
  {
    title: '901409: API Manager has an older password, and a proxy repeated the request that failed',
    provoke: (pair) =>
      prove({ ...pair, http: repeatingFailures(pair.http) }, { byHandConnector: { Password: 'an older one' } }),
    code: 'PROOF_FAILED',
    message: /API Manager failed to register a client at https:.*register \(901409 for a new application\)/,
    hint: /accepts the declared account, so API Manager may have an older password.*--resend-secret/,
  },
  {
    title: '901411: somebody deleted it before it was updated',
    provoke: async (pair) => {
      await apply(pair);
      const step = stepOf({ ...pair, declaration: { ...pair.declaration, description: 'new' } });
      const [change] = step.plan(await step.inspect(signal));
      await deleteKeyManager(clientOf(pair), await idOf(pair), signal);
      await step.apply(change as never, signal);
    },
    code: 'API_REFUSED',
    message: /404, code 901411: Key Manager not Found/,
    hint: /another client has just deleted/,
  },
  {
    title: '901412: a connector setting that cannot change',
    servers: { version: '4.6', setUp: { readOnlySettings: ['Username'] } },
    provoke: async (pair) => {
      await apply(pair);
      await apply(pair, {}, { Username: 'another' });
    },
    code: 'API_REFUSED',
    message: /PUT .* was refused with 400, code 901412/,
    hint: /declare it as it is, or delete the Key Manager first/,
  },
  {
    title: '902013: its permissions exclude the user, which API Manager looks at when it is named by id',
    provoke: async (pair) => {
      const permissions = { permissionType: 'DENY', roles: ['admin'] } as const;
      await apply(pair, { permissions });
      const options = { devPortal: clientOf(pair), keyManager: await idOf(pair), onLeftover: () => {} };
      const refused = await thrownBy(withThrowawayKeys(options, signal, async () => undefined));
      const evidence = gatherEvidence(pair.declaration, { is7Http: pair.http });
      throw await diagnoseKeys(pair.declaration, evidence, { cause: refused as ApiRefusedError }, signal);
    },
    code: 'PROOF_SCOPE',
    message: /its permissions exclude this user \(902013\)/,
    hint: /Add a role of apim\.username/,
  },
  {
    title: '902015: the resident one can never go',
    provoke: async (pair) => {
      const [resident] = await listKeyManagers(clientOf(pair), signal);
      await deleteKeyManager(clientOf(pair), resident?.id ?? '', signal);
    },
    code: 'API_REFUSED',
    message: /DELETE .* was refused with 412, code 902015: Key Manager Delete error: Error while deleting/,
    hint: /the resident one can never be deleted/,
  },
  {
    title: '400: a name cannot change',
    provoke: async (pair) => {
      await apply(pair);
      const id = await idOf(pair);
      await updateKeyManager(clientOf(pair), id, { payload: bodyOf(pair, { name: 'New' }), secrets: [] }, signal);
    },
    code: 'API_REFUSED',
    message: /PUT .* was refused with 400: Bad Request: Key Manager name couldn't able to change$/,
    hint: /wso2carbon\.log/,
  },
  {
    title: '400: a field that nobody knows',
    provoke: (pair) => {
      const payload = bodyOf(pair, { enableEverything: true });
      return createKeyManager(clientOf(pair), { payload, secrets: [] }, signal);
    },
    code: 'API_REFUSED',
    message: /400: Bad Request: Unrecognized property 'enableEverything'$/,
    hint: /wso2carbon\.log/,
  },
  {
    title: '401: the token lacks the scope',
    provoke: async (pair) => {
      await apply(pair);
      await deleteKeyManager(clientOf(pair, ADMIN_SCOPES), await idOf(pair), signal);
    },
    code: 'API_REFUSED',
    message: /DELETE .* was refused with 401: Unauthenticated request$/,
    hint: /role admin/,
  },
  {
    title: '404: another tenant has no such id',
    servers: { tenants: ['a.example'] },
    provoke: async (pair) => {
      await apply(pair);
      const account = { ...pair.account, username: 'admin@a.example' };
      await getKeyManager(clientOf({ ...pair, account }), await idOf(pair), signal);
    },
    code: 'API_REFUSED',
    message: /GET .* was refused with 404, code 901411/,
    hint: /./,
  },
  {
    title: '500: a null pointer of the server, which says nothing',
    provoke: (pair) => {
      const payload = bodyOf(pair, { enabled: undefined });
      return createKeyManager(clientOf(pair), { payload, secrets: [] }, signal);
    },
    code: 'API_REFUSED',
    message: /POST .* was refused with 500: Internal server error: The server encountered an internal error/,
    hint: /wso2carbon\.log at this time for what it does not tell its clients/,
  },
];

for (const { title, servers = {}, provoke, code, message, hint } of codes) {
  test(title, () =>
    withPair(servers, async (pair) => {
      const error = await thrownBy(provoke(pair));
      assert.is(error.code, code, error.message);
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
      for (const text of [error.message, error.hint ?? '']) assert.not.match(text, 'wr0ng');
    }),
  );
}

const updates: [title: string, from: string, to: ApimOptions, message: RegExp, hint: RegExp][] = [
  [
    '901400: the connector went away while we looked',
    '4.5',
    { version: '4.2' },
    /POST .* was refused with 400, code 901400: Key Manager Type not configured$/,
    /Install the connector of this type/,
  ],
  [
    '901401 does not name what an update asks for besides: we do',
    '4.3',
    { version: '4.4' },
    /901401: .*: the connector's api_resource_management_endpoint is not set; the connector's is7_roles_endpoint is not/,
    /Declare what is missing/,
  ],
];

for (const [title, from, to, message, hint] of updates) {
  test(title, () =>
    withTempFolder((folder) =>
      withIs7(async (is7) => {
        let there = '';
        const http = leadingTo(() => there);
        const account = { url: ELSEWHERE, username: 'admin', password: new Secret('admin') };
        const step = stepOf({ http, account, declaration: declarationAt(is7.url) });
        const change = await withApimAt(folder, { version: from }, async ({ url }) => {
          there = url;
          return step.plan(await step.inspect(signal))[0];
        });
        await withApimAt(folder, to, async ({ url }) => {
          there = url;
          const error = await thrownBy(step.apply(change as never, signal));
          assert.is(error.code, 'API_REFUSED', error.message);
          assert.match(error.message, message);
          assert.match(error.hint ?? '', hint);
        });
        await http.close();
      }),
    ),
  );
}

interface Proof {
  readonly connector?: KeyManagerDeclaration['connector'];
  readonly declared?: Partial<KeyManagerDeclaration>;
  /** What is applied instead of what is declared. */
  readonly applied?: Partial<KeyManagerDeclaration>;
  /** What somebody changes between apply and proof. */
  readonly byHand?: Readonly<Record<string, unknown>>;
  readonly byHandConnector?: Readonly<Record<string, unknown>>;
}

async function prove(pair: Pair, { connector, declared, applied, byHand = {}, byHandConnector }: Proof): Promise<void> {
  const { declaration: base } = pair;
  const declaration = { ...base, ...declared, connector: { ...base.connector, ...connector } };
  await applyAll(anyStep(stepOf({ ...pair, declaration: { ...declaration, ...(applied && base) } })));
  const path = `${KEY_MANAGERS}/${await idOf(pair)}`;
  const { id: _, ...found } = JSON.parse((await pair.apim.call('GET', path)).text) as Record<string, unknown>;
  const additionalProperties = { ...(found['additionalProperties'] as object), ...byHandConnector };
  await pair.apim.call('PUT', path, { ...found, ...byHand, additionalProperties });
  await stepOf({ ...pair, declaration, level: 'keys', patienceMs: 1_000 } as StepGiven).prove?.(signal);
}

async function apply(
  pair: Pair,
  declared: Partial<KeyManagerDeclaration> = {},
  connector: KeyManagerDeclaration['connector'] = {},
): Promise<void> {
  const { declaration: base } = pair;
  const declaration = { ...base, ...declared, connector: { ...base.connector, ...connector } };
  await applyAll(anyStep(stepOf({ ...pair, declaration })));
}

function clientOf({ http, account }: Pair, scopes?: readonly string[]): ApiClient {
  const all = [...ADMIN_SCOPES, DELETE_SCOPE, ...DEVPORTAL_SCOPES];
  return createApiClient({ http, account, authentication: 'oauth', scopes: scopes ?? all, patienceMs: 1_000 });
}

function bodyOf({ is7 }: Pair, changes: Readonly<Record<string, unknown>>) {
  return keyManager(is7.url, changes) as Parameters<typeof createKeyManager>[1]['payload'];
}

async function idOf({ apim }: Pair): Promise<string> {
  const list = at(await apim.call('GET', KEY_MANAGERS), 'list') as { id: string; name: string }[];
  return list.find(({ name }) => name === 'WSO2-IS-7')?.id ?? '';
}

const ELSEWHERE = 'https://apim.example:9443';

/** A client that finds API Manager there, wherever that is by now. */
function leadingTo(there: () => string): HttpClient {
  const client = createHttpClient({ trust: async () => ({ ca: [IDENTITY.cert], pinnedSha256: [] }) });
  return { ...client, send: (request) => client.send({ ...request, url: request.url.replace(ELSEWHERE, there()) }) };
}

/** What some proxies do with a request that failed inside. */
function repeatingFailures(http: HttpClient): HttpClient {
  return {
    ...http,
    async send(request) {
      const reply = await http.send(request);
      return reply.status === 500 && request.url.endsWith('/generate-keys') ? http.send(request) : reply;
    },
  };
}

function onlyTo(host: string): Readonly<Record<string, unknown>> {
  const policy = 'server.network_security.access_control';
  return { [`${policy}.mode`]: 'allow', [`${policy}.hosts`]: [host] };
}

test.run();
