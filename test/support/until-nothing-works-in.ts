import { runningCommands } from '../../src/io/write-file.js';
import { until } from './until.js';

/** The keytool of a killed run lives on for a moment, and works on its own copy. */
export async function untilNothingWorksIn(folder: string): Promise<void> {
  await until(`nothing works in ${folder}`, async () => {
    return !(await runningCommands()).some((command) => command.includes(folder));
  });
}
