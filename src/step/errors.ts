import { messages } from '../errors.js';

export const MESSAGES = messages({
  FILE_UNREADABLE_BY_SERVER: unreadableByServer,
  OVERLAY_UNREADABLE: unreadableByServer,
  DEFERRED: (awaited: readonly string[]) => ({
    message: `waits for ${awaited.join(' and ')}`,
    hint: 'See the steps it waits for.',
  }),
  NOT_CONVERGED: (id: string, left: readonly string[]) => ({
    message: `${id}: still needed after it was done: ${left.join('; ')}`,
    hint: 'Something else changes the same thing, or the server did not take it. Look at its log, then apply again.',
  }),
  ABORTED: {
    inTheMiddle: () => ({ message: 'stopped before it was done', hint: 'Run the same command again.' }),
    noOutput: (fault: string | undefined) => ({
      message: `cannot write the output: ${fault}`,
      hint: 'Run the same command again.',
    }),
    bySignal: (name: string) => ({ message: `stopped by ${name}`, hint: 'Run the same command again.' }),
  },
});

/** A file that a server is to read, and cannot by what is seen of it. */
interface ClosedFile {
  readonly file: string;
  readonly verb: 'belongs' | 'will belong';
  readonly server: { readonly uid: number; readonly gid: number };
  readonly found: { readonly uid: number; readonly gid: number; readonly mode: number };
}

function unreadableByServer({ file, verb, server, found }: ClosedFile) {
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  return {
    message: `the server cannot read ${file}, unless it is in a group that is not seen here: the home belongs to ${server.uid}:${server.gid}, this file ${verb} to ${found.uid}:${found.gid} with mode ${mode}`,
    hint: `Run km-bootstrap as root or as user ${server.uid}, or set files.group to a group of that user, with files.mode = "0640".`,
  };
}
