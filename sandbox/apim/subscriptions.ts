import { randomUUID } from 'node:crypto';
import { empty, json, type Reply } from '../http/reply.js';
import type { ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { apiOf, apiWithId, infoOf } from './apis.js';
import { OWNING } from './applications.js';
import { allowing, type User } from './authorize.js';
import { readBody } from './body.js';
import { badRequest, fault, notFound, refuse } from './faults.js';

const PATH = '/api/am/devportal/v3/subscriptions';
const SUBSCRIBING = [...OWNING, 'apim:sub_manage'];

/** An application may call an API. */
export interface Subscription {
  readonly subscriptionId: string;
  readonly applicationId: string;
  readonly apiId: string;
  readonly throttlingPolicy: string;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
}

/** Subscriptions of the Developer Portal. */
export function subscriptionRoutes(apim: Apim): readonly Route[] {
  return [
    route(
      'GET',
      PATH,
      allowing(apim, SUBSCRIBING, (request, user) => list(apim, user, request)),
    ),
    route(
      'POST',
      PATH,
      allowing(apim, SUBSCRIBING, (request, user) => create(apim, user, request)),
    ),
    route(
      'DELETE',
      `${PATH}/{subscriptionId}`,
      allowing(apim, SUBSCRIBING, (_request, user, { subscriptionId = '' }) => remove(apim, user, subscriptionId)),
    ),
  ];
}

const SUBSCRIPTION_FIELDS = {
  subscriptionId: { kind: 'string' },
  applicationId: { kind: 'string', required: true },
  apiId: { kind: 'string' },
  apiInfo: { kind: 'object' },
  applicationInfo: { kind: 'object' },
  throttlingPolicy: { kind: 'string', required: true },
  requestedThrottlingPolicy: { kind: 'string' },
  status: { kind: 'string' },
  redirectionParams: { kind: 'string' },
} as const;

function list(apim: Apim, user: User, { query }: ServerRequest): Reply {
  const [applicationId, apiId] = [query.get('applicationId'), query.get('apiId')];
  if (applicationId === null && apiId === null) return badRequest('Either applicationId or apiId should be provided.');
  const found = ownedBy(apim, user).filter(
    (subscription) =>
      (applicationId ?? subscription.applicationId) === subscription.applicationId &&
      (apiId ?? subscription.apiId) === subscription.apiId,
  );
  return json(200, { count: found.length, list: found.map((subscription) => presented(subscription, user)) });
}

async function create(apim: Apim, user: User, request: ServerRequest): Promise<Reply> {
  const { applicationId = '', apiId = '', throttlingPolicy = '' } = readBody(request, SUBSCRIPTION_FIELDS);
  const { applications, subscriptions } = apim.store.state;
  const application = applications.find(
    (found) => found.applicationId === applicationId && found.tenant === user.tenant,
  );
  if (!application) return notFound(`Application with Id '${applicationId}' is not available.`);
  apiWithId(user.tenant, apiId);
  if (throttlingPolicy !== 'Unlimited') return badRequest('Specified subscription policy is not available.');
  if (subscriptions.some((found) => found.applicationId === applicationId && found.apiId === apiId)) {
    return fault(409, 409, 'Conflict', 'The application is subscribed to this API already.');
  }
  const subscription = {
    subscriptionId: randomUUID(),
    applicationId,
    apiId,
    throttlingPolicy,
    createdAtMs: Date.now(),
  };
  subscriptions.push(subscription);
  await apim.store.save();
  const location = `${PATH}/${subscription.subscriptionId}`;
  return json(201, presented(subscription, user), { location });
}

async function remove(apim: Apim, user: User, id: string): Promise<Reply> {
  const { state } = apim.store;
  const found = ownedBy(apim, user).find(({ subscriptionId }) => subscriptionId === id);
  if (!found) return refuse(notFound(`Subscription with Id '${id}' is not available.`));
  state.subscriptions = state.subscriptions.filter((subscription) => subscription !== found);
  await apim.store.save();
  return empty(200);
}

function ownedBy({ store: { state } }: Apim, { tenant }: User): readonly Subscription[] {
  const own = new Set(
    state.applications.filter((found) => found.tenant === tenant).map((found) => found.applicationId),
  );
  return state.subscriptions.filter(({ applicationId }) => own.has(applicationId));
}

function presented({ createdAtMs: _, ...subscription }: Subscription, { tenant }: User): Record<string, unknown> {
  return { ...subscription, apiInfo: infoOf(apiOf(tenant)), status: 'UNBLOCKED' };
}
