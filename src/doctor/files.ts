import { MESSAGES } from './errors.js';
import type { FileFacts, HomeFacts } from './facts.js';
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

function mayRead(owner: { readonly uid: number; readonly gid: number }, { uid, gid, mode }: FileFacts): boolean {
  if (uid === owner.uid) return (mode & 0o400) !== 0;
  // Who runs a home of root's is not known, and root itself reads everything.
  if (owner.uid === 0) return true;
  return (mode & (gid === owner.gid ? 0o040 : 0o004)) !== 0;
}
