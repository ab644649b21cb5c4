import { messages } from '../errors.js';

/** What is said of the command line, and of what a command as a whole comes to. */
export const MESSAGES = messages({
  BUNDLE_INVALID: {
    twoHomes: (title: string, one: string, other: string, server: string) => ({
      message: `two homes of ${title} were found: ${one} and ${other}`,
      hint: `Unpack it, and give the one that is meant with --${server}-home.`,
    }),
    noHome: () => ({
      message: 'nothing of a home of IS 7 or API Manager was found in the bundle',
      hint: 'It should hold repository/conf/deployment.toml and repository/resources/security of both, and their logs, at any depth.',
    }),
  },
  USAGE: {
    line: (problem: string) => ({ message: problem, hint: 'Run km-bootstrap help.' }),
    unknownWord: (word: string, nearest: string) => ({
      message: `there is no setting and no code ${word}${nearest}`,
      hint: '`km-bootstrap explain` lists the settings; docs/errors.md lists the codes.',
    }),
    severalHomes: (title: string, homes: readonly string[], server: string) => ({
      message: `there are several homes of ${title}: ${homes.join(', ')}`,
      hint: `Say which with --${server}-home.`,
    }),
  },
  FILE_EXISTS: (file: string) => ({
    message: `there is a file ${file} already, and it was left as it is`,
    hint: 'Give another name with --config, or move that file away.',
  }),
  DEADLINE: (timeoutMs: number) => ({
    message: `not done within ${timeoutMs / 1000} s`,
    hint: 'Give it more time with --timeout, or look why it takes so long.',
  }),
  KILLED: (signal: string) => ({
    message: `km-bootstrap was ended by ${signal}`,
    hint:
      signal === 'SIGKILL'
        ? 'Look whether its memory limit is too low (it needs 128 MiB), then run it again.'
        : 'Run it again.',
  }),
  SANDBOX_FAILED: (stderr: string) => ({
    message: `the homes of the sandbox could not be made:\n${stderr}`,
    hint: 'Choose a folder with --dir that can be written.',
  }),
});
