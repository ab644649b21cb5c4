import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { certify } from '../support/authority.js';
import { withTempFolder } from '../support/temp-folder.js';
import { type Disguise, impostor } from './impostors.js';

/** What would be lost. */
export const USER = 'wso2carbon';
export const PASSWORD = 'Gr8-hush,hush';

type Play = Parameters<typeof impostor>[0];

/** A client of ours, and what an impostor of its server plays. */
export interface TlsClient {
  readonly name: string;
  readonly play: Play;
  /** Whether it also has to refuse a server without TLS; else that is its own test. */
  readonly refusesPlain: boolean;
  /** What a server that is believed sees at once: the login, or something that only comes once TLS stands. */
  readonly sends: 'login' | 'something';
  /** Does what needs the password; fulfilled when the impostor was believed. */
  connect(port: number, caFile: string): Promise<unknown>;
}

const HOST = 'localhost';
const authority = certify({ name: 'Some authority', role: 'authority' });
const stranger = certify({ name: 'Other authority', role: 'authority' });
/** Certificates of servers that are believed, and whose keys somebody has: those of WSO2's packs are public. */
const leaf = certify({ name: HOST });
const oldLeaf = certify({ name: HOST, role: 'version 1' });

const DISGUISES: readonly (readonly [title: string, disguise: Disguise, plain?: true])[] = [
  ['of another authority', { certificate: certify({ name: HOST, issuer: stranger }) }],
  ['signed by itself', { certificate: certify({ name: HOST }) }],
  ['for another host', { certificate: certify({ name: 'elsewhere.example', issuer: authority }) }],
  ['that has expired', { certificate: certify({ name: HOST, issuer: authority, validity: 'expired' }) }],
  ['signed by the certificate of a server', { certificate: certify({ name: HOST, issuer: leaf }) }],
  ['signed by a certificate of version 1', { certificate: certify({ name: HOST, issuer: oldLeaf }) }],
  ['by TLS 1.1 only', { certificate: certify({ name: HOST, issuer: authority }), maxVersion: 'TLSv1.1' }],
  ['without any TLS', {}, true],
];

/** Each client before each disguise; those of Node also with the variable that turns its verification off. */
export function tlsCases(clients: readonly TlsClient[], platform: 'Node' | 'Java'): void {
  const variables = platform === 'Node' ? ([undefined, '0'] as const) : ([undefined] as const);
  for (const client of clients) {
    for (const variable of variables) {
      for (const [title, disguise, plain] of DISGUISES) {
        if (plain && !client.refusesPlain) continue;
        const withVariable = variable === undefined ? '' : ', with NODE_TLS_REJECT_UNAUTHORIZED=0';
        test(`${client.name}: a certificate ${title} gets nothing${withVariable}`, () =>
          withVariableSet(variable, () => refusal(client, disguise)));
      }
    }
    test(`${client.name}: a server that is believed gets what the impostors do not`, () =>
      trusting(async (caFile) => {
        for (const certificate of [certify({ name: HOST, issuer: authority }), leaf]) {
          const server = await impostor(client.play, { certificate });
          const outcome = await client.connect(server.port, caFile).then(
            () => undefined,
            (thrown: BootstrapError) => thrown,
          );
          assert.ok(server.received().length > 0);
          const { code } = outcome ?? {};
          const isTls = code === 'TLS_UNTRUSTED' || code === 'DB_TLS_CA_MISSING';
          assert.not.ok(isTls, outcome?.message);
          if (client.sends === 'login')
            assert.ok(shows(server.received()), 'it sent no login: the test would show nothing');
          server.close();
        }
      }));
  }
}

/** Connects to an impostor, which must fail, and shows that nothing of the login got to it. */
export async function refusal(
  client: Pick<TlsClient, 'play' | 'connect'>,
  disguise: Disguise,
): Promise<BootstrapError> {
  return trusting(async (caFile) => {
    const server = await impostor(client.play, disguise);
    try {
      const outcome = await client.connect(server.port, caFile).then(
        () => undefined,
        (thrown: BootstrapError) => thrown,
      );
      assert.ok(outcome, 'the impostor was believed');
      assert.type(outcome.code, 'string', String(outcome.stack));
      assert.is.not(outcome.code, 'INTERNAL');
      assert.not.ok(shows(server.received()), `it got the login; ${outcome.code}: ${outcome.message}`);
      assert.not.ok(`${outcome.message} ${outcome.hint}`.includes(PASSWORD));
      return outcome;
    } finally {
      server.close();
    }
  });
}

/** The file of authorities holds one, and the certificates of two servers. */
function trusting<T>(use: (caFile: string) => Promise<T>): Promise<T> {
  return withTempFolder(async (folder) => {
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, [authority, leaf, oldLeaf].map(({ cert }) => cert).join(''));
    return use(caFile);
  });
}

async function withVariableSet<T>(value: string | undefined, use: () => Promise<T>): Promise<void> {
  if (value !== undefined) process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = value;
  try {
    await use();
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  }
}

/** Whether these bytes show the password, or the login, in one of the ways that a protocol would send it. */
export function shows(bytes: Buffer): boolean {
  return FORMS.some((form) => bytes.includes(form));
}

const md5 = (...parts: readonly (string | Buffer)[]) => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** SQL Server's login: each byte of UTF-16 with its halves exchanged, then flipped ([MS-TDS] 2.2.6.4). */
function obfuscated(text: string): Buffer {
  return Buffer.from([...Buffer.from(text, 'utf16le')].map((byte) => (((byte << 4) & 0xf0) | (byte >> 4)) ^ 0xa5));
}

/** The code page in which DB2's protocol has it. */
function ebcdic(text: string): Buffer {
  const table = new Map<string, number>();
  const rows: readonly (readonly [string, number])[] = [
    ['abcdefghi', 0x81],
    ['jklmnopqr', 0x91],
    ['stuvwxyz', 0xa2],
    ['ABCDEFGHI', 0xc1],
    ['JKLMNOPQR', 0xd1],
    ['STUVWXYZ', 0xe2],
    ['0123456789', 0xf0],
    ['-', 0x60],
    [',', 0x6b],
  ];
  for (const [letters, start] of rows) for (const [at, letter] of [...letters].entries()) table.set(letter, start + at);
  return Buffer.from([...text].map((letter) => table.get(letter) ?? 0x40));
}

const FORMS: readonly Buffer[] = [
  Buffer.from(PASSWORD),
  Buffer.from(PASSWORD, 'utf16le'),
  Buffer.from(Buffer.from(`${USER}:${PASSWORD}`).toString('base64')),
  Buffer.from(md5(md5(PASSWORD, USER), 'salt')),
  obfuscated(PASSWORD),
  ebcdic(PASSWORD),
];
