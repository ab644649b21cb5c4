import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Layers } from '../io/overlay.js';
import { foreseeNew, giveAgain, mayRead, type NewFile, type Owner } from '../io/ownership.js';
import { MESSAGES } from './errors.js';
import type { Notice, PlannedChange, Step } from './step.js';

/** A file that a server reads from its home, or from the overlay over it. */
export interface ServersFile {
  readonly home: Layers;
  /** The path where it is or will be; undefined when there is to be none. */
  readonly file: () => string | undefined;
  /** Whether it is of our making: root gives such a file to the server's user, should it belong to another. */
  readonly isOurs: () => boolean;
  readonly wanted: () => NewFile;
}

interface Fault {
  readonly file: string;
  readonly isThere: boolean;
  readonly server: Owner;
  readonly found: Owner & { readonly mode: number };
}

/**
 * A step that also keeps true that the server can read its file. The server runs as the user whom its home belongs to; that it is in
 * further groups cannot be seen from here, so that to anybody but root this is a notice.
 */
export function readableByServer(step: Step, { home, file, isOurs, wanted }: ServersFile): Step {
  let fault: Fault | undefined;
  const gifts = new WeakSet<PlannedChange>();
  const isMended = () => fault?.isThere === true && process.geteuid?.() === 0 && isOurs();
  return {
    ...step,
    async inspect(signal) {
      const state = await step.inspect(signal);
      fault = await findFault(file(), home, wanted());
      return state;
    },
    plan(state) {
      const changes = step.plan(state);
      if (!fault || !isMended()) return changes;
      const gift = planGift(fault);
      gifts.add(gift);
      return [...changes, gift];
    },
    notices: (state) => [...(step.notices?.(state) ?? []), ...(fault && !isMended() ? [notice(fault, home)] : [])],
    async apply(change, ...rest) {
      if (!gifts.has(change)) return step.apply(change, ...rest);
      const path = file();
      if (path !== undefined) await giveAgain(path, wanted());
    },
  };
}

async function findFault(file: string | undefined, home: Layers, wanted: NewFile): Promise<Fault | undefined> {
  if (file === undefined) return undefined;
  const server = await serverOf(file, home);
  const there = await stat(file).catch(() => undefined);
  const access = there ?? (await foreseeNew(file, wanted));
  if (!server || !access || mayRead(server, access)) return undefined;
  return { file, isThere: there !== undefined, server, found: access };
}

/** The user whom the home belongs to; of a home of root's, the one whom the file in it does. */
async function serverOf(file: string, { folder, overlay }: Layers): Promise<Owner | undefined> {
  const owner = await stat(folder).catch(() => undefined);
  if (owner?.uid !== 0 || overlay === undefined) return owner;
  return stat(join(folder, relative(overlay, file))).catch(() => owner);
}

function planGift({ file, server: { uid, gid } }: Fault): PlannedChange {
  return {
    action: 'update',
    summary: `give ${file} to ${uid}:${gid}, whom the home belongs to: the server cannot read it`,
  };
}

function notice({ file, isThere, server, found }: Fault, { overlay }: Layers): Notice {
  const tell = overlay === undefined ? MESSAGES.FILE_UNREADABLE_BY_SERVER : MESSAGES.OVERLAY_UNREADABLE;
  return tell({ file, verb: isThere ? 'belongs' : 'will belong', server, found });
}
