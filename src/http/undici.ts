import { createRequire } from 'node:module';
import type { Dispatcher } from 'undici';

type Undici = typeof import('undici');

const require = createRequire(import.meta.url);

/**
 * The three parts of undici that this program uses, from the files that undici's index has them from. The index itself loads fetch,
 * WebSocket, caches and mocks besides, which takes longer than a request. These files are undici's own affair, so that package.json names
 * one release of it exactly; `test/http/undici.test.ts` looks whether the next one still has them.
 */
export const Agent = require('undici/lib/dispatcher/agent.js') as Undici['Agent'];
export const buildConnector = require('undici/lib/core/connect.js') as Undici['buildConnector'];
/** Sent by the dispatcher that is `this`. */
export const request = require('undici/lib/api/api-request.js') as (
  this: Dispatcher,
  options: Dispatcher.RequestOptions,
) => Promise<Dispatcher.ResponseData>;
