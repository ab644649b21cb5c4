import { createRequire } from 'node:module';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Agent, buildConnector, request } from '../../src/http/undici.js';

const require = createRequire(import.meta.url);
const { dependencies } = require('../../../package.json') as { dependencies: Record<string, string> };

test('undici is named by one release, since its inner files are used', () => {
  const { version } = require('undici/package.json') as { version: string };
  assert.match(dependencies['undici'] ?? '', /^\d+\.\d+\.\d+$/);
  assert.is(version, dependencies['undici']);
});

test('what is taken from inner files is what the index of undici gives', async () => {
  const index = await import('undici');
  assert.is(Agent, index.Agent);
  assert.is(buildConnector, index.buildConnector);
  assert.type(request, 'function');
});

test.run();
