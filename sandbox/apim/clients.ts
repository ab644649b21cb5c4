import { randomBytes } from 'node:crypto';

/** An OAuth client of API Manager itself. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientName: string;
  readonly owner: string;
  /** Absent in the first tenant. */
  readonly tenant: string | undefined;
  readonly grantTypes: readonly string[];
  readonly callbackUrl: string;
  readonly saasApp: boolean;
  readonly tokenType: string;
}

/** Gives a new client its id and its secret. */
export function newClient(client: Omit<Client, 'clientId' | 'clientSecret'>): Client {
  return {
    clientId: randomBytes(21).toString('base64url'),
    clientSecret: randomBytes(21).toString('base64url'),
    ...client,
  };
}
