import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { administratorSql } from '../../src/database/administrator-sql.js';
import { Secret } from '../../src/secret.js';

const CHANGE =
  'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT UNIQUE (CONSUMER_KEY);\n';

for (const [url, limit] of [
  ['jdbc:postgresql://db/identity', 'BEGIN;\nSET LOCAL lock_timeout = 3000;\n'],
  ['jdbc:mysql://db/identity', 'SET SESSION lock_wait_timeout = 3;\n'],
  ['jdbc:sqlserver://db;databaseName=identity', 'SET LOCK_TIMEOUT 3000;\n'],
  ['jdbc:oracle:thin:@db:1521/identity', 'ALTER SESSION SET DDL_LOCK_TIMEOUT = 3;\n'],
  ['jdbc:db2://db:50000/IDENT', 'SET CURRENT LOCK TIMEOUT = 3;\n'],
  ['jdbc:h2:/data/WSO2IDENTITY_DB', 'SET LOCK_TIMEOUT 3000;\n'],
] as const) {
  test(`${url}: the look, the limit of the wait and the change, without connecting or a login`, async () => {
    const sql = await administratorSql({ url, username: 'u', password: new Secret('hush'), lockTimeoutMs: 3_000 });
    assert.ok(sql.includes(limit), sql);
    assert.ok(sql.includes(CHANGE), sql);
    assert.match(sql, /HAVING COUNT\(\*\) > 1\) D;\n/);
    assert.is(sql.includes('WHERE CONSUMER_KEY IS NOT NULL'), !url.includes('sqlserver'));
    assert.not.match(sql, /hush/);
  });
}

test.run();
