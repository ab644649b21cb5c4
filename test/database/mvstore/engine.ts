import type NodeJava from 'java';
import { type Jvm, startJvm } from '../../../src/jvm/jvm.js';
import { javaLibrary } from '../../../src/jvm/libraries.js';

/** H2's own engine, in this process: it makes the files, and is the judge of what is in them. */
export interface Engine {
  readonly java: Jvm;
  /** @param path without `.mv.db`; @param settings `;COMPRESS=TRUE` */
  connect(path: string, settings?: string, password?: string): Connection;
}

/** One session. Everything throws Java's exception. */
export interface Connection {
  execute(sql: string): void;
  /** Rows as text, in the order of the SELECT. */
  query(sql: string): readonly (readonly (string | null)[])[];
  setAutoCommit(on: boolean): void;
  commit(): void;
  rollback(): void;
  close(): void;
}

export function engineOf(version: string): Engine {
  const java = startJvm([javaLibrary(`h2-${version}.jar`)]);
  return { java, connect: (path, settings = '', password = USER) => connect(java, path, settings, password) };
}

const USER = 'wso2carbon';

function connect(java: Jvm, path: string, settings: string, password: string): Connection {
  const properties = java.newInstanceSync('java.util.Properties');
  properties.setPropertySync('user', USER);
  properties.setPropertySync('password', password);
  const url = `jdbc:h2:${path};DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0${settings}`;
  const connection: NodeJava.JavaObject = java.newInstanceSync('org.h2.Driver').connectSync(url, properties);
  const statement = connection.createStatementSync();
  return {
    execute(sql) {
      statement.executeSync(sql);
    },
    query(sql) {
      const found = statement.executeQuerySync(sql);
      const width: number = found.getMetaDataSync().getColumnCountSync();
      const columns = Array.from({ length: width }, (_, index) => index + 1);
      const rows: (string | null)[][] = [];
      while (found.nextSync()) rows.push(columns.map((column) => found.getStringSync(column)));
      found.closeSync();
      return rows;
    },
    setAutoCommit: (on) => connection.setAutoCommitSync(on),
    commit: () => connection.commitSync(),
    rollback: () => connection.rollbackSync(),
    close: () => connection.closeSync(),
  };
}
