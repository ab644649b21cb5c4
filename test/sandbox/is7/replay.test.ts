import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createIdentityDatabase, openIdentityDatabase } from '../../../sandbox/identity-database.js';
import { serveIs7 } from '../../../sandbox/is7/server.js';
import { currentRecipe, legacyRecipe } from '../../../src/deployment-toml/recipes.js';
import type { Wanted } from '../../../src/deployment-toml/wanted.js';
import { withTempFolder } from '../../support/temp-folder.js';
import { judge } from '../recorded/different.js';
import { readRecording, replay, type Send } from '../recorded/replay.js';
import { basic, credentials, IDENTITY, jvm, loadedHome, selfSigned, withClient } from './stand-in.js';

const NAME = 'k1234567';
const PASSWORD = 'Plain#12345';
const CURRENT = currentRecipe({ roleCreation: true });
const LEGACY = legacyRecipe();
const RECIPES = { shipped: [], current: CURRENT, legacy: LEGACY };
const BY_ISSUER = LEGACY.filter(({ path }) => path.includes('global_rbac_scope_issuer'));
const BY_VALIDATOR = LEGACY.filter(({ path }) => path.includes('role_based_scope_issuer'));
const SETTINGS = { issuer: BY_ISSUER, validator: BY_VALIDATOR, all: [...CURRENT, ...BY_ISSUER, ...BY_VALIDATOR] };

const replayed = suite('replay');

for (const release of ['7.0', '7.2', '7.3']) {
  for (const [configuration, wanted] of Object.entries(RECIPES)) {
    replayed(`IS ${release}.0 without updates, ${configuration}: the stand-in answers as the real code did`, () =>
      check('is7', { release, configuration, wanted, hasConstraint: wanted !== RECIPES.shipped }),
    );
  }
}

for (const release of ['7.2', '7.3']) {
  for (const [configuration, wanted] of Object.entries(SETTINGS)) {
    replayed(`IS ${release}.0, scopes with the settings of ${configuration}: as the real code granted them`, () =>
      check('is7-settings', { release, configuration, wanted, hasConstraint: false }),
    );
  }
}

for (const [configuration, wanted] of [
  ['current', CURRENT],
  ['current with constraint', CURRENT],
  ['legacy with constraint', LEGACY],
] as const) {
  replayed(`tenants of IS 7.2.0, ${configuration}: the stand-in answers as the real code did`, () =>
    check('is7-tenants', { release: '7.2', configuration, wanted, hasConstraint: configuration !== 'current' }),
  );
}

replayed.run();

interface Setup {
  readonly release: string;
  readonly configuration: string;
  readonly wanted: readonly Wanted[];
  /** On CONSUMER_KEY. */
  readonly hasConstraint: boolean;
}

function check(recording: string, setup: Setup): Promise<void> {
  return withServer(setup, async (send, is7) => {
    const known: Record<string, string> = { name: NAME, is7, 'given-client-id': `given${NAME}2026` };
    for (const userName of setup.release === '7.0' ? ['plainuser'] : ['plainuser', 'roleuser']) {
      const headers = { ...basic('admin', 'admin'), 'content-type': 'application/scim+json' };
      const body = JSON.stringify({ schemas: [], userName, password: PASSWORD });
      const { text } = await send({ method: 'POST', path: '/scim2/Users', headers, body });
      known[`id ${userName}`] = (JSON.parse(text) as { id: string }).id;
    }
    const results = await replay(readRecording(recording), setup, known, send);
    assert.is(judge(recording, setup.configuration, results), '');
    process.stdout.write(`replayed: ${results.length} of ${recording}, ${setup.release} ${setup.configuration}\n`);
  });
}

/** A server of that release without updates. */
function withServer(
  { release, wanted, hasConstraint }: Setup,
  use: (send: Send, host: string) => Promise<void>,
): Promise<void> {
  return withTempFolder(async (folder) => {
    const file = join(folder, 'WSO2IDENTITY_DB');
    createIdentityDatabase(jvm, file, credentials);
    if (hasConstraint) addConstraint(file);
    const database = openIdentityDatabase(jvm, file, credentials);
    const home = {
      ...loadedHome('is7', release, folder, IDENTITY),
      updates: 'none',
      toml: settingsOf(wanted),
      // The keystore of 7.0 holds a second key.
      olderSigning: release === '7.0' ? [selfSigned().cert] : [],
    } as const;
    const server = await serveIs7(home, database);
    try {
      await withClient(server.url, IDENTITY, (send) =>
        use((request) => send(request as Parameters<typeof send>[0]), new URL(server.url).host),
      );
    } finally {
      await server.close();
      database.close();
    }
  });
}

/** As the server's parser flattens them: an entry stands in a list. */
function settingsOf(wanted: readonly Wanted[]): ReadonlyMap<string, unknown> {
  return new Map(wanted.map((entry) => [entry.path.join('.'), 'identity' in entry ? [entry.value] : entry.value]));
}

function addConstraint(file: string): void {
  const properties = jvm.newInstanceSync('java.util.Properties');
  properties.setPropertySync('user', credentials.username);
  properties.setPropertySync('password', credentials.password.reveal());
  const connection = jvm.newInstanceSync('org.h2.Driver').connectSync(`jdbc:h2:${file}`, properties);
  const statement = 'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT UNIQUE_CONSUMER_KEY UNIQUE (CONSUMER_KEY)';
  connection.createStatementSync().executeSync(statement);
  connection.closeSync();
}
