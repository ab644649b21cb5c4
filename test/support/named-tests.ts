import { test as all, type Callback } from 'uvu';

/** uvu's `test`, for the tests whose title holds the text asked for. */
const { TEST_TITLE: wanted = '' } = globalThis as { readonly TEST_TITLE?: string };

export const test = Object.assign(
  (title: string, handler: Callback) => {
    if (title.includes(wanted)) all(title, handler);
  },
  { before: all.before, after: all.after, run: all.run, skip: all.skip, only: all.only },
);
