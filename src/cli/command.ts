import type { FoundSetting } from '../config/load.js';
import type { SettingKey } from '../config/settings.js';
import type { ServerId } from '../servers/server.js';
import type { CommandName } from './options.js';

export type StepCommandName = 'plan' | 'apply' | 'verify';

export interface OutputOptions {
  readonly json: boolean;
  /** -1 quiet, 0 normal, 1 -v, 2 -vv. */
  readonly verbosity: number;
  readonly color: boolean;
}

export interface StepCommand {
  readonly name: StepCommandName;
  readonly phase?: 'offline' | 'online';
  readonly only: readonly string[];
  readonly configFile?: string;
  readonly caFile?: string;
  readonly proof: Proof;
  readonly resend: 'changed' | 'always';
  /** `sql` prints what an administrator of the database can run, and nothing else. */
  readonly show: 'plan' | 'sql';
  /** Names that are resolved here instead of by the system. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly settings: ReadonlyMap<SettingKey, FoundSetting>;
  readonly output: OutputOptions;
}

export interface WatchCommand
  extends Pick<StepCommand, 'phase' | 'only' | 'configFile' | 'caFile' | 'hosts' | 'settings' | 'output'> {
  readonly name: 'watch';
}

export interface SandboxCommand {
  readonly name: 'sandbox';
  readonly dir: string;
  readonly is7Version: string;
  readonly apimVersion: string;
  readonly is7Offset?: number;
  readonly apimOffset?: number;
  readonly serve: readonly ServerId[];
  readonly certificates: 'valid' | 'expired';
  /** Domains of tenants that both servers get besides the first. */
  readonly tenants: readonly string[];
  readonly hosts: Readonly<Record<string, string>>;
  readonly output: OutputOptions;
}

export interface DoctorCommand extends Pick<StepCommand, 'configFile' | 'settings' | 'output'> {
  readonly name: 'doctor';
  /** ZIP files, or folders that one was unpacked to. */
  readonly bundles: readonly string[];
}

export interface ExplainCommand extends Pick<StepCommand, 'configFile' | 'settings' | 'output'> {
  readonly name: 'explain';
  /** A setting or a code; every setting when absent. */
  readonly word?: string;
}

export interface InitCommand extends Pick<StepCommand, 'configFile' | 'settings' | 'output'> {
  readonly name: 'init';
}

export interface CompletionCommand {
  readonly name: 'completion';
  readonly shell: Shell;
  readonly output: OutputOptions;
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface HelpCommand {
  readonly name: 'help';
  /** The command that it is about; all of them when absent. */
  readonly topic?: CommandName;
  readonly output: OutputOptions;
}

/** The homes that the sandbox makes, to try `up` on. */
export type SandboxHomes = Pick<SandboxCommand, 'dir' | 'is7Version' | 'apimVersion' | 'certificates'>;

export interface UpCommand {
  readonly name: 'up';
  /** What `apply` and `verify` are told in turn. */
  readonly steps: StepCommand;
  /** `stay` until a signal, which stops the servers; `detach` leaves them running. */
  readonly afterwards: 'stay' | 'detach';
  /** Absent: the homes are given. */
  readonly sandbox?: SandboxHomes;
  readonly output: OutputOptions;
}

export interface DownCommand extends Pick<StepCommand, 'configFile' | 'settings' | 'output'> {
  readonly name: 'down';
  readonly sandbox?: SandboxHomes;
}

export type Command =
  | StepCommand
  | WatchCommand
  | DoctorCommand
  | SandboxCommand
  | UpCommand
  | DownCommand
  | ExplainCommand
  | InitCommand
  | CompletionCommand
  | HelpCommand
  | { readonly name: 'schema' | 'version'; readonly output: OutputOptions };

export const PROOFS = ['off', 'keys', 'token', 'gateway'] as const;
export type Proof = (typeof PROOFS)[number];
