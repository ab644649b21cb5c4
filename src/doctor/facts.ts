import type { ServerId } from '../servers/server.js';

/** The two homes as far as they are here, and what a person set besides. */
export interface PairFacts {
  readonly is7: HomeFacts | undefined;
  readonly apim: HomeFacts | undefined;
  /** `https://host:port` that was set for a server, in place of what its home says. */
  readonly urls: Readonly<Record<ServerId, string | undefined>>;
  /** The issuer that the Key Manager gets: IS 7's public URL, when it was set. */
  readonly publicUrl: string | undefined;
  readonly roleCreation: boolean;
}

/** What was read of a home, once; the checks only think. */
export interface HomeFacts {
  readonly server: ServerId;
  /** For people: `WSO2 API Manager`. */
  readonly title: string;
  /** The home itself. */
  readonly folder: string;
  /** Where it comes from decides what a missing file means: a bundle may hold part of a home. */
  readonly from: 'home' | 'bundle';
  /** `7.2`, if it can be told. */
  readonly version: string | undefined;
  /** Absent while deployment.toml is none. */
  readonly settings: SettingFacts | undefined;
  /** JVM options in its start script, in order. */
  readonly options: readonly JvmOption[];
  /** Jars by the folder from the home: `repository/components/dropins`. A folder that is not here is absent. */
  readonly jars: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly FileFacts[];
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** When the server that runs from this home was started; undefined when none does. */
  readonly runningSince: Date | undefined;
  readonly overlay: OverlayFacts;
  readonly logs: readonly LogFacts[];
}

/** deployment.toml, which the servers see as flat keys. */
export interface SettingFacts {
  /** The file that counts. */
  readonly file: string;
  /** With placeholders resolved, or the server's default; undefined when neither is known. */
  text(path: string): string | undefined;
  /** As it stands in the file. */
  value(path: SettingPath): unknown;
  /** `file:line` of the nearest part of the path that is in the file. */
  place(path: SettingPath): string;
  /** Every key that has a value, arrays of tables included. */
  readonly leaves: readonly Leaf[];
}

export type SettingPath = readonly (string | number)[];

export interface Leaf {
  readonly path: SettingPath;
  readonly value: unknown;
}

/** `-Dname=value` in a start script. */
export interface JvmOption {
  readonly name: string;
  readonly value: string;
  /** `file:line` */
  readonly where: string;
}

/** A file that the server reads, and who may read it. */
export interface FileFacts {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly changed: Date;
  readonly role: 'settings' | 'store' | 'truststore' | 'dropin';
}

/** The folders that are copied over the home at each start, the last one to be copied first. */
export interface OverlayFacts {
  readonly folders: readonly string[];
  readonly databases: readonly string[];
  /** Files that two of them hold, and differ: from the home, with the folder that wins. */
  readonly twice: readonly { readonly path: string; readonly winner: string; readonly loser: string }[];
}

export interface LogFacts {
  readonly file: string;
  readonly lines: readonly string[];
}

/** The value of a key of a table, as text; a table or list is none. */
export function scalarText(value: unknown): string | undefined {
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

/** The last option of a name: it is what the JVM goes by. */
export function jvmOption({ options }: HomeFacts, name: string): JvmOption | undefined {
  return options.findLast((option) => option.name === name);
}
