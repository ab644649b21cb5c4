import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { hrtime } from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { LookFailed, lookAt } from '../../../src/database/mvstore/look.js';
import { readDatabase } from '../../../src/database/mvstore/read-table.js';
import { readRows } from '../../../src/database/mvstore/rows.js';
import type { Store } from '../../../src/database/mvstore/store.js';
import type { LiveState } from './live-writer.js';

const WRITER = join(dirname(fileURLToPath(import.meta.url)), 'live-writer.js');

/** What looks at a file that a live engine writes, compacts and closes meanwhile came to. */
export interface LiveLooks {
  /** How many states the engine told, one after the other. */
  readonly states: number;
  readonly looks: number;
  /** Looks that found the constraint; and none. */
  readonly with: number;
  readonly without: number;
  /** Looks that gave up, because the file never was at rest. */
  readonly changing: number;
  /** How often a version was read in vain, and read again. */
  readonly again: number;
  readonly slowestMs: number;
}

interface Look {
  readonly from: number;
  readonly to: number;
  readonly constraint: string | null;
}

/**
 * Looks so many times, one after the other, and holds each to what the engine says was true: a state counts from when its change began
 * to when the next one was on disk.
 *
 * @param folder an empty one
 */
export async function lookWhileItIsWritten(version: string, folder: string, looks: number): Promise<LiveLooks> {
  const writer = spawn('node', [WRITER, version, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const begun = once(writer.stdout, 'data');
  const told = text(writer.stdout);
  const path = join(folder, 'WSO2IDENTITY_DB.mv.db');
  const seen: Look[] = [];
  const counts = { changing: 0, again: 0, slowestMs: 0 };
  try {
    await begun;
    for (let look = 0; look < looks; look++) await lookOnce();
  } finally {
    writer.stdin.end();
  }
  const states = (await told)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LiveState);
  for (const look of seen)
    assert.ok(wasTrue(look, states), `${JSON.stringify(look)} was never true: ${around(look, states)}`);
  const found = seen.filter(({ constraint }) => constraint !== null).length;
  return { states: states.length, looks, with: found, without: seen.length - found, ...counts };

  async function lookOnce(): Promise<void> {
    const from = Number(hrtime.bigint());
    let reads = 0;
    const read = (store: Store) => {
      reads++;
      return constraintIn(store);
    };
    try {
      const constraint = await lookAt(path, read, new AbortController().signal);
      seen.push({ from, to: Number(hrtime.bigint()), constraint });
    } catch (error) {
      if (!(error instanceof LookFailed) || error.obstacle.kind !== 'changing') throw error;
      counts.changing++;
    }
    counts.again += Math.max(0, reads - 1);
    counts.slowestMs = Math.max(counts.slowestMs, (Number(hrtime.bigint()) - from) / 1e6);
  }
}

/** The constraint on the key, which has its index; all rows are read, too, and are all there. */
function constraintIn(store: Store): string | null {
  const { definition, ...database } = readDatabase(store);
  const [constraint, ...others] = definition.constraints.filter(({ name }) => name.startsWith('UQ_'));
  assert.is(others.length, 0);
  const [apps] = definition.tables.filter(({ name }) => name === 'IDN_OAUTH_CONSUMER_APPS');
  if (!apps) return null;
  const rows = [...readRows({ ...database, mapName: `table.${apps.id}`, columns: [1] })].flat(2);
  assert.ok(rows.length === 300 || rows.length === 0, `${rows.length} rows`);
  if (constraint) assert.equal(constraint.columns(), ['CONSUMER_KEY']);
  return constraint?.name ?? null;
}

function wasTrue({ from, to, constraint }: Look, states: readonly LiveState[]): boolean {
  return states.some((state, index) => {
    const next = states[index + 1];
    return state.constraint === constraint && state.begun <= to && (!next || next.done >= from);
  });
}

function around({ from }: Look, states: readonly LiveState[]): string {
  const next = states.findIndex(({ done }) => done >= from);
  return JSON.stringify(states.slice(Math.max(0, next - 3), next + 4));
}
