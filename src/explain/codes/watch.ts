import type { ErrorCode } from '../../codes.js';
import { MESSAGES as WATCH } from '../../watch/errors.js';
import type { Explanation } from '../explanation.js';

export const WATCH_ERRORS = {
  LISTEN_IN_USE: {
    what: '`watch` cannot serve its page and metrics: the port is taken.',
    why: 'Another program listens there, another `watch` as a rule.',
    remedy: 'End the other program, or give this one another address.',
    example: WATCH.LISTEN_IN_USE('127.0.0.1:9095'),
  },
  LISTEN_REFUSED: {
    what: '`watch` cannot serve its page and metrics at the address that was given.',
    why: 'The address is none of this machine, or the port is below 1024 and the user may not have it.',
    remedy: 'Give an address of this machine (0.0.0.0 is all of them), and a port from 1024 on.',
    example: WATCH.LISTEN_REFUSED('10.1.2.3:9095', 'EADDRNOTAVAIL', ''),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;
