import type { X509Certificate } from 'node:crypto';
import { isObject, type ServerRequest } from '../http/request.js';
import type { LoadedHome } from '../loaded-home.js';
import { writeServerLog } from '../server-log.js';

const USER_HEADER = 'wso2-identity-user';
const TABLE = 'client_certificate_based_authentication';

/**
 * The user that a request acts as by its client certificate, which the TLS handshake has found to be trusted. Up to IS 7.2 any such
 * certificate will do; 7.3 takes one only if deployment.toml turns this on and maps that certificate to that user
 * (carbon-identity-framework, ClientCertificateBasedAuthenticationHandler).
 */
export function userByCertificate(home: LoadedHome, request: ServerRequest): string | undefined {
  const { clientCertificate: certificate } = request;
  const user = [request.headers[USER_HEADER]].flat()[0];
  if (!certificate || user === undefined) return undefined;
  if (demandsMapping(home) && !isMapped(home, certificate, user)) return undefined;
  void writeServerLog(home.folder, 'INFO', `${user} came with the client certificate ${certificate.fingerprint256}`);
  return user;
}

function demandsMapping({ version }: LoadedHome): boolean {
  return Number(version) >= 7.3;
}

function isMapped({ toml }: LoadedHome, certificate: X509Certificate, user: string): boolean {
  const mappings = toml.get(`${TABLE}.user_thumbprint_mapping`);
  if (toml.get(`${TABLE}.enable`) !== true || !Array.isArray(mappings)) return false;
  return mappings
    .filter(isObject)
    .some(
      (mapping) =>
        mapping['trusted_issuer'] === normalizedIssuer(certificate) &&
        mapping['cert_thumbprint'] === certificate.fingerprint256 &&
        mapping['allowed_username'] === user,
    );
}

/** IS 7 sorts the attributes of a name by their types. */
function normalizedIssuer({ issuer }: X509Certificate): string {
  return issuer.split('\n').filter(Boolean).sort().join(', ');
}
