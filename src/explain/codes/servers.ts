import type { ErrorCode } from '../../codes.js';
import { MESSAGES as HEALTH } from '../../health/errors.js';
import { MESSAGES as KEY_MANAGERS } from '../../key-manager/errors.js';
import type { Explanation } from '../explanation.js';

const APIM = 'https://localhost:9443';
const IS7 = 'https://localhost:9444';

export const SERVER_ERRORS = {
  SERVER_STARTING: {
    what: 'A server answers, and says that it has not started yet.',
    why: 'A server takes a minute or more; its port answers long before its applications do.',
    remedy: 'Wait: `apply` and `verify` do, until --timeout. If it stays so, its log says what it is at.',
    example: HEALTH.SERVER_STARTING.answers(
      `${APIM}/api/am/gateway/v2/server-startup-healthcheck`,
      '503',
      '200 from its startup health check',
    ),
  },
  SERVER_DATABASE_DOWN: {
    what: 'Identity Server is up, and its health check reports a database that it cannot use.',
    why: 'The database does not run, refuses the password, or is an H2 file that another process holds.',
    remedy: 'Mend the database; Identity Server finds it again by itself, or after a restart.',
    example: HEALTH.SERVER_DATABASE_DOWN(IS7, ['HC_00003 Error while checking health of the data source']),
  },
  SERVER_REDIRECTS: {
    what: 'A server answers with a redirection to another page.',
    why: 'The URL is that of a proxy, a login page or a portal, and not of the server itself.',
    remedy: 'Give the URL of the server itself, https://host:port.',
    example: HEALTH.SERVER_REDIRECTS(
      `${IS7}/oauth2/token/.well-known/openid-configuration`,
      '302 (a redirection to https://login.example.com/)',
      'its OpenID discovery document',
    ),
  },
  WRONG_PRODUCT: {
    what: 'At the URL of the one server the other one answers.',
    why: 'The URLs are exchanged, or one server has the port that was meant for the other.',
    remedy: 'Exchange is7.url and apim.url, or correct the port offsets.',
    example: HEALTH.WRONG_PRODUCT(APIM, 'API Manager', 'Identity Server'),
  },
  WRONG_CONTEXT: {
    what: 'Something answers at the URL, and has no health check of the server that is looked for.',
    why: 'It is a proxy that does not pass these paths on, another program, or a server that has only just started.',
    remedy: 'Give the URL of the server itself, or let the proxy pass the paths on.',
    example: HEALTH.WRONG_CONTEXT('https://gateway.example.com', 'API Manager'),
  },
  SERVER_NOT_READY: {
    what: 'A server answers, but not as it does once it has started.',
    why: 'It is still deploying its applications, or something else answers at that address.',
    remedy: 'Wait until its log says that it has started, or correct the URL.',
    example: HEALTH.SERVER_NOT_READY(
      `${IS7}/oauth2/token/.well-known/openid-configuration`,
      '200 with HTML or XML',
      'its OpenID discovery document',
    ),
  },
  ISSUER_MISMATCH: {
    what: 'Identity Server issues tokens under another name than is expected.',
    why: 'API Manager refuses tokens whose issuer is not that of the Key Manager. A proxy, a host name or an offset changes the issuer.',
    remedy:
      'Set is7.public_url to the URL that the issuer begins with, or correct hostname, offset and proxyPort of Identity Server.',
    example: HEALTH.ISSUER_MISMATCH(IS7, 'https://login.example.com/oauth2/token', `${IS7}/oauth2/token`),
  },
  HEALTH_DEADLINE: {
    what: 'A server did not become ready within --timeout.',
    why: 'It starts slowly, failed to start, or is not reachable; the message holds what was seen last.',
    remedy: 'Look into its log; give a slow server a longer --timeout.',
    example: HEALTH.HEALTH_DEADLINE(
      'WSO2 API Manager',
      'after 300 s',
      `${APIM}: nothing listens on port 9443 (connection refused)`,
      'Start the server, or correct its URL or port offset.',
    ),
  },
  CREDENTIALS_REFUSED: {
    what: 'API Manager refuses the account, or does not let it do what is needed.',
    why: 'The password is wrong, the account is locked, or it has not the role admin.',
    remedy:
      'Correct apim.username and apim.password. An admin password that was changed after the first start is not in deployment.toml any more.',
    example: KEY_MANAGERS.CREDENTIALS_REFUSED.password(APIM, 'admin', `POST ${APIM}/oauth2/token answered 401`),
  },
  API_REFUSED: {
    what: 'API Manager refused a request; the message holds its status, its code and its words.',
    why: 'The declaration is not one that it takes, the account lacks a right, or it failed inside.',
    remedy:
      'Do what the hint says, which depends on the code. What API Manager does not tell its clients is in repository/logs/wso2carbon.log.',
    example: KEY_MANAGERS.API_REFUSED.said(
      `POST ${APIM}/api/am/admin/v4/key-managers`,
      400,
      901401,
      'Required Key Manager configuration missing',
      'Declare what is missing. API Manager names it only in its own log, repository/logs/wso2carbon.log.',
    ),
  },
  API_REPLY_INVALID: {
    what: 'Something answered that is not the API of API Manager.',
    why: 'The URL leads to a proxy, a login page, or another server.',
    remedy: 'Set apim.url to the HTTPS port of API Manager itself.',
    example: KEY_MANAGERS.API_REPLY_INVALID(
      `GET ${APIM}/api/am/admin/v4/settings`,
      '200 with an HTML page instead of a JSON object',
    ),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const SERVER_NOTICES = {
  CLOCK_SKEW: {
    what: 'The clock of a server differs from the one here.',
    why: 'Tokens say from when to when they hold. Where clocks differ, a fresh token is expired or not valid yet.',
    remedy: 'Let all machines keep time by NTP.',
    example: HEALTH.CLOCK_SKEW('WSO2 Identity Server 7', '90 s', 90_000),
  },
  ISSUER_UNCHECKED: {
    what: 'The issuer of a Key Manager was not compared with what Identity Server says.',
    why: 'Its discovery document cannot be read from here; API Manager may well reach it.',
    remedy: 'Run verify, which has API Manager read that document.',
    example: KEY_MANAGERS.ISSUER_UNCHECKED('WSO2-IS-7', `${IS7}/oauth2/token/.well-known/openid-configuration`),
  },
} as const satisfies Record<string, Explanation>;
