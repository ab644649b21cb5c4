import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proxyFor } from '../../src/http/proxy.js';

const PROXY = 'http://proxy:3128';

const cases: readonly [title: string, url: string, noProxy: string, proxied: boolean][] = [
  ['a public host goes through the proxy', 'https://is.example:9443/', '', true],
  ['localhost does not', 'https://localhost:9443/', '', false],
  ['127.0.0.0/8 does not', 'https://127.0.0.9/', '', false],
  ['::1 does not', 'https://[::1]:9443/', '', false],
  ['a host that NO_PROXY names does not', 'https://is.example/', 'a, is.example', false],
  ['a host below a domain that NO_PROXY names does not', 'https://is.example/', '.example', false],
  ['a host that only ends alike does', 'https://myis.example/', 'is.example', true],
  ['a rule with another port does not match', 'https://is.example:9443/', 'is.example:8243', true],
  ['a rule with that port matches', 'https://is.example:9443/', 'is.example:9443', false],
  ['* is every host', 'https://is.example/', '*', false],
];

for (const [title, url, noProxy, proxied] of cases) {
  test(title, () => assert.is(proxyFor(new URL(url), { httpsProxy: PROXY, noProxy }), proxied ? PROXY : undefined));
}

test.run();
