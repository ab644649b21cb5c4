import type { ErrorCode } from '../../errors.js';
import type { Explanation } from '../explanation.js';

const APIM = 'https://localhost:9443';
const IS7 = 'https://localhost:9444';

export const SERVER_ERRORS = {
  SERVER_UNREACHABLE: {
    what: 'A server could not be talked to.',
    why: 'It is not started, its name cannot be resolved from here, the port is another, or a firewall drops packets.',
    remedy: 'Start it, correct its URL or port offset, or run km-bootstrap in the network of the servers.',
    example: {
      message: `${IS7}: nothing listens on port 9444 (connection refused)`,
      hint: 'Start the server, or correct its URL or port offset.',
    },
  },
  SERVER_NOT_READY: {
    what: 'A server answers, but not as it does once it has started.',
    why: 'It is still deploying its applications, or something else answers at that address.',
    remedy: 'Wait until its log says that it has started, or correct the URL.',
    example: {
      message: `${APIM}/api/am/admin/v4/settings answered 404 instead of 401`,
      hint: 'Wait until the server has started (its log says so), or correct its URL if something else answers there.',
    },
  },
  TLS_UNTRUSTED: {
    what: 'The certificate that a server or a database presents is not trusted.',
    why: 'It is not the one of its keystore, nor issued by an authority that is known. Verification is never switched off.',
    remedy:
      'Restart the server if its keystore was changed while it ran; give the authority of a proxy with --ca-file.',
    example: {
      message: `${IS7}: its certificate is not trusted (SELF_SIGNED_CERT_IN_CHAIN)`,
      hint: 'Give the home or certificate file of exactly this server, or further CAs with --ca-file.',
    },
  },
  TLS_HOST_MISMATCH: {
    what: 'The certificate that a server or a database presents is for another host.',
    why: 'The packs’ certificates are for localhost alone; a proxy may answer with its own.',
    remedy: 'Use a name that the certificate covers, or give the server one with this name ([tls] generate = true).',
    example: {
      message:
        'https://is7.example.com:9443: its certificate is not for the host is7.example.com (it is for DNS:localhost)',
      hint: 'Use a host name that the certificate covers, or give the server a certificate whose SAN has this name.',
    },
  },
  ISSUER_MISMATCH: {
    what: 'Identity Server issues tokens under another name than is expected.',
    why: 'API Manager refuses tokens whose issuer is not that of the Key Manager. A proxy, a host name or an offset changes the issuer.',
    remedy:
      'Set is7.public_url to the URL that the issuer begins with, or correct hostname, offset and proxyPort of Identity Server.',
    example: {
      message: `Identity Server at ${IS7} issues tokens as https://login.example.com/oauth2/token, but ${IS7}/oauth2/token is expected`,
      hint: "Set is7.public_url (KMB_IS7_PUBLIC_URL) to the URL that its issuer begins with, or [server] hostname, offset and proxyPort in Identity Server's deployment.toml to the expected one, and restart it.",
    },
  },
  HEALTH_DEADLINE: {
    what: 'A server did not become ready within --timeout.',
    why: 'It starts slowly, failed to start, or is not reachable; the message holds what was seen last.',
    remedy: 'Look into its log; give a slow server a longer --timeout.',
    example: {
      message: `WSO2 API Manager is not ready after 300 s: ${APIM}: nothing listens on port 9443 (connection refused)`,
      hint: 'Start the server, or correct its URL or port offset. A slow server needs a longer --timeout.',
    },
  },
  CREDENTIALS_REFUSED: {
    what: 'API Manager refuses the account, or does not let it do what is needed.',
    why: 'The password is wrong, the account is locked, or it has not the role admin.',
    remedy:
      'Correct apim.username and apim.password. An admin password that was changed after the first start is not in deployment.toml any more.',
    example: {
      message: `API Manager at ${APIM} refuses the user admin and its password (POST ${APIM}/oauth2/token answered 401)`,
      hint: 'Correct apim.username and apim.password (KMB_APIM_USERNAME, KMB_APIM_PASSWORD); repeated attempts may lock the account.',
    },
  },
  API_REFUSED: {
    what: 'API Manager refused a request; the message holds its status, its code and its words.',
    why: 'The declaration is not one that it takes, the account lacks a right, or it failed inside.',
    remedy:
      'Do what the hint says, which depends on the code. What API Manager does not tell its clients is in repository/logs/wso2carbon.log.',
    example: {
      message: `POST ${APIM}/api/am/admin/v4/key-managers was refused with 400, code 901401: Required Key Manager configuration missing`,
      hint: 'Declare what is missing. API Manager names it only in its own log, repository/logs/wso2carbon.log.',
    },
  },
  API_REPLY_INVALID: {
    what: 'Something answered that is not the API of API Manager.',
    why: 'The URL leads to a proxy, a login page, or another server.',
    remedy: 'Set apim.url to the HTTPS port of API Manager itself.',
    example: {
      message: `GET ${APIM}/api/am/admin/v4/settings answered 200 with an HTML page instead of a JSON object`,
      hint: 'Look whether apim.url is the HTTPS port of API Manager itself (9443 plus its offset) and not of a proxy or another server.',
    },
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const SERVER_NOTICES = {
  CERT_EXPIRED_PINNED: {
    what: 'A server presented an expired certificate, which was accepted.',
    why: 'It is exactly the one in the keystore of that server, so there is no doubt who answers. The packs of IS 7.0 to 7.2 and of API Manager 4.3 ship such certificates. No other expired certificate is accepted.',
    remedy: 'Give the server a new certificate when you can; [tls] generate = true does.',
    example: {
      message:
        "the certificate of WSO2 Identity Server 7 at localhost has expired; it was accepted because it is exactly the one in the server's keystore",
      hint: 'Java accepts it too while it is in the truststore. Give the server a new certificate when you can.',
    },
  },
  CERT_PRESENTED_DIFFERS: {
    what: 'A server presents another certificate than the one in its keystore.',
    why: 'The keystore was changed while the server ran, or a proxy answers for it.',
    remedy: 'Restart the server; if a proxy answers, that is its certificate, and the servers must trust that one.',
    example: {
      message:
        'WSO2 Identity Server 7 presents the certificate SHA-256 12:AB:34:CD, but its keystore holds CN=localhost (DNS:localhost, SHA-256 9D:B3:6B:A1…, expires 2025-01-07)',
      hint: 'Restart WSO2 Identity Server 7 if its keystore was changed while it ran; if a proxy answers for it, that is the proxy’s.',
    },
  },
  ISSUER_UNCHECKED: {
    what: 'The issuer of a Key Manager was not compared with what Identity Server says.',
    why: 'Its discovery document cannot be read from here; API Manager may well reach it.',
    remedy: 'Run verify, which has API Manager read that document.',
    example: {
      message: `the issuer of WSO2-IS-7 was not compared with ${IS7}/oauth2/token/.well-known/openid-configuration, which cannot be read from here`,
      hint: 'Run verify: it has API Manager read that document.',
    },
  },
} as const satisfies Record<string, Explanation>;
