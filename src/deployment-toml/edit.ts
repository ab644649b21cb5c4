import { MASK, Secret } from '../secret.js';
import { readDocument, type TomlDocument } from './document.js';
import { applySplice, landingOf } from './layout.js';
import { findEntry, writableFields } from './place-entry.js';
import { placeValue } from './place-value.js';
import { proveEdit, readEdited } from './prove.js';
import { lineOf } from './refusal.js';
import { isFields, isHarmlessName, renderPath, showValue } from './render.js';
import { shownValue } from './shown.js';
import {
  isWantedEntry,
  type TomlFields,
  type TomlValue,
  type Wanted,
  type WantedEntry,
  type WantedValue,
} from './wanted.js';

/** What was done for one wanted item. */
export interface TomlEdit {
  readonly wanted: Wanted;
  readonly action: 'add' | 'update';
  /** One imperative line, safe to print. */
  readonly summary: string;
  /** Where it stands after this edit, counted from 1. */
  readonly line: number;
}

/**
 * Makes a deployment.toml say what is wanted, by the smallest edits of its text: comments, order, spacing and line ends stay, a key goes
 * into the table that is there, in whatever spelling, and the result is one that the servers load. What holds already is not touched, so
 * that a second edit returns the same text.
 *
 * @throws BootstrapError `TOML_INVALID` the servers could not load the text as it is; `TOML_CONFLICT` something else stands where a
 *   wanted table or value must stand; `TOML_EDIT_UNPROVEN` (a defect) the result would differ by more or less than what is wanted
 */
export function editToml(
  text: string,
  wanted: readonly Wanted[],
): { readonly text: string; readonly edits: readonly TomlEdit[] } {
  const edits: TomlEdit[] = [];
  let document = readDocument(text);
  for (const item of wanted) {
    const made = isWantedEntry(item) ? editEntry(document, item) : editValue(document, item);
    if (!made) continue;
    document = proveEdit(document, made.text, item);
    edits.push(describe(item, made));
  }
  return { text: document.text, edits };
}

/** A text with one wanted item made true, and what to say about it. */
interface Made {
  readonly text: string;
  readonly action: 'add' | 'update';
  readonly what: string;
  readonly line: number;
  /** Said after the line. */
  readonly remark?: string;
}

function editValue(document: TomlDocument, { path, value }: WantedValue): Made | undefined {
  const placed = placeValue(document, document.root, path, value);
  if (!placed) return undefined;
  const text = applySplice(document.text, placed.splice);
  const table = path.length > 1 ? `[${renderPath(path.slice(0, -1))}] ` : '';
  const what = `set \`${table}${showChange(path.slice(-1), value, placed.old)}\``;
  return {
    text,
    action: placed.old === undefined ? 'add' : 'update',
    what,
    line: lineOf(text, landingOf(placed.splice)),
  };
}

function editEntry(document: TomlDocument, wanted: WantedEntry): Made | undefined {
  const entry = findEntry(document, wanted);
  if (entry.isThere) return updateEntry(document, wanted, writableFields(entry.table, wanted.value));
  const text = applySplice(document.text, entry.splice);
  const made = {
    text,
    action: 'add',
    what: `add ${entryName(wanted)}`,
    line: lineOf(text, landingOf(entry.splice)),
  } as const;
  if (entry.before === undefined) return made;
  return { ...made, remark: `, before the entry for \`${entry.before}\`, which would match first` };
}

/** Key by key, the text read again after each, because places move. */
function updateEntry(document: TomlDocument, wanted: WantedEntry, fields: TomlFields): Made | undefined {
  const changes: string[] = [];
  let current = document;
  let line = 0;
  for (const { path, value } of leavesOf(fields)) {
    const entry = findEntry(current, wanted);
    const placed = entry.isThere ? placeValue(current, entry.table, path, value) : undefined;
    if (!placed) continue;
    current = readEdited(applySplice(current.text, placed.splice), wanted);
    line ||= lineOf(current.text, landingOf(placed.splice));
    changes.push(showChange(path, value, placed.old));
  }
  if (changes.length === 0) return undefined;
  return { text: current.text, action: 'update', what: `set \`${changes.join(', ')}\` in ${entryName(wanted)}`, line };
}

function leavesOf(
  fields: TomlFields,
  above: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly value: TomlValue }[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    isFields(value) ? leavesOf(value, [...above, name]) : [{ path: [...above, name], value }],
  );
}

function entryName({ path, identity, value }: WantedEntry): string {
  const keys = identity.map((key) => `${renderPath([key])} = ${showValue(value[key] as TomlValue)}`);
  return `\`[[${renderPath(path)}]] ${keys.join(', ')}\``;
}

function showChange(path: readonly string[], value: TomlValue, old: string | undefined): string {
  if (old === undefined) return `${renderPath(path)} = ${showValue(value)}`;
  const shownOld = value instanceof Secret ? MASK : shorten(shownValue(path.at(-1) ?? '', old, isHarmlessName));
  return `${renderPath(path)}: ${shownOld} → ${showValue(value)}`;
}

function shorten(raw: string): string {
  const line = raw.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

function describe(wanted: Wanted, { action, what, line, remark = '' }: Made): TomlEdit {
  const reason = wanted.reason === undefined ? '' : `: ${wanted.reason}`;
  return { wanted, action, line, summary: `${what} (line ${line})${remark}${reason}` };
}
