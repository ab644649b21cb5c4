import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import forge from 'node-forge';
import {
  createIdentityDatabase,
  type IdentityDatabase,
  openIdentityDatabase,
} from '../../../sandbox/identity-database.js';
import type { Conduct } from '../../../sandbox/is7/is7.js';
import { serveIs7 } from '../../../sandbox/is7/server.js';
import type { Identity, LoadedHome } from '../../../sandbox/loaded-home.js';
import { addTenants } from '../../../sandbox/tenants.js';
import { createHttpClient, type HttpClient, type HttpReply, type HttpRequest } from '../../../src/http/client.js';
import { startJvm } from '../../../src/jvm/jvm.js';
import { javaLibrary } from '../../../src/jvm/libraries.js';
import { Secret } from '../../../src/secret.js';
import { withTempFolder } from '../../support/temp-folder.js';

export const jvm = startJvm([javaLibrary('h2-2.2.224.jar')]);
export const credentials = { username: 'wso2carbon', password: new Secret('wso2carbon') };
export const ADMIN = basic('admin', 'admin');

const DAY_MS = 24 * 3600 * 1000;

/** One for all tests of a file, because making a key takes its time. */
export const IDENTITY = selfSigned();

/** Scopes are granted whoever asks, and tokens are JWTs whatever was registered: how they are is for the replays of recordings. */
export const LENIENT = { authorizedScopes: 'all', tokens: 'jwt' } as const;

/** A running IS 7 stand-in, and a client that trusts it. */
export interface StandIn {
  readonly url: string;
  readonly identity: Identity;
  readonly database: IdentityDatabase;
  send(request: Omit<HttpRequest, 'url' | 'signal'> & { readonly path: string }): Promise<HttpReply>;
}

/** Lends an IS 7 stand-in on a free port, with a fresh database. */
export function withIs7<T>(
  use: (is7: StandIn) => Promise<T>,
  identity = IDENTITY,
  conduct: Partial<Conduct> = {},
  tenants: readonly string[] = [],
): Promise<T> {
  return withTempFolder(async (folder) => {
    await addTenants(folder, 'is7', tenants);
    const file = join(folder, 'WSO2IDENTITY_DB');
    createIdentityDatabase(jvm, file, credentials);
    const database = openIdentityDatabase(jvm, file, credentials);
    const server = await serveIs7(loadedHome('is7', '7.2', folder, identity), database, { ...LENIENT, ...conduct });
    try {
      return await withClient(server.url, identity, (send) => use({ url: server.url, identity, database, send }));
    } finally {
      await server.close();
      database.close();
    }
  });
}

/** Lends a client that trusts this certificate alone. */
export async function withClient<T>(
  url: string,
  { cert }: Identity,
  use: (send: StandIn['send']) => Promise<T>,
): Promise<T> {
  const { signal } = new AbortController();
  const client: HttpClient = createHttpClient({ trust: async () => ({ ca: [cert], pinnedSha256: [] }) });
  try {
    return await use(({ path, ...request }) => client.send({ ...request, url: `${url}${path}`, signal }));
  } finally {
    await client.close();
  }
}

/** A home as a server has read it: on free ports, trusting nobody. */
export function loadedHome(
  server: LoadedHome['server'],
  version: string,
  folder: string,
  identity: Identity,
  trusted: readonly string[] = [],
): LoadedHome {
  const admin = { username: 'admin', password: new Secret('admin') };
  const ports = { host: 'localhost', httpsPort: 0, httpPort: 0, gatewayPort: 0 };
  const read = {
    toml: new Map(),
    admin,
    tls: identity,
    signing: identity,
    olderSigning: [],
    trusted,
    trustedNow: () => trusted,
    hosts: {},
  };
  return { server, version, updates: 'some', folder, ...ports, ...read };
}

/** A key pair with a certificate for a host, valid until then. */
export function selfSigned(notAfter = new Date(Date.now() + DAY_MS), host = 'localhost'): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(notAfter.getTime() - 2 * DAY_MS);
  certificate.validity.notAfter = notAfter;
  const name = [{ name: 'commonName', value: host }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { key: privateKey, cert: forge.pki.certificateToPem(certificate) };
}

export function basic(username: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** A reply's JSON, or the part of it that the keys lead to. */
export function at(reply: HttpReply, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], JSON.parse(reply.text));
}
