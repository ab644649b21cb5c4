import { type KeyObject, sign, verify } from 'node:crypto';
import { isObject } from './http/request.js';

/** A signed token, RS256 (RFC 7515, RFC 9068). @param thumbprint of the signer's certificate, as the header names it */
export function signToken(
  key: string,
  keyId: string,
  claims: Readonly<Record<string, unknown>>,
  thumbprint: Readonly<Record<string, string>> = {},
): string {
  const header = { ...thumbprint, kid: keyId, typ: 'at+jwt', alg: 'RS256' };
  const signed = `${base64Url(header)}.${base64Url(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

/** A token in its parts, none of which has been checked. */
export interface UncheckedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Takes a token apart; nothing for any text that is no JWT. */
export function takeApart(token: string): UncheckedToken | undefined {
  const [header, claims, signature, ...rest] = token.split('.');
  if (!header || !claims || !signature || rest.length > 0) return undefined;
  const [head, body] = [jsonOf(header), jsonOf(claims)];
  return head && body ? { header: head, claims: body } : undefined;
}

/** Whether this key signed the token, RS256. */
export function isSignedBy(token: string, publicKey: KeyObject): boolean {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return verify('sha256', Buffer.from(token.slice(0, end)), publicKey, signature);
}

function base64Url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function jsonOf(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
