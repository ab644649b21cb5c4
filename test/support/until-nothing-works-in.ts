import { setTimeout as sleep } from 'node:timers/promises';
import { runningCommands } from '../../src/io/running-commands.js';

/** The keytool of a killed run lives on for a moment, and works on its own copy. */
export async function untilNothingWorksIn(folder: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (!(await runningCommands()).some((command) => command.includes(folder))) return;
    await sleep(100);
  }
}
