import { MESSAGES as CLI } from '../../cli/errors.js';
import type { ErrorCode } from '../../codes.js';
import { MESSAGES as COMPOSITION } from '../../composition/errors.js';
import { MESSAGES as CONFIG } from '../../config/errors.js';
import { MESSAGES as ERRORS } from '../../errors.js';
import { MESSAGES as FILES } from '../../io/errors.js';
import { MESSAGES as HOMES } from '../../servers/errors.js';
import { MESSAGES as STEPS } from '../../step/errors.js';
import type { Explanation } from '../explanation.js';

export const RUN_ERRORS = {
  USAGE: {
    what: 'The command line could not be understood; nothing was read or changed.',
    why: 'A command, an option or a value is misspelt, belongs to another command, or is missing.',
    remedy: '`km-bootstrap help` lists the commands, `km-bootstrap COMMAND --help` the options of one.',
    example: CLI.USAGE.line('there is no command aply (did you mean apply?)'),
  },
  CONFIG_INVALID: {
    what: 'Settings are wrong, contradict each other, or are missing; nothing was changed. All problems are listed at once.',
    why: 'A value from an option, a variable or km-bootstrap.toml is not what its setting takes, or a step needs a setting that nothing tells.',
    remedy:
      'Correct each place that is named. `km-bootstrap explain KEY` says what a setting takes, and where its value comes from. The JSON Schema of `km-bootstrap schema` lets an editor find such mistakes while you type.',
    example: ERRORS.CONFIG_INVALID([
      'km-bootstrap.toml:3:1: there is no setting is7.hom (did you mean is7.home?)\n  3 | hom = "/opt/wso2is-7.2.0"\n    | ^^^',
    ]),
  },
  CONFIG_FILE_INVALID: {
    what: 'The configuration file cannot be read, or is no TOML.',
    why: 'The path given with --config is wrong or may not be read, or the text breaks the rules of TOML: a quote is not closed, a key is there twice.',
    remedy: 'Correct the line that the caret points at. In TOML every text is in quotes.',
    example: CONFIG.CONFIG_FILE_INVALID.file(
      'km-bootstrap.toml:2:10: Invalid TOML document: invalid value\n  2 | recipe = = 1\n    |          ^',
    ),
  },
  FILE_EXISTS: {
    what: '`km-bootstrap init` found that the file it was to write is there already, and left it as it is.',
    why: 'What you wrote is never overwritten.',
    remedy: 'Name another file with --config, or move the one that is there away.',
    example: CLI.FILE_EXISTS('km-bootstrap.toml'),
  },
  HOME_NOT_FOUND: {
    what: 'A folder that was given as the home of a server is not that.',
    why: 'It has no repository/conf/deployment.toml, it is the home of the other server, or a database is named by a path in a home that was not given.',
    remedy:
      'Give the folder that holds bin/ and repository/ of the unpacked server, --is7-home for Identity Server and --apim-home for API Manager.',
    example: HOMES.HOME_NOT_FOUND.noHome(
      '/opt/wso2',
      'IS 7',
      'repository/conf/deployment.toml',
      '/opt/wso2/wso2is-7.2.0',
      '',
    ),
  },
  PLACEHOLDER_UNRESOLVED: {
    what: 'A value of deployment.toml that is needed refers to something that is not known here.',
    why: '`$env{NAME}` needs that variable in the environment of km-bootstrap too, `$sys{name}` a -D in JAVA_OPTS, and `$secret{name}` can be decrypted by the server alone.',
    remedy: 'Set the variable for this run, or give the value by the setting that the hint names.',
    example: HOMES.PLACEHOLDER_UNRESOLVED(
      '/opt/wso2is-7.2.0/repository/conf/deployment.toml',
      'super_admin.password',
      '$secret{admin} is encrypted, and only the server can decrypt it',
      'Set KMB_IS7_PASSWORD (or is7.password in km-bootstrap.toml) instead.',
    ),
  },
  VERIFICATION_OFF: {
    what: 'A variable of the environment asks that TLS connections are not verified. Nothing was read or contacted.',
    why: 'NODE_TLS_REJECT_UNAUTHORIZED=0 has Node believe any certificate, and NODE_PG_FORCE_NATIVE has another client talk to PostgreSQL. km-bootstrap verifies all the same, and whoever set them would wonder.',
    remedy:
      'Unset the variable for this run. For a server with a certificate of a private authority, give that authority with --ca-file.',
    example: CONFIG.VERIFICATION_OFF('NODE_TLS_REJECT_UNAUTHORIZED', '0'),
  },
  PORT_CLASH: {
    what: 'Both servers would answer on the same host and port.',
    why: 'Both packs come with port 9443. Normally Identity Server gets the next offset by itself; here its URL or offset was given, so that it is not for km-bootstrap to change.',
    remedy: 'Give the two different offsets, or different host names if they run on different machines.',
    example: COMPOSITION.PORT_CLASH('localhost:9443'),
  },
  OVERLAY_HOLDS_DATABASE: {
    what: 'The overlay of a server holds an H2 database.',
    why: 'An overlay is copied over the home at every start of the server, so the server would lose what it stored since.',
    remedy: 'Take the database out of the overlay, and keep it on a volume of its own or on a database server.',
    example: HOMES.OVERLAY_HOLDS_DATABASE('/overlay/repository/database/WSO2IDENTITY_DB.mv.db'),
  },
  LOCKED: {
    what: 'Another run of km-bootstrap holds the lock on one of the homes.',
    why: 'Two runs never write the same files at once. The lock is a small file in the home that its holder keeps renewing; one that a dead run left is taken over by itself.',
    remedy:
      'Wait for the other run, or allow more time with --lock-timeout. In a pipeline exit code 75 means: try again later.',
    example: FILES.LOCKED(
      '/opt/wso2is-7.2.0/.km-bootstrap.lock',
      'process 812 on build-7 since 2026-11-23T10:00:00.000Z',
    ),
  },
  INTERNAL: {
    what: 'km-bootstrap met something it was not written for: a defect of its own.',
    why: 'Failures that are understood have codes of their own; this is none of them.',
    remedy: 'Run again with -vv and report what it prints. Look through it first, as with any log that you hand on.',
    example: ERRORS.INTERNAL('Maximum call stack size exceeded'),
  },
  NOT_CONVERGED: {
    what: 'A change was made, and looking again showed that it was still needed.',
    why: 'Every change is checked by looking again. Something else sets the same thing back (another tool, a second controller), or the server accepted the change and did not keep it.',
    remedy: 'Find out what else writes there, look into the log of the server, then apply again.',
    example: STEPS.NOT_CONVERGED('key-manager/WSO2-IS-7', ['update the Key Manager WSO2-IS-7: tokenType']),
  },
  ABORTED: {
    what: 'The run was stopped by a signal before it was done (exit code 130 for Ctrl-C, 143 for SIGTERM).',
    why: 'Somebody stopped it, or the container was shut down. Files are whole: each is written completely or not at all.',
    remedy: 'Run the same command again; it does what is left.',
    example: STEPS.ABORTED.bySignal('SIGTERM'),
  },
  KILLED: {
    what: 'In a container: the program was ended by a signal before it could end in order. The exit code is 128 and the number of the signal, 137 for SIGKILL.',
    why: 'The memory limit of the container was reached, or its time to stop was over.',
    remedy: 'Raise the limit (128 MiB do), then run the same command again; files are whole, and it does what is left.',
    example: CLI.KILLED('SIGKILL'),
  },
  DEADLINE: {
    what: 'The whole run reached its deadline, --timeout.',
    why: 'A server, a database or another run took longer than the time that was given.',
    remedy: 'Look which step was working last, and why it is slow; or give it more time.',
    example: CLI.DEADLINE(300_000),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const RUN_NOTICES = {
  DEFERRED: {
    what: 'A step was not looked at yet, because steps that it builds on are not done or could not be looked at.',
    why: 'In `plan` a server that does not run yet is no failure: what depends on it is put off, by name.',
    remedy: 'Nothing, before the servers run. Else look at the steps that are named.',
    example: STEPS.DEFERRED(['health/apim']),
  },
} as const satisfies Record<string, Explanation>;
