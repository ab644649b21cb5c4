import { BootstrapError } from '../errors.js';
import type { HttpReply } from '../http/client.js';
import { MESSAGES } from './errors.js';

/** The longest a single probe may take, milliseconds. */
export const PROBE_TIMEOUT_MS = 10_000;

/** A server answered, but not yet (or not at all) as the one we wait for. `SERVER_STARTING`, `SERVER_REDIRECTS`, `SERVER_NOT_READY` */
export function notReady(url: string, reply: HttpReply, expected: string): BootstrapError {
  return new BootstrapError(tellerOf(reply)(url, describe(reply), expected));
}

/** What answers there is not what we look for, and waiting seldom heals it: `WRONG_PRODUCT`, `WRONG_CONTEXT`. */
export function wrongServer(url: string, expected: string, found: string | undefined): BootstrapError {
  if (found !== undefined) {
    return new BootstrapError(MESSAGES.WRONG_PRODUCT(url, found, expected));
  }
  return new BootstrapError(MESSAGES.WRONG_CONTEXT(url, expected));
}

function tellerOf({ status, headers }: HttpReply) {
  if (status >= 500) return MESSAGES.SERVER_STARTING.answers;
  return headers['location'] === undefined ? MESSAGES.SERVER_NOT_READY : MESSAGES.SERVER_REDIRECTS;
}

function describe({ status, headers, text }: HttpReply): string {
  const location = headers['location'];
  if (location) return `${status} (a redirection to ${location.replace(/\?.*$/s, '')})`;
  if (status !== 200) return String(status);
  if (text.trim() === '') return '200 with nothing';
  return /^\s*</.test(text) ? '200 with HTML or XML' : '200 with something else';
}
