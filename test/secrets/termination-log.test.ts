import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withEntrypoint } from '../container/with-entrypoint.js';
import { withSandbox } from '../support/cli.js';
import { freeOffset } from '../support/free-offset.js';
import { leaksIn } from './canaries.js';
import { type CanaryHomes, makeCanaryHomes } from './canary-homes.js';

const OFFSET = await freeOffset();
const CONF = join('repository', 'conf', 'deployment.toml');
const SECURITY = join('repository', 'resources', 'security');

/** What breaks a home, and the code that `prepare` ends with; each on top of those before it. */
const DAMAGES: readonly (readonly [code: RegExp, damage: (homes: CanaryHomes) => Promise<void>])[] = [
  [/^STORE_PASSWORD_WRONG in .* → /m, ({ is7, canaries }) => replaceIn(join(is7, CONF), canaries['is7Truststore'])],
  [/^STORE_UNREADABLE in .* → /m, ({ apim }) => writeFile(join(apim, SECURITY, 'client-truststore.jks'), 'damaged')],
  [/^TOML_INVALID.* → /m, ({ apim, canaries }) => replaceIn(join(apim, CONF), canaries['apimAdmin'], '" "')],
];

test('what is left for kubectl of a failed run has code and remedy, and no secret', () =>
  withEntrypoint(async ({ start, terminationLog, folder }) => {
    // Not where the entrypoint runs, so that their settings are not read: nothing was prepared.
    const root = join(folder, 'homes');
    await mkdir(root);
    const homes = await makeCanaryHomes(root, OFFSET);
    const environment = { KMB_IS7_HOME: homes.is7, KMB_APIM_HOME: homes.apim };
    const fail = async (word: string, code: RegExp, more = {}) => {
      const { exitCode, stdout, stderr } = await start([word, '--timeout', '20s', '-vv'], { ...environment, ...more });
      const said = await readFile(terminationLog, 'utf8');
      assert.is.not(exitCode, 0, stdout);
      assert.match(said, code, said);
      assert.equal(leaksIn(said + stdout + stderr, { ...homes.canaries, wrong: WRONG }), [], word);
    };

    await withSandbox(['--dir', root], () =>
      fail('register', /^CREDENTIALS_REFUSED in .* → /m, { KMB_APIM_PASSWORD: WRONG }),
    );
    for (const [code, damage] of DAMAGES) {
      await damage(homes);
      await fail('prepare', code);
    }
  }));

const WRONG = 'cnry-wrong password';

/** Puts something into the text before a secret, which stays in it. */
async function replaceIn(file: string, secret = '', inserted = 'x'): Promise<void> {
  const text = await readFile(file, 'utf8');
  const written = JSON.stringify(secret).slice(1);
  assert.ok(text.includes(written));
  await writeFile(
    file,
    text.replaceAll(written, () => inserted + written),
  );
}

test.run();
