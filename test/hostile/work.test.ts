import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findInLogs } from '../../src/doctor/logs.js';
import { readLogs } from '../../src/doctor/read-logs.js';
import { Secret } from '../../src/secret.js';
import { resolvePlaceholders } from '../../src/servers/placeholders.js';
import { encode, TAG } from '../../src/trust/asn1.js';
import { readPkcs12 } from '../../src/trust/keystore/pkcs12.js';
import { NeedsJava } from '../../src/trust/keystore/raw-entry.js';
import { withTempFolder } from '../support/temp-folder.js';

/** Inputs that cost their reader without a limit. Each is told to be too much, or is read; none is worked on for long. */

const PASSWORD = new Secret('wso2carbon');
const oid = (hex: string) => encode(TAG.oid, Buffer.from(hex, 'hex'));
const DATA = oid('2a864886f70d010701');
const ENCRYPTED = oid('2a864886f70d010706');
const SHA1 = oid('2b0e03021a');
const TRIPLE_DES = oid('2a864886f70d010c0103');

const sequence = (...parts: readonly Buffer[]) => encode(TAG.sequence, ...parts);
const octets = (bytes: Buffer) => encode(TAG.octets, bytes);
const integer = (value: number) => {
  const hex = value.toString(16).padStart(8, '0');
  return encode(TAG.integer, Buffer.from(hex, 'hex'));
};

/** A PKCS#12 store of this shape whose contents nobody ever gets to. */
function store({ macRounds, safeRounds = [] }: { macRounds?: number; safeRounds?: readonly number[] }): Buffer {
  const safes = safeRounds.map((rounds) => {
    const algorithm = sequence(TRIPLE_DES, sequence(octets(Buffer.alloc(8)), integer(rounds)));
    const info = sequence(DATA, algorithm, encode(0x80, Buffer.alloc(8)));
    return sequence(ENCRYPTED, encode(TAG.explicit0, sequence(integer(0), info)));
  });
  const authSafe = sequence(DATA, encode(TAG.explicit0, octets(sequence(...safes))));
  const digest = sequence(sequence(SHA1), octets(Buffer.alloc(20)));
  const mac = macRounds === undefined ? [] : [sequence(digest, octets(Buffer.alloc(8)), integer(macRounds))];
  return sequence(integer(3), authSafe, ...mac);
}

test('a MAC of two billion rounds, or of ten million, is refused before a round is made', () => {
  for (const macRounds of [2 ** 31 - 1, 10_000_000])
    assert.throws(() => readPkcs12(store({ macRounds }), PASSWORD), /iterations of key derivation/);
});

test('safes whose rounds add up are left to Java, which can be ended', () => {
  const safeRounds = Array.from({ length: 40 }, () => 100_000);
  assert.throws(
    () => readPkcs12(store({ macRounds: 1, safeRounds }), PASSWORD),
    (error: Error) => error instanceof NeedsJava,
  );
});

for (const [title, leaf] of [
  ['of a letter', 'x'],
  ['of nothing', ''],
] as const) {
  test(`references that double forty times are refused: ${title}`, () => {
    const ref = (path: string) => (path === 'a0' ? leaf : `$ref{a${Number(path.slice(1)) - 1}}`.repeat(2));
    assert.throws(() => resolvePlaceholders('$ref{a40}', { ref, env: () => undefined }), /its references multiply/);
  });
}

test('a log that is one line of half a phrase is read', () =>
  withTempFolder(async (folder) => {
    const logs = join(folder, 'logs');
    await mkdir(logs);
    await writeFile(join(logs, 'wso2carbon.log'), 'Certificate for <'.repeat(400_000));
    assert.equal(findInLogs({ logs: readLogs(logs), server: 'is7', title: 'IS 7' }), []);
  }));

test.run();
