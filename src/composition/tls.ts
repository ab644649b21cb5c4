import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Settings } from '../config/parse.js';
import type { BootstrapError } from '../errors.js';
import { invalidConfiguration } from '../errors.js';
import { Secret } from '../secret.js';
import type { Home } from '../servers/home.js';
import { SECURITY } from '../servers/layout.js';
import type { ServerId } from '../servers/server.js';
import type { KeystoreCertificate } from '../trust/certificate.js';
import type { StoreFile } from '../trust/keystore/keystore.js';
import { isAsciiPassword } from '../trust/keystore/store-file.js';
import type { PemFiles } from '../trust/pem-identity.js';
import type { WantedIdentity } from '../trust/tls-plan.js';

/** A TLS identity of our making in a server's home. */
export interface TlsIdentity {
  /** The new keystore; deployment.toml's `[keystore.tls]` must name it. */
  readonly keystore: KeystoreCertificate & { readonly alias: string };
  readonly fileName: string;
  /** PEM file beside the keystore, for those who have to believe the certificate. */
  readonly pemFile: string;
  readonly wanted: WantedIdentity;
  /** Whether `[keystore.tls] key_password` has to change: in PKCS#12 it is the password of the store. */
  readonly keyPassword: 'as found' | 'that of the store';
}

const FILE_NAME = 'km-bootstrap-tls.p12';
const PEM_FILE_NAME = 'km-bootstrap-tls.pem';

/** Whether a server gets a TLS identity from us: generated, or brought in files. */
export function wantsTlsIdentity(settings: Settings, id: ServerId): boolean {
  const files = [settings[`tls.${id}.certificate`], settings[`tls.${id}.key`], settings[`tls.${id}.chain`]];
  return settings['tls.generate'] || files.some((file) => file !== undefined);
}

/**
 * The TLS identity that a server is to have.
 *
 * @param host the name in the server's URL
 * @throws BootstrapError `CONFIG_INVALID` for half of a pair of files, an address or name that cannot be one, a password that Java does
 *   not take
 */
export function tlsIdentity(settings: Settings, id: ServerId, home: Home, host: string): TlsIdentity {
  const password = home.text('keystore.tls.password') ?? '';
  const secret = new Secret(password);
  if (!isAsciiPassword(secret)) throw notAscii(home);
  const overlay = settings[`${id}.overlay`];
  const folder = overlay ?? home.folder;
  const path = securityFile(folder, FILE_NAME);
  const store = { path, password: secret, declaredType: 'PKCS12' };
  return {
    keystore: { store, alias: home.text('keystore.tls.alias') ?? 'wso2carbon', keyPassword: secret },
    fileName: FILE_NAME,
    pemFile: securityFile(folder, PEM_FILE_NAME),
    wanted: wantedIdentity(settings, id, host),
    keyPassword: home.text('keystore.tls.key_password') === password ? 'as found' : 'that of the store',
  };
}

function notAscii({ deploymentToml }: Home): BootstrapError {
  return invalidConfiguration([
    `[keystore.tls] password in ${deploymentToml} has characters beyond printable ASCII, which Java does not take for a PKCS12 store: give [keystore.tls] a password of its own for the new one`,
  ]);
}

/** A keystore or truststore of deployment.toml. Stores lie where the servers look for them. */
export function storeInHome(
  home: Home,
  table: 'truststore' | 'keystore.tls' | 'keystore.primary',
  overlay: string | undefined,
): StoreFile {
  const type = home.text(`${table}.type`);
  const fileName = home.text(`${table}.file_name`) ?? '';
  return {
    path: securityFile(home.folder, fileName),
    ...(overlay !== undefined && { overlayPath: securityFile(overlay, fileName) }),
    password: new Secret(home.text(`${table}.password`) ?? ''),
    keytool: home.keytool,
    passwordSetting: `[${table}] password in ${home.deploymentToml}`,
    ...(type && { declaredType: type }),
  };
}

/** The private key that a keystore of deployment.toml names. */
export function keyInHome(
  home: Home,
  table: 'keystore.tls' | 'keystore.primary',
  overlay: string | undefined,
): KeystoreCertificate {
  const keyPassword = home.text(`${table}.key_password`);
  return {
    store: storeInHome(home, table, overlay),
    alias: home.text(`${table}.alias`) ?? 'wso2carbon',
    ...(keyPassword !== undefined && { keyPassword: new Secret(keyPassword) }),
  };
}

function securityFile(folder: string, fileName: string): string {
  return join(folder, SECURITY, fileName);
}

function wantedIdentity(settings: Settings, id: ServerId, host: string): WantedIdentity {
  const files = pemFiles(settings, id);
  if (files) return { from: 'files', files, mustCover: settings[`${id}.hostname`] === host ? [host] : [] };
  const authority = authorityFiles(settings);
  return {
    from: 'us',
    names: namesOf(settings, id, host),
    key: settings['tls.key'],
    days: Math.max(1, settings['tls.days']),
    renewBeforeMs: settings['tls.renew_before'],
    ...(authority && { authority }),
  };
}

function pemFiles(settings: Settings, id: ServerId): PemFiles | undefined {
  const names = `tls.${id}.certificate and tls.${id}.key`;
  const [certificate, key, chain] = [
    settings[`tls.${id}.certificate`],
    settings[`tls.${id}.key`],
    settings[`tls.${id}.chain`],
  ];
  if (certificate !== undefined && key !== undefined) return { certificate, key, chain, settings: names };
  if (certificate !== undefined || key !== undefined || chain !== undefined) throw halfOfPair(names);
  return undefined;
}

function authorityFiles(settings: Settings): PemFiles | undefined {
  const names = 'tls.ca_certificate and tls.ca_key';
  const [certificate, key] = [settings['tls.ca_certificate'], settings['tls.ca_key']];
  if (certificate !== undefined && key !== undefined) return { certificate, key, settings: names };
  if (certificate !== undefined || key !== undefined) throw halfOfPair(names);
  return undefined;
}

function halfOfPair(names: string) {
  return invalidConfiguration([`${names} belong together: set both`]);
}

/** The host itself, `[server] hostname` when it is another, what was given, and how the server reaches itself. */
function namesOf(settings: Settings, id: ServerId, host: string): readonly [string, ...string[]] {
  const given = [settings['tls.sans'], settings[`tls.${id}.sans`]].flatMap((text) => text?.split(/[\s,]+/) ?? []);
  const further = [settings[`${id}.hostname`] ?? host, ...given, 'localhost', '127.0.0.1'].filter(Boolean);
  const wrong = further.filter((name) => !isIP(name) && !/^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name));
  if (wrong.length > 0) throw invalidConfiguration([`tls.sans: ${wrong.join(', ')} can be no host name or address`]);
  return [host, ...new Set(further.filter((name) => name !== host))];
}
