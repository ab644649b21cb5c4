import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type SecureVersion, TLSSocket } from 'node:tls';
import type { TestCertificate } from '../support/certificates.js';

/** Somebody who answers in place of a server, and keeps every byte that it gets, as it came and as it reads after TLS. */
export interface Impostor {
  readonly port: number;
  /** How many came. */
  connections(): number;
  received(): Buffer;
  close(): void;
}

export interface Disguise {
  /** Presented where TLS is spoken; without one there is no TLS. */
  readonly certificate?: TestCertificate;
  /** The highest version that it speaks. */
  readonly maxVersion?: SecureVersion;
}

type Keep = (bytes: Buffer) => void;
/** Talks to one client as the server would. */
type Play = (socket: Socket, disguise: Disguise, keep: Keep) => void;

export async function impostor(play: Play, disguise: Disguise): Promise<Impostor> {
  const received: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => received.push(bytes));
    play(socket, disguise, (bytes) => received.push(bytes));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.length,
    received: () => Buffer.concat(received),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function speakTls(stream: Duplex, { certificate, maxVersion }: Disguise, keep: Keep): TLSSocket {
  const old = maxVersion === undefined ? {} : { minVersion: 'TLSv1' as const, maxVersion, ciphers: 'ALL:@SECLEVEL=0' };
  const { key, cert } = certificate ?? { key: '', cert: '' };
  const secure = new TLSSocket(stream as Socket, { isServer: true, key, cert, ...old });
  secure.on('error', () => undefined);
  secure.on('data', keep);
  return secure;
}

/** HTTPS, or HTTP without a certificate; takes what comes and answers 200. */
export const playHttp: Play = (socket, disguise, keep) => {
  const stream = disguise.certificate ? speakTls(socket, disguise, keep) : socket;
  stream.on('data', () => stream.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
};

/** A proxy that opens every connection, to itself: the same impostor answers as the server behind. */
export const playProxy: Play = (socket, disguise, keep) => {
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    playHttp(socket, disguise, keep);
  });
};

/** TLS from the first byte, then silence: Oracle by tcps, DB2 with sslConnection. */
export const playTls: Play = (socket, disguise, keep) => {
  if (disguise.certificate) speakTls(socket, disguise, keep).once('data', () => socket.end());
  else socket.once('data', () => socket.end(Buffer.from([0, 0, 0, 0])));
};

/** How a PostgreSQL server asks for the password: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const POSTGRESQL_AUTH = {
  clear: [int32(3)],
  md5: [int32(5), Buffer.from('salt')],
  'SCRAM with one round': [int32(10), Buffer.from('SCRAM-SHA-256\0\0')],
  'SCRAM, then clear': [int32(10), Buffer.from('SCRAM-SHA-256\0\0')],
} as const;
export type PostgresqlAuth = keyof typeof POSTGRESQL_AUTH;
export const POSTGRESQL_AUTHS = Object.keys(POSTGRESQL_AUTH) as readonly PostgresqlAuth[];

/** Answers `S` or `N` to the request for TLS, then asks for the password. */
export function playPostgresql(auth: PostgresqlAuth): Play {
  return (socket, disguise, keep) => {
    const ask = (stream: Duplex) => {
      const say = (...parts: readonly Buffer[]) => stream.write(message('R', ...parts));
      say(...POSTGRESQL_AUTH[auth]);
      stream.once('data', (first: Buffer) => {
        const nonce = /r=([^,]*)$/.exec(first.toString('latin1'))?.[1] ?? '';
        if (auth === 'SCRAM, then clear') say(int32(3));
        else if (auth === 'SCRAM with one round') say(int32(11), Buffer.from(`r=${nonce}x,s=c2FsdA==,i=1`));
        else stream.end();
        stream.once('data', () => stream.end());
      });
    };
    socket.once('data', (request: Buffer) => {
      const asksForTls = request.length === 8;
      if (!asksForTls) {
        ask(socket);
        return;
      }
      socket.write(disguise.certificate ? 'S' : 'N');
      if (disguise.certificate) {
        const secure = speakTls(socket, disguise, keep);
        secure.once('data', () => ask(secure));
      }
    });
  };
}

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export type MysqlAuth = 'mysql_clear_password' | 'sha256_password' | 'caching_sha2_password';
export const MYSQL_AUTHS: readonly MysqlAuth[] = ['mysql_clear_password', 'sha256_password', 'caching_sha2_password'];

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY_PEM = publicKey.export({ type: 'spki', format: 'pem' }) as string;
/** What the password would be encrypted to for a key of ours, in one packet; so long, and no other packet is. */
export const ENCRYPTED_BYTES = 256;

const CLIENT_SSL = 0x0800;
const CAPABILITIES = 0x0001_0000 | 0x0008_0000 | 0x8000 | 0x0200 | 0x0008 | 0x0001 | 0x0004;

/** Says hello with or without TLS, then asks for the password: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html */
export function playMysql(auth: MysqlAuth): Play {
  return (socket, disguise, keep) => {
    const flags = CAPABILITIES | (disguise.certificate ? CLIENT_SSL : 0);
    const salt = Buffer.from('01234567');
    const hello = Buffer.concat([
      ...[Buffer.from([10]), Buffer.from('8.0.36\0'), int32(7), salt, Buffer.from([0])],
      ...[Buffer.from([flags & 255, (flags >> 8) & 255, 45, 2, 0, (flags >> 16) & 255, (flags >> 24) & 255, 21])],
      ...[Buffer.alloc(10), Buffer.from('890123456789\0'), Buffer.from('mysql_native_password\0')],
    ]);
    socket.write(packet(0, hello));
    const begin = (stream: Duplex, sequence: number) => {
      stream.once('data', () => {
        stream.write(packet(sequence, Buffer.from(`\xfe${auth}\x0012345678901234567890\0`, 'latin1')));
        stream.once('data', () => {
          if (auth === 'caching_sha2_password') stream.write(packet(sequence + 2, Buffer.from([1, 4])));
          else if (auth === 'sha256_password') stream.write(packet(sequence + 2, Buffer.from(`\x01${KEY_PEM}`)));
          else stream.end();
          stream.once('data', () => {
            if (auth === 'caching_sha2_password') stream.write(packet(sequence + 4, Buffer.from(`\x01${KEY_PEM}`)));
            else stream.end();
            stream.once('data', () => stream.end());
          });
        });
      });
    };
    if (!disguise.certificate) begin(socket, 2);
    else
      socket.once('data', (request: Buffer) => {
        begin(speakTls(following(socket, request.subarray(SSL_REQUEST_BYTES)), disguise, keep), 3);
      });
  };
}

const SSL_REQUEST_BYTES = 36;

/** The client does not wait for an answer before it begins with TLS. */
function following(socket: Socket, first: Buffer): Duplex {
  const stream = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, () => done()),
  });
  if (first.length > 0) stream.push(first);
  socket.on('data', (bytes: Buffer) => stream.push(bytes));
  socket.on('close', () => stream.destroy());
  return stream;
}

function packet(sequence: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length & 255, body.length >> 8, 0, sequence]), body]);
}

const PRELOGIN = 0x12;
const REPLY = 0x04;

/** SQL Server: TLS inside of the packets of the first exchange, or "I have none": [MS-TDS] 2.2.6.5. */
export const playSqlServer: Play = (socket, disguise, keep) => {
  const encryption = disguise.certificate ? 3 : 2;
  socket.once('data', () => {
    const options = Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 255, 16, 0, 0, 0, 0, 0, encryption]);
    socket.write(tds(REPLY, options));
    if (disguise.certificate) speakTls(wrapped(socket), { maxVersion: 'TLSv1.2', ...disguise }, keep);
  });
};

function tds(type: number, body: Buffer): Buffer {
  const header = Buffer.from([type, 1, (body.length + 8) >> 8, (body.length + 8) & 255, 0, 0, 1, 0]);
  return Buffer.concat([header, body]);
}

/** The handshake comes and goes in packets; what follows it does not. */
function wrapped(socket: Socket): Duplex {
  let pending = Buffer.alloc(0);
  let isBare = false;
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      socket.write(isBare ? chunk : tds(PRELOGIN, chunk), () => done());
    },
  });
  socket.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length > 0) {
      isBare ||= pending[0] !== PRELOGIN;
      const length = isBare ? pending.length : pending.length < 8 ? Number.POSITIVE_INFINITY : pending.readUInt16BE(2);
      if (pending.length < length) return;
      stream.push(pending.subarray(isBare ? 0 : 8, length));
      pending = pending.subarray(length);
    }
  });
  socket.on('close', () => stream.destroy());
  return stream;
}
