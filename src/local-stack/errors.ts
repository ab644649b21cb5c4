import { messages } from '../errors.js';

export const MESSAGES = messages({
  JAVA_UNSUPPORTED: (server: string, range: JdkRange, home: string, version: string) => ({
    message: madeFor(server, range, home, version),
    hint: chooseFrom(range),
  }),
  JAVA_UNTESTED: (server: string, range: JdkRange, home: string, version: string) => ({
    message: `${madeFor(server, range, home, version)}; its start script complains and goes on`,
    hint: chooseFrom(range),
  }),
  JAVA_NOT_FOUND: (problem: string) => ({
    message: problem,
    hint: 'Install a JDK (Debian and Ubuntu: apt-get install openjdk-17-jdk-headless) and set JAVA_HOME to its folder.',
  }),
  FILE_UNREADABLE: (path: string, reason: string, title: string) => ({
    message: `cannot read ${path}: ${reason}`,
    hint: `Give the user that runs km-bootstrap the right to read it, or unpack ${title} again.`,
  }),
  HOME_NOT_FOUND: (folder: string, script: string, title: string, id: string) => ({
    message: `${folder} has no ${script} to start ${title} with`,
    hint: `Give the unpacked home of ${title} with --${id}-home; up starts all-in-one packs, not a gateway or a control plane alone.`,
  }),
  PORT_CLASH: (title: string, which: string, ports: readonly number[], are: string, id: string) => ({
    message: `${title} would listen on the ${which} ${ports.join(', ')}, which ${are} taken`,
    hint: `Stop what listens there, or let up choose: leave ${id}.offset and ${id}.url out.`,
  }),
  PORT_OFFSET_MOVED: (title: string, portOffset: number, from: number, port: number) => ({
    message: `${title} gets the port offset ${portOffset}: with ${from} something else would be in its way`,
    hint: `It answers on port ${port}; [server] offset in its deployment.toml says so from now on.`,
  }),
  SERVER_ENDED: (title: string, how: string, words: string, log: string) => ({
    message: `${title} ended ${how}${words}`,
    hint: `The whole log is ${log}. Correct what it says, then run up again.`,
  }),
});

/** The oldest and the newest JDK that a start script takes without complaint. */
export interface JdkRange {
  readonly oldest: number;
  readonly newest: number;
}

function madeFor(server: string, { oldest, newest }: JdkRange, home: string, version: string): string {
  return `${server} is made for JDK ${oldest} to ${newest}, and ${home} is JDK ${version}`;
}

function chooseFrom({ oldest, newest }: JdkRange): string {
  return `Set JAVA_HOME, or java_home of this server alone, to a JDK from ${oldest} to ${newest}.`;
}
