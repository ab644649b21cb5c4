import { randomUUID } from 'node:crypto';
import { empty, json, type Reply } from '../http/reply.js';
import type { ServerRequest } from '../http/request.js';
import { type Handler, type PathParameters, type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { allowing, type User } from './authorize.js';
import { readBody } from './body.js';
import { badRequest, fault, notFound, refuse } from './faults.js';
import { type KeyMapping, removeOAuthApp } from './key-mappings.js';
import { isAtLeast } from './release.js';

const PATH = '/api/am/devportal/v3/applications';

/** The scopes of an application's owner. */
export const OWNING = ['apim:subscribe', 'apim:app_manage'];

/** An application of the Developer Portal, with the keys it has at Key Managers. */
export interface Application {
  readonly applicationId: string;
  readonly name: string;
  readonly throttlingPolicy: string;
  readonly description: string;
  readonly tokenType: string;
  readonly owner: string;
  /** Absent in the first tenant. */
  readonly tenant?: string | undefined;
  /** Milliseconds since the epoch, as text. */
  readonly createdTime: string;
  keys: KeyMapping[];
}

/** Applications of the Developer Portal. */
export function applicationRoutes(apim: Apim): readonly Route[] {
  return [
    route(
      'GET',
      PATH,
      allowing(apim, [...OWNING, 'apim:app_import_export'], (request, user) => list(apim, user, request)),
    ),
    route(
      'POST',
      PATH,
      allowing(apim, OWNING, (request, user) => create(apim, user, request)),
    ),
    route('GET', `${PATH}/{applicationId}`, withApplication(apim, read)),
    route('DELETE', `${PATH}/{applicationId}`, withApplication(apim, remove)),
  ];
}

/** Hands the application that the path names to `use`, for a request that may see it; 404 where there is none. */
export function withApplication(
  apim: Apim,
  use: (
    apim: Apim,
    application: Application,
    request: ServerRequest,
    parameters: PathParameters,
  ) => Reply | Promise<Reply>,
): Handler {
  return allowing(apim, OWNING, (request, { tenant }, parameters) => {
    const id = parameters['applicationId'] ?? '';
    const found = ownedIn(apim, tenant).find(({ applicationId }) => applicationId === id);
    return use(apim, found ?? refuse(notFound(`Requested application with Id '${id}' not found`)), request, parameters);
  });
}

function ownedIn({ store }: Apim, tenant: string | undefined): readonly Application[] {
  return store.state.applications.filter((application) => application.tenant === tenant);
}

const APPLICATION_FIELDS = {
  applicationId: { kind: 'string' },
  name: { kind: 'string', required: true, minLength: 1, maxLength: 100 },
  throttlingPolicy: { kind: 'string', required: true, minLength: 1 },
  description: { kind: 'string', maxLength: 512 },
  tokenType: { kind: 'string', oneOf: ['OAUTH', 'JWT'] },
  status: { kind: 'string' },
  groups: { kind: 'strings' },
  subscriptionCount: { kind: 'integer' },
  keys: { kind: 'objects' },
  attributes: { kind: 'object' },
  subscriptionScopes: { kind: 'objects' },
  owner: { kind: 'string' },
  hashEnabled: { kind: 'boolean' },
  createdTime: { kind: 'string' },
  updatedTime: { kind: 'string' },
  visibility: { kind: 'string', oneOf: ['PRIVATE', 'SHARED_WITH_ORG'] },
} as const;

const POLICIES = ['Unlimited', '10PerMin', '20PerMin', '50PerMin'];

function list(apim: Apim, { tenant }: User, { query }: ServerRequest): Reply {
  const limit = Number(query.get('limit') ?? 25);
  const offset = Number(query.get('offset') ?? 0);
  if (![limit, offset].every((number) => Number.isSafeInteger(number) && number >= 0)) {
    return badRequest('limit and offset must be whole numbers.');
  }
  const name = query.get('query') ?? '';
  const found = ownedIn(apim, tenant).filter((application) => application.name.includes(name));
  const page = found.slice(offset, offset + limit).map(listed);
  const pagination = { offset, limit, total: found.length, next: '', previous: '' };
  return json(200, { count: page.length, list: page, pagination });
}

async function create(apim: Apim, user: User, request: ServerRequest): Promise<Reply> {
  const {
    name = '',
    throttlingPolicy = '',
    description = '',
    tokenType = 'JWT',
  } = readBody(request, APPLICATION_FIELDS);
  const { applications } = apim.store.state;
  if (!POLICIES.includes(throttlingPolicy))
    return fault(400, 900305, 'The tier name is invalid.', 'The tier name is invalid');
  if (ownedIn(apim, user.tenant).some((application) => application.name === name)) {
    return fault(409, 409, 'Resource Already Exists', `An application already exists with name ${name}`);
  }
  const application: Application = {
    applicationId: randomUUID(),
    name,
    throttlingPolicy,
    description,
    tokenType,
    owner: user.username,
    tenant: user.tenant,
    createdTime: String(Date.now()),
    keys: [],
  };
  applications.push(application);
  await apim.store.save();
  const location = `${apim.url}/api/am/devportal/applications/${application.applicationId}`;
  return json(201, presented(apim, application), { location });
}

function read(apim: Apim, application: Application): Reply {
  return json(200, presented(apim, application));
}

/** Takes the subscriptions and the clients at the Key Managers along; one that cannot be deleted there keeps the application here. */
async function remove(apim: Apim, application: Application): Promise<Reply> {
  for (const mapping of application.keys) await removeOAuthApp(apim, mapping);
  const { state } = apim.store;
  const isOther = ({ applicationId }: { applicationId: string }) => applicationId !== application.applicationId;
  state.applications = state.applications.filter(isOther);
  state.subscriptions = state.subscriptions.filter(isOther);
  await apim.store.save();
  return empty(200);
}

function presented({ home }: Apim, application: Application): Record<string, unknown> {
  return {
    ...listed(application),
    keys: [],
    subscriptionScopes: [],
    hashEnabled: null,
    ...(isAtLeast(home, '4.5') && { visibility: 'PRIVATE' }),
  };
}

/** As it stands in lists. */
function listed({ keys: _keys, tenant: _tenant, ...application }: Application): Record<string, unknown> {
  return {
    ...application,
    status: 'APPROVED',
    groups: [],
    subscriptionCount: 0,
    attributes: {},
    updatedTime: application.createdTime,
  };
}
