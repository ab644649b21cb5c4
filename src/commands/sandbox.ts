import { runSandbox } from '../../sandbox/sandbox.js';
import type { SandboxCommand } from '../cli/command.js';
import type { CommandContext } from './context.js';

/** Makes the two homes and serves them until a signal. */
export async function runSandboxCommand(
  command: SandboxCommand,
  { reporter, signal, environment }: CommandContext,
): Promise<number> {
  await runSandbox(command, { signal, say: (line) => reporter.print(`${line}\n`), environment });
  return 0;
}
