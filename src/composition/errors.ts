import { messages } from '../errors.js';

export const MESSAGES = messages({
  TLS_UNTRUSTED: presentsAnother,
  TLS_EXPIRED: presentsAnother,
  CONFIG_INVALID: (deploymentToml: string | undefined, text: string) => ({
    message: `${deploymentToml}: [server] offset = ${JSON.stringify(text)} is not a whole number`,
    hint: 'Correct it, or set is7.offset or apim.offset.',
  }),
  PORT_CLASH: (place: string) => ({
    message: `both servers would answer on ${place}`,
    hint: 'Give is7.offset and apim.offset different values, or is7.hostname and apim.hostname different hosts.',
  }),
  CERTIFICATE_UNREADABLE: (caFile: string) => ({
    message: `--ca-file ${caFile} holds no PEM certificate`,
    hint: 'Give a file with one or more blocks from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".',
  }),
  FILE_UNREADABLE: (caFile: string, reason: string) => ({
    message: `cannot read --ca-file ${caFile}: ${reason}`,
    hint: 'Check the path and its rights.',
  }),
  CERT_EXPIRED_PINNED: (title: string, host: string) => ({
    message: `the certificate of ${title} at ${host} has expired; it was accepted because it is exactly the one in the server's keystore`,
    hint: 'Java accepts it too while it is in the truststore. Give the server a new certificate when you can.',
  }),
  CERT_PRESENTED_DIFFERS: (title: string, presented: string, certificate: string) => ({
    message: `${title} presents the certificate SHA-256 ${presented}, but its keystore holds ${certificate}`,
    hint: `Restart ${title} if its keystore was changed while it ran; if a proxy answers for it, that is the proxy’s.`,
  }),
  USAGE: (pattern: string, nearest: string, count: number, ids: readonly string[]) => ({
    message: `--only ${pattern}: there is no such step here${nearest}`,
    hint: count > 0 ? `The steps of this run are ${ids.join(', ')}.` : 'Give --is7-home and --apim-home.',
  }),
  MUTUAL_TLS_UNSUPPORTED: (version: string | undefined) => ({
    message: `mutual-tls is declared, but the connector of API Manager ${version} cannot do it`,
    hint: 'It takes API Manager 4.6 or later. Set authentication = "basic" for the connector of this Key Manager.',
  }),
});

function presentsAnother(problem: string, own: string, title: string) {
  return {
    message: `${problem}; its keystore holds ${own}, so it presents another`,
    hint: `Restart ${title} if its keystore was changed while it ran; if a proxy answers for it, give that one’s authority with --ca-file.`,
  };
}
