import { isUtf8 } from 'node:buffer';
import { BootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';
import { removeLeftovers, writeFileWhole } from '../io/write-file.js';
import type { ServerId } from '../servers/server.js';
import type { Notice, PlannedChange, Step } from '../step/step.js';
import { diffToml } from './diff.js';
import { readDocument } from './document.js';
import { editToml } from './edit.js';
import { inFile, MESSAGES } from './errors.js';
import { findLeftovers, type Leftover, leftoverNotice } from './leftovers.js';
import type { Recipe } from './recipes.js';
import { removeFromToml } from './remove.js';
import type { Wanted } from './wanted.js';

export interface DeploymentTomlOptions {
  readonly id: string;
  /** The path of deployment.toml, which may be another one once it has been written. */
  readonly file: () => string;
  readonly wanted: readonly Wanted[];
  /** What is wanted besides and can be told only by looking: at a certificate, say. */
  readonly alsoWanted?: () => Promise<readonly Wanted[]>;
  /** Whose file it is. */
  readonly server: ServerId;
  readonly recipe?: RecipeOptions;
  /** Folders that the file must lie below, links followed. */
  readonly within?: readonly string[] | undefined;
}

/** For the file that holds one of the two recipes. */
export interface RecipeOptions {
  readonly active: Recipe;
  /** What becomes of that which the other recipe left. */
  readonly leftovers: 'name' | 'remove';
  readonly notices: readonly Notice[];
}

export interface DeploymentTomlState {
  readonly text: string;
  readonly wanted: readonly Wanted[];
}

export interface DeploymentTomlChange extends PlannedChange {
  /** What the file must say afterwards, or what it must not say any more. */
  readonly edit: Wanted | Leftover;
}

/**
 * deployment.toml says what is wanted; everything else in it stays as it is.
 *
 * Fails with `FILE_UNREADABLE`, `FILE_UNWRITABLE` and the codes of {@link editToml}.
 */
export function deploymentTomlStep({
  id,
  file,
  wanted,
  alsoWanted = async () => [],
  server,
  recipe,
  within,
}: DeploymentTomlOptions): Step<DeploymentTomlState, DeploymentTomlChange> {
  return {
    id,
    readBy: server,
    files: () => [file()],
    inspect: async () => ({ text: await readText(file()), wanted: [...wanted, ...(await alsoWanted())] }),
    plan: ({ text, wanted: all }) => namingFile(file(), () => planEdits(text, all, recipe)),
    diff: ({ text, wanted: all }) =>
      namingFile(file(), () => diffToml(text, afterAll(text, planEdits(text, all, recipe), recipe))),
    notices: ({ text }) => namingFile(file(), () => noticesOf(text, recipe)),
    async apply({ edit }, _signal, { keep } = {}) {
      const path = file();
      const text = await readText(path);
      await removeLeftovers(path, within);
      await writeFileWhole(
        path,
        namingFile(path, () => makeEdit(text, edit, recipe)),
        { keep, within },
      );
    },
  };
}

function planEdits(
  text: string,
  wanted: readonly Wanted[],
  recipe: RecipeOptions | undefined,
): readonly DeploymentTomlChange[] {
  const edited = editToml(text, wanted);
  const edits = edited.edits.map(({ wanted: edit, action, summary }) => ({ edit, action, summary }));
  if (recipe?.leftovers !== 'remove') return edits;
  const ours = findLeftovers(readDocument(edited.text), recipe.active).filter(({ isOurs }) => isOurs);
  return [...edits, ...ours.map((leftover) => planRemoval(edited.text, leftover))];
}

/** The text once every change has been made, one after the other. */
function afterAll(text: string, changes: readonly DeploymentTomlChange[], recipe: RecipeOptions | undefined): string {
  return changes.reduce((edited, { edit }) => makeEdit(edited, edit, recipe), text);
}

function planRemoval(text: string, edit: Leftover): DeploymentTomlChange {
  const { line } = removeFromToml(text, edit.place);
  return { edit, action: 'remove', summary: `remove \`${edit.name}\` (line ${line}): ${edit.effect}` };
}

function noticesOf(text: string, recipe: RecipeOptions | undefined): readonly Notice[] {
  if (!recipe) return [];
  const staying = findLeftovers(readDocument(text), recipe.active).filter(
    ({ isOurs }) => !isOurs || recipe.leftovers === 'name',
  );
  return [...recipe.notices, ...staying.map((leftover) => leftoverNotice(leftover, recipe.active))];
}

function makeEdit(text: string, edit: Wanted | Leftover, recipe: RecipeOptions | undefined): string {
  if (!('place' in edit)) return editToml(text, [edit]).text;
  // Places move as others are removed: it is looked for anew.
  const leftovers = recipe ? findLeftovers(readDocument(text), recipe.active) : [];
  const leftover = leftovers.find(({ name, isOurs }) => isOurs && name === edit.name);
  return leftover ? removeFromToml(text, leftover.place).text : text;
}

async function readText(file: string): Promise<string> {
  const bytes = readBytes(file);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new BootstrapError(MESSAGES.TOML_INVALID.encoding(file));
}

function readBytes(file: string): Buffer {
  try {
    return readWhole(file);
  } catch (cause) {
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE(file, (cause as Error).message), { cause });
  }
}

/** Says of a failure in which file. */
function namingFile<T>(file: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    throw new BootstrapError(inFile(file, error), { cause: error });
  }
}
