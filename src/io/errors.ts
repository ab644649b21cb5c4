import { messages } from '../errors.js';

export const MESSAGES = messages({
  FILE_UNWRITABLE: {
    othersFile: (path: string, owner: string, mode: string, us: string, uid: number) => ({
      message: `cannot write ${path}: it belongs to ${owner} with mode ${mode}, and this user, ${us}, may neither write to it nor give a new file to that owner`,
      hint: `Run km-bootstrap as user ${uid} or as root, or give a group of its user the right to write this file: chgrp, chmod g+w.`,
    }),
    otherGroup: (path: string, group: number) => ({
      message: `cannot give ${path} to group ${group}: this user is not in it`,
      hint: `Set files.group to a group of the user that runs km-bootstrap, or run it in group ${group} (docker run --group-add ${group}; fsGroup).`,
    }),
    backup: (path: string, folder: string, reason: string) => ({
      message: `cannot keep ${path} in ${folder} before it is replaced: ${reason}`,
      hint: 'The file was not touched. Set files.backup to a folder that can be written and has room, or leave it out.',
    }),
    inPart: (path: string, reason: string, backup: string) => ({
      message: `${path} could be written only in part: ${reason}`,
      hint: `What it held before is in ${backup}: copy it back once the volume is in order.`,
    }),
    refused: (what: string, reason: string) => ({
      message: `cannot ${what}: ${reason}`,
      hint: 'Give the user that runs km-bootstrap the right to write there, on a volume that is not read-only or full.',
    }),
    readOnly: (what: string, where: string) => ({
      message: `cannot ${what}: ${where} is read-only`,
      hint: 'Mount it writable, or set is7.overlay or apim.overlay to the folder that the container copies over the home at each start.',
    }),
  },
  FILE_UNREADABLE: {
    lock: (file: string, reason: string) => ({
      message: `cannot read the lock ${file}: ${reason}`,
      hint: 'Look at the rights of its folder, and at the disk.',
    }),
    noLock: (file: string) => ({
      message: `in the place of the lock ${file} is something that is not a file`,
      hint: 'Remove it: only km-bootstrap makes a file of this name, while it runs.',
    }),
    source: (path: string, reason: string) => ({
      message: `cannot copy ${path} into the overlay: ${reason}`,
      hint: 'Give the user that runs km-bootstrap the right to read this file.',
    }),
  },
  FILE_OUTSIDE: (asked: string, path: string, within: string) => ({
    message: `${asked} leads to ${path}, which is not below ${within}: nothing is written there`,
    hint: 'Put the file into the home or its overlay; or, if it is meant to lie there, name that folder in files.outside.',
  }),
  LOCKED: (file: string, who: string) => ({
    message: `${file} is held by ${who}`,
    hint: 'Wait for that run to end, or allow more time with --lock-timeout.',
  }),
});
