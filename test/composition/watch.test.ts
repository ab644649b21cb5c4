import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createConfig, type WatchSettings } from '../../src/composition/config.js';
import { parseSettings } from '../../src/config/parse.js';
import type { SettingKey } from '../../src/config/settings.js';

type Given = Partial<Record<SettingKey, unknown>>;

function watchOf(given: Given): WatchSettings {
  const found = new Map(Object.entries(given).map(([key, raw]) => [key as SettingKey, { raw, source: 'test' }]));
  const settings = parseSettings({ found, keyManagers: [], tenants: [], nodes: [], problems: [] });
  return createConfig(settings, { is7: undefined, apim: undefined }).watch();
}

test('a watch looks every minute, serves to this machine alone, and mends nothing, unless told otherwise', () =>
  assert.equal(watchOf({}), {
    intervalMs: 60_000,
    listen: { host: '127.0.0.1', port: 9095 },
    reconcile: false,
    allowedHosts: [],
  }));

const ADDRESSES: readonly [text: string, host: string, port: number][] = [
  ['0.0.0.0:80', '0.0.0.0', 80],
  ['[::1]:9095', '::1', 9095],
  ['localhost:0', 'localhost', 0],
];

for (const [text, host, port] of ADDRESSES) {
  test(`${text} is an address to listen on`, () =>
    assert.equal(watchOf({ 'watch.listen': text }).listen, { host, port }));
}

for (const text of [
  '127.0.0.1',
  ':9095',
  '9095',
  '127.0.0.1:70000',
  '[1.2.3]:80',
  '::1:9095',
  'http://a:80',
  'a b:80',
]) {
  test(`${text} is none`, () =>
    assert.throws(() => watchOf({ 'watch.listen': text }), /watch\.listen must be address:port/));
}

for (const text of ['10ms', '0s', '25h', '40d']) {
  test(`${text} is no interval: too short, or too long for a timer`, () =>
    assert.throws(() => watchOf({ 'watch.interval': text }), /watch\.interval must be from 1s to 1d/));
}

test.run();
