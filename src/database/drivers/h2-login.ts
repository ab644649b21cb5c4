import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../secret.js';
import type { UserDefinition } from '../mvstore/definition.js';

/**
 * Whether the database has this user with this password, by the hash that it holds: the SHA-256 of a salt behind the SHA-256 of
 * `USER@password` in UTF-16. H2 spells the names of users in upper case.
 */
export function isLogin(users: readonly UserDefinition[], username: string, password: Secret): boolean {
  const name = username.toUpperCase();
  const user = users.find((one) => one.name === name);
  if (!user) return false;
  const letters = Buffer.from(`${name}@${password.reveal()}`, 'utf16le').swap16();
  const hash = sha256(sha256(letters), Buffer.from(user.salt, 'hex'));
  const known = Buffer.from(user.hash, 'hex');
  return known.length === hash.length && timingSafeEqual(known, hash);
}

function sha256(...parts: readonly Buffer[]): Buffer {
  return parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
}
