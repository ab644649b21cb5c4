import { createHash } from 'node:crypto';
import { json } from '../http/reply.js';
import { type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { allowing } from './authorize.js';
import { notFound, refuse } from './faults.js';

const PATH = '/api/am/devportal/v3/apis';
const TIER = 'Unlimited';

/** The one API that a tenant has here: published, behind the gateway, with subscription. */
export interface Api {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Where it begins at the gateway: `/sandbox/1.0`, in another tenant than the first `/t/<tenant>/sandbox/1.0`. */
  readonly context: string;
  readonly tenant: string | undefined;
  readonly resources: readonly Resource[];
}

export interface Resource {
  readonly path: string;
  /** Without it the gateway answers 900910. */
  readonly scope?: string;
}

/** What the Developer Portal shows of the API. */
export function apiRoutes(apim: Apim): readonly Route[] {
  const scopes = ['apim:subscribe'];
  return [
    route(
      'GET',
      PATH,
      allowing(apim, scopes, (_request, { tenant }) => {
        const list = [infoOf(apiOf(tenant))];
        return json(200, { count: 1, list, pagination: { offset: 0, limit: 25, total: 1, next: '', previous: '' } });
      }),
    ),
    route(
      'GET',
      `${PATH}/{apiId}`,
      allowing(apim, scopes, (_request, { tenant }, { apiId = '' }) => json(200, presented(apiWithId(tenant, apiId)))),
    ),
  ];
}

/** The API of a tenant. Its id follows from the tenant, so that it outlives the server. */
export function apiOf(tenant: string | undefined): Api {
  const digest = createHash('sha256').update(`sandbox ${tenant}`).digest('hex');
  return {
    id: [0, 8, 12, 16, 20].map((start, index) => digest.slice(start, [8, 12, 16, 20, 32][index])).join('-'),
    name: 'SandboxAPI',
    version: '1.0',
    context: `${tenant === undefined ? '' : `/t/${tenant}`}/sandbox/1.0`,
    tenant,
    resources: [{ path: '/hello' }, { path: '/orders', scope: 'orders:read' }],
  };
}

/** @throws Refusal 404 */
export function apiWithId(tenant: string | undefined, id: string): Api {
  const api = apiOf(tenant);
  return api.id === id ? api : refuse(notFound(`API with Id '${id}' is not available.`));
}

/** As it stands in lists. */
export function infoOf({ id, name, version, context }: Api): Record<string, unknown> {
  return { id, name, version, context, provider: 'admin', lifeCycleStatus: 'PUBLISHED', throttlingPolicies: [TIER] };
}

function presented({ id, name, version, context, resources }: Api): Record<string, unknown> {
  return {
    id,
    name,
    version,
    context,
    provider: 'admin',
    lifeCycleStatus: 'PUBLISHED',
    type: 'HTTP',
    transport: ['https'],
    operations: resources.map(({ path }) => ({ target: path, verb: 'GET' })),
    securityScheme: ['oauth2', 'oauth_basic_auth_api_key_mandatory'],
    tiers: [{ tierName: TIER, tierPlan: 'FREE' }],
    isSubscriptionAvailable: true,
  };
}
