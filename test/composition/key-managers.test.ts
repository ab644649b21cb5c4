import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createConfig } from '../../src/composition/config.js';
import { createConnections } from '../../src/composition/connections.js';
import { keyManagerEntries } from '../../src/composition/key-managers.js';
import { loadSettings } from '../../src/config/load.js';
import { parseSettings } from '../../src/config/parse.js';
import type { BootstrapError } from '../../src/errors.js';
import { exitCodeOf } from '../../src/report/exit-code.js';
import { runSteps, type Verb } from '../../src/step/run.js';
import type { StepReport } from '../../src/step/step-report.js';
import { type Pair, type PairOptions, TENANT_PASSWORD, withPair } from '../key-manager/pair.js';
import { ADMIN_API } from '../sandbox/apim/stand-in.js';
import { at, IDENTITY } from '../sandbox/is7/stand-in.js';
import { withTempFolder } from '../support/temp-folder.js';

interface Outcome {
  readonly reports: readonly StepReport[];
  readonly exitCode: number;
}

type Run = (verb: Verb, toml: string) => Promise<Outcome>;

/** Lends both servers and a way to run the Key Manager steps of a configuration file, as `km-bootstrap` does. */
function withRuns(options: PairOptions, use: (run: Run, pair: Pair) => Promise<void>): Promise<void> {
  return withPair(options, (pair) =>
    withTempFolder(async (folder) => {
      await writeFile(join(folder, 'server.pem'), IDENTITY.cert);
      await use((verb, toml) => run(verb, toml, folder, pair), pair);
    }),
  );
}

async function run(verb: Verb, toml: string, workingFolder: string, { is7, apim }: Pair): Promise<Outcome> {
  const certificate = `certificate = "${join(workingFolder, 'server.pem')}"`;
  const account = 'username = "admin"\npassword = "admin"';
  const servers = `[is7]\nurl = "${is7.url}"\n${certificate}\n${account}\n[apim]\nurl = "${apim.url}"\n${certificate}\n${account}\n`;
  await writeFile(join(workingFolder, 'km-bootstrap.toml'), `concurrency = 4\n${servers}${toml}`);
  const settings = parseSettings(loadSettings({ flags: new Map(), workingFolder }, {}));
  const config = createConfig(settings, { is7: undefined, apim: undefined });
  const connections = createConnections({ caFile: undefined, proxy: {} });
  try {
    const command = { name: verb, proof: 'token', resend: 'changed' } as const;
    const steps = keyManagerEntries(config, { connections, command }).map((entry) => entry.build());
    const reports: StepReport[] = [];
    const { signal } = new AbortController();
    for await (const report of runSteps(steps, { verb, signal, concurrency: config.concurrency })) reports.push(report);
    return { reports, exitCode: exitCodeOf(reports, verb) };
  } finally {
    await connections.close();
  }
}

const statuses = ({ reports }: Outcome) => reports.map(({ step, status }) => `${step} ${status}`);

const MANY = `
[[tenant]]
name = "a.example"
password = "${TENANT_PASSWORD}"
[[tenant]]
name = "b.example"
password = "wr0ng"
[[key_manager]]
name = "One"
[[key_manager]]
name = "Two"
issuer = "https://two.example/oauth2/token"
well_known_endpoint = "https://localhost:1/oauth2/token/.well-known/openid-configuration"
[[key_manager]]
name = "One"
tenant = "a.example"
is7_tenant = "carbon.super"
[[key_manager]]
name = "One"
tenant = "b.example"
is7_tenant = "carbon.super"
`;

test('several Key Managers and tenants: one that fails does not stop the others, and the exit code says so', () =>
  withRuns({ tenants: ['a.example', 'b.example'] }, async (run) => {
    const first = await run('apply', MANY);
    assert.equal(statuses(first), [
      'key-manager/One applied',
      'key-manager/Two applied',
      'key-manager/a.example/One applied',
      'key-manager/b.example/One failed',
    ]);
    assert.is(first.exitCode, 77);
    assert.match(first.reports[3]?.error?.message ?? '', 'refuses the user admin@b.example and its password');
    assert.equal(
      first.reports[1]?.notices.map(({ code }) => code),
      ['ISSUER_UNCHECKED'],
    );
    const again = await run('apply', MANY.replace('wr0ng', TENANT_PASSWORD));
    assert.equal(
      again.reports.map(({ status }) => status),
      ['in-sync', 'in-sync', 'in-sync', 'applied'],
    );
    assert.is(again.exitCode, 0);
  }));

test('verify proves each, the tenants by their own admins', () =>
  withRuns({ tenants: ['a.example'] }, async (run) => {
    const toml = `[[tenant]]\nname = "a.example"\npassword = "${TENANT_PASSWORD}"
[[key_manager]]\nname = "One"\n[[key_manager]]\nname = "One"\ntenant = "a.example"\nis7_tenant = "carbon.super"\n`;
    assert.is((await run('apply', toml)).exitCode, 0);
    const verified = await run('verify', toml);
    assert.equal(statuses(verified), ['key-manager/One in-sync', 'key-manager/a.example/One in-sync']);
  }));

test('well_known takes issuer, endpoints and grants from discovery, but not its UserInfo endpoint', () =>
  withRuns({}, async (run, { apim, is7 }) => {
    const { exitCode, reports } = await run('apply', '[[key_manager]]\nwell_known = true\ndisplay_name = "Login"\n');
    assert.is(exitCode, 0, JSON.stringify(reports));
    const list = at(await apim.call('GET', `${ADMIN_API}/key-managers`), 'list') as { id: string; name: string }[];
    const id = list.find(({ name }) => name === 'WSO2-IS-7')?.id;
    const stored = await apim.call('GET', `${ADMIN_API}/key-managers/${id}`);
    assert.is(at(stored, 'issuer'), `${is7.url}/oauth2/token`);
    assert.is(at(stored, 'userInfoEndpoint'), `${is7.url}/scim2/Me`);
    assert.ok((at(stored, 'availableGrantTypes') as string[]).includes('urn:ietf:params:oauth:grant-type:device_code'));
    assert.is((await run('plan', '[[key_manager]]\nwell_known = true\ndisplay_name = "Login"\n')).exitCode, 0);
  }));

test('a new name takes the place of an old one that is declared absent; it is deleted first', () =>
  withRuns({}, async (run) => {
    assert.is((await run('apply', '[[key_manager]]\nname = "Old"\n')).exitCode, 0);
    const refused = await run('plan', '[[key_manager]]\nname = "New"\n');
    assert.is(refused.reports[0]?.error?.code, 'KEY_MANAGER_CONFLICT');
    const renamed = '[[key_manager]]\nname = "New"\n[[key_manager]]\nname = "Old"\nstate = "absent"\n';
    assert.equal(statuses(await run('plan', renamed)), ['key-manager/Old pending', 'key-manager/New pending']);
    assert.equal(statuses(await run('apply', renamed)), ['key-manager/Old applied', 'key-manager/New applied']);
    assert.equal(statuses(await run('apply', renamed)), ['key-manager/Old in-sync', 'key-manager/New in-sync']);
  }));

test('--proof gateway needs an API of the tenant to call', () =>
  withTempFolder(async (workingFolder) => {
    const account = 'username = "admin"\npassword = "admin"';
    const api = 'gateway_url = "https://apim:8243/x"';
    const toml = `[is7]\nurl = "https://is7:9443"\n${account}\n[apim]\nurl = "https://apim:9443"\n${account}
[[tenant]]\nname = "a.example"\npassword = "x"
[[key_manager]]\nname = "One"\ntenant = "a.example"\nis7_tenant = "carbon.super"\n`;
    const problems: [toml: string, problem: RegExp | undefined][] = [
      [
        toml.replace('[[tenant]]', `[proof]\n${api}\n[[tenant]]`),
        /One: --proof gateway needs an API .*: set gateway_url in/,
      ],
      [`${toml}proof = { ${api} }\n`, undefined],
      [
        toml.replace(/tenant = "a.example"\n/, ''),
        /set proof\.gateway_url \(KMB_PROOF_GATEWAY_URL\), or gateway_url in/,
      ],
    ];
    for (const [text, problem] of problems) {
      await writeFile(join(workingFolder, 'km-bootstrap.toml'), text);
      const settings = parseSettings(loadSettings({ flags: new Map(), workingFolder }, {}));
      const connections = createConnections({ caFile: undefined, proxy: {} });
      const command = { name: 'verify', proof: 'gateway', resend: 'changed' } as const;
      const config = createConfig(settings, { is7: undefined, apim: undefined });
      const [entry] = keyManagerEntries(config, { connections, command });
      if (problem) assert.throws(() => entry?.build(), problem);
      else assert.ok(entry?.build());
    }
  }));

const refused: [title: string, toml: string, message: RegExp][] = [
  [
    'two with one issuer in one tenant',
    '[[key_manager]]\nname = "A"\n[[key_manager]]\nname = "B"\n',
    /key-manager\/A and key-manager\/B have the same issuer https:.*: a tenant can have one Key Manager of it/,
  ],
  [
    'a tenant without an admin',
    '[[key_manager]]\nname = "A"\ntenant = "a.example"\nis7_tenant = "carbon.super"\n',
    /no admin of the tenant a\.example of API Manager is known: declare \[\[tenant\]\]/,
  ],
  [
    'another tenant of IS 7 without an account there',
    '[[key_manager]]\nname = "A"\nis7_tenant = "a.example"\n',
    /key-manager\/A: the account of its connector at Identity Server is not known/,
  ],
  [
    'another Identity Server without an account there',
    '[[key_manager]]\nname = "A"\nurl = "https://is2:9443"\n',
    /account of its connector/,
  ],
];

for (const [title, toml, message] of refused) {
  test(`refused before anything is sent: ${title}`, () =>
    withRuns({}, async (run, { calls }) => {
      try {
        await run('apply', toml);
        assert.unreachable();
      } catch (error) {
        assert.is((error as BootstrapError).code, 'CONFIG_INVALID');
        assert.match((error as BootstrapError).message, message);
        assert.equal(calls, []);
      }
    }));
}

test('in a tenant of IS 7 every URL has its prefix', () =>
  withRuns({}, async (run, { apim, is7 }) => {
    const connector = 'connector = { username = "km@a.example", password = "x" }';
    const { exitCode } = await run('apply', `[[key_manager]]\nis7_tenant = "a.example"\n${connector}\n`);
    assert.is(exitCode, 0);
    const list = at(await apim.call('GET', `${ADMIN_API}/key-managers`), 'list') as { id: string; name: string }[];
    const id = list.find(({ name }) => name === 'WSO2-IS-7')?.id;
    const { text } = await apim.call('GET', `${ADMIN_API}/key-managers/${id}`);
    const urls = text.match(/https:\/\/[^"]+/g) ?? [];
    assert.is(urls.length, 14);
    for (const url of urls) assert.ok(url.startsWith(`${is7.url}/t/a.example/`), url);
  }));

test.run();
