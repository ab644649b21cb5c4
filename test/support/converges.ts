import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { PlannedChange, Step } from '../../src/step/step.js';

/**
 * The one proof every step must pass: the plan is not empty; applied, the plan is empty; applied again, nothing changes on disk
 * below `folder`, down to inode and ctime. Returns the summaries of the first plan.
 */
export async function converges<State, Change extends PlannedChange>(
  step: Step<State, Change>,
  folder: string,
): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const first = step.plan(await step.inspect(signal));
  assert.is.not(first.length, 0, `${step.id}: the first plan is empty`);
  for (const change of first) await step.apply(change, signal);
  assert.equal(step.plan(await step.inspect(signal)), [], `${step.id}: still not in sync after apply`);
  const before = await snapshot(folder);
  for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
  assert.equal(await snapshot(folder), before, `${step.id}: looking again changed something on disk`);
  return first.map((change) => change.summary);
}

/** Every file below a folder, with what a write would change: inode, size, mode, mtime, ctime (nanoseconds) and bytes. */
export async function snapshot(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(parentOf(entry), entry.name));
  const rows = await Promise.all(
    files.sort().map(async (file) => {
      const { ino, size, mode, mtimeNs, ctimeNs } = await lstat(file, { bigint: true });
      const bytes = (await readFile(file)).toString('base64');
      return [file, [ino, size, mode, mtimeNs, ctimeNs, bytes].join(' ')] as const;
    }),
  );
  return Object.fromEntries(rows);
}

function parentOf(entry: Dirent): string {
  return entry.parentPath ?? entry.path;
}
