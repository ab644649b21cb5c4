import { writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ErrorCode, EXIT_CODE_OF } from '../../src/codes.js';
import type { DatabaseConnection } from '../../src/database/connection.js';
import { leftoverConstraintStep } from '../../src/database/leftover-step.js';
import { consumerKeyStep } from '../../src/database/step.js';
import { type BootstrapError, UnreachableError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';
import type { PlannedChange } from '../../src/step/step.js';
import { assertRejects } from '../support/assert-rejects.js';
import { makeCertificate } from '../support/certificates.js';
import { type DatabaseServer, freePort } from '../support/database-servers.js';
import { patient } from '../support/patience.js';
import { withTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';

export const PASSWORD = "pass'word & %41;";
export const TABLE = 'IDN_OAUTH_CONSUMER_APPS';
const ADD_OURS = `ALTER TABLE ${TABLE} ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT`;

/** What differs between the engines that are run for real. */
export interface ServerEngine {
  /** As messages name it. */
  readonly name: string;
  server(): Promise<DatabaseServer>;
  /** Makes a database of that name, empty, which `owner` may change and `reader` may only read; both with {@link PASSWORD}. */
  create(database: string): Promise<void>;
  /** Lets `reader` read the tables that are there. */
  readonly grantRead: (database: string) => readonly string[];
  readonly tables: readonly string[];
  /** A database that is not there, and that `owner` could use if it were. */
  readonly missingDatabase: string;
  /** A URL without parameters. */
  url(place: { readonly host: string; readonly port: number; readonly database: string }): string;
  readonly tls: Readonly<Record<'off' | 'required' | 'chain' | 'full', string>>;
  /** What names a Unix socket in a URL. */
  readonly socketParameter: string;
  /** Says in SQL how many unique keys on the consumer key alone there are. */
  readonly countConstraints: string;
  /** SQL that holds the table until the session ends. */
  readonly holdTable: readonly string[];
  /** SQL that counts statements which wait for a lock. */
  readonly countWaiting: string;
  /** The same for the lock of a run. */
  readonly countRunsWaiting: string;
  /** Statements that keep the lock of a run until the connection ends. */
  readonly enterAlone: readonly string[];
}

const { signal } = new AbortController();
let databases = 0;

/** What the step promises on a database server, of whatever engine. */
export function serverCases(engine: ServerEngine): void {
  const plain = (place: Parameters<ServerEngine['url']>[0]) => `${engine.url(place)}?${engine.tls.off}`;
  const summary = (database: string) =>
    `add UNIQUE (CONSUMER_KEY) to ${TABLE} as UNIQUE_CONSUMER_KEY_CONSTRAINT in ${database} (${engine.name})`;

  test('the constraint is added once, every row and the shipped one stay, and no JVM is started', () =>
    withDatabase(async ({ database, one, sql, connection }) => {
      assert.equal(await planOf(connection), [{ action: 'add', summary: summary(database) }]);
      await applyAll(connection);
      assert.equal(await planOf(connection), []);
      await applyAll(connection);
      assert.is(await one(engine.countConstraints), '1');
      await assertRejects(sql(`INSERT INTO ${TABLE} (CONSUMER_KEY, TENANT_ID) VALUES ('CONSOLE', 7)`), /[Dd]uplicate/);
      assert.is(await one(`SELECT COUNT(*) FROM ${TABLE}`), '3');
      assert.is(await one('SELECT COUNT(*) FROM IDN_OIDC_PROPERTY'), '1');
      const report = process.report.getReport() as unknown as { readonly sharedObjects: readonly string[] };
      assert.equal(
        report.sharedObjects.filter((library) => /jvm|nodejava/.test(library)),
        [],
      );
    }));

  test('the constraint that the recipe legacy left is dropped when told to, and no other', () =>
    withDatabase(async ({ one, sql, connection }) => {
      await applyAll(connection);
      await sql(`CREATE UNIQUE INDEX OTHER ON ${TABLE} (CONSUMER_KEY)`);
      const step = leftoverConstraintStep({ connection: () => connection, leftovers: 'remove' });
      const changes = step.plan(await step.inspect(signal));
      assert.equal(
        changes.map(({ action }) => action),
        ['remove'],
      );
      for (const change of changes) await step.apply(change, signal);
      assert.equal(step.plan(await step.inspect(signal)), []);
      assert.is(await one(engine.countConstraints), '1');
    }));

  for (const statement of [
    `ALTER TABLE ${TABLE} ADD CONSTRAINT OTHER UNIQUE (CONSUMER_KEY)`,
    `CREATE UNIQUE INDEX OTHER ON ${TABLE} (CONSUMER_KEY)`,
  ]) {
    test(`in sync under any name: ${statement}`, () =>
      withDatabase(async ({ sql, connection }) => {
        await sql(statement);
        assert.equal(await planOf(connection), []);
      }));
  }

  test('our name on other columns is a conflict', () =>
    withDatabase(async ({ sql, connection }) => {
      await sql(`${ADD_OURS} UNIQUE (APP_NAME, CONSUMER_KEY)`);
      const error = await failureOf(planOf(connection), 'DATABASE_CONFLICT', 1);
      assert.match(error.message, /but on IDN_OAUTH_CONSUMER_APPS \(APP_NAME, CONSUMER_KEY\) instead/i);
    }));

  test('shared consumer keys are listed with tenants and applications, and stay', () =>
    withDatabase(async ({ sql, one, connection }) => {
      const tenants = [1, 2, 3, 4, 5, 6].map((tenant) => `('CONSOLE', ${tenant}, 'Console')`);
      const others = Array.from({ length: 24 }, (_, n) => `('k${n + 10}', 1, NULL), ('k${n + 10}', 2, NULL)`);
      await sql(
        `INSERT INTO ${TABLE} (CONSUMER_KEY, TENANT_ID, APP_NAME) VALUES ${[...tenants, ...others].join(', ')}`,
      );
      const error = await failureOf(planOf(connection), 'DATABASE_DUPLICATES', 1);
      const lines = error.message.split('\n  ');
      assert.match(lines[0] ?? '', /: 25 consumer keys of IDN_OAUTH_CONSUMER_APPS shared by 55 applications/);
      assert.match(lines[1] ?? '', /^CONSOLE: 7 applications \(tenant -1234 Console, tenant 1 Console, .*…\)$/);
      assert.is(lines[2], 'k10: 2 applications (tenant 1 (no name), tenant 2 (no name))');
      assert.equal([lines.length, lines.at(-1)], [22, 'and 5 more']);
      assert.match(error.hint, /recipe = "current"/);
      assert.is(await one(`SELECT COUNT(*) FROM ${TABLE}`), '57');
    }));

  test('shared keys that came between looking and writing fail the change', () =>
    withDatabase(async ({ sql, connection }) => {
      const [change] = await planOf(connection);
      await sql(`INSERT INTO ${TABLE} (CONSUMER_KEY, TENANT_ID) VALUES ('CONSOLE', 1)`);
      await failureOf(applyTo(connection, change), 'DATABASE_DUPLICATES', 1);
    }));

  test('the database of API Manager and one without the table are told apart', () =>
    withDatabase(async ({ database, sql, connection }) => {
      await sql('CREATE TABLE AM_API (API_ID INT)');
      const wrong = await failureOf(planOf(connection), 'DATABASE_WRONG', 78);
      assert.match(wrong.message, /is a database of API Manager/);
      await sql('DROP TABLE AM_API', 'DROP TABLE IDN_OIDC_PROPERTY', `DROP TABLE ${TABLE}`);
      const missing = await failureOf(planOf(connection), 'DATABASE_TABLE_MISSING', 1);
      assert.is(missing.message, `${database} (${engine.name}) has no table ${TABLE}`);
    }));

  test('a user who may only read gets the SQL for the administrator, and looking needs no more', () =>
    withDatabase(async ({ sql, database, connection }) => {
      await sql(...engine.grantRead(database));
      const asReader = { ...connection, username: 'reader' };
      const [change] = await planOf(asReader);
      const error = await failureOf(applyTo(asReader, change), 'DATABASE_RIGHT_MISSING', 1);
      assert.match(error.message, /user "reader" may not/);
      assert.match(error.hint, `${ADD_OURS} UNIQUE (CONSUMER_KEY);`);
    }));

  test('a table in use is waited for only so long, and its holder is named; one that gets free in time is changed', () =>
    withDatabase(async ({ database, one, connection }) => {
      const [change] = await planOf(connection);
      await whileHeld(database, async () => {
        const error = await failureOf(applyTo({ ...connection, lockTimeoutMs: 1_000 }, change), 'DATABASE_LOCKED', 1);
        assert.match(error.message, /waited for it: .*(process|connection) \d+ of user (admin|root)/);
        assert.match(error.hint, /database\.lock_timeout/);
      });
      const { applying } = await whileHeld(database, async () => {
        const applying = applyTo({ ...connection, lockTimeoutMs: patient(10_000) }, change);
        await until('a statement that waits', async () => (await one(engine.countWaiting)) === '1');
        return { applying };
      });
      await applying;
      assert.equal(await planOf(connection), []);
    }));

  test('an abort ends the wait for a lock at once, here and on the server', () =>
    withDatabase(async ({ database, one, connection }) => {
      const [change] = await planOf(connection);
      assert.ok(change);
      await whileHeld(database, async () => {
        const aborting = new AbortController();
        const applying = consumerKeyStep({ connection: () => connection }).apply(change, aborting.signal);
        await until('a statement that waits', async () => (await one(engine.countWaiting)) === '1');
        aborting.abort(new Error('stop now'));
        await assertRejects(applying, /^stop now$/);
        await until('no statement that waits', async () => (await one(engine.countWaiting)) === '0');
      });
    }));

  test('a wrong password, a missing database, a port where nothing listens and an unknown name are told apart', () =>
    withDatabase(async ({ database, connection }) => {
      const { port } = await engine.server();
      const password = await failureOf(
        planOf({ ...connection, password: new Secret('wrong') }),
        'DATABASE_PASSWORD_WRONG',
        77,
      );
      assert.match(password.message, /refused the login of user "owner"/);
      const nowhere = plain({ host: 'localhost', port, database: engine.missingDatabase });
      const missing = await failureOf(planOf({ ...connection, url: nowhere }), 'DATABASE_NOT_FOUND', 1);
      assert.match(missing.hint, /upper and lower case/);
      const closed = engine.url({ host: 'localhost', port: await freePort(), database });
      const down = await failureOf(planOf({ ...connection, url: closed }), 'DATABASE_UNREACHABLE', 3);
      assert.instance(down, UnreachableError);
      assert.match(down.message, /nothing listens there \(connection refused\)/);
      const unknown = engine.url({ host: 'no-such-host.invalid', port, database });
      assert.match(
        (await failureOf(planOf({ ...connection, url: unknown }), 'DATABASE_UNREACHABLE', 3)).message,
        /cannot be resolved/,
      );
    }));

  test('a host that is down is passed over for the next one', () =>
    withDatabase(async ({ connection, database }) => {
      const { port } = await engine.server();
      const url = plain({ host: `127.0.0.1:${await freePort()},localhost`, port, database });
      assert.is((await planOf({ ...connection, url })).length, 1);
    }));

  test('a database that comes up is waited for, one that stays down is given up in time', () =>
    withDatabase(async ({ connection, database }) => {
      const { port } = await engine.server();
      const front = await freePort();
      const url = plain({ host: 'localhost', port: front, database });
      const hasty = consumerKeyStep({ connection: () => ({ ...connection, url }), patienceMs: () => 700 });
      await failureOf(hasty.inspect(never()), 'DATABASE_UNREACHABLE', 3);
      const waits = consumerKeyStep({ connection: () => ({ ...connection, url }), patienceMs: () => patient(10_000) });
      const waiting = waits.inspect(never());
      await sleep(300);
      const forwarder = await forward(front, port);
      try {
        assert.ok((await waiting).hasTable);
      } finally {
        forwarder.close();
      }
    }));

  test('TLS that is asked for is verified, whatever word asks for it', () =>
    withDatabase(async ({ connection, database }) => {
      const { port, caFile } = await engine.server();
      const at = (host: string, tls: string) => `${engine.url({ host, port, database })}?${tls}`;
      const look = (url: string, ca: string | undefined) => inspectOf({ ...connection, url, caFile: ca });
      for (const words of [engine.tls.required, engine.tls.full]) {
        assert.equal((await look(at('localhost', words), caFile)).notices, []);
        const missing = await failureOf(look(at('localhost', words), undefined), 'DB_TLS_CA_MISSING', 3);
        assert.match(missing.message, `(it showed CN=localhost); ${words} asks for TLS`);
        assert.match(missing.hint, /--ca-file/);
      }
      const mismatch = await failureOf(look(at('127.0.0.1', engine.tls.full), caFile), 'TLS_HOST_MISMATCH', 3);
      assert.match(mismatch.message, /127\.0\.0\.1/);
      // What would look at the chain alone elsewhere looks at the name, too.
      await failureOf(look(at('127.0.0.1', engine.tls.chain), caFile), 'TLS_HOST_MISMATCH', 3);
      await withTempFolder(async (folder) => {
        const other = join(folder, 'other.pem');
        await writeFile(other, (await makeCertificate('localhost')).cert);
        await failureOf(look(at('localhost', engine.tls.chain), other), 'TLS_UNTRUSTED', 3);
        await failureOf(look(at('localhost', engine.tls.full), join(folder, 'none.pem')), 'CERTIFICATE_UNREADABLE', 1);
      });
    }));

  test('without TLS, as the URL says, it works and says so; a certificate that is not trusted is never a reason to', () =>
    withDatabase(async ({ connection, database }) => {
      const { port, caFile } = await engine.server();
      const url = engine.url({ host: 'localhost', port, database });
      assert.equal((await inspectOf({ ...connection, url, caFile })).notices, []);
      const untrusted = await failureOf(inspectOf({ ...connection, url }), 'DB_TLS_CA_MISSING', 3);
      assert.match(
        untrusted.message,
        /its certificate is not trusted: .*; the server has TLS, which is always verified/,
      );
      const [asked] = (await inspectOf({ ...connection, url: `${url}?${engine.tls.off}` })).notices;
      assert.match(asked?.message ?? '', `as ${engine.tls.off} says`);
    }));

  test('20 runs at once on one database: one constraint, and all succeed', async () => {
    for (let round = 1; round <= ROUNDS; round++) await raceOf(20);
  });

  test('the lock of a run that was killed is free, and one that lives is waited for', () =>
    withDatabase(async ({ database, one, connection }) => {
      const { withSession } = await engine.server();
      const { applying } = await withSession(database, async (run) => {
        for (const sql of engine.enterAlone) await run(sql);
        const applying = applyAll(connection);
        await until('a run that waits', async () => (await one(engine.countRunsWaiting)) === '1');
        assert.is(await one(engine.countConstraints), '0');
        return { applying };
      });
      await applying;
      assert.is(await one(engine.countConstraints), '1');
    }));

  test('a Unix socket works, and needs no TLS', () =>
    withDatabase(async ({ connection, database }) => {
      const { port, socket } = await engine.server();
      const url = `${engine.url({ host: 'localhost', port: port + 1, database })}?${engine.socketParameter}=${socket}`;
      assert.equal((await inspectOf({ ...connection, url })).notices, []);
    }));

  async function raceOf(runs: number): Promise<void> {
    await withDatabase(async ({ one, connection }) => {
      await Promise.all(Array.from({ length: runs }, () => applyAll(connection)));
      assert.is(await one(engine.countConstraints), '1');
      assert.equal(await planOf(connection), []);
    });
  }

  async function withDatabase(use: (lent: LentDatabase) => Promise<void>): Promise<void> {
    const { port, admin } = await engine.server();
    const database = `Identity_${++databases}`;
    await engine.create(database);
    const connection = {
      url: `${engine.url({ host: 'localhost', port, database })}?${engine.tls.off}`,
      username: 'owner',
      password: new Secret(PASSWORD),
      lockTimeoutMs: 10_000,
    };
    const sql: LentDatabase['sql'] = async (...statements) => void (await admin(database, ...statements));
    await sql(...engine.tables);
    await use({ database, connection, sql, one: (text) => admin(database, text) });
  }

  async function whileHeld<T>(database: string, use: () => Promise<T>): Promise<T> {
    const { withSession } = await engine.server();
    return withSession(database, async (run) => {
      for (const sql of engine.holdTable) await run(sql);
      return use();
    });
  }
}

/** Full rounds are for scripts/torture. */
const ROUNDS = Number(process.env['TORTURE_ROUNDS'] ?? 2);

interface LentDatabase {
  readonly database: string;
  readonly connection: DatabaseConnection;
  /** Runs statements as the administrator. */
  sql(...statements: readonly string[]): Promise<void>;
  /** The first value that a statement gives, as the administrator. */
  one(text: string): Promise<string | undefined>;
}

export async function inspectOf(connection: DatabaseConnection) {
  return consumerKeyStep({ connection: () => connection }).inspect(never());
}

export async function planOf(connection: DatabaseConnection): Promise<readonly PlannedChange[]> {
  const step = consumerKeyStep({ connection: () => connection });
  return step.plan(await step.inspect(never()));
}

async function applyTo(connection: DatabaseConnection, change: PlannedChange | undefined): Promise<void> {
  assert.ok(change, 'there is a change to apply');
  await consumerKeyStep({ connection: () => connection }).apply(change, never());
}

/** A signal that does not abort. */
function never(): AbortSignal {
  return new AbortController().signal;
}

export async function applyAll(connection: DatabaseConnection): Promise<void> {
  for (const change of await planOf(connection)) await applyTo(connection, change);
}

/** The failure, with its exit status; the password is nowhere in it. */
export async function failureOf(promise: Promise<unknown>, code: ErrorCode, exitCode: number): Promise<BootstrapError> {
  const error = await promise.then(
    () => assert.unreachable(`expected ${code}`),
    (thrown: BootstrapError) => thrown,
  );
  assert.is((error as BootstrapError).code, code, inspect(error));
  assert.is(EXIT_CODE_OF[code], exitCode);
  assert.ok((error as BootstrapError).hint.length > 20);
  assert.not.ok(inspect(error, { depth: 9 }).includes(PASSWORD));
  return error as BootstrapError;
}

/** Listens on one port for another, so that a server seems to come up late. */
async function forward(from: number, to: number): Promise<Server> {
  const server = createServer((client) => {
    const upstream = createConnection(to, 'localhost');
    client.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => client.destroy()).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(from, 'localhost', resolve));
  return server;
}
