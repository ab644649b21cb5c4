import type { ServerId } from '../servers/server.js';

/** What became of a server of the local stack: one line of `--json` output. */
export interface ServerEvent {
  readonly type: 'server';
  readonly server: ServerId;
  /** `running`: it ran before, and is left alone. */
  readonly status: 'running' | 'started' | 'ready' | 'stopping' | 'stopped' | 'killed' | 'absent';
  readonly pid?: number;
  readonly url?: string;
  readonly log?: string;
  readonly seconds?: number;
}

/** The same for people, one line. */
export function eventText(title: string, { status, pid, url, log, seconds }: ServerEvent): string {
  switch (status) {
    case 'running':
      return `${title} runs already, as process ${pid}, and is left alone`;
    case 'started':
      return `${title} starts as process ${pid}; its log is ${log}`;
    case 'ready':
      return `${title} is ready at ${url}${seconds === undefined ? '' : `, after ${seconds} s`}`;
    case 'stopping':
      return `stopping ${title} …`;
    case 'stopped':
      return `${title} has stopped, after ${seconds} s`;
    case 'killed':
      return `${title} did not stop within ${seconds} s and was killed`;
    case 'absent':
      return `${title} was not started by up, or has ended since`;
  }
}
