import type { ErrorCode } from '../../codes.js';
import type { Explanation } from '../explanation.js';

const APIM = 'https://localhost:9443';
const IS7 = 'https://localhost:9444';

export const SERVER_ERRORS = {
  SERVER_STARTING: {
    what: 'A server answers, and says that it has not started yet.',
    why: 'A server takes a minute or more; its port answers long before its applications do.',
    remedy: 'Wait: `apply` and `verify` do, until --timeout. If it stays so, its log says what it is at.',
    example: {
      message: `${APIM}/api/am/gateway/v2/server-startup-healthcheck answered 503 instead of 200 from its startup health check`,
      hint: 'Wait until the server has started; its log says what it is at.',
    },
  },
  SERVER_DATABASE_DOWN: {
    what: 'Identity Server is up, and its health check reports a database that it cannot use.',
    why: 'The database does not run, refuses the password, or is an H2 file that another process holds.',
    remedy: 'Mend the database; Identity Server finds it again by itself, or after a restart.',
    example: {
      message: `Identity Server at ${IS7} is up, but its health check reports: HC_00003 Error while checking health of the data source`,
      hint: 'Look whether its database runs, takes its password, and is not held by another server (H2 takes one at a time).',
    },
  },
  SERVER_REDIRECTS: {
    what: 'A server answers with a redirection to another page.',
    why: 'The URL is that of a proxy, a login page or a portal, and not of the server itself.',
    remedy: 'Give the URL of the server itself, https://host:port.',
    example: {
      message: `${IS7}/oauth2/token/.well-known/openid-configuration answered 302 (a redirection to https://login.example.com/) instead of its OpenID discovery document`,
      hint: 'Give the URL of the server itself, not of a page that leads to it.',
    },
  },
  WRONG_PRODUCT: {
    what: 'At the URL of the one server the other one answers.',
    why: 'The URLs are exchanged, or one server has the port that was meant for the other.',
    remedy: 'Exchange is7.url and apim.url, or correct the port offsets.',
    example: {
      message: `${APIM} is API Manager, not Identity Server`,
      hint: 'Exchange the URLs (is7.url, apim.url), or correct the port offsets: one of the servers has the other’s port.',
    },
  },
  WRONG_CONTEXT: {
    what: 'Something answers at the URL, and has no health check of the server that is looked for.',
    why: 'It is a proxy that does not pass these paths on, another program, or a server that has only just started.',
    remedy: 'Give the URL of the server itself, or let the proxy pass the paths on.',
    example: {
      message: 'https://gateway.example.com answers, but 404 where API Manager has its health check',
      hint: 'Give the URL of the server itself, https://host:port without a path; a proxy in front of it must pass these paths on. A server that has only just started needs a moment.',
    },
  },
  SERVER_NOT_READY: {
    what: 'A server answers, but not as it does once it has started.',
    why: 'It is still deploying its applications, or something else answers at that address.',
    remedy: 'Wait until its log says that it has started, or correct the URL.',
    example: {
      message: `${IS7}/oauth2/token/.well-known/openid-configuration answered 200 with HTML or XML instead of its OpenID discovery document`,
      hint: 'Wait until the server has started (its log says so), or correct its URL if something else answers there.',
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
  CLOCK_SKEW: {
    what: 'The clock of a server differs from the one here.',
    why: 'Tokens say from when to when they hold. Where clocks differ, a fresh token is expired or not valid yet.',
    remedy: 'Let all machines keep time by NTP.',
    example: {
      message: 'the clock of WSO2 Identity Server 7 is 90 s ahead of the one here',
      hint: 'Let all machines keep time by NTP: tokens are refused as not yet valid or expired when clocks differ.',
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
