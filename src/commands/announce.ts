import type { OutputOptions } from '../cli/command.js';
import { eventText, type ServerEvent } from '../local-stack/event.js';
import type { Reporter } from '../report/reporter.js';
import type { ServerId } from '../servers/server.js';

/** Says what became of a server. */
export type Announce = (
  server: { readonly id: ServerId; readonly title: string },
  event: Omit<ServerEvent, 'type' | 'server'>,
) => void;

/** One JSON object a line on stdout with `--json`, else a line for people on stderr. */
export function announcer({ json }: OutputOptions, reporter: Reporter): Announce {
  return ({ id, title }, event) => {
    const whole: ServerEvent = { type: 'server', server: id, ...event };
    if (json) reporter.print(`${JSON.stringify(whole)}\n`);
    else reporter.say(`${eventText(title, whole)}\n`);
  };
}
