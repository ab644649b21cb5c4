import { messages } from '../errors.js';

/** What keeps a server from being talked to; each begins with its `https://host:port`. */
export const MESSAGES = messages({
  CONNECTION_TIMEOUT: {
    noAnswer: (origin: string, seconds: number) => ({
      message: `${origin}: no complete answer within ${seconds} s`,
      hint: 'Look whether the server is still starting, is overloaded, or sits behind a firewall that drops packets.',
    }),
    noConnection: (origin: string) => ({
      message: `${origin}: it does not take a connection, nor refuse it`,
      hint: 'Look for a firewall that drops packets, or a wrong address.',
    }),
  },
  PROXY_REFUSED: (origin: string, reason: string, host: string) => ({
    message: `${origin}: ${reason}`,
    hint: `Put ${host} into NO_PROXY if no proxy is needed for it, or correct HTTPS_PROXY.`,
  }),
  CONNECTION_REFUSED: (origin: string, port: string | number) => ({
    message: `${origin}: nothing listens on port ${port} (connection refused)`,
    hint: 'Start the server, or correct its URL or port offset.',
  }),
  HOST_NOT_FOUND: (origin: string, host: string) => ({
    message: `${origin}: the host name ${host} cannot be resolved`,
    hint: 'Correct the host name, or run km-bootstrap where that name is known (the same network as the servers).',
  }),
  NETWORK_UNREACHABLE: (origin: string, host: string, fault: string) => ({
    message: `${origin}: there is no way to ${host} in the network (${fault})`,
    hint: 'Run km-bootstrap in a network from which the server can be reached, and look at its firewalls and policies.',
  }),
  CONNECTION_LOST: (origin: string, fault: string) => ({
    message: `${origin}: the connection was cut before the answer was complete (${fault})`,
    hint: 'Look whether the server is starting or stopping, and at proxies in between.',
  }),
  NOT_TLS: (origin: string) => ({
    message: `${origin}: it does not speak TLS on this port`,
    hint: 'Use the HTTPS port of the server (9443 plus its offset).',
  }),
  REPLY_UNREADABLE: {
    tooLarge: (origin: string, fault: string) => ({
      message: `${origin}: its answer is larger than any that is expected (${fault})`,
      hint: 'Look whether the URL is that of the server itself, and what a proxy in between answers.',
    }),
    notHttp: (origin: string, fault: string) => ({
      message: `${origin}: what it answers is not HTTP (${fault})`,
      hint: 'Look whether the URL has the HTTPS port of the server (9443 plus its offset), and at proxies in between.',
    }),
  },
  TLS_HOST_MISMATCH: (origin: string, host: string, names: string) => ({
    message: `${origin}: its certificate is not for the host ${host} (${names})`,
    hint: 'Use a host name that the certificate covers, or give the server a certificate whose SAN has this name.',
  }),
  TLS_EXPIRED: (origin: string) => ({
    message: `${origin}: its certificate has expired and is not the one in its keystore`,
    hint: 'Give the server a new certificate, or the home or certificate file of exactly this server. Should the date be wrong: the clock of this machine.',
  }),
  TLS_NOT_YET_VALID: (origin: string, now: string) => ({
    message: `${origin}: its certificate is not valid yet, by the clock here (${now})`,
    hint: 'Set the clocks of both machines right; a certificate that was made a moment ago needs them to agree.',
  }),
  TLS_UNTRUSTED: (origin: string, fault: string) => ({
    message: `${origin}: its certificate is not trusted (${fault})`,
    hint: 'Give the home or certificate file of exactly this server, or further CAs with --ca-file.',
  }),
  TLS_HANDSHAKE_FAILED: (origin: string, fault: string) => ({
    message: `${origin}: no TLS connection came about (${fault})`,
    hint: 'Look which TLS versions and ciphers the server takes (it takes 1.2 or later here), and whether it demands a client certificate.',
  }),
  SERVER_UNREACHABLE: (origin: string, fault: string) => ({
    message: `${origin}: the connection failed (${fault})`,
    hint: 'Look at the server and the network between it and km-bootstrap.',
  }),
});
