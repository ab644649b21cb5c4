import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ErrorCode, EXIT_CODE_OF } from '../../src/codes.js';
import { isUnique, planConstraint } from '../../src/database/constraint.js';
import type { Findings } from '../../src/database/findings.js';
import { BootstrapError } from '../../src/errors.js';

const SHIPPED = { name: 'CONSUMER_KEY_CONSTRAINT_INDEX_9', columns: ['TENANT_ID', 'CONSUMER_KEY'] };
const CLEAN: Findings = {
  label: 'WSO2IDENTITY_DB (H2)',
  apimTables: [],
  hasTable: true,
  otherSchemas: [],
  notices: [],
  uniqueIndexes: [SHIPPED, { name: 'PRIMARY_KEY_9', columns: ['ID'] }],
  duplicates: { keys: 0, rows: 0, listed: [] },
};

for (const [title, columns, expected] of [
  ['the key alone is unique', ['CONSUMER_KEY'], true],
  ['the key alone is unique as an engine that folds to lower case spells it', ['consumer_key'], true],
  ['the key per tenant, as shipped, is not', ['TENANT_ID', 'CONSUMER_KEY'], false],
  ['the key with more columns is not', ['CONSUMER_KEY', 'TENANT_ID'], false],
  ['an expression of the key is not', ['UPPER(CONSUMER_KEY)'], false],
  ['no column at all is not', [], false],
] as const) {
  test(title, () => {
    assert.is(isUnique([{ name: 'ANY', columns }]), expected);
  });
}

test('nothing is planned once a unique index is there, held open or not', () => {
  const uniqueIndexes = [SHIPPED, { name: 'ANY', columns: ['CONSUMER_KEY'] }];
  assert.equal(planConstraint({ ...CLEAN, uniqueIndexes }), []);
  assert.equal(planConstraint({ ...CLEAN, uniqueIndexes, obstacle: inUse() }), []);
});

test('a missing constraint is one change, which carries what is in its way', () => {
  const obstacle = inUse();
  const summary =
    'add UNIQUE (CONSUMER_KEY) to IDN_OAUTH_CONSUMER_APPS as UNIQUE_CONSUMER_KEY_CONSTRAINT in WSO2IDENTITY_DB (H2)';
  assert.equal(planConstraint(CLEAN), [{ action: 'add', summary }]);
  assert.equal(planConstraint({ ...CLEAN, obstacle }), [{ action: 'add', summary, obstacle }]);
});

const DUPLICATES = { keys: 1, rows: 2, listed: [{ key: 'k', rows: 2, apps: [{ tenant: '1', name: 'a' }] }] };
const NAMESAKE = { table: 'IDN_OAUTH_CONSUMER_APPS', columns: ['APP_NAME'] };

for (const [title, change, code] of [
  [
    'the database of API Manager comes before everything',
    { apimTables: ['AM_API'], hasTable: false },
    'DATABASE_WRONG',
  ],
  ['a table that is missing', { hasTable: false }, 'DATABASE_TABLE_MISSING'],
  [
    'our name on something else comes before shared keys',
    { namesake: NAMESAKE, duplicates: DUPLICATES },
    'DATABASE_CONFLICT',
  ],
  ['shared keys come before a server that runs', { duplicates: DUPLICATES, obstacle: inUse() }, 'DATABASE_DUPLICATES'],
] as const satisfies readonly (readonly [string, Partial<Findings>, ErrorCode])[]) {
  test(`refused as ${code}: ${title}`, () => {
    const error = failureOf({ ...CLEAN, ...change });
    assert.is(error.code, code);
    assert.match(error.message, 'WSO2IDENTITY_DB (H2)');
  });
}

test('one shared key reads well', () => {
  assert.is(
    failureOf({ ...CLEAN, duplicates: DUPLICATES }).message,
    'WSO2IDENTITY_DB (H2): 1 consumer key of IDN_OAUTH_CONSUMER_APPS shared by 2 applications, so CONSUMER_KEY cannot be made unique\n' +
      '  k: 2 applications (tenant 1 a, …)',
  );
});

test('the wrong database is a mistake in the configuration, shared keys are a failure', () => {
  assert.equal([EXIT_CODE_OF.DATABASE_WRONG, EXIT_CODE_OF.DATABASE_DUPLICATES], [78, 1]);
});

function inUse(): BootstrapError {
  return new BootstrapError({ code: 'DATABASE_IN_USE', message: 'held', hint: 'stop it' });
}

function failureOf(found: Findings): BootstrapError {
  try {
    planConstraint(found);
  } catch (error) {
    return error as BootstrapError;
  }
  throw new Error('nothing was thrown');
}

test.run();
