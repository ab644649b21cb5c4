import { join } from 'node:path';
import { GROUP, isAlive, processStart, procFields } from '../io/process-start.js';
import { readWhole } from '../io/read-whole.js';
import { removeFile, writeFileWhole } from '../io/write-file.js';
import { worksIn } from '../servers/running.js';

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

/**
 * What `up` started in this home, if it still runs: a process that only has the same id is not it. Whoever may write into the home can
 * write another process's number and start there, so the process also has to lead its group and to work in the home, where that can be seen.
 */
export async function readLiveRecord(home: string): Promise<StartedRecord | undefined> {
  const record = await readRecord(home);
  if (!record || record.pid <= 1 || !isAlive(record.pid)) return undefined;
  if ((await processStart(record.pid)) !== record.started) return undefined;
  const fields = procFields(record.pid);
  if (fields && (fields[GROUP] !== String(record.pid) || !worksIn(record.pid, home))) return undefined;
  return record;
}

export async function removeRecord(home: string): Promise<void> {
  await removeFile(join(home, FILE));
}

async function readRecord(home: string): Promise<StartedRecord | undefined> {
  try {
    const record = JSON.parse(readWhole(join(home, FILE)).toString('utf8')) as Partial<StartedRecord>;
    return Number.isInteger(record.pid) && typeof record.started === 'string' ? (record as StartedRecord) : undefined;
  } catch {
    return undefined;
  }
}
