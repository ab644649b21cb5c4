import { type ErrorCode, EXIT_CODE_OF, type NoticeCode } from '../codes.js';
import { CONNECTION_ERRORS, CONNECTION_NOTICES } from './codes/connections.js';
import { DATABASE_ERRORS, DATABASE_NOTICES } from './codes/database.js';
import { DEPLOYMENT_TOML_ERRORS, DEPLOYMENT_TOML_NOTICES } from './codes/deployment-toml.js';
import { DOCTOR_ERRORS, DOCTOR_NOTICES } from './codes/doctor.js';
import { FILE_ERRORS, FILE_NOTICES } from './codes/files.js';
import { KEY_MANAGER_ERRORS, KEY_MANAGER_NOTICES } from './codes/key-manager.js';
import { LOCAL_STACK_ERRORS, LOCAL_STACK_NOTICES } from './codes/local-stack.js';
import { PROOF_ERRORS, PROOF_NOTICES } from './codes/proof.js';
import { RUN_ERRORS, RUN_NOTICES } from './codes/run.js';
import { SANDBOX_ERRORS } from './codes/sandbox.js';
import { SERVER_ERRORS, SERVER_NOTICES } from './codes/servers.js';
import { STORE_ERRORS, STORE_NOTICES } from './codes/stores.js';
import { WATCH_ERRORS } from './codes/watch.js';
import type { Explanation } from './explanation.js';

/**
 * Every failure, explained. A new one is a line in `EXIT_CODE_OF` (src/codes.ts) and an entry in the file of `codes/` that it belongs
 * to; this does not compile while one of the two is missing. Long texts: loaded by `explain` and by the docs only.
 */
export const ERRORS = {
  ...RUN_ERRORS,
  ...FILE_ERRORS,
  ...DEPLOYMENT_TOML_ERRORS,
  ...STORE_ERRORS,
  ...DATABASE_ERRORS,
  ...CONNECTION_ERRORS,
  ...SERVER_ERRORS,
  ...KEY_MANAGER_ERRORS,
  ...PROOF_ERRORS,
  ...WATCH_ERRORS,
  ...DOCTOR_ERRORS,
  ...LOCAL_STACK_ERRORS,
  ...SANDBOX_ERRORS,
} as const satisfies { readonly [C in ErrorCode]: Explanation<C> };

/** Everything that is worth saying and no failure, explained. A new one is a line in src/codes.ts and an entry in the file of `codes/`. */
export const NOTICES = {
  ...RUN_NOTICES,
  ...FILE_NOTICES,
  ...DEPLOYMENT_TOML_NOTICES,
  ...STORE_NOTICES,
  ...DATABASE_NOTICES,
  ...CONNECTION_NOTICES,
  ...SERVER_NOTICES,
  ...KEY_MANAGER_NOTICES,
  ...PROOF_NOTICES,
  ...DOCTOR_NOTICES,
  ...LOCAL_STACK_NOTICES,
} as const satisfies { readonly [C in NoticeCode]: Explanation<C> };

/** The chapters of docs/errors.md. */
export const CHAPTERS: readonly { readonly title: string; readonly codes: readonly string[] }[] = [
  { title: 'Command line, configuration and the run', codes: keysOf(RUN_ERRORS, RUN_NOTICES) },
  { title: 'Files and Java', codes: keysOf(FILE_ERRORS, FILE_NOTICES) },
  { title: 'deployment.toml and dropins', codes: keysOf(DEPLOYMENT_TOML_ERRORS, DEPLOYMENT_TOML_NOTICES) },
  { title: 'Keystores, keys and certificates', codes: keysOf(STORE_ERRORS, STORE_NOTICES) },
  { title: 'The identity database', codes: keysOf(DATABASE_ERRORS, DATABASE_NOTICES) },
  { title: 'Connections and TLS', codes: keysOf(CONNECTION_ERRORS, CONNECTION_NOTICES) },
  { title: 'The servers', codes: keysOf(SERVER_ERRORS, SERVER_NOTICES) },
  { title: 'Key Managers', codes: keysOf(KEY_MANAGER_ERRORS, KEY_MANAGER_NOTICES) },
  { title: 'The proof of verify', codes: keysOf(PROOF_ERRORS, PROOF_NOTICES) },
  { title: 'watch', codes: keysOf(WATCH_ERRORS) },
  { title: 'doctor', codes: keysOf(DOCTOR_ERRORS, DOCTOR_NOTICES) },
  { title: 'up', codes: keysOf(LOCAL_STACK_ERRORS, LOCAL_STACK_NOTICES) },
  { title: 'The sandbox', codes: keysOf(SANDBOX_ERRORS) },
];

/** A code with all there is to know about it. */
export interface ExplainedCode extends Omit<Explanation, 'example'> {
  readonly code: string;
  readonly example: { readonly message: string; readonly hint: string };
  readonly kind: 'error' | 'note';
  /** Of errors: what the tool exits with, when no other failure ranks higher. */
  readonly exitCode?: number;
}

export function explainCode(code: string): ExplainedCode | undefined {
  if (isErrorCode(code)) return { code, kind: 'error', exitCode: EXIT_CODE_OF[code], ...plain(ERRORS[code]) };
  return isNoticeCode(code) ? { code, kind: 'note', ...plain(NOTICES[code]) } : undefined;
}

function plain({ example: { message, hint }, ...words }: Explanation) {
  return { ...words, example: { message, hint } };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function isNoticeCode(code: string): code is NoticeCode {
  return Object.hasOwn(NOTICES, code);
}

function keysOf(...tables: readonly object[]): readonly string[] {
  return tables.flatMap(Object.keys);
}
