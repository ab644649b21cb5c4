import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, processStart } from '../io/process-start.js';
import { readWhole } from '../io/read-whole.js';
import { writeFileWhole } from '../io/write-file.js';

/** A server that `up` started, as its home remembers it. */
export interface StartedRecord {
  /** The start script's process, which leads the group. */
  readonly pid: number;
  /** {@link processStart} of it. */
  readonly started: string;
  readonly portOffset: number;
  readonly log: string;
}

const FILE = '.km-bootstrap-up.json';

export async function writeRecord(home: string, record: StartedRecord): Promise<void> {
  await writeFileWhole(join(home, FILE), `${JSON.stringify(record)}\n`, { mode: 0o600, keep: undefined });
}

/** What `up` started in this home, if it still runs: a process that only has the same id is not it. */
export async function readLiveRecord(home: string): Promise<StartedRecord | undefined> {
  const record = await readRecord(home);
  if (!record || !isAlive(record.pid)) return undefined;
  return (await processStart(record.pid)) === record.started ? record : undefined;
}

export async function removeRecord(home: string): Promise<void> {
  await rm(join(home, FILE), { force: true });
}

async function readRecord(home: string): Promise<StartedRecord | undefined> {
  try {
    const record = JSON.parse(readWhole(join(home, FILE)).toString('utf8')) as Partial<StartedRecord>;
    return Number.isInteger(record.pid) && typeof record.started === 'string' ? (record as StartedRecord) : undefined;
  } catch {
    return undefined;
  }
}
