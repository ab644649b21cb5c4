import { mayRead } from '../io/ownership.js';
import { MESSAGES } from './errors.js';
import type { HomeFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/**
 * Files that the user whom the home belongs to cannot read: the images run IS as 802 and API Manager as 10001, so that what one of them,
 * or root, wrote is not the other's to read.
 */
export function findUnreadableFiles({ files, owner, title }: HomeFacts): readonly Finding[] {
  if (!owner) return [];
  return files
    .filter((file) => !mayRead(owner, file))
    .map(({ path, uid, gid, mode }) =>
      finding(MESSAGES.FILE_UNREADABLE_BY_SERVER(title, owner.uid, uid, gid, mode.toString(8), owner.gid), {
        where: path,
      }),
    );
}

/** What the folders do that a container's entrypoint copies over the home at each start. */
export function findOverlayFaults({ overlay, folder }: HomeFacts): readonly Finding[] {
  return [
    ...overlay.databases.map((path) => finding(MESSAGES.OVERLAY_HOLDS_DATABASE(folder), { where: path })),
    ...overlay.twice.map(({ path, winner, loser }) =>
      finding(MESSAGES.OVERLAY_TWICE(path, winner, loser), { where: `${winner}/${path}` }),
    ),
  ];
}
