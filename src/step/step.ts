import type { ErrorCode, NoticeCode } from '../codes.js';
import type { BootstrapError } from '../errors.js';
import type { Keep } from '../io/backup.js';
import type { Say } from '../io/waiting.js';
import type { ServerId } from '../servers/server.js';

/** One difference between what is and what should be. */
export interface PlannedChange {
  readonly action: 'add' | 'update' | 'remove';
  /** One imperative line, safe to print. */
  readonly summary: string;
  /** Why the fact does not hold although nothing drifted (a server is down): `verify` reports it as a failure, not as drift. */
  readonly obstacle?: BootstrapError;
}

/** Something worth saying that needs no change now. */
export interface Notice {
  /** One of the catalogue; that of a failure, when it only puts a step off. */
  readonly code: NoticeCode | ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** A number worth following over time. */
export interface Gauge {
  /** In Prometheus's words, unit last, without the tool's own prefix: `certificate_expiry_days`. */
  readonly name: string;
  /** What the number is, for people. */
  readonly help: string;
  /** What it is of; gauges of one name have the same labels. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a run gives to a step that it applies. */
export interface Applying {
  /** Told now and then what is waited for. */
  readonly say?: Say | undefined;
  /** Keeps files that the step replaces or removes; absent when the run keeps none. */
  readonly keep?: Keep | undefined;
}

/** One fact this tool keeps true. A factory closes over the desired state. */
export interface Step<State = unknown, Change extends PlannedChange = PlannedChange> {
  /** Stable and used everywhere: `deployment-toml/is7`. */
  readonly id: string;
  /** Ids of steps that must hold before this one can be looked at; it is deferred when one of them failed. */
  readonly needs?: readonly string[];
  /** Steps of one lane that stand together are worked on side by side, but for those that one `needs` and those that write the same. */
  readonly lane?: string;
  /** What this step and others of its lane write, the path of a store say: they take turns, in their order. */
  readonly writes?: string;
  /** The server that reads what this step writes only when it starts. */
  readonly readBy?: ServerId;
  /** Whose fact it is, for people: reports stand together by it. */
  readonly owner?: string;
  /** Reads only. Throws {@link import('../errors.js').UnreachableError} if nothing can be read yet. One that has to wait says for what. */
  inspect(signal: AbortSignal, say?: Say): Promise<State>;
  /** Pure. An empty list means in sync. */
  plan(state: State): readonly Change[];
  /** Pure. What is worth saying about the state, whether or not it changes. */
  notices?(state: State): readonly Notice[];
  /** Pure. What was looked at, a line each, for those who ask for more (`-v`, `--json`). */
  details?(state: State): readonly string[];
  /** Pure. What the state comes to in numbers. */
  gauges?(state: State): readonly Gauge[];
  /** The files and folders that the fact rests on, there or not: when one changes, another look is worth it. */
  files?(): readonly string[];
  /**
   * What `plan(state)` comes to, line by line, safe to print: each line begins with `+`, `-`, `~`, with `@` for a place, or with a blank
   * for what stays. Asked only when there are changes, so that what draws it may be loaded then.
   */
  diff?(state: State): readonly string[] | Promise<readonly string[]>;
  /** Writes exactly this change. */
  apply(change: Change, signal: AbortSignal, run?: Applying): Promise<void>;
  /** Uses the fact for real, once, and leaves nothing behind; throws when it does not hold. Only `verify` calls it. */
  prove?(signal: AbortSignal, say?: Say): Promise<readonly Notice[]>;
}

/** Forgets the type parameters of a step, so that steps of different states can stand in one list. */
export function anyStep<State, Change extends PlannedChange>(step: Step<State, Change>): Step {
  return step as unknown as Step;
}
