import { BootstrapError, type ErrorCode } from '../errors.js';
import type { HttpReply } from '../http/client.js';

/** The longest a single probe may take, milliseconds. */
export const PROBE_TIMEOUT_MS = 10_000;

/** A server answered, but not yet (or not at all) as the one we wait for. `SERVER_STARTING`, `SERVER_REDIRECTS`, `SERVER_NOT_READY` */
export function notReady(url: string, reply: HttpReply, expected: string): BootstrapError {
  const { code, hint } = meaningOf(reply);
  return new BootstrapError(`${url} answered ${describe(reply)} instead of ${expected}`, { code, hint });
}

/** What answers there is not what we look for, and waiting seldom heals it: `WRONG_PRODUCT`, `WRONG_CONTEXT`. */
export function wrongServer(url: string, expected: string, found: string | undefined): BootstrapError {
  if (found !== undefined) {
    return new BootstrapError(`${url} is ${found}, not ${expected}`, {
      code: 'WRONG_PRODUCT',
      hint: 'Exchange the URLs (is7.url, apim.url), or correct the port offsets: one of the servers has the other’s port.',
    });
  }
  return new BootstrapError(`${url} answers, but 404 where ${expected} has its health check`, {
    code: 'WRONG_CONTEXT',
    hint: 'Give the URL of the server itself, https://host:port without a path; a proxy in front of it must pass these paths on. A server that has only just started needs a moment.',
  });
}

function meaningOf({ status, headers }: HttpReply): { readonly code: ErrorCode; readonly hint: string } {
  if (status >= 500) {
    return { code: 'SERVER_STARTING', hint: 'Wait until the server has started; its log says what it is at.' };
  }
  if (headers['location'] !== undefined) {
    return { code: 'SERVER_REDIRECTS', hint: 'Give the URL of the server itself, not of a page that leads to it.' };
  }
  return {
    code: 'SERVER_NOT_READY',
    hint: 'Wait until the server has started (its log says so), or correct its URL if something else answers there.',
  };
}

function describe({ status, headers, text }: HttpReply): string {
  const location = headers['location'];
  if (location) return `${status} (a redirection to ${location.replace(/\?.*$/s, '')})`;
  if (status !== 200) return String(status);
  if (text.trim() === '') return '200 with nothing';
  return /^\s*</.test(text) ? '200 with HTML or XML' : '200 with something else';
}
