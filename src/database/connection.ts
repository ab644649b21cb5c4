import type { Keep } from '../io/backup.js';
import type { Secret } from '../secret.js';

/** Where the identity database is and how to log in, as `[database.identity_db]` or the tool's own settings say. */
export interface DatabaseConnection {
  /** A JDBC URL as the server itself would use it: placeholders resolved, XML entities (`&amp;`) unescaped. */
  readonly url: string;
  readonly username: string;
  readonly password: Secret;
  /** The schema to work in, when it is not the one that URL and user lead to. */
  readonly schema?: string | undefined;
  /** How long the change may wait for a lock that others hold on the table. */
  readonly lockTimeoutMs: number;
  /** PEM file with further certificate authorities, `--ca-file`. */
  readonly caFile?: string | undefined;
  /** Whether a server may get the password without TLS in a way that shows it. Default refused. */
  readonly exposedLogin?: 'refused' | 'allowed' | undefined;
  /** The home of the server: relative file paths start from it, because the server runs there, and it may hold a JDBC driver. */
  readonly home?: string | undefined;
  /** Keeps a database that is a file before it is changed. */
  readonly keep?: Keep | undefined;
  /** A JDBC driver that comes before every other one. */
  readonly driverJar?: string | undefined;
}
