import { messages } from '../errors.js';

export const MESSAGES = messages({
  OVERLAY_UNREADABLE: (path: string) => ({
    message: `${path} in the overlay cannot be read by the user that owns it in the home, as whom the server runs`,
    hint: 'Set files.group to a group of that user, with files.mode = "0640", or run km-bootstrap as that user.',
  }),
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
