import type { FindingCode } from '../codes.js';
import type { ServerId } from '../servers/server.js';
import type { HomeFacts, LogFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

interface Known {
  readonly code: FindingCode;
  readonly line: RegExp;
  /** What must come within the next lines, for what only a stack tells. */
  readonly soon?: RegExp;
  /** In whose log it is told; absent: in either's. */
  readonly of?: ServerId;
  readonly cause: string;
  readonly hint: string;
}

/** The lines that are known to mean something here. Healthy servers log errors, too, so that no other line is judged. */
const KNOWN: readonly Known[] = [
  {
    code: 'LOG_TOML_OVERFLOW',
    line: /java\.lang\.StackOverflowError/,
    soon: /dottedKeySet|consensys\.cava|tuweni\.toml/,
    cause: 'the parser of deployment.toml overflowed its stack: a table stands after one of its own sub-tables',
    hint: 'Move the table above its sub-tables; TOML_INVALID names both lines if the file is still so.',
  },
  {
    code: 'LOG_TOML_REFUSED',
    line: /previously defined at line \d+|ConfigParserException(?!.*Environment variable)/,
    cause: 'deployment.toml was refused, and the server stopped',
    hint: 'Correct the place that the line names; TOML_INVALID does if the file is still so.',
  },
  {
    code: 'LOG_ENVIRONMENT_MISSING',
    line: /Environment variable \S+ not defined in system/,
    cause: 'a variable of deployment.toml was not set, and the server stopped',
    hint: 'Set it for the server.',
  },
  {
    code: 'LOG_PKIX',
    line: /PKIX path (building|validation) failed|unable to find valid certification path/,
    cause: 'a certificate was not trusted',
    hint: 'Import the certificate of the server it called into its truststore, and restart it (trust/apim, trust/is7); TRUST_MISSING tells which one if it is still so.',
  },
  {
    code: 'LOG_HOST_MISMATCH',
    line: /hostname in certificate didn't match|Certificate for <[^>]*> doesn't match|No (subject alternative|name matching)|Host name '[^']*' does not match the certificate/i,
    cause: 'a certificate did not cover the name that was called',
    hint: 'Give that server a certificate with the name in its SAN; [tls] generate = true does.',
  },
  {
    code: 'LOG_REVOCATION_FAILED',
    line: /Error while sending Revocation Event/,
    of: 'is7',
    cause: 'a revoked token could not be reported to API Manager, which accepts it until it expires',
    hint: 'Check notification_endpoint and its account, and that IS 7 trusts API Manager’s certificate and that it covers that name.',
  },
  {
    code: 'LOG_KEY_MANAGER_NOT_CONFIGURED',
    line: /Key Manager \S.* not configured|901400/i,
    of: 'apim',
    cause:
      'a Key Manager was not loaded: an endpoint is missing (often userInfo), it is not enabled or of another tenant, or keys were asked for seconds after it was made',
    hint: 'km-bootstrap verify tells which; apply sets every endpoint and waits until the Key Manager works.',
  },
  {
    code: 'LOG_KEY_MAPPING_LEFT',
    line: /901409|Key Mappings already exists/,
    of: 'apim',
    cause:
      'an earlier try to generate keys failed half-way (IS 7 out of reach, or the Key Manager not loaded yet) and left a mapping that is now in the way',
    hint: 'Clean the keys of that application up in the Developer Portal, or delete the application, once the Key Manager works.',
  },
  {
    code: 'LOG_KEY_MANAGER_UNREACHABLE',
    line: /900967/,
    of: 'apim',
    cause: 'an enabled Key Manager did not answer while an API or scope was made, which is told to all of them',
    hint: 'Disable or delete Key Managers that are gone; look whether IS 7 is up and trusted.',
  },
  {
    code: 'LOG_CONNECTOR_SETTING_MISSING',
    line: /901401|Required Key Manager configuration missing/i,
    of: 'apim',
    cause:
      'a Key Manager was refused because a setting of its connector or an endpoint was missing; the answer does not say which, the lines around it do',
    hint: 'The connector WSO2-IS-7 needs Username, Password, api_resource_management_endpoint and is7_roles_endpoint, and four endpoints; km-bootstrap apply sends them all.',
  },
  {
    code: 'LOG_ROLE_NOT_CREATED',
    line: /Failed to create role/i,
    of: 'apim',
    cause: 'IS 7 refused a role that API Manager wanted to make for a scope',
    hint: 'Set [role_mgt] allow_system_prefix_for_role = true in IS 7, or turn the creation of roles off in the Key Manager.',
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
    return [
      finding(known.code, {
        where: `${last.file}:${last.number}`,
        message: `the log of ${title} says ${times}: ${shorten(last.said)}: ${known.cause}`,
        hint: known.hint,
      }),
    ];
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
