import type { HttpClient } from '../../src/http/client.js';
import { ADMIN_SCOPES } from '../../src/key-manager/admin-api.js';
import type { KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import { DEVPORTAL_SCOPES } from '../../src/key-manager/devportal-api.js';
import type { ProofLevel, ProofOptions } from '../../src/key-manager/proof.js';
import type { ApimAccount } from '../../src/key-manager/sign-in.js';
import type { StateOptions } from '../../src/key-manager/state.js';
import { keyManagerStep } from '../../src/key-manager/step.js';
import { createTenant, type Tenant } from '../../src/key-manager/tenant.js';
import { removeLeftovers } from '../../src/key-manager/throwaway-application.js';

/** What a test gives of a step; the rest is as in a run. */
export interface StepGiven extends Partial<Pick<StateOptions, 'discovery' | 'wellKnown' | 'declaredHere'>> {
  readonly account: ApimAccount;
  /** To API Manager. */
  readonly http: HttpClient;
  /** Default: the same. */
  readonly is7Http?: HttpClient;
  readonly declaration: KeyManagerDeclaration;
  readonly authentication?: 'oauth' | 'basic';
  readonly level?: ProofLevel;
  readonly proof?: Partial<ProofOptions>;
  readonly resendSecret?: boolean;
  readonly patienceMs?: number;
  readonly apimVersion?: string;
}

/** A step in a run of its own: nothing is known from another. */
export function stepOf(given: StepGiven) {
  const { http, declaration, level = 'off', patienceMs = 3_000 } = given;
  const tenant = tenantOf(given);
  return keyManagerStep({
    id: `key-manager/${declaration.name}`,
    needs: ['health/is7', 'health/apim'],
    tenant,
    declaration,
    declaredHere: given.declaredHere ?? new Set([declaration.name]),
    discovery: given.discovery,
    wellKnown: given.wellKnown,
    resendSecret: given.resendSecret ?? false,
    proof: {
      level,
      client: tenant.client,
      is7Http: given.is7Http ?? http,
      scopes: [],
      revocation: 'not-configured',
      removeLeftovers: (signal) => removeLeftovers(tenant.client, signal),
      patienceMs,
      ...given.proof,
    },
  });
}

export function tenantOf({
  http,
  account,
  authentication = 'oauth',
  level = 'off',
  patienceMs = 3_000,
  apimVersion,
}: StepGiven): Tenant {
  const scopes = [...ADMIN_SCOPES, ...(level === 'off' ? [] : DEVPORTAL_SCOPES)];
  return createTenant({ http, account, authentication, scopes, patienceMs, apimVersion });
}
