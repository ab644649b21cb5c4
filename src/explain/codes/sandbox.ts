import type { ErrorCode } from '../../codes.js';
import type { Explanation } from '../explanation.js';

export const SANDBOX_ERRORS = {
  SANDBOX_FAILED: {
    what: 'The sandbox, the stand-in of the two servers, could not be made or started.',
    why: 'A port is taken, its folder holds something else, or it refuses to start where the real server would.',
    remedy: 'Do what the hint says; another folder (--dir) always starts afresh.',
    example: {
      message: 'cannot listen on localhost:9443: EADDRINUSE',
      hint: 'End the program that holds this port, or give the server another one with --is7-offset or --apim-offset.',
    },
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;
