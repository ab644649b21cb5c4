import { BootstrapError } from '../../src/errors.js';
import { packFolder } from '../../src/servers/server.js';
import { MESSAGES } from '../errors.js';

export type Server = 'is7' | 'apim';

/**
 * How a store is written: `jks`; `pkcs12-legacy`, certificates under RC2-40 and a SHA-1 MAC; `pkcs12-open`, certificates in the clear
 * and no MAC.
 */
export type StoreEncoding = 'jks' | 'pkcs12-legacy' | 'pkcs12-open';

/** From and to, as `new Date` reads them. */
export type Validity = readonly [from: string, to: string];

/** What the packs of two releases differ in. */
export interface Release {
  readonly server: Server;
  readonly version: string;
  /** As in the answers and the version.txt of the real server. */
  readonly product: string;
  /** What the folder in the pack's archive is called. */
  readonly folderName: string;
  /** The oldest and the newest JDK that its start script takes without an error. */
  readonly jdk: readonly [oldest: number, newest: number];
  readonly keystore: string;
  readonly truststore: string;
  /** What deployment.toml calls the stores, whatever they really are. */
  readonly storeType: 'JKS' | 'PKCS12';
  readonly storeEncoding: StoreEncoding;
  /** The L of the certificate's subject. */
  readonly locality: string;
  /** When the certificate of the real pack held, if that is over; else some time that is. */
  readonly expired: Validity;
  /** A second, older private key that the pack's keystore also holds. */
  readonly oldKey?: { readonly alias: string; readonly validity: Validity };
  /** File name of the H2 bundle in the pack's plugins, and of the same version's jar in `java/lib`. */
  readonly h2: { readonly plugin: string; readonly library: string };
}

/**
 * @param version `7.0`…`7.3` or `4.3`…`4.7`
 * @throws BootstrapError `SANDBOX_FAILED` for a release that has no stand-in
 */
export function releaseOf(server: Server, version: string): Release {
  const release = RELEASES.find((candidate) => candidate.server === server && candidate.version === version);
  if (release) return release;
  const known = RELEASES.filter((candidate) => candidate.server === server).map((candidate) => candidate.version);
  throw new BootstrapError(MESSAGES.SANDBOX_FAILED.release(PRODUCTS[server], version, known, server));
}

const PRODUCTS = { is7: 'WSO2 Identity Server', apim: 'WSO2 API Manager' } as const;

const H2_2_2 = { plugin: 'h2-engine_2.2.224.wso2v2.jar', library: 'h2-2.2.224.jar' };
const H2_2_3 = { plugin: 'h2-engine_2.3.232.wso2v1.jar', library: 'h2-2.3.232.jar' };

const LONG_OVER: Validity = ['2024-02-22T08:52:55Z', '2026-05-27T08:52:55Z'];

const RELEASES: readonly Release[] = [
  is7('7.0', {
    keystore: 'wso2carbon.jks',
    truststore: 'client-truststore.jks',
    storeType: 'JKS',
    storeEncoding: 'jks',
    expired: ['2023-12-06T09:59:37Z', '2025-01-07T09:59:37Z'],
    jdk: [11, 17],
    oldKey: { alias: 'newkey', validity: ['2022-02-10T06:12:30Z', '2024-05-15T06:12:30Z'] },
  }),
  is7('7.1', { expired: ['2025-01-08T04:59:55Z', '2026-01-08T04:59:55Z'] }),
  is7('7.2', { expired: ['2025-01-08T04:59:55Z', '2026-01-08T04:59:55Z'] }),
  is7('7.3', {}),
  apim('4.3', { h2: H2_2_2 }),
  apim('4.4', { storeEncoding: 'pkcs12-open' }),
  apim('4.5', { storeEncoding: 'pkcs12-open' }),
  apim('4.6', {}),
  apim('4.7', { jdk: [21, 25] }),
];

function is7(version: string, differences: Partial<Release>): Release {
  return {
    server: 'is7',
    version,
    product: PRODUCTS.is7,
    folderName: packFolder('is7', version),
    jdk: [11, 21],
    keystore: 'wso2carbon.p12',
    truststore: 'client-truststore.p12',
    storeType: 'PKCS12',
    storeEncoding: 'pkcs12-legacy',
    locality: 'Santa Clara',
    expired: LONG_OVER,
    h2: H2_2_2,
    ...differences,
  };
}

function apim(version: string, differences: Partial<Release>): Release {
  return {
    server: 'apim',
    version,
    product: PRODUCTS.apim,
    folderName: packFolder('apim', version),
    jdk: [11, 21],
    keystore: 'wso2carbon.jks',
    truststore: 'client-truststore.jks',
    storeType: 'JKS',
    storeEncoding: 'jks',
    locality: 'Mountain View',
    expired: LONG_OVER,
    h2: H2_2_3,
    ...differences,
  };
}
