import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHttpClient } from '../../src/http/client.js';
import { defaultKeyManager } from '../../src/key-manager/declaration.js';
import { Secret } from '../../src/secret.js';
import type { Asked, Fault } from '../hostile/faulty-proxy.js';
import { withFaultyProxy } from '../hostile/faulty-proxy.js';
import { stepOf } from '../key-manager/given-step.js';
import { withPair } from '../key-manager/pair.js';
import { IDENTITY } from '../sandbox/is7/stand-in.js';
import { canary, leaksIn } from './canaries.js';

const { signal } = new AbortController();
/** The words in which a server, or a proxy before it, repeats what it got. */
const REPEATED: Readonly<Record<string, (asked: Asked) => string>> = {
  'the whole request': ({ headers, body }) => `${JSON.stringify(headers)} ${body}`,
  'the login in clear': ({ headers }) => Buffer.from(String(headers.authorization).slice(6), 'base64').toString(),
  'the form, taken apart': ({ body }) => JSON.stringify([...new URLSearchParams(String(body))]),
  'the body as HTML': ({ body }) =>
    String(body).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;'),
};

for (const [what, repeat] of Object.entries(REPEATED)) {
  test(`a server that refuses with ${what} makes no error show a secret`, () =>
    withPair({}, (pair) =>
      withFaultyProxy(pair.apim.url, async (proxy) => {
        const tokens: string[] = [];
        const secrets = { admin: canary('admin'), connector: canary('connector') };
        for (const status of [400, 401, 403, 409, 500]) {
          for (let nth = 1; nth <= 5; nth++) {
            proxy.calls.length = 0;
            // Until then the stand-in, which knows other passwords, is asked with those.
            proxy.fault = (asked, count) => {
              const token = /^Bearer (.*)$/.exec(String(asked.headers.authorization))?.[1];
              if (token) tokens.push(token);
              return count === nth ? refusing(status, repeat) : undefined;
            };
            const password = nth === 1 ? secrets.admin : 'admin';
            const error = await failureOf(proxy.url, pair.is7.url, password, secrets.connector);
            const known = {
              ...secrets,
              ...Object.fromEntries(tokens.map((token, index) => [`token ${index}`, token])),
            };
            assert.equal(
              leaksIn(inspect(error, { depth: 9, showHidden: true }), known),
              [],
              `${status}, request ${nth}`,
            );
          }
        }
      }),
    ));
}

function refusing(status: number, repeat: (asked: Asked) => string): Fault {
  return (response, _reply, asked) => {
    const words = repeat(asked);
    const body = JSON.stringify({
      code: status,
      message: words,
      description: `You sent ${words}`,
      error_description: words,
    });
    response.writeHead(status, { 'content-type': 'application/json', 'x-echo': 'yes' }).end(body);
  };
}

async function failureOf(apimUrl: string, is7Url: string, password: string, connector: string): Promise<unknown> {
  const http = createHttpClient({ trust: async () => ({ ca: [IDENTITY.cert], pinnedSha256: [] }) });
  const account = { url: apimUrl, username: 'admin', password: new Secret(password) };
  const login = { username: 'admin', password: new Secret(connector) };
  const declaration = defaultKeyManager({ is7Url, publicUrl: is7Url, login, roleCreation: false });
  const step = stepOf({ http, account, declaration, patienceMs: 300 });
  try {
    for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await http.close();
  }
}

test.run();
