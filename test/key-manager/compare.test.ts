import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences } from '../../src/key-manager/compare.js';
import type { JsonObject } from '../../src/key-manager/json.js';

const cases: [title: string, declared: JsonObject, actual: JsonObject, expected: string[]][] = [
  ['equal text', { issuer: 'a' }, { issuer: 'a' }, []],
  ['other text', { issuer: 'b' }, { issuer: 'a' }, ['issuer a → b']],
  ['text that the server lacks', { issuer: 'b' }, { issuer: null }, ['issuer (not set) → b']],
  ['a field nobody declared', {}, { issuer: 'a' }, []],
  ['empty text is the same as nothing', { description: '' }, {}, []],
  ['a switch that is off is the same as none', { enableTokenHashing: false }, {}, []],
  ['a switch that should be on', { enabled: true }, { enabled: false }, ['enabled false → true']],
  ['a boolean that the server holds as text', { enabled: true }, { enabled: 'true' }, ['enabled true → true']],
  ['a list in another order', { availableGrantTypes: ['a', 'b'] }, { availableGrantTypes: ['b', 'a'] }, []],
  [
    'a list with more and with less',
    { availableGrantTypes: ['a', 'b'] },
    { availableGrantTypes: ['b', 'c'] },
    ['availableGrantTypes + a, - c'],
  ],
  ['an empty list and none', { claimMapping: [] }, {}, []],
  [
    'objects in a list, members in any order',
    { claimMapping: [{ remoteClaim: 'r', localClaim: 'l' }] },
    { claimMapping: [{ localClaim: 'l', remoteClaim: 'r' }] },
    [],
  ],
  [
    'a member of an object',
    { certificates: { type: 'JWKS', value: 'https://new' } },
    { certificates: { type: 'JWKS', value: 'https://old' } },
    ['certificates.value https://old → https://new'],
  ],
  ['an object that the server lacks', { certificates: { type: 'PEM' } }, {}, ['certificates.type (not set) → PEM']],
  [
    'a list in an object',
    { permissions: { roles: ['a'] } },
    { permissions: { roles: ['b'] } },
    ['permissions.roles + a, - b'],
  ],
  [
    'connector settings beyond the declared ones',
    { additionalProperties: { Username: 'a' } },
    { additionalProperties: { Username: 'a', self_validate_jwt: true } },
    [],
  ],
  [
    'a connector setting',
    { additionalProperties: { Username: 'b' } },
    { additionalProperties: { Username: 'a' } },
    ['Username a → b'],
  ],
  [
    'a secret that the server has',
    { additionalProperties: { Password: '*****' } },
    { additionalProperties: { Password: '*****' } },
    [],
  ],
  [
    'a secret that the server shows',
    { additionalProperties: { Password: '*****' } },
    { additionalProperties: { Password: 'x' } },
    [],
  ],
  [
    'a secret that the server lost',
    { additionalProperties: { Password: '*****' } },
    {},
    ['Password (not set) → *****'],
  ],
];

for (const [title, declared, actual, expected] of cases) {
  test(`compared: ${title}`, () => {
    const found = differences({ additionalProperties: {}, ...declared }, actual);
    assert.equal(
      found.map(({ field, change }) => `${field} ${change}`),
      expected,
    );
  });
}

test('long values are cut short', () => {
  const [found] = differences({ certificates: { value: 'x'.repeat(2_000) }, additionalProperties: {} }, {});
  assert.ok((found?.change.length ?? 0) < 200);
});

test.run();
