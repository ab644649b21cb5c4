import { messages } from '../errors.js';

export const MESSAGES = messages({
  SERVER_STARTING: {
    answers: (url: string, answer: string, expected: string) => ({
      message: `${url} answered ${answer} instead of ${expected}`,
      hint: 'Wait until the server has started; its log says what it is at.',
    }),
    reports: (url: string, reported: readonly string[]) => ({
      message: `Identity Server at ${url} is up, but its health check reports: ${reported.join('; ')}`,
      hint: 'Wait until the server has started; its log says what it is at.',
    }),
  },
  SERVER_DATABASE_DOWN: (url: string, reported: readonly string[]) => ({
    message: `Identity Server at ${url} is up, but its health check reports: ${reported.join('; ')}`,
    hint: 'Look whether its database runs, takes its password, and is not held by another server (H2 takes one at a time).',
  }),
  SERVER_REDIRECTS: (url: string, answer: string, expected: string) => ({
    message: `${url} answered ${answer} instead of ${expected}`,
    hint: 'Give the URL of the server itself, not of a page that leads to it.',
  }),
  SERVER_NOT_READY: (url: string, answer: string, expected: string) => ({
    message: `${url} answered ${answer} instead of ${expected}`,
    hint: 'Wait until the server has started (its log says so), or correct its URL if something else answers there.',
  }),
  WRONG_PRODUCT: (url: string, found: string, expected: string) => ({
    message: `${url} is ${found}, not ${expected}`,
    hint: 'Exchange the URLs (is7.url, apim.url), or correct the port offsets: one of the servers has the other’s port.',
  }),
  WRONG_CONTEXT: (url: string, expected: string) => ({
    message: `${url} answers, but 404 where ${expected} has its health check`,
    hint: 'Give the URL of the server itself, https://host:port without a path; a proxy in front of it must pass these paths on. A server that has only just started needs a moment.',
  }),
  ISSUER_MISMATCH: (url: string, said: string, expected: string) => ({
    message: `Identity Server at ${url} issues tokens as ${said}, but ${expected} is expected`,
    hint:
      'Set is7.public_url (KMB_IS7_PUBLIC_URL) to the URL that its issuer begins with, or [server] hostname, offset and proxyPort ' +
      "in Identity Server's deployment.toml to the expected one, and restart it.",
  }),
  HEALTH_DEADLINE: (name: string, time: string, reason: string, hint: string) => ({
    message: `${name} is not ready ${time}: ${reason}`,
    hint: `${hint} A slow server needs a longer --timeout.`,
  }),
  CONNECTION_TIMEOUT: (url: string) => ({
    message: `${url}: no complete answer in that time`,
    hint: 'Look whether the server is starting, is overloaded, or sits behind a firewall that drops packets.',
  }),
  CLOCK_SKEW: (name: string, seconds: string, aheadMs: number) => ({
    message: `the clock of ${name} is ${seconds} ${aheadMs > 0 ? 'ahead of' : 'behind'} the one here`,
    hint: 'Let all machines keep time by NTP: tokens are refused as not yet valid or expired when clocks differ.',
  }),
});
