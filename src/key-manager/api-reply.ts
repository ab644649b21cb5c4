import { BootstrapError, type Message } from '../errors.js';
import type { HttpReply } from '../http/client.js';
import { oneLine } from '../printable.js';
import { maskSecrets, type Secret } from '../secret.js';
import { MESSAGES } from './errors.js';
import { isObject, type JsonObject, textField } from './json.js';

/** API Manager (or Identity Server) answered and said no. Branch on `apiCode`, or on `status` where it gives none. */
export class ApiRefusedError extends BootstrapError {
  readonly status: number;
  /** WSO2's own code, `901402`; the HTTP status where the body has none. */
  readonly apiCode: number;

  constructor(told: Message<'API_REFUSED'>, { status, apiCode }: { status: number; apiCode: number }) {
    super(told);
    this.status = status;
    this.apiCode = apiCode;
  }
}

/**
 * The JSON object of a reply that says yes. `call` is `POST https://…`, for messages. The reply itself is never printed: the server
 * repeats passwords in it.
 *
 * @throws ApiRefusedError for any status but 2xx; BootstrapError `API_REPLY_INVALID`
 */
export function objectOf(reply: HttpReply, call: string): JsonObject {
  expectSuccess(reply, call);
  const body = parse(reply.text);
  if (isObject(body)) return body;
  throw invalidReply(call, `${reply.status} with ${kindOf(reply.text)} instead of a JSON object`);
}

/**
 * A reply in which what was sent is unreadable, should the server repeat it: what a call carries in clear always, and the login where it
 * was refused, since only of a refusal words are shown.
 */
export function withoutSecrets(
  reply: HttpReply,
  { always, inRefusals }: { readonly always: readonly Secret[]; readonly inRefusals: readonly Secret[] },
): HttpReply {
  const secrets = reply.status < 400 ? always : [...always, ...inRefusals];
  return secrets.length === 0 ? reply : { ...reply, text: maskSecrets(reply.text, secrets) };
}

/** For replies whose body means nothing. @throws ApiRefusedError for any status but 2xx */
export function expectSuccess(reply: HttpReply, call: string): void {
  if (reply.status < 200 || reply.status > 299) throw refusal(reply, call);
}

/** A text member that must be there. @throws BootstrapError `API_REPLY_INVALID` */
export function requireText(object: JsonObject, name: string, call: string): string {
  const value = textField(object, name);
  if (value === undefined) throw invalidReply(call, `JSON without ${name}`);
  return value;
}

/** `API_REPLY_INVALID`: the server answered something that its API does not know. */
export function invalidReply(call: string, came: string): BootstrapError {
  return new BootstrapError(MESSAGES.API_REPLY_INVALID(call, came));
}

function refusal(reply: HttpReply, call: string): BootstrapError {
  const { status, text } = reply;
  const body = parse(text);
  if (!isObject(body)) {
    const told = MESSAGES.API_REFUSED.noJson(call, status, kindOf(text), remedyFor(status));
    return new ApiRefusedError(told, { status, apiCode: status });
  }
  const apiCode = Number(body['code']) || status;
  const said = [
    textField(body, 'message') ?? textField(body, 'error'),
    ...(violationsIn(body) ?? [textField(body, 'description') ?? textField(body, 'error_description')]),
  ];
  const reason = oneLine([...new Set(said.filter((part) => part !== undefined))].join(': '));
  const remedy = HINT_OF_CODE[apiCode] ?? remedyFor(status);
  return new ApiRefusedError(MESSAGES.API_REFUSED.said(call, status, apiCode, reason, remedy), {
    status,
    apiCode,
  });
}

/** What fields lack: the description beside it says only that some lack something. */
function violationsIn({ error }: Record<string, unknown>): readonly string[] | undefined {
  if (!Array.isArray(error) || error.length === 0) return undefined;
  return error.filter(isObject).map((violation) => textField(violation, 'message') ?? '');
}

function remedyFor(status: number): string {
  return HINT_OF_STATUS[status] ?? LOOK_IN_THE_LOG;
}

const LOOK_IN_THE_LOG =
  "Look in API Manager's repository/logs/wso2carbon.log at this time for what it does not tell its clients.";

const HINT_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'Use an account of API Manager with the role admin (apim.username, apim.password).',
  403: 'Use an account of API Manager with the role admin (apim.username, apim.password).',
  404: 'Look whether apim.url is API Manager (all-in-one or control plane); if it is, run again: somebody else may have deleted this just now.',
  502: 'Look at the proxy or load balancer in front of API Manager, or run again.',
  503: 'API Manager is starting or overloaded: run again.',
  504: 'Look at the proxy or load balancer in front of API Manager, or run again.',
};

/** What to do about the codes of API Manager's `ExceptionCodes` that a Key Manager can meet; the same in 4.3 to 4.7. */
const HINT_OF_CODE: Readonly<Record<number, string>> = {
  900405:
    "Add the host of this URL to API Manager's [server.network_security.access_control], or declare a URL that is allowed there.",
  900607: 'Create this role in API Manager, or take it out of the permissions of the Key Manager.',
  900611:
    'Look at the identity provider of this Key Manager in API Manager (token types EXCHANGED and BOTH create one).',
  900612:
    'Look at the identity provider of this Key Manager in API Manager (token types EXCHANGED and BOTH create one).',
  900613:
    'Look at the identity provider of this Key Manager in API Manager (token types EXCHANGED and BOTH create one).',
  901400: 'Install the connector of this type in API Manager (4.3 and later bring WSO2-IS-7), or correct the type.',
  901401: 'Declare what is missing. API Manager names it only in its own log, repository/logs/wso2carbon.log.',
  901402: 'Run again: another client has just created this Key Manager.',
  901404: 'Give the Key Manager a name.',
  901411: 'Run again: another client has just deleted this Key Manager.',
  901412:
    'This connector setting cannot change once the Key Manager exists: declare it as it is, or delete the Key Manager first.',
  902015: 'Remove the applications and APIs that use this Key Manager first; the resident one can never be deleted.',
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function kindOf(text: string): string {
  if (text.trim() === '') return 'an empty body';
  if (/^\s*<(!doctype|html)/i.test(text)) return 'an HTML page';
  return /^\s*</.test(text) ? 'XML' : 'something that is not a JSON object';
}
