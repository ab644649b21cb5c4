/** What there is to know about one code word, beyond the line that the tool prints: for `explain CODE` and docs/errors.md. */
export interface Explanation {
  /** What happened, in a sentence. */
  readonly what: string;
  /** Why it happens, or why it matters. */
  readonly why: string;
  /** What to do. */
  readonly remedy: string;
  /** An example, as the tool prints it. */
  readonly example: { readonly message: string; readonly hint: string };
}
