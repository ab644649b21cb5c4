import type { FindingCode, Severity } from '../codes.js';
import { BootstrapError } from '../errors.js';
import { SECURITY } from '../servers/layout.js';
import { PRODUCTS, type ServerId } from '../servers/server.js';
import type { Notice } from '../step/step.js';
import { type PeerCertificate, type PeerIdentity, readPeerIdentity } from '../trust/certificate.js';
import { findCertificateFaults } from '../trust/certificate-findings.js';
import { thumbprintMapping } from '../trust/client-certificate.js';
import { isSelfEdge, TRUST_EDGES, type TrustEdge } from '../trust/edges.js';
import { readStore, type Store, type StoreFile } from '../trust/keystore/keystore.js';
import { findStoreFaults, findTruststoreFaults } from '../trust/store-findings.js';
import { describeCertificate } from '../trust/x509.js';
import { addressOfServer } from './addresses.js';
import { MESSAGES } from './errors.js';
import { jvmOption, type PairFacts, scalarText } from './facts.js';
import { type Finding, finding, isFindingCode } from './finding.js';
import type { ExaminedHome } from './home.js';
import { revocationListener } from './revocation.js';

/** What is looked at: the homes that are here, and the certificate of one that is elsewhere. */
export interface TrustRequest {
  readonly is7: ExaminedHome | undefined;
  readonly apim: ExaminedHome | undefined;
  readonly pair: PairFacts;
  /** PEM files of servers whose home is not here. */
  readonly pemFiles: Readonly<Record<ServerId, string | undefined>>;
  readonly now: Date;
  readonly warnBeforeMs: number;
}

/** Stores that cannot be opened, certificates that do not fit, and the four edges of trust. */
export async function findTrustFaults(request: TrustRequest): Promise<readonly Finding[]> {
  const { pair } = request;
  const [is7, apim] = [await lookAt('is7', request), await lookAt('apim', request)];
  return [
    ...is7.findings,
    ...apim.findings,
    ...(await Promise.all(TRUST_EDGES.map((edge) => findEdgeFaults(edge, { is7, apim }, request)))).flat(),
    ...(request.apim ? await mutualTls(request.apim, pair) : []),
  ];
}

/** A server with what its stores hold, as far as they can be opened. */
interface Side {
  readonly server: ServerId;
  readonly home: ExaminedHome | undefined;
  readonly identity: PeerIdentity | undefined;
  readonly truststore: { readonly store: Store; readonly file: StoreFile } | undefined;
  readonly findings: readonly Finding[];
}

async function lookAt(server: ServerId, request: TrustRequest): Promise<Side> {
  const home = request[server];
  const findings: Finding[] = [];
  const pemFile = request.pemFiles[server];
  const certificate: PeerCertificate | undefined =
    home?.keystores['keystore.tls'] ?? (pemFile ? { pemFile } : undefined);
  const identity =
    certificate && (await orFinding(home, findings, certificateFile(certificate), () => readPeerIdentity(certificate)));
  const primary = home?.keystores['keystore.primary'];
  if (primary) await orFinding(home, findings, primary.store.path, () => readPeerIdentity(primary));
  const file = home?.truststore;
  const store = file && (await orFinding(home, findings, file.path, () => readStore(file)));
  const keystoreFile = home?.keystores['keystore.tls']?.store;
  const notices = [
    ...(store && file ? locate(file.path, findStoreFaults(store, file)) : []),
    ...(identity?.keystore && keystoreFile
      ? locate(keystoreFile.path, findStoreFaults(identity.keystore, keystoreFile))
      : []),
  ];
  return {
    server,
    home,
    identity,
    truststore: store && file && { store, file },
    findings: [...findings, ...notices.map(ofStoreType), ...internalKeystore(home)],
  };
}

function certificateFile(certificate: PeerCertificate): string {
  return 'pemFile' in certificate ? certificate.pemFile : certificate.store.path;
}

/** What is not in a bundle need not be missing in the home. */
async function orFinding<T>(
  home: ExaminedHome | undefined,
  findings: Finding[],
  where: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (thrown) {
    if (!(thrown instanceof BootstrapError) || !isFindingCode(thrown.code)) throw thrown;
    const { code, message, hint } = thrown;
    if (!(code === 'STORE_MISSING' && home?.facts.from === 'bundle'))
      findings.push(finding({ code, message, hint }, { where }));
    return undefined;
  }
}

/** A JKS that is declared as PKCS12 is read all the same. */
function ofStoreType(found: Finding): Finding {
  if (found.code !== 'STORE_TYPE_DIFFERS' || !found.hint.startsWith('Java reads it')) return found;
  return { ...found, severity: 'note' };
}

/** Its content is for the server alone; that it is there is what a Secret of Kubernetes gets wrong. */
function internalKeystore(home: ExaminedHome | undefined): readonly Finding[] {
  const settings = home?.facts.settings;
  const name = scalarText(settings?.value(['keystore', 'internal', 'file_name']));
  if (!settings || !home || name === undefined || name.includes('$') || home.facts.from === 'bundle') return [];
  const path = `${SECURITY}/${name}`;
  if (home.holds(path)) return [];
  return [finding(MESSAGES.STORE_MISSING(path), { where: settings.place(['keystore', 'internal', 'file_name']) })];
}

function locate(where: string, notices: readonly Notice[], severity?: Severity): readonly Finding[] {
  return notices.flatMap(({ code, message, hint }) =>
    isFindingCode(code) ? [finding({ code, message, hint }, { where, severity })] : [],
  );
}

/** Whether the owner accepts the certificate that the peer presents, by the truststore and by the name. */
async function findEdgeFaults(
  edge: TrustEdge,
  sides: Readonly<Record<ServerId, Side>>,
  request: TrustRequest,
): Promise<readonly Finding[]> {
  const [owner, peer] = [sides[edge.owner], sides[edge.peer]];
  const { identity } = peer;
  if (!identity || !owner.home) return [];
  const { now } = request;
  const isSelf = isSelfEdge(edge);
  const certificateFaults = isSelf ? [] : ofCertificate(owner, peer, identity, request);
  if (!owner.truststore) return certificateFaults;
  const { store, file } = owner.truststore;
  const ofStore = findTruststoreFaults(store, file, identity, { alias: PRODUCTS[peer.server].alias, now });
  const isTrusted =
    store.entries.some(({ sha256 }) => sha256 === identity.certificate.fingerprint256) ||
    ofStore.some(({ code }) => code === 'CERT_ISSUER_TRUSTED');
  const told = locate(file.path, isSelf ? [] : ofStore.filter(({ code }) => isTelling(code, isTrusted)));
  if (isTrusted) return [...certificateFaults, ...told];
  return [
    ...certificateFaults,
    ...told,
    trustMissing(edge, identity, file, request.pair),
    ...(await overwritten(owner, identity)),
  ];
}

/** What is not trusted at all needs no word about how. */
function isTelling(code: string, isTrusted: boolean): boolean {
  if (code === 'CERT_ISSUER_MISSING') return false;
  return code !== 'CERT_ISSUER_EXPIRED' || !isTrusted;
}

function trustMissing(edge: TrustEdge, identity: PeerIdentity, file: StoreFile, pair: PairFacts): Finding {
  const certificate = describeCertificate(identity.certificate);
  const who = PRODUCTS[edge.owner].title;
  const whom = isSelfEdge(edge) ? 'itself' : PRODUCTS[edge.peer].title;
  return finding(MESSAGES.TRUST_MISSING(who, whom, certificate, edge.without, edge.id), {
    where: file.path,
    ...(edge.onlyForRevocation && !reportsRevocation(pair) && { severity: 'risk' }),
  });
}

function reportsRevocation({ is7 }: PairFacts): boolean {
  return is7?.settings !== undefined && revocationListener(is7.settings) !== undefined;
}

async function overwritten({ home }: Side, { certificate }: PeerIdentity): Promise<readonly Finding[]> {
  const hidden = home?.hiddenTruststore;
  if (!hidden || !home.truststore) return [];
  const below = await readStore(hidden).catch(() => undefined);
  if (!below?.entries.some(({ sha256 }) => sha256 === certificate.fingerprint256)) return [];
  return [finding(MESSAGES.OVERLAY_OVERWRITES.truststore(hidden.path), { where: home.truststore.path })];
}

/** The names count where they are checked: by IS 7 as a rule, by API Manager when it was told to. */
function ofCertificate(owner: Side, peer: Side, identity: PeerIdentity, request: TrustRequest): readonly Finding[] {
  const { now, warnBeforeMs, pair } = request;
  const context = {
    peer: PRODUCTS[peer.server].title,
    owner: PRODUCTS[owner.server].title,
    hosts: hostsOf(peer, pair),
    now,
    warnBeforeMs,
    roles: ['server'] as const,
  };
  const keystore = peer.home?.keystores['keystore.tls']?.store.path ?? request.pemFiles[peer.server] ?? '';
  const faults = locate(keystore, findCertificateFaults(identity, context));
  return faults.map((found) => (NAMES.includes(found.code) ? ofName(found, owner, pair) : found));
}

const NAMES: readonly FindingCode[] = ['CERT_HOST_MISMATCH', 'CERT_ADDRESS_MISMATCH', 'CERT_NO_SAN'];

function ofName(found: Finding, { server, home }: Side, pair: PairFacts): Finding {
  const option = home && jvmOption(home.facts, 'httpclient.hostnameVerifier');
  if (server === 'apim' && option && option.value !== 'AllowAll') {
    const told = `${found.message}; API Manager is started with hostnameVerifier=${option.value} (${option.where}), so that it refuses IS 7`;
    return { ...found, message: told };
  }
  const isChecked = server === 'is7' && option?.value !== 'AllowAll' && reportsRevocation(pair);
  return isChecked ? found : { ...found, severity: 'risk' };
}

/** By which names the other server reaches this one: for API Manager also that to which IS 7 reports. */
function hostsOf({ server }: Side, pair: PairFacts): readonly string[] {
  const address = addressOfServer(pair, server);
  const reported = server === 'apim' ? reportedHost(pair) : undefined;
  return [...new Set([...(address ? [address.host] : []), ...(reported ? [reported] : [])])].filter(Boolean);
}

function reportedHost({ is7 }: PairFacts): string | undefined {
  const listener = is7?.settings && revocationListener(is7.settings);
  const url = listener && scalarText(is7?.settings?.value([...listener, 'properties', 'notification_endpoint']));
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : undefined;
}

/** IS 7.3 lets a certificate act as a user only if it is mapped; API Manager presents that of its primary keystore. */
async function mutualTls(apim: ExaminedHome, pair: PairFacts): Promise<readonly Finding[]> {
  const settings = pair.is7?.settings;
  const primary = apim.keystores['keystore.primary'];
  const table = 'client_certificate_based_authentication';
  const mappings = settings?.value([table, 'user_thumbprint_mapping']);
  if (!settings || !primary || !Array.isArray(mappings) || settings.text(`${table}.enable`) !== 'true') return [];
  const wanted = await thumbprintMapping(primary, '').catch(() => undefined);
  const thumbprints = mappings.map((mapping: Record<string, unknown>) => scalarText(mapping['cert_thumbprint']));
  if (!wanted || thumbprints.includes(wanted.cert_thumbprint)) return [];
  return [
    finding(MESSAGES.MUTUAL_TLS_MISMATCH(wanted.cert_thumbprint, wanted.trusted_issuer), {
      where: settings.place([table, 'user_thumbprint_mapping', 0, 'cert_thumbprint']),
    }),
  ];
}
