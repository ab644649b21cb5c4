import type { Engine } from './engine.js';

/** What a part works with. */
export interface Smoke {
  readonly engine: Engine;
  readonly images: Images;
  /** How often what can go otherwise the next time is done. */
  readonly rounds: number;
  say(line: string): void;
}

/** Tags that nothing else has. */
export interface Images {
  readonly tool: string;
  readonly sandbox: string;
}

/** Something that is shown; what does not hold is thrown. */
export interface Part {
  readonly title: string;
  /** Why it cannot be shown here, which is said; undefined when it can. */
  readonly missing: (engine: Engine) => string | undefined;
  readonly show: (smoke: Smoke) => Promise<void>;
}

/** Of what needs containers alone. */
export const NOTHING_MISSING = () => undefined;
