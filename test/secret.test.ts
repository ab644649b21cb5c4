import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { maskUrl } from '../src/secret.js';

const SECRET_URLS: readonly string[] = [
  'https://u:PW@h/p',
  'mongodb://u:PW@h:27017,h2/db',
  'jdbc:mysql://root:a@b:PW@h:3306/db?useSSL=true',
  'jdbc:oracle:thin:scott/PW@//h:1521/s',
  'jdbc:oracle:oci8:scott/PW@h',
  'jdbc:sqlserver://h:1433;user=x;password={a;PW};encrypt=true',
  'jdbc:sqlserver://h;password={a}}PW',
  'jdbc:sqlserver://h;accessToken=PW;keyStoreSecret=PW;clientKeyPassword=PW',
  'jdbc:db2://h:50000/db:user=x;password=PW;apiKey=PW;',
  'jdbc:postgresql://h/db?user=x&password=PW&sslpassword=PW&sslmode=require',
  'jdbc:mysql:loadbalance://address=(host=h)(port=1)(password=PW)/db',
  'jdbc:h2:./x;PASSWORD=PW;LOCK_TIMEOUT=60000',
  'https://h/?sig=PW&sv=2',
];

for (const url of SECRET_URLS) {
  test(`what could be secret is not shown of ${url}`, () => {
    assert.not.match(maskUrl(url), 'PW');
    assert.match(maskUrl(url), '*****');
    assert.is(maskUrl(maskUrl(url)), maskUrl(url));
  });
}

const HARMLESS_URLS: readonly string[] = [
  'https://is7.example.com:9444/oauth2/token',
  'jdbc:h2:./repository/database/WSO2IDENTITY_DB;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=60000',
  'jdbc:postgresql://h:5432/identity?sslmode=verify-full',
  'jdbc:sqlserver://h:1433;databaseName=identity;encrypt=true',
  'jdbc:oracle:thin:@//h:1521/s',
  '/run/secrets/password',
];

for (const url of HARMLESS_URLS) test(`${url} is shown whole`, () => assert.is(maskUrl(url), url));

test.run();
