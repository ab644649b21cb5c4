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
