// 20 processes at once on one database, as 20 init containers would be: every one ends with 0, and there is exactly one constraint; and
// 20 on one API Manager, with exactly one Key Manager; 20 full applies on the same homes and servers, with one result; and thousands of
// inputs and replies that are wrong in every way that we know, with a clear error or the right result each.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { argv, chalk, echo } from 'zx';
import { MYSQL_TABLES, POSTGRESQL_TABLES } from '../database/server-tables.js';
import { MAIN } from '../support/cli.js';
import { mariadbPrograms, postgresqlPrograms, startMariadb, startPostgresql } from '../support/database-servers.js';
import { tortureFull } from './torture-full.js';
import { tortureInputs, tortureReplies } from './torture-inputs.js';
import { tortureKeyManager } from './torture-key-manager.js';
import { tortureKill } from './torture-kill.js';

const ROUNDS = Number(argv['rounds'] ?? 20);
const RUNS = Number(argv['runs'] ?? 20);
/** Another one with --seed; a failure names it. */
const SEED = Number(argv['seed'] ?? 20261123);
const PASSWORD = "it's a pass;word";
const QUOTED = "'it''s a pass;word'";
const CONSTRAINT = 'UNIQUE_CONSUMER_KEY_CONSTRAINT';
/** What was seen, in a sentence; nothing where the rounds say it all. */
type Torture = () => Promise<string | undefined>;

const ENGINES: Readonly<Record<string, Torture>> = {
  h2: tortureH2,
  postgresql: torturePostgresql,
  mariadb: tortureMariadb,
  'key-manager': () => tortureKeyManager({ rounds: ROUNDS, runs: RUNS }),
  kill: () => tortureKill({ every: Number(argv['every'] ?? 1), kinds: argv['faults']?.split(',') }),
  full: () => tortureFull({ rounds: Number(argv['rounds'] ?? 50), runs: RUNS }),
  inputs: () => tortureInputs({ inputs: Number(argv['inputs'] ?? 2_000), seed: SEED }),
  replies: () => tortureReplies({ inputs: Number(argv['inputs'] ?? 2_000), seed: SEED }),
};

let failed = false;
for (const [name, torture] of Object.entries(ENGINES)) {
  if (argv['only'] && argv['only'] !== name) continue;
  const started = performance.now();
  try {
    const verdict = (await torture()) ?? `${ROUNDS} rounds of ${RUNS} runs at once: one constraint each time`;
    echo(`${chalk.green('ok')}   ${name}: ${verdict}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
  } catch (error) {
    failed = true;
    echo(`${chalk.red('FAIL')} ${name}: ${(error as Error).message}`);
  }
}
process.exit(failed ? 1 : 0);

async function tortureH2(): Promise<undefined> {
  for (let round = 1; round <= ROUNDS; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'km-torture-'));
    try {
      await execa('node', [MAIN, 'sandbox', '--create-only', '--server', 'is7', '--dir', folder]);
      const home = ['--is7-home', join(folder, 'wso2is-7.2.0'), '--only', 'database/consumer-key'];
      await allSucceed(['apply', '--lock-timeout', '250s', ...home], {});
      await execa('node', [MAIN, 'verify', ...home]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function torturePostgresql(): Promise<string | undefined> {
  if (!postgresqlPrograms()) return skipped('postgresql');
  const { port, admin } = await startPostgresql();
  await admin('postgres', `CREATE ROLE owner LOGIN PASSWORD ${QUOTED}`);
  for (let round = 1; round <= ROUNDS; round++) {
    const database = `Round_${round}`;
    await admin('postgres', `CREATE DATABASE "${database}" OWNER owner`);
    await admin(database, ...POSTGRESQL_TABLES);
    await allSucceed(['apply'], databaseSettings(`jdbc:postgresql://localhost:${port}/${database}?sslmode=disable`));
    expectOne(await admin(database, `SELECT COUNT(*) FROM pg_constraint WHERE conname = lower('${CONSTRAINT}')`));
  }
  return undefined;
}

async function tortureMariadb(): Promise<string | undefined> {
  if (!mariadbPrograms()) return skipped('mariadb-server');
  const { port, admin } = await startMariadb();
  await admin('mysql', `CREATE USER owner IDENTIFIED BY ${QUOTED}`);
  for (let round = 1; round <= ROUNDS; round++) {
    const database = `Round_${round}`;
    await admin('mysql', `CREATE DATABASE ${database}`, `GRANT ALL ON ${database}.* TO owner`);
    await admin(database, ...MYSQL_TABLES);
    await allSucceed(['apply'], databaseSettings(`jdbc:mysql://localhost:${port}/${database}?useSSL=false`));
    const named = `TABLE_SCHEMA = DATABASE() AND INDEX_NAME = '${CONSTRAINT}'`;
    expectOne(await admin(database, `SELECT COUNT(*) FROM INFORMATION_SCHEMA.STATISTICS WHERE ${named}`));
  }
  return undefined;
}

/** No home is given: the settings alone name the database. */
function databaseSettings(url: string): Readonly<Record<string, string>> {
  return { KMB_DATABASE_URL: url, KMB_DATABASE_USERNAME: 'owner', KMB_DATABASE_PASSWORD: PASSWORD };
}

async function allSucceed(words: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const run = () =>
    execa('node', [MAIN, ...words, '--json'], { env, cwd: tmpdir(), reject: false, all: true, stdin: 'ignore' });
  const runs = await Promise.all(Array.from({ length: RUNS }, run));
  const bad = runs.filter(({ exitCode }) => exitCode !== 0);
  if (bad.length > 0)
    throw new Error(`${bad.length} of ${RUNS} runs failed, the first with ${bad[0]?.exitCode}: ${bad[0]?.all}`);
}

function expectOne(count: string | undefined): void {
  if (count !== '1') throw new Error(`${count} constraints instead of one`);
}

function skipped(debianPackage: string): string {
  if (process.env['CI']) throw new Error(`skipped, and CI is set: apt-get install ${debianPackage}`);
  return `skipped, because it is not installed (apt-get install ${debianPackage})`;
}
