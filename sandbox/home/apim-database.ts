import type NodeJava from 'java';
import type { Jvm } from '../../src/jvm/jvm.js';
import type { DatabaseCredentials } from '../identity-database.js';

/**
 * Makes the database of API Manager's own that a pack ships. It is the one to mistake for the identity database: it has
 * IDN_OAUTH_CONSUMER_APPS, too, with the key unique already.
 *
 * @param file path without `.mv.db`; nothing may be there yet. Throws Java's exception.
 */
export function createApimDatabase(jvm: Jvm, file: string, { username, password }: DatabaseCredentials): void {
  const properties = jvm.newInstanceSync('java.util.Properties');
  properties.setPropertySync('user', username);
  properties.setPropertySync('password', password.reveal());
  const connection: NodeJava.JavaObject = jvm
    .newInstanceSync('org.h2.Driver')
    .connectSync(`jdbc:h2:${file};DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0`, properties);
  try {
    const statement = connection.createStatementSync();
    for (const sql of SCHEMA) statement.executeSync(sql);
  } finally {
    connection.closeSync();
  }
}

const SCHEMA = [
  `CREATE TABLE IDN_OAUTH_CONSUMER_APPS (
     ID INTEGER NOT NULL AUTO_INCREMENT,
     CONSUMER_KEY VARCHAR(255),
     CONSUMER_SECRET VARCHAR(2048),
     USERNAME VARCHAR(255),
     TENANT_ID INTEGER DEFAULT 0,
     USER_DOMAIN VARCHAR(50),
     APP_NAME VARCHAR(255),
     OAUTH_VERSION VARCHAR(128),
     CALLBACK_URL VARCHAR(2048),
     GRANT_TYPES VARCHAR(1024),
     CONSTRAINT CONSUMER_KEY_CONSTRAINT UNIQUE (CONSUMER_KEY),
     PRIMARY KEY (ID))`,
  `CREATE TABLE AM_API (
     API_ID INTEGER NOT NULL AUTO_INCREMENT,
     API_UUID VARCHAR(255),
     API_PROVIDER VARCHAR(200),
     API_NAME VARCHAR(200),
     API_VERSION VARCHAR(30),
     CONTEXT VARCHAR(256),
     PRIMARY KEY (API_ID),
     UNIQUE (API_PROVIDER, API_NAME, API_VERSION))`,
  `CREATE TABLE AM_KEY_MANAGER (
     UUID VARCHAR(50) NOT NULL,
     NAME VARCHAR(100),
     TYPE VARCHAR(45),
     ORGANIZATION VARCHAR(100),
     PRIMARY KEY (UUID),
     UNIQUE (NAME, ORGANIZATION))`,
];
