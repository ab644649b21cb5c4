import type { Message } from '../errors.js';

/** What there is to know about one code word, beyond the line that the tool prints: for `explain CODE` and docs/errors.md. */
export interface Explanation<C extends Message['code'] = Message['code']> {
  /** What happened, in a sentence. */
  readonly what: string;
  /** Why it happens, or why it matters. */
  readonly why: string;
  /** What to do. */
  readonly remedy: string;
  /** An example, as the tool says it. */
  readonly example: Message<C>;
}
