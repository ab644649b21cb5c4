import { mayRead } from '../io/ownership.js';
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
      finding('FILE_UNREADABLE_BY_SERVER', {
        where: path,
        message: `${title} cannot read it: the home belongs to user ${owner.uid}, the file to ${uid}:${gid} with mode ${mode.toString(8).padStart(4, '0')}`,
        hint:
          uid === owner.uid
            ? 'Give its owner the right to read it: chmod u+r.'
            : `Give it to that user (chown ${owner.uid}:${owner.gid}), or set files.group to a group of that user and files.mode = "0640".`,
      }),
    );
}

/** What the folders do that a container's entrypoint copies over the home at each start. */
export function findOverlayFaults({ overlay, folder }: HomeFacts): readonly Finding[] {
  return [
    ...overlay.databases.map((path) =>
      finding('OVERLAY_HOLDS_DATABASE', {
        where: path,
        message: `the overlay holds a database, and is copied over ${folder} at every start: it would undo the server's data each time`,
        hint: 'Remove it from the overlay. Keep the database on a volume of its own under repository/database, or on a database server.',
      }),
    ),
    ...overlay.twice.map(({ path, winner, loser }) =>
      finding('OVERLAY_TWICE', {
        where: `${winner}/${path}`,
        message: `${path} is in two folders that are copied over the home, and differs: that of ${winner} is copied last and counts, that of ${loser} never does`,
        hint: 'Keep it in one of the two; files are replaced as a whole, nothing is merged.',
      }),
    ),
  ];
}
