import { BootstrapError } from '../errors.js';
import type { HttpReply } from '../http/client.js';

/** The longest a single probe may take, milliseconds. */
export const PROBE_TIMEOUT_MS = 10_000;

/** A server answered, but not yet (or not at all) as the one we wait for. `SERVER_NOT_READY` */
export function notReady(url: string, reply: HttpReply, expected: string): BootstrapError {
  return new BootstrapError(`${url} answered ${describe(reply)} instead of ${expected}`, {
    code: 'SERVER_NOT_READY',
    hint: 'Wait until the server has started (its log says so), or correct its URL if something else answers there.',
  });
}

function describe({ status, headers, text }: HttpReply): string {
  const location = headers['location'];
  if (location) return `${status} (a redirection to ${location.replace(/\?.*$/s, '')})`;
  if (status !== 200) return String(status);
  if (text.trim() === '') return '200 with nothing';
  return /^\s*</.test(text) ? '200 with HTML or XML' : '200 with something else';
}
