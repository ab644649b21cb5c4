import type { Secret } from '../config/secret.js';

/** Where the identity database is and how to log in, as `[database.identity_db]` or the tool's own settings say. */
export interface DatabaseConnection {
  /** A JDBC URL as the server itself would use it: placeholders resolved, XML entities (`&amp;`) unescaped. */
  readonly url: string;
  readonly username: string;
  readonly password: Secret;
  /** What a relative H2 file path starts from: the home of the server, which runs there. */
  readonly baseFolder?: string;
  /** The jars of the JDBC driver; called only when one is needed. */
  readonly driverJars: () => readonly string[];
}
