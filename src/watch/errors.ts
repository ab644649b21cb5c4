import { messages } from '../errors.js';

export const MESSAGES = messages({
  DEADLINE: () => ({
    message: 'was not looked at: the time was up before',
    hint: 'See the step before it, or give each look more time with --timeout.',
  }),
  LISTEN_IN_USE: (where: string) => ({
    message: `cannot serve on ${where}: another program holds this port`,
    hint: 'End that program, or choose another address with --listen or KMB_WATCH_LISTEN.',
  }),
  LISTEN_REFUSED: (where: string, fault: string | undefined, reason: string) => ({
    message: `cannot serve on ${where}: ${fault ?? reason}`,
    hint: 'Choose an address of this machine and a port from 1024 on, with --listen or KMB_WATCH_LISTEN.',
  }),
});
