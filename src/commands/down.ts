import type { DownCommand } from '../cli/command.js';
import { invalidConfiguration } from '../errors.js';
import { stopGroup } from '../local-stack/process-group.js';
import { GRACE_MS, stopServer } from '../local-stack/stack.js';
import { readLiveRecord, removeRecord } from '../local-stack/state-file.js';
import { serverPid, worksIn } from '../servers/running.js';
import { PRODUCTS, type ServerId } from '../servers/server.js';
import { type Announce, announcer } from './announce.js';
import type { CommandContext } from './context.js';
import { settingsOf } from './run.js';
import { sandboxSettings } from './sandbox-homes.js';

/** Stops what `up` started in the two homes, API Manager first; what was started otherwise is left alone. Returns the exit code. */
export async function runDown(command: DownCommand, context: CommandContext): Promise<number> {
  const made = command.sandbox ? sandboxSettings(command.sandbox, context.workingFolder) : [];
  const settings = settingsOf({ ...command, settings: new Map([...command.settings, ...made]) }, context);
  const announce = announcer(command.output, context.reporter);
  const graceMs = Math.min(GRACE_MS, settings.timeout);
  const homes = (['apim', 'is7'] as const).flatMap((id) => {
    const home = settings[`${id}.home`];
    return home === undefined ? [] : [{ id, title: PRODUCTS[id].title, home }];
  });
  if (homes.length === 0)
    throw invalidConfiguration(['no home is known: give --is7-home and --apim-home, or --sandbox']);
  for (const home of homes) await stopIn(home, { graceMs, announce }, context);
  return 0;
}

interface HomeToStop {
  readonly id: ServerId;
  readonly title: string;
  readonly home: string;
}

async function stopIn(
  { id, title, home }: HomeToStop,
  options: { readonly graceMs: number; readonly announce: Announce },
  { reporter }: CommandContext,
): Promise<void> {
  const record = await readLiveRecord(home);
  if (record) {
    const { pid } = record;
    await stopServer({ id, title, pid, stop: (graceMs) => stopGroup(pid, graceMs) }, options);
  } else options.announce({ id, title }, { status: 'absent' });
  await removeRecord(home);
  const other = record ? undefined : serverPid(home);
  if (other === undefined || !worksIn(other, home)) return;
  reporter.say(`It runs as process ${other}, started otherwise: ${home}/${PRODUCTS[id].startScript} stop ends it.\n`);
}
