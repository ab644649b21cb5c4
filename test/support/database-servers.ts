import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { chmod, chown, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { makeCertificate } from './certificates.js';
import { patient } from './patience.js';

/** A database server of this machine's packages, in a temporary folder, on free ports, with TLS for `localhost`; it ends with this process. */
export interface DatabaseServer {
  readonly port: number;
  /** The Unix socket, as its URL names it. */
  readonly socket: string;
  /** PEM of its self-signed certificate. */
  readonly caFile: string;
  /** Runs statements as its administrator, in a database; the first column of the last one's first row. */
  admin(database: string, ...statements: readonly string[]): Promise<string | undefined>;
  /** Lends a session of its administrator, in a database. What it locks is free again once it has ended. */
  withSession<T>(database: string, use: (run: RunStatement) => Promise<T>): Promise<T>;
}

/** The first column of the first row, if a statement gives any. */
type RunStatement = (sql: string) => Promise<string | undefined>;

export const ADMIN_PASSWORD = 'admin;pass word';

/** The programs, or undefined where the packages are not installed: the caller says what it skips. */
export function postgresqlPrograms(): { readonly initdb: string; readonly postgres: string } | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(root, version, 'bin')), ...pathFolders()];
  const folder = folders.find((candidate) => ['initdb', 'postgres'].every((name) => existsSync(join(candidate, name))));
  return folder === undefined ? undefined : { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}

export function mariadbPrograms(): { readonly install: string; readonly server: string } | undefined {
  const folders = [...pathFolders(), '/usr/sbin', '/usr/bin', '/usr/local/bin'];
  const find = (name: string) => folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  const [install, server] = [find('mariadb-install-db'), find('mariadbd')];
  return install && server ? { install, server } : undefined;
}

/** Starts PostgreSQL. The database `tls_only` takes no connection without TLS. */
export async function startPostgresql(): Promise<DatabaseServer> {
  const programs = postgresqlPrograms();
  if (!programs) throw new Error('PostgreSQL is not installed');
  const { folder, as, caFile, port } = await prepare('postgres');
  const data = join(folder, 'data');
  await writeFile(join(folder, 'password'), ADMIN_PASSWORD);
  await execa(
    programs.initdb,
    [
      '-D',
      data,
      '-U',
      'admin',
      '--pwfile',
      join(folder, 'password'),
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--no-locale',
      '-N',
    ],
    as,
  );
  const rules = readFileSync(join(data, 'pg_hba.conf'), 'utf8');
  await writeFile(
    join(data, 'pg_hba.conf'),
    `hostnossl tls_only all 0.0.0.0/0 reject\nhostnossl tls_only all ::/0 reject\n${rules}`,
  );
  const settings = {
    port,
    listen_addresses: 'localhost',
    unix_socket_directories: folder,
    ssl: 'on',
    ssl_cert_file: caFile,
    ssl_key_file: join(folder, 'key.pem'),
    fsync: 'off',
    max_connections: 60,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  run(programs.postgres, ['-D', data, ...flags], folder, as);
  const login = { host: 'localhost', port, user: 'admin', password: ADMIN_PASSWORD, ssl: false };
  const withSession: DatabaseServer['withSession'] = async (database, use) => {
    const client = new pg.Client({ ...login, database });
    await client.connect();
    try {
      return await use(async (text) => {
        const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
        return textOf(rows[0]?.[0]);
      });
    } finally {
      await client.end();
    }
  };
  const admin = adminOf(withSession);
  await untilUp(() => admin('postgres', 'SELECT 1'));
  return { port, socket: `${folder}/.s.PGSQL.${port}`, caFile, admin, withSession };
}

/** Starts MariaDB. */
export async function startMariadb(): Promise<DatabaseServer> {
  const programs = mariadbPrograms();
  if (!programs) throw new Error('MariaDB is not installed');
  const { folder, as, caFile, port } = await prepare('mysql');
  const data = join(folder, 'data');
  const socket = join(folder, 'mariadb.sock');
  await execa(
    programs.install,
    [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ],
    as,
  );
  const flags = {
    datadir: data,
    socket,
    port,
    'pid-file': join(folder, 'pid'),
    'bind-address': '127.0.0.1',
    'ssl-cert': caFile,
    'ssl-key': join(folder, 'key.pem'),
    'innodb-flush-log-at-trx-commit': 0,
    'max-connections': 60,
  };
  run(
    programs.server,
    ['--no-defaults', ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)],
    folder,
    as,
  );
  let password = '';
  const withSession: DatabaseServer['withSession'] = async (database, use) => {
    const login = { socketPath: socket, user: 'root', password };
    const client = await mysql.createConnection({ ...login, database, rowsAsArray: true });
    try {
      return await use(async (sql) => {
        const [rows] = await client.query(sql);
        return textOf(Array.isArray(rows) ? (rows[0] as unknown[] | undefined)?.[0] : undefined);
      });
    } finally {
      await client.end();
    }
  };
  const admin = adminOf(withSession);
  await untilUp(() => admin('mysql', 'SELECT 1'));
  await admin('mysql', `ALTER USER root@localhost IDENTIFIED BY '${ADMIN_PASSWORD}'`);
  password = ADMIN_PASSWORD;
  return { port, socket, caFile, admin, withSession };
}

function adminOf(withSession: DatabaseServer['withSession']): DatabaseServer['admin'] {
  return (database, ...statements) =>
    withSession(database, async (run) => {
      let first: string | undefined;
      for (const sql of statements) first = await run(sql);
      return first;
    });
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface RunAs {
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
}

interface Prepared {
  readonly folder: string;
  readonly as: RunAs;
  readonly caFile: string;
  readonly port: number;
}

/** A folder that belongs to who runs the server, with a certificate; PostgreSQL refuses to run as the superuser. */
async function prepare(packageUser: string): Promise<Prepared> {
  const folder = await mkdtemp(join(tmpdir(), 'km-db-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { key, cert } = await makeCertificate('localhost');
  const caFile = join(folder, 'cert.pem');
  await writeFile(join(folder, 'key.pem'), key, { mode: 0o600 });
  await writeFile(caFile, cert);
  const owner = process.getuid?.() === 0 ? ordinaryUser(packageUser) : undefined;
  if (owner) {
    await chown(folder, owner.uid, owner.gid);
    await chown(join(folder, 'key.pem'), owner.uid, owner.gid);
    await chmod(folder, 0o755);
  }
  return { folder, as: { ...owner, cwd: folder }, caFile, port: await freePort() };
}

function ordinaryUser(name: string): { readonly uid: number; readonly gid: number } {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const [, , uid, gid] = users.find(([user]) => user === name) ?? users.find(([user]) => user === 'nobody') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

/** Ends with this process, at once: its data is thrown away. */
function run(program: string, args: readonly string[], folder: string, as: RunAs): void {
  const child = spawn(program, args, {
    ...as,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C' },
  });
  child.on('error', () => undefined);
  child.unref();
  process.prependListener('exit', () => child.kill('SIGKILL'));
}

const START_TIMEOUT_MS = 30_000;

async function untilUp(look: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + patient(START_TIMEOUT_MS);
  for (;;) {
    try {
      await look();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

function pathFolders(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
}
