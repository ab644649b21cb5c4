import type { ServerId } from '../servers/server.js';
import { MESSAGES } from './errors.js';
import type { HomeFacts, LogFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

interface Known {
  readonly code: Extract<keyof typeof MESSAGES, `LOG_${string}`>;
  readonly line: RegExp;
  /** What must come within the next lines, for what only a stack tells. */
  readonly soon?: RegExp;
  /** In whose log it is told; absent: in either's. */
  readonly of?: ServerId;
}

/** The lines that are known to mean something here. Healthy servers log errors, too, so that no other line is judged. */
const KNOWN: readonly Known[] = [
  {
    code: 'LOG_TOML_OVERFLOW',
    line: /java\.lang\.StackOverflowError/,
    soon: /dottedKeySet|consensys\.cava|tuweni\.toml/,
  },
  {
    code: 'LOG_TOML_REFUSED',
    line: /previously defined at line \d+|ConfigParserException(?!.*Environment variable)/,
  },
  {
    code: 'LOG_ENVIRONMENT_MISSING',
    line: /Environment variable \S+ not defined in system/,
  },
  {
    code: 'LOG_PKIX',
    line: /PKIX path (building|validation) failed|unable to find valid certification path/,
  },
  {
    code: 'LOG_HOST_MISMATCH',
    line: /hostname in certificate didn't match|Certificate for <[^>]*> doesn't match|No (subject alternative|name matching)|Host name '[^']*' does not match the certificate/i,
  },
  {
    code: 'LOG_REVOCATION_FAILED',
    line: /Error while sending Revocation Event/,
    of: 'is7',
  },
  {
    code: 'LOG_KEY_MANAGER_NOT_CONFIGURED',
    line: /Key Manager \S.* not configured|901400/i,
    of: 'apim',
  },
  {
    code: 'LOG_KEY_MAPPING_LEFT',
    line: /901409|Key Mappings already exists/,
    of: 'apim',
  },
  {
    code: 'LOG_KEY_MANAGER_UNREACHABLE',
    line: /900967/,
    of: 'apim',
  },
  {
    code: 'LOG_CONNECTOR_SETTING_MISSING',
    line: /901401|Required Key Manager configuration missing/i,
    of: 'apim',
  },
  {
    code: 'LOG_ROLE_NOT_CREATED',
    line: /Failed to create role/i,
    of: 'apim',
  },
];

const SOON = 30;

/** Known lines of the servers' logs, by their causes. A line tells what was: the homes tell whether it still is. */
export function findInLogs({
  logs,
  server,
  title,
}: Pick<HomeFacts, 'logs' | 'title'> & { readonly server: HomeFacts['server'] | undefined }): readonly Finding[] {
  return KNOWN.filter(({ of }) => of === undefined || server === undefined || of === server).flatMap((known) => {
    const hits = logs.flatMap((log) => hitsIn(log, known));
    const last = hits.at(-1);
    if (!last) return [];
    const times = hits.length === 1 ? 'once' : `${hits.length} times, here the last`;
    const told = MESSAGES[known.code](title, times, shorten(last.said));
    return [finding(told, { where: `${last.file}:${last.number}` })];
  });
}

interface Hit {
  readonly file: string;
  readonly number: number;
  /** The known part alone: the rest of a line may hold anything. */
  readonly said: string;
}

function hitsIn({ file, lines }: LogFacts, { line, soon }: Known): readonly Hit[] {
  return lines.flatMap((text, index) => {
    const said = line.exec(text)?.[0];
    if (said === undefined) return [];
    if (soon && !lines.slice(index, index + SOON).some((next) => soon.test(next))) return [];
    return [{ file, number: index + 1, said }];
  });
}

const LONGEST = 200;

/** Control characters of a log do not reach the terminal. */
function shorten(text: string): string {
  const line = text.replaceAll(/[^\P{C}\t]/gu, '').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
