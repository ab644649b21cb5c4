import type { SandboxCommand } from '../cli/command.js';
import type { CommandContext } from './context.js';

/** Makes the two homes and serves them until a signal. The stand-ins are loaded here and nowhere else in the program. */
export async function runSandboxCommand(
  command: SandboxCommand,
  { reporter, signal, environment }: CommandContext,
): Promise<number> {
  const { runSandbox } = await import('../../sandbox/sandbox.js');
  await runSandbox(command, { signal, say: (line) => reporter.print(`${line}\n`), environment });
  return 0;
}
