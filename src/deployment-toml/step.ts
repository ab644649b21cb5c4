import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { BootstrapError } from '../errors.js';
import { writeFileWhole } from '../io/write-file.js';
import type { PlannedChange, Step } from '../step/step.js';
import { editToml } from './edit.js';
import type { Wanted } from './wanted.js';

export interface DeploymentTomlOptions {
  readonly id: string;
  /** The path of deployment.toml. */
  readonly file: string;
  readonly wanted: readonly Wanted[];
  /** Whose file it is. */
  readonly server: 'is7' | 'apim';
}

export interface DeploymentTomlChange extends PlannedChange {
  readonly wanted: Wanted;
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
  server,
}: DeploymentTomlOptions): Step<string, DeploymentTomlChange> {
  return {
    id,
    readBy: server,
    inspect: () => readText(file),
    plan: (text) => edit(file, text, wanted).edits,
    async apply(change) {
      await writeFileWhole(file, edit(file, await readText(file), [change.wanted]).text);
    },
  };
}

async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new BootstrapError(`${file} is not UTF-8`, {
    code: 'TOML_INVALID',
    hint: 'Save the file as UTF-8 without BOM, which is what the servers read.',
  });
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new BootstrapError(`cannot read ${file}: ${(cause as Error).message}`, {
      code: 'FILE_UNREADABLE',
      hint: 'Give the home of the server, and the user that runs km-bootstrap the right to read this file.',
      cause,
    });
  }
}

function edit(file: string, text: string, wanted: readonly Wanted[]) {
  try {
    return editToml(text, wanted);
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    throw new BootstrapError(`${file}, ${error.message}`, { code: error.code, hint: error.hint, cause: error });
  }
}
