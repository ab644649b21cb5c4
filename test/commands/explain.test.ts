import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExplainCommand } from '../../src/cli/command.js';
import { parseCommandLine } from '../../src/cli/parse.js';
import { EXIT_CODE_OF } from '../../src/codes.js';
import { runExplainCommand } from '../../src/commands/explain.js';
import { SETTING_KEYS } from '../../src/config/settings.js';
import type { BootstrapError } from '../../src/errors.js';
import { createReporter } from '../../src/report/reporter.js';
import { makeBareHomes } from '../support/bare-homes.js';
import type { CliRun } from '../support/cli.js';
import { withTempFolder } from '../support/temp-folder.js';

const FILE = `timeout = "9m"
[is7]
home = "<folder>/wso2is-7.2.0"
[apim]
home = "<folder>/wso2am-4.5.0"
[tls]
days = 90
[[tenant]]
name = "a.example"
password_file = "<folder>/secret"
[[key_manager]]
name = "A"
connector = { username = "km@a.example", password = "s3cret-km" }
`;

interface Line {
  readonly key: string;
  readonly value?: string;
  readonly origin: string;
  readonly sources: readonly string[];
}

/** Runs `explain` in a folder with two homes and a configuration file, whose path is taken out. No secret may ever come out. */
function explain(words: readonly string[], environment: Record<string, string> = {}, file = FILE): Promise<CliRun> {
  return withTempFolder(async (folder) => {
    await makeBareHomes(folder);
    await writeFile(join(folder, 'km-bootstrap.toml'), file.replaceAll('<folder>', folder));
    await writeFile(join(folder, 'secret'), 's3cret-mounted\n');
    const mounted = Object.entries(environment).map(([name, value]) => [name, value.replace('<folder>', folder)]);
    const run = explainIn(folder, words, Object.fromEntries(mounted));
    assert.not.match(run.stdout + run.stderr, 's3cret-');
    return { ...run, stdout: run.stdout.replaceAll(`${folder}/`, '') };
  });
}

function explainIn(workingFolder: string, words: readonly string[], environment: Record<string, string>): CliRun {
  let stdout = '';
  const reporter = {
    ...createReporter({ json: false, verbosity: 0, color: false }),
    print: (text: string) => {
      stdout += text;
    },
  };
  const context = { reporter, signal: AbortSignal.abort(), environment, workingFolder };
  try {
    const command = parseCommandLine(['explain', ...words]) as ExplainCommand;
    return { exitCode: runExplainCommand(command, context), stdout, stderr: '' };
  } catch (thrown) {
    const { code, message } = thrown as BootstrapError;
    return { exitCode: EXIT_CODE_OF[code], stdout, stderr: message };
  }
}

test('every setting is listed with its value and where it comes from', async () => {
  const { stdout, exitCode } = await explain(['--json', '--recipe', 'current'], {
    KMB_CONCURRENCY: '3',
    KMB_APIM_PASSWORD_FILE: '<folder>/secret',
  });
  assert.is(exitCode, 0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  assert.equal(
    lines.map(({ key }) => key),
    SETTING_KEYS,
  );
  const found = Object.fromEntries(lines.map(({ key, value, origin, sources }) => [key, [value, origin, ...sources]]));
  const toml = 'wso2is-7.2.0/repository/conf/deployment.toml';
  const expected: Record<string, readonly unknown[]> = {
    recipe: ['current', 'option', '--recipe'],
    concurrency: ['3', 'variable', 'KMB_CONCURRENCY'],
    timeout: ['9m', 'file', 'km-bootstrap.toml:1:11'],
    lock_timeout: ['60s', 'default'],
    'tls.days': ['90', 'file', 'km-bootstrap.toml:7:8'],
    'is7.url': [
      'https://is7.example.com:9444',
      'discovered',
      `${toml}:2:12 (server.hostname)`,
      `${toml}:3:10 (server.offset)`,
    ],
    'apim.url': [
      'https://localhost:9443',
      'discovered',
      'the server’s default of server.hostname',
      'the server’s default of server.offset',
    ],
    'is7.password': ['(set, not shown)', 'discovered', `${toml}:7:12 (super_admin.password)`],
    'apim.password': ['(set, not shown)', 'variable', 'KMB_APIM_PASSWORD_FILE, which names secret'],
    'database.url': [
      'jdbc:mysql://db/identity?user=x&password=*****',
      'discovered',
      `${toml}:10:7 (database.identity_db.url)`,
    ],
    'database.constraint': ['false', 'discovered', 'the recipe current'],
    'is7.version': ['7.2', 'discovered', 'wso2is-7.2.0 (version)'],
    'tls.sans': [undefined, 'nowhere'],
  };
  for (const [key, wanted] of Object.entries(expected)) assert.equal(found[key], wanted, key);
});

test('what only the server can decrypt is not known, and the reason is told', async () => {
  const { stdout } = await explain(['apim.password']);
  assert.match(stdout, 'apim.password is not set');
  assert.match(stdout.replace(/\s+/g, ' '), 'only the server can decrypt it');
});

test('one setting is explained with what it is for, takes and is otherwise', async () => {
  const { stdout } = await explain(['timeout', '--timeout', '7s']);
  assert.match(
    stdout,
    /^timeout = 7s\n {2}comes from {5}the option --timeout\n {2}meaning {8}deadline of the whole run/,
  );
  for (const text of ['300s', 'KMB_TIMEOUT_FILE', '--timeout', 'duration']) assert.match(stdout, text);
  assert.match((await explain(['KMB_IS7_URL_FILE'])).stdout, 'is7.url = ');
});

test('a key of a Key Manager or a tenant is explained for each that is declared', async () => {
  const { stdout } = await explain(['key_manager.connector']);
  assert.match(stdout, 'key_manager[0].connector.username = "km@a.example"  km-bootstrap.toml:13:26');
  assert.match(stdout, 'key_manager[0].connector.password = (set, not shown)');
  assert.match((await explain(['key_manager[0].name'])).stdout, 'key_manager[0].name = "A"  km-bootstrap.toml:12:8');
  assert.match((await explain(['tenant'])).stdout, 'tenant[0].password = (set, not shown)');
  assert.match((await explain(['key_manager.token_validation.type'])).stdout, 'how a token is recognised');
});

test('a code is explained without any configuration, in any case of letters', async () => {
  const { stdout, exitCode } = await explain(['locked'], {}, 'this is no TOML');
  assert.is(exitCode, 0);
  assert.match(stdout, /^LOCKED: an error; exit code 75\n\nWhat happened\n/);
  assert.match(stdout, '  error LOCKED: ');
  assert.is(JSON.parse((await explain(['CERT_EXPIRED', '--json'])).stdout).kind, 'note');
});

test('a word that is neither names the nearest, and is a usage error', async () => {
  for (const [word, near] of [
    ['is7.ulr', 'is7.url'],
    ['DATABASE_IN_USED', 'DATABASE_IN_USE'],
    ['key_manager.isuer', 'key_manager.issuer'],
  ] as const) {
    const { stderr, exitCode } = await explain([word]);
    assert.is(exitCode, 64);
    assert.match(stderr, `(did you mean ${near}?)`);
  }
});

test('a configuration with problems is explained as far as it goes, and then they are told', async () => {
  const { stdout, stderr, exitCode } = await explain(
    ['timeout'],
    {},
    'timeout = "9m"\nconcurrency = "many"\n[is7]\nhom = "*{5}"\n',
  );
  assert.is(exitCode, 78);
  assert.match(stdout, 'timeout = 9m');
  assert.match(stderr, /km-bootstrap\.toml:2:15: concurrency must be a whole number/);
  assert.match(
    stderr,
    /km-bootstrap\.toml:4:1: there is no setting is7\.hom \(did you mean is7\.home\?\)\n +4 \| hom = "\*{5}"\n +\| \^\^\^/,
  );
});

test('settings that contradict each other are told once', async () => {
  const { stdout, stderr, exitCode } = await explain([], { KMB_REVOCATION: 'true' });
  assert.is(exitCode, 78);
  assert.match(stdout, 'revocation = true');
  assert.match(stderr, 'revocation = true belongs to the recipe current');
});

test.run();
