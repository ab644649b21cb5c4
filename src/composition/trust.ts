import { existsSync } from 'node:fs';
import type { Wanted } from '../deployment-toml/wanted.js';
import { BootstrapError } from '../errors.js';
import type { Home } from '../servers/home.js';
import { isAtLeast, PRODUCTS } from '../servers/server.js';
import { readableByServer, type ServersFile } from '../step/readable-by-server.js';
import { anyStep, type Step } from '../step/step.js';
import { withoutKey } from '../trust/certificate.js';
import { thumbprintMapping } from '../trust/client-certificate.js';
import { isSelfEdge, TRUST_EDGES, type TrustEdge } from '../trust/edges.js';
import type { StoreFile } from '../trust/keystore/store-file.js';
import type { TrustChange } from '../trust/plan.js';
import { PUBLIC_MODE, publishedStep } from '../trust/published-step.js';
import { type TrustState, trustStep } from '../trust/step.js';
import { tlsStep } from '../trust/tls-step.js';
import type { Config, Server } from './config.js';
import { nodeStepId } from './config.js';
import { MESSAGES } from './errors.js';
import type { StepEntry } from './steps.js';

/** The TLS identities that are wanted, and the edges of trust between every node of the two servers. */
export function trustEntries(config: Config): readonly StepEntry[] {
  const is7s = nodesOf(config, 'is7');
  const apims = nodesOf(config, 'apim');
  return [
    ...[...is7s, ...apims].flatMap((server) => [...tlsIdentity(config, server), ...published(config, server)]),
    ...TRUST_EDGES.filter((one) => !isSelfEdge(one)).flatMap((one) => edgesBetweenNodes(config, one)),
    ...is7s.flatMap((owner) => clientEdge(config, owner)),
    ...TRUST_EDGES.filter(isSelfEdge).flatMap((one) => selfEdges(config, one)),
  ];
}

/** The first, and those that are declared besides. */
function nodesOf(config: Config, id: Server['id']): readonly Server[] {
  return [config[id], ...config.nodes.filter((node) => node.id === id)];
}

/** Every node of one server trusts every node of the other; those that present one certificate are in sync with the first. */
function edgesBetweenNodes(config: Config, { id, ...ends }: TrustEdge): readonly StepEntry[] {
  return nodesOf(config, ends.owner).flatMap((owner) =>
    nodesOf(config, ends.peer).flatMap((peer) => edge(config, { id: nodeStepId(id, owner, peer), owner, peer })),
  );
}

function selfEdges(config: Config, { id, owner }: TrustEdge): readonly StepEntry[] {
  return nodesOf(config, owner).flatMap((server) =>
    edge(config, { id: nodeStepId(id, server), owner: server, peer: server }),
  );
}

/** What a server's deployment.toml must say so that it presents the identity that it gets from us. */
export function tlsKeystoreEntries(server: Server): readonly Wanted[] {
  const tls = server.tls();
  if (!tls) return [];
  const table = ['keystore', 'tls'];
  return [
    { path: [...table, 'file_name'], value: tls.fileName },
    { path: [...table, 'type'], value: 'PKCS12' },
    ...(tls.keyPassword === 'as found'
      ? []
      : [{ path: [...table, 'key_password'], value: '$ref{keystore.tls.password}' }]),
  ];
}

/**
 * What IS 7's deployment.toml must say so that API Manager may come with its primary certificate, for the Key Managers that want so.
 *
 * @throws BootstrapError `MUTUAL_TLS_UNSUPPORTED`; `CONFIG_INVALID` without the home of API Manager
 */
export function mutualTlsEntries({ apim, keyManagers }: Config): (() => Promise<readonly Wanted[]>) | undefined {
  const users = new Set(keyManagers.flatMap(({ connector }) => mutualTlsUser(connector) ?? []));
  if (users.size === 0) return undefined;
  refuseOldRelease(apim);
  const primary = apim.primaryKey();
  const table = ['client_certificate_based_authentication'];
  return async () => [
    { path: [...table, 'enable'], value: true },
    ...(await Promise.all(
      [...users].map(async (user) => ({
        path: [...table, 'user_thumbprint_mapping'],
        identity: ['trusted_issuer', 'allowed_username'],
        value: { ...(await thumbprintMapping(primary, user)) },
      })),
    )),
  ];
}

function mutualTlsUser(connector: Config['keyManagers'][number]['connector']): string | undefined {
  return connector?.authentication === 'mutual-tls' ? (connector.identity_user ?? 'admin') : undefined;
}

/** The connector of IS 7 has a choice of authentication since its 2.0.7, which API Manager 4.6 brings. An unknown release is left to say so itself. */
function refuseOldRelease(apim: Server): void {
  if (isApim46(apim) !== 'no') return;
  throw new BootstrapError(MESSAGES.MUTUAL_TLS_UNSUPPORTED(apim.version()));
}

/** API Manager reads its truststore anew for each new connection to a Key Manager since 4.6; calls to itself keep what they had. */
function rereadsTruststore(owner: Server, peer: Server): boolean {
  return owner.id === 'apim' && peer !== owner && isApim46(owner) === 'yes';
}

function isApim46(apim: Server): 'yes' | 'no' | 'unknown' {
  const version = apim.version();
  if (version === undefined) return 'unknown';
  return isAtLeast(version, '4.6') ? 'yes' : 'no';
}

function tlsIdentity(config: Config, server: Server): readonly StepEntry[] {
  const { home } = server;
  if (!home || !server.wantsTls) return [];
  const id = nodeStepId(`tls/${server.id}`, server);
  const build = () => {
    const tls = server.tls();
    if (!tls) throw new Error(`${id} is built only where it is wanted`);
    const { keystore, wanted } = tls;
    const step = anyStep(
      tlsStep({
        id,
        server: server.title,
        readBy: server.id,
        keystore: () => keystore,
        wanted: () => wanted,
        files: config.files(home),
      }),
    );
    return readableByServer(step, {
      home,
      file: () => keystore.store.path,
      isOurs: () => true,
      wanted: () => config.files(home),
    });
  };
  return [{ id, phase: 'offline', server, build }];
}

/** The certificate of our making, where a health check or another pod can read it. */
function published(config: Config, server: Server): readonly StepEntry[] {
  const { home } = server;
  if (!home || !server.wantsTls) return [];
  const id = nodeStepId(`tls/${server.id}-pem`, server);
  const build = () => {
    const tls = server.tls();
    if (!tls) throw new Error(`${id} is built only where it is wanted`);
    const { keystore, pemFile } = tls;
    const step = anyStep(
      publishedStep({
        id,
        needs: [nodeStepId(`tls/${server.id}`, server)],
        server: server.title,
        keystore: () => keystore,
        file: () => pemFile,
        files: config.files(home),
      }),
    );
    const wanted = () => ({ ...config.files(home), mode: PUBLIC_MODE });
    return readableByServer(step, { home, file: () => pemFile, isOurs: () => true, wanted });
  };
  return [{ id, phase: 'offline', server, build }];
}

interface Edge {
  readonly id: `trust/${string}`;
  readonly owner: Server;
  readonly peer: Server;
}

function edge(config: Config, { id, owner, peer }: Edge): readonly StepEntry[] {
  const { home } = owner;
  if (!home) return [];
  const build = () => {
    const [truststore, certificate] = [owner.truststore(), peer.certificate()];
    const hosts = hostsOf(config, peer);
    const other = peer.id === 'is7' ? config.apim : config.is7;
    const isOnOtherEdge = owner === peer && other.home !== undefined;
    const step = writing(
      truststore,
      trustStep({
        id,
        needs: peer.wantsTls ? [nodeStepId(`tls/${peer.id}`, peer)] : [],
        owner: owner.title,
        peer: peer.title,
        ...(rereadsTruststore(owner, peer) ? {} : { readBy: owner.id }),
        truststore: () => truststore,
        certificate: () => (owner === peer ? certificate : withoutKey(certificate)),
        alias: peer.node === undefined ? PRODUCTS[peer.id].alias : `${PRODUCTS[peer.id].alias}-${peer.node}`,
        roles: isClientToo(config, peer) ? ['server', 'client'] : ['server'],
        ...(isOnOtherEdge ? {} : { hosts: () => hosts }),
        keytool: home.keytool,
        files: () => config.files(home),
        warnBeforeMs: config.warnBeforeMs,
      }),
    );
    // Said once, on the edge that every server has.
    return owner === peer ? readableByServer(step, truststoreOf(config, home, truststore)) : step;
  };
  return [{ id, phase: 'offline', server: owner, build }];
}

/** With mutual TLS IS 7 also has to trust what API Manager presents as a client, when that is not what it presents as a server. */
function clientEdge({ apim, keyManagers, warnBeforeMs, files }: Config, is7: Server): readonly StepEntry[] {
  const { home } = is7;
  if (!wantsMutualTls(keyManagers) || !home || !apim.home || !presentsAnotherAsServer(apim)) return [];
  const id = nodeStepId('trust/is7-client', is7);
  const build = () => {
    const [truststore, certificate] = [is7.truststore(), apim.primaryKey()];
    return writing(
      truststore,
      trustStep({
        id,
        owner: is7.title,
        peer: apim.title,
        readBy: is7.id,
        truststore: () => truststore,
        certificate: () => certificate,
        alias: 'wso2apim-client',
        roles: ['client'],
        hosts: () => [],
        keytool: home.keytool,
        files: () => files(home),
        warnBeforeMs,
      }),
    );
  };
  return [{ id, phase: 'offline', server: is7, build }];
}

function wantsMutualTls(keyManagers: Config['keyManagers']): boolean {
  return keyManagers.some(({ connector }) => mutualTlsUser(connector) !== undefined);
}

function isClientToo({ apim, keyManagers }: Config, peer: Server): boolean {
  return peer === apim && wantsMutualTls(keyManagers) && !presentsAnotherAsServer(apim);
}

/** What is wrong with its deployment.toml is for the steps to say that read it. */
function presentsAnotherAsServer({ home, wantsTls }: Server): boolean {
  if (wantsTls || !home) return wantsTls;
  try {
    return ['file_name', 'alias'].some(
      (key) => home.text(`keystore.tls.${key}`) !== home.text(`keystore.primary.${key}`),
    );
  } catch {
    return true;
  }
}

function truststoreOf(config: Config, home: Home, { path, overlayPath }: StoreFile): ServersFile {
  return {
    home,
    file: () => (overlayPath !== undefined && existsSync(overlayPath) ? overlayPath : path),
    isOurs: () => overlayPath !== undefined && existsSync(overlayPath),
    wanted: () => config.files(home),
  };
}

/** Two edges may end in one truststore. */
function writing({ path, overlayPath = path }: StoreFile, step: Step<TrustState, TrustChange>): Step {
  return { ...anyStep(step), writes: overlayPath };
}

/** The names by which others reach a server: its URL, and for IS 7 the one that issuer and browsers use, and those of its endpoints. */
function hostsOf(config: Config, server: Server): readonly string[] {
  if (!server.isKnown) return [];
  const urls = [server.url(), ...(server === config.is7 ? endpointsOf(config) : [])];
  return [...new Set(urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')))];
}

/** Through a proxy (`is7.public_url`) the proxy's certificate is the one that counts, so that name is not IS 7's. */
function endpointsOf({ keyManagers }: Config): readonly string[] {
  return keyManagers.flatMap((declared) => {
    const { url, token_endpoint, introspection_endpoint, client_registration_endpoint, jwks } = declared;
    return [url, token_endpoint, introspection_endpoint, client_registration_endpoint, jwks].filter(
      (found) => found !== undefined,
    );
  });
}
