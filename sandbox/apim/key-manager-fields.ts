import type { Body, Field } from './body.js';

/** The body of POST and PUT /key-managers, as the Admin API defines it up to the newest release. */
export const KEY_MANAGER_FIELDS = {
  id: { kind: 'string' },
  name: { kind: 'string', required: true, minLength: 1, maxLength: 100 },
  displayName: { kind: 'string', maxLength: 100 },
  type: { kind: 'string', required: true, minLength: 1, maxLength: 45 },
  description: { kind: 'string', maxLength: 256 },
  wellKnownEndpoint: { kind: 'string' },
  introspectionEndpoint: { kind: 'string' },
  clientRegistrationEndpoint: { kind: 'string' },
  tokenEndpoint: { kind: 'string' },
  displayTokenEndpoint: { kind: 'string' },
  revokeEndpoint: { kind: 'string' },
  displayRevokeEndpoint: { kind: 'string' },
  userInfoEndpoint: { kind: 'string' },
  authorizeEndpoint: { kind: 'string' },
  endpoints: { kind: 'objects' },
  certificates: { kind: 'object' },
  issuer: { kind: 'string' },
  alias: { kind: 'string' },
  scopeManagementEndpoint: { kind: 'string' },
  availableGrantTypes: { kind: 'strings' },
  enableTokenGeneration: { kind: 'boolean' },
  enableTokenEncryption: { kind: 'boolean' },
  enableTokenHashing: { kind: 'boolean' },
  enableMapOAuthConsumerApps: { kind: 'boolean' },
  enableOAuthAppCreation: { kind: 'boolean' },
  enableSelfValidationJWT: { kind: 'boolean' },
  claimMapping: { kind: 'objects' },
  consumerKeyClaim: { kind: 'string' },
  scopesClaim: { kind: 'string' },
  tokenValidation: { kind: 'objects' },
  enabled: { kind: 'boolean' },
  global: { kind: 'boolean' },
  additionalProperties: { kind: 'object' },
  permissions: { kind: 'object' },
  tokenType: { kind: 'string' },
  allowedOrganizations: { kind: 'strings' },
} as const satisfies Record<string, Field>;

/** What a client may send of a Key Manager. */
export type KeyManagerBody = Body<typeof KEY_MANAGER_FIELDS>;

/** A stored Key Manager: the body with what the server fills in. Secrets are in the clear. */
export interface KeyManager extends KeyManagerBody {
  readonly id: string;
  /** Absent in the first tenant. */
  readonly tenant?: string | undefined;
  readonly name: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly tokenType: string;
  readonly additionalProperties: Readonly<Record<string, unknown>>;
}
