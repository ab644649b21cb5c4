import type { ErrorCode } from '../../codes.js';
import { MESSAGES as COMPOSITION } from '../../composition/errors.js';
import { MESSAGES as HTTP } from '../../http/errors.js';
import type { Explanation } from '../explanation.js';

const APIM = 'https://localhost:9443';
const IS7 = 'https://localhost:9444';

export const CONNECTION_ERRORS = {
  HOST_NOT_FOUND: {
    what: 'The host name of a server cannot be resolved.',
    why: 'It is misspelt, or known only in another network: names of containers and of Kubernetes services are.',
    remedy: 'Correct the name, run km-bootstrap in the network of the servers, or give it with --resolve NAME=ADDRESS.',
    example: HTTP.HOST_NOT_FOUND('https://is7.internal:9443', 'is7.internal'),
  },
  CONNECTION_REFUSED: {
    what: 'Nothing listens on the port of a server.',
    why: 'The server is not started, has not come so far, or has another port offset.',
    remedy: 'Start it, or correct its URL or offset. `apply` and `verify` wait for it until --timeout.',
    example: HTTP.CONNECTION_REFUSED(IS7, '9444'),
  },
  CONNECTION_LOST: {
    what: 'A connection was cut before the answer was complete.',
    why: 'The server is starting or stopping, or a proxy in between gave up.',
    remedy: 'Run again; look into the log of the server if it stays so.',
    example: HTTP.CONNECTION_LOST(APIM, 'ECONNRESET'),
  },
  CONNECTION_TIMEOUT: {
    what: 'A server gave no complete answer in time.',
    why: 'A firewall drops packets, the address is wrong, or the server is overloaded.',
    remedy: 'Try the address from the same machine, for instance with curl; give a slow server a longer --timeout.',
    example: HTTP.CONNECTION_TIMEOUT.noAnswer(IS7, 30),
  },
  NETWORK_UNREACHABLE: {
    what: 'From here there is no way to the host of a server.',
    why: 'It is in another network, or a policy forbids the way.',
    remedy: 'Run km-bootstrap where the server can be reached.',
    example: HTTP.NETWORK_UNREACHABLE('https://10.0.0.7:9443', '10.0.0.7', 'EHOSTUNREACH'),
  },
  PROXY_REFUSED: {
    what: 'The proxy of HTTPS_PROXY did not lead to the server.',
    why: 'It does not know the host or may not connect there. Servers of one’s own seldom need a proxy.',
    remedy: 'Add the hosts of the servers to NO_PROXY.',
    example: HTTP.PROXY_REFUSED(
      'https://is7.internal:9443',
      'the proxy http://proxy:3128 does not connect to is7.internal:9443 (it answers 403)',
      'is7.internal',
    ),
  },
  NOT_TLS: {
    what: 'What listens on that port does not speak TLS.',
    why: 'It is the port for plain HTTP (9763), or another program.',
    remedy: 'Give the HTTPS port of the server.',
    example: HTTP.NOT_TLS('https://localhost:9763'),
  },
  REPLY_UNREADABLE: {
    what: 'The server, or what stands in front of it, sent something that is not HTTP, or more than any answer holds (8 MiB, 16 KiB of headers).',
    why: 'It is another program on that port, or a proxy or portal that answers in the place of the server. Nothing of it was used.',
    remedy: 'Correct the URL or port, or let the connection pass by the proxy (NO_PROXY).',
    example: HTTP.REPLY_UNREADABLE.notHttp('https://localhost:9443', 'HPE_INVALID_CONSTANT'),
  },
  TLS_HANDSHAKE_FAILED: {
    what: 'No TLS connection came about.',
    why: 'The server takes no version or cipher that is taken here (TLS 1.2 or later), or demands a client certificate.',
    remedy: 'Look at the TLS settings of the server, or of what stands before it.',
    example: HTTP.TLS_HANDSHAKE_FAILED(IS7, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'),
  },
  TLS_UNTRUSTED: {
    what: 'The certificate that a server or a database presents is not trusted.',
    why: 'It is not the one of its keystore, nor issued by an authority that is known. Verification is never switched off.',
    remedy:
      'Restart the server if its keystore was changed while it ran; give the authority of a proxy with --ca-file.',
    example: HTTP.TLS_UNTRUSTED(IS7, 'SELF_SIGNED_CERT_IN_CHAIN'),
  },
  TLS_EXPIRED: {
    what: 'A server presents a certificate that has expired, and that is not the one in its keystore.',
    why: 'An expired certificate is accepted in one case alone: when it is exactly the one in the keystore of that server.',
    remedy: 'Give the server a new certificate ([tls] generate = true does), or give the home that holds this one.',
    example: HTTP.TLS_EXPIRED(IS7),
  },
  TLS_NOT_YET_VALID: {
    what: 'By the clock of this machine the certificate of a server is not valid yet.',
    why: 'The clocks of the two machines differ, or the certificate was made for later.',
    remedy: 'Set both clocks (NTP), or wait.',
    example: HTTP.TLS_NOT_YET_VALID(IS7, '2026-11-23T10:00:00.000Z'),
  },
  TLS_HOST_MISMATCH: {
    what: 'The certificate that a server or a database presents is for another host.',
    why: 'The packs’ certificates are for localhost alone; a proxy may answer with its own.',
    remedy: 'Use a name that the certificate covers, or give the server one with this name ([tls] generate = true).',
    example: HTTP.TLS_HOST_MISMATCH('https://is7.example.com:9443', 'is7.example.com', 'it is for DNS:localhost'),
  },
  SERVER_UNREACHABLE: {
    what: 'A server could not be talked to, for a reason that has no code of its own.',
    why: 'The message holds what the system said.',
    remedy: 'Try the address from the same machine, for instance with curl.',
    example: HTTP.SERVER_UNREACHABLE(IS7, 'EACCES'),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const CONNECTION_NOTICES = {
  CERT_EXPIRED_PINNED: {
    what: 'A server presented an expired certificate, which was accepted.',
    why: 'It is exactly the one in the keystore of that server, so there is no doubt who answers. The packs of IS 7.0 to 7.2 and of API Manager 4.3 ship such certificates. No other expired certificate is accepted.',
    remedy: 'Give the server a new certificate when you can; [tls] generate = true does.',
    example: COMPOSITION.CERT_EXPIRED_PINNED('WSO2 Identity Server 7', 'localhost'),
  },
  CERT_PRESENTED_DIFFERS: {
    what: 'A server presents another certificate than the one in its keystore.',
    why: 'The keystore was changed while the server ran, or a proxy answers for it.',
    remedy: 'Restart the server; if a proxy answers, that is its certificate, and the servers must trust that one.',
    example: COMPOSITION.CERT_PRESENTED_DIFFERS(
      'WSO2 Identity Server 7',
      '12:AB:34:CD',
      'CN=localhost (DNS:localhost, SHA-256 9D:B3:6B:A1…, expires 2025-01-07)',
    ),
  },
} as const satisfies Record<string, Explanation>;
