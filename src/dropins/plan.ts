import { BootstrapError } from '../errors.js';
import type { Notice, PlannedChange } from '../step/step.js';
import { MESSAGES } from './errors.js';
import { HANDLER_BUNDLE, type HandlerJar, type HeldJar, sha256Of } from './handler-jar.js';

export interface DropinState {
  readonly folder: string;
  readonly apimVersion: string | undefined;
  /** The jar that the user named. */
  readonly wanted: HandlerJar | undefined;
  /** What is in the folder. */
  readonly held: readonly HeldJar[];
  /** What is in the home, when the folder is that of an overlay. */
  readonly below: readonly HeldJar[];
}

export interface DropinChange extends PlannedChange {
  readonly write: HandlerJar | undefined;
  /** Names in the folder. */
  readonly remove: readonly string[];
}

/**
 * One change that leaves the named jar alone of its kind in the folder, or none. Without a named jar the one that is there stays.
 *
 * @throws BootstrapError `CONFIG_INVALID` no jar is named, and none is there
 */
export function planDropin(state: DropinState): readonly DropinChange[] {
  const { folder, wanted, held } = state;
  if (!wanted) {
    if (allHeld(state).length === 0) throw noJar(state);
    return [];
  }
  const remove = held.map(({ name }) => name).filter((name) => name !== wanted.name);
  const namesake = held.find(({ name }) => name === wanted.name);
  const write = isThere(state, wanted) ? undefined : wanted;
  if (!write && remove.length === 0) return [];
  const others = remove.length === 0 ? '' : `in place of ${remove.join(', ')}`;
  if (!write) {
    const summary = `remove ${remove.join(', ')} from ${folder}: ${wanted.name} is there`;
    return [{ action: 'remove', summary, write, remove }];
  }
  const what = namesake ? `the named bytes of ${wanted.name}` : wanted.name;
  return [
    {
      action: namesake || others ? 'update' : 'add',
      summary: [`put ${what} into ${folder}`, others].filter(Boolean).join(', '),
      write,
      remove,
    },
  ];
}

/** A version that API Manager does not expect, and a bundle that is there twice. */
export function findDropinFaults(state: DropinState): readonly Notice[] {
  const { wanted } = state;
  const kept = wanted ? [wanted, ...state.below.filter(({ name }) => name !== wanted.name)] : allHeld(state);
  return [...unexpectedVersions(kept, state.apimVersion), ...severalVersions(kept)];
}

/** With an overlay, the home's jar counts unless a file of the same name comes over it. */
function allHeld({ held, below }: DropinState): readonly HeldJar[] {
  return [...held, ...below.filter(({ name }) => !held.some((over) => over.name === name))];
}

function isThere(state: DropinState, { name, bytes }: HandlerJar): boolean {
  const sha256 = sha256Of(bytes);
  return allHeld(state).some((jar) => jar.name === name && jar.sha256 === sha256);
}

/** What WSO2's pages "Configure WSO2 IS 7 connector" name for each API Manager (docs/design/facts.md, Revocation). */
const EXPECTED_VERSION: Readonly<Record<string, string>> = {
  '4.4': '2.0.3.12',
  '4.5': '2.0.5',
  '4.6': '2.0.5',
  '4.7': '2.1.3',
};

function unexpectedVersions(
  jars: readonly { readonly name: string; readonly version: string }[],
  apimVersion: string | undefined,
): readonly Notice[] {
  const expected = EXPECTED_VERSION[apimVersion ?? ''];
  return jars
    .filter(({ version }) => expected !== undefined && version !== expected)
    .map(({ name }) => MESSAGES.DROPIN_VERSION(name, apimVersion, expected, HANDLER_BUNDLE));
}

function severalVersions(jars: readonly { readonly name: string }[]): readonly Notice[] {
  if (jars.length < 2) return [];
  return [
    MESSAGES.DROPIN_TWICE(
      HANDLER_BUNDLE,
      jars.map(({ name }) => name),
    ),
  ];
}

function noJar({ folder, apimVersion }: DropinState): BootstrapError {
  const version = EXPECTED_VERSION[apimVersion ?? ''] ?? '…';
  return new BootstrapError(MESSAGES.CONFIG_INVALID(HANDLER_BUNDLE, version, folder));
}
