import forge from 'node-forge';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  childrenOf,
  derOf,
  encode,
  encodeOid,
  octetsOf,
  oidOf,
  parseAsn1,
  stringOf,
  TAG,
} from '../../src/trust/asn1.js';

const OIDS = [
  '1.2.840.113549.1.12.10.1.3',
  '2.16.840.1.101.3.4.2.1',
  '2.16.840.1.113894.746875.1.1',
  '0.9.2342',
  '2.5.29.17',
];

for (const dotted of OIDS) {
  test(`${dotted} is written as node-forge writes it, and read back`, () => {
    const own = encodeOid(dotted);
    assert.is(own.toString('latin1', 2), forge.asn1.oidToDer(dotted).getBytes());
    assert.is(oidOf(parseAsn1(own)), dotted);
  });
}

test('lengths of one, two and four bytes are written and read', () => {
  for (const length of [0, 0x7f, 0x80, 0xff, 0x100, 0x1_0000]) {
    const bytes = Buffer.alloc(length, 7);
    assert.ok(octetsOf(parseAsn1(encode(TAG.octets, bytes))).equals(bytes), String(length));
  }
});

test('BER that leaves lengths open and cuts strings into chunks says the same as DER', () => {
  const open = Buffer.from('3080 2480 0402aabb 0401cc 0000 020105 0000'.replaceAll(' ', ''), 'hex');
  const parsed = parseAsn1(open);
  assert.is(octetsOf(childrenOf(parsed)[0]).toString('hex'), 'aabbcc');
  assert.is(derOf(parsed).toString('hex'), '300c24070402aabb0401cc020105');
});

test('a BMPString is read, and of one with half a character the whole ones', () => {
  assert.is(stringOf(parseAsn1(encode(TAG.bmpString, Buffer.from('00e400df4f60', 'hex')))), 'äß你');
  assert.is(stringOf(parseAsn1(encode(TAG.bmpString, Buffer.from('00e400', 'hex')))), 'ä');
});

const BROKEN: readonly (readonly [string, string, RegExp])[] = [
  ['nothing', '', /cut short/],
  ['a tag alone', '30', /cut short/],
  ['a length that is not there', '3082', /cut short/],
  ['a length beyond the end', '3003020105ff'.slice(0, 8), /cut short/],
  ['a length of eight bytes', '30880000000000000001', /cut short/],
  ['an open structure without an end', '3080020105', /cut short/],
  ['bytes behind', '30000000', /bytes follow/],
];

for (const [title, hex, message] of BROKEN) {
  test(`${title} is refused`, () => assert.throws(() => parseAsn1(Buffer.from(hex, 'hex')), message));
}

test('a child that is longer than its parent is refused when it is looked at', () => {
  const parsed = parseAsn1(Buffer.from('3003020501', 'hex'));
  assert.throws(() => childrenOf(parsed), /cut short/);
  assert.throws(() => childrenOf(parseAsn1(Buffer.from('020105', 'hex'))), /is missing/);
});

test.run();
