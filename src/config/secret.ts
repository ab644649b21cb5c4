import { inspect } from 'node:util';

const MASK = '*****';

/** A value that cannot be printed by accident: text, JSON, `util.inspect` and string concatenation all show `*****`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The clear value, for the one place that hands it to its consumer. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
