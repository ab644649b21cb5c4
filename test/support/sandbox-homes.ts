import { km } from './cli.js';
import { fromTemplate } from './templates.js';

/** The homes that `km-bootstrap sandbox --create-only --dir FOLDER OPTIONS` makes. */
export async function makeSandboxHomes(folder: string, options: readonly string[] = []): Promise<void> {
  await fromTemplate(['homes', ...options].join(' '), folder, async (dir) => {
    const { exitCode, stderr } = await km(['sandbox', '--create-only', '--dir', dir, ...options]);
    if (exitCode !== 0) throw new Error(`the sandbox made no homes: ${stderr}`);
  });
}
