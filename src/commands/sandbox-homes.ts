import { resolve } from 'node:path';
import { execa } from 'execa';
import type { SandboxHomes } from '../cli/command.js';
import { MESSAGES } from '../cli/errors.js';
import type { FoundSetting } from '../config/load.js';
import type { SettingKey } from '../config/settings.js';
import { BootstrapError } from '../errors.js';
import { programFile } from '../io/package-root.js';
import { packFolder } from '../servers/server.js';
import type { CommandContext } from './context.js';

/** The homes that the sandbox makes, as the settings that name them; `resolve` takes none that is not there. */
export function sandboxSettings(
  { dir, is7Version, apimVersion }: SandboxHomes,
  workingFolder: string,
): ReadonlyMap<SettingKey, FoundSetting> {
  const is7 = resolve(workingFolder, dir, packFolder('is7', is7Version));
  const apim = resolve(workingFolder, dir, packFolder('apim', apimVersion));
  return new Map([
    ['is7.home', { raw: is7, source: '--sandbox' }],
    ['apim.home', { raw: apim, source: '--sandbox' }],
  ]);
}

/**
 * Makes the homes that are missing, in a process of its own: the class path of a JVM is fixed, and the steps want another one.
 *
 * @throws BootstrapError `SANDBOX_FAILED`
 */
export async function makeSandboxHomes(
  homes: SandboxHomes,
  { reporter, signal, workingFolder }: CommandContext,
): Promise<void> {
  const { dir, is7Version, apimVersion, certificates } = homes;
  const versions = ['--is7-version', is7Version, '--apim-version', apimVersion];
  const expired = certificates === 'expired' ? ['--expired-certs'] : [];
  const words = ['sandbox', '--create-only', '--dir', dir, ...versions, ...expired];
  const made = await execa(process.execPath, [programFile(), ...words], {
    cwd: workingFolder,
    reject: false,
    stdin: 'ignore',
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  reporter.say(`${made.stdout}\n`);
  if (!made.failed) return;
  throw new BootstrapError(MESSAGES.SANDBOX_FAILED(made.stderr));
}
