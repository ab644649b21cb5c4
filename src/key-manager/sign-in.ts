import { BootstrapError } from '../errors.js';
import { basicAuth, type HttpClient, type HttpReply } from '../http/client.js';
import { sendPatiently } from '../http/retry.js';
import { poll } from '../io/poll.js';
import { type Say, sayingWhatIsWaitedFor } from '../io/waiting.js';
import { Secret } from '../secret.js';
import { objectOf, requireText, withoutSecrets } from './api-reply.js';
import { MESSAGES } from './errors.js';
import { textField } from './json.js';

/** An administrator of one tenant of API Manager; the user name of another tenant than the first is `admin@tenant`. */
export interface ApimAccount {
  /** `https://host:port`, without a slash at its end. */
  readonly url: string;
  readonly username: string;
  readonly password: Secret;
}

export interface SignInOptions {
  readonly http: HttpClient;
  readonly account: ApimAccount;
  readonly scopes: readonly string[];
  /** How long client registration, which comes up after the server's health check, may lag; milliseconds. */
  readonly patienceMs: number;
  /** Told what is waited for. */
  readonly say?: Say | undefined;
}

/**
 * One for ever: API Manager cannot delete such a client, and gives the same one back for the same name.
 */
const CLIENT_NAME = 'km-bootstrap';

/**
 * Registers our one OAuth client at API Manager (or gets it again) and asks for an access token with exactly these scopes.
 *
 * @throws BootstrapError `CREDENTIALS_REFUSED`, `SERVER_NOT_READY`, `API_REFUSED`, `API_REPLY_INVALID`
 */
export async function signIn(options: SignInOptions, signal: AbortSignal): Promise<Secret> {
  const client = await registerClient(options, signal);
  return requestToken(options, client, signal);
}

interface OAuthClient {
  readonly id: string;
  readonly secret: Secret;
}

async function registerClient(options: SignInOptions, signal: AbortSignal): Promise<OAuthClient> {
  const { account, patienceMs, say = () => undefined } = options;
  const call = `POST ${account.url}/client-registration/v0.17/register`;
  let last: HttpReply | undefined;
  const waiting = { name: 'client registration at API Manager', deadlineMs: patienceMs, say };
  const reply = await sayingWhatIsWaitedFor(waiting, (tell) =>
    poll(
      async (within) => {
        last = await sendRegistration(options, within);
        if (!isNotUpYet(last)) return last;
        tell({ code: String(last.status), message: `${call} answers ${last.status}` });
        return undefined;
      },
      { signal, deadlineMs: patienceMs },
    ),
  );
  if (!reply) throw notUp(call, patienceMs, last);
  if (reply.status === 401) throw credentialsRefused(account, `${call} answered 401`);
  if (reply.status === 403) throw clientOfAnother(account, call);
  const body = objectOf(reply, call);
  return { id: requireText(body, 'clientId', call), secret: new Secret(requireText(body, 'clientSecret', call)) };
}

/** Safe to repeat: the same name gives the same client. */
async function sendRegistration({ http, account }: SignInOptions, signal: AbortSignal): Promise<HttpReply> {
  const registration = {
    callbackUrl: account.url,
    clientName: CLIENT_NAME,
    owner: account.username,
    grantType: 'password refresh_token',
    saasApp: true,
  };
  const authorization = basicAuth(account.username, account.password);
  const reply = await sendPatiently(http, {
    method: 'POST',
    url: `${account.url}/client-registration/v0.17/register`,
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(registration),
    signal,
  });
  return withoutSecrets(reply, { always: [], inRefusals: [account.password, credentialIn(authorization)] });
}

/** What stands behind `Basic` or `Bearer`. */
export function credentialIn(authorization: string): Secret {
  return new Secret(authorization.replace(/^\w+ /, ''));
}

function isNotUpYet({ status, text }: HttpReply): boolean {
  return status === 502 || status === 503 || status === 504 || (status === 500 && /not available/i.test(text));
}

async function requestToken(
  { http, account, scopes }: SignInOptions,
  client: OAuthClient,
  signal: AbortSignal,
): Promise<Secret> {
  const url = `${account.url}/oauth2/token`;
  // A token more than needed does no harm.
  const authorization = basicAuth(client.id, client.secret);
  const sent = await sendPatiently(http, {
    method: 'POST',
    url,
    headers: { authorization },
    body: new URLSearchParams({
      grant_type: 'password',
      username: account.username,
      password: account.password.reveal(),
      scope: scopes.join(' '),
    }),
    signal,
  });
  const inRefusals = [account.password, client.secret, credentialIn(authorization)];
  const reply = withoutSecrets(sent, { always: [], inRefusals });
  if (reply.status === 401 || (reply.status === 400 && /invalid_grant/.test(reply.text))) {
    throw credentialsRefused(account, `POST ${url} answered ${reply.status}`);
  }
  const body = objectOf(reply, `POST ${url}`);
  const granted = textField(body, 'scope')?.split(/\s+/) ?? scopes;
  const refused = scopes.filter((scope) => !granted.includes(scope));
  if (refused.length > 0) throw scopesRefused(account, refused);
  return new Secret(requireText(body, 'access_token', `POST ${url}`));
}

function notUp(call: string, patienceMs: number, last: HttpReply | undefined): BootstrapError {
  const seconds = Math.round(patienceMs / 1000);
  return new BootstrapError(MESSAGES.SERVER_NOT_READY(call, last?.status, seconds));
}

function credentialsRefused({ url, username }: ApimAccount, what: string): BootstrapError {
  return new BootstrapError(MESSAGES.CREDENTIALS_REFUSED.password(url, username, what));
}

/** The name is one for the whole tenant, and so is the client: API Manager gives it to the user who registered it first. */
function clientOfAnother({ url, username }: ApimAccount, call: string): BootstrapError {
  return new BootstrapError(MESSAGES.CREDENTIALS_REFUSED.client(url, username, CLIENT_NAME, call));
}

function scopesRefused({ url, username }: ApimAccount, refused: readonly string[]): BootstrapError {
  return new BootstrapError(MESSAGES.CREDENTIALS_REFUSED.scope(url, username, refused));
}
