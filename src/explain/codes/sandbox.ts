import { MESSAGES as CLI } from '../../cli/errors.js';
import type { ErrorCode } from '../../codes.js';
import type { Explanation } from '../explanation.js';

export const SANDBOX_ERRORS = {
  SANDBOX_FAILED: {
    what: 'The sandbox, the stand-in of the two servers, could not be made or started.',
    why: 'A port is taken, its folder holds something else, or it refuses to start where the real server would.',
    remedy: 'Do what the hint says; another folder (--dir) always starts afresh.',
    example: CLI.SANDBOX_FAILED('cannot make the home km-bootstrap-sandbox/wso2is-7.2.0: EACCES: permission denied'),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;
