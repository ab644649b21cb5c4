import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { basicAuth, createHttpClient, type HttpClient } from '../../src/http/client.js';
import { Secret } from '../../src/secret.js';
import { readPeerCertificate } from '../../src/trust/certificate.js';
import { type CliRun, km, withSandbox } from '../support/cli.js';
import { type Fault, type FaultedRun, kmWithFault, stateOf } from '../support/faults.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { setOffset } from '../support/set-offset.js';

/** Servers that run, and homes with the same settings and certificates that the runs write to. */
export interface RaceTrack {
  /** Makes the homes anew, takes the Key Manager away, and starts so many runs at once. */
  race(runs: number): Promise<RaceResult>;
  /**
   * On homes that are applied: takes the Key Manager away for an apply, runs the words with the fault, or undisturbed, and applies and
   * proves once more. There is one result then, and nothing left of what was killed. Gives the first run.
   */
  recovers(words: readonly string[], fault?: Fault): Promise<FaultedRun>;
}

export interface RaceResult {
  readonly exitCodes: readonly number[];
  /** Runs that were told not to wait, and whom another was in the way of. */
  readonly turnedAway: number;
}

const HOMES = ['wso2is-7.2.0', 'wso2am-4.5.0'] as const;
const ADMIN = { authorization: basicAuth('admin', new Secret('admin')) };
/** Every fourth run does not wait for the lock. */
const IMPATIENT = 4;
const { signal } = new AbortController();

/**
 * Lends two servers of the sandbox and homes beside them. A server of the sandbox holds its own database, as the real one does: so the homes
 * that the runs work on are copies.
 *
 * @param offset of API Manager's ports; Identity Server has the next
 */
export async function withRaceTrack(
  folder: string,
  offset: number,
  use: (track: RaceTrack) => Promise<void>,
): Promise<void> {
  const [served, template, working] = ['served', 'template', 'homes'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await makeSandboxHomes(template);
  await setOffset(join(template, HOMES[0]), offset + 1);
  await setOffset(join(template, HOMES[1]), offset);
  await cp(template, served, { recursive: true });
  const prepared = ['--is7-home', join(served, HOMES[0]), '--apim-home', join(served, HOMES[1])];
  assert.is((await km(['apply', '--phase', 'offline', ...prepared])).exitCode, 0);
  const options = ['--is7-home', join(working, HOMES[0]), '--apim-home', join(working, HOMES[1]), '--json'];

  await withSandbox(['--dir', served], serve, 0);

  async function serve(): Promise<void> {
    const http = createHttpClient({ trust: async () => ({ ca: [await certificateOf(template)], pinnedSha256: [] }) });
    const api = keyManagersAt(http, `https://localhost:${9443 + offset}`);
    try {
      await makeAnew();
      const alone = await km(['apply', ...options]);
      assert.is(alone.exitCode, 0, alone.stdout + alone.stderr);
      const undisturbed = await stateOf(working);
      const wanted = await api.one();
      await use({
        async race(runs) {
          await makeAnew();
          const results = await Promise.all(Array.from({ length: runs }, (_, index) => start(index)));
          const turnedAway = results.filter(isTurnedAway).length;
          for (const { exitCode, stdout, stderr } of results) {
            assert.ok(exitCode === 0 || exitCode === 75, `a run ended with ${exitCode}:\n${stdout}\n${stderr}`);
          }
          assert.equal(await stateOf(working), undisturbed);
          assert.equal(await api.one(), wanted);
          assert.is((await countLeft(served)).clients, 1);
          const verified = await km(['verify', '--proof', 'off', ...options]);
          assert.is(verified.exitCode, 0, verified.stdout);
          return { exitCodes: results.map(({ exitCode }) => exitCode), turnedAway };
        },
        async recovers(words, fault) {
          if (words.includes('apply')) await api.removeAll();
          const run = await kmWithFault([...words, ...options], join(folder, 'points'), fault);
          for (const next of ['apply', 'verify']) {
            const { exitCode, stdout, stderr } = await km([next, '--phase', 'online', ...options]);
            assert.is(exitCode, 0, `${next} after ${words.join(' ')}, ${JSON.stringify(fault)}: ${stdout}${stderr}`);
          }
          assert.equal(await stateOf(working), undisturbed);
          assert.equal(await api.one(), wanted);
          assert.equal(await countLeft(served), { clients: 1, applications: 0, subscriptions: 0 });
          return run;
        },
      });
    } finally {
      await http.close();
    }

    async function makeAnew(): Promise<void> {
      await rm(working, { recursive: true, force: true });
      await mkdir(working);
      await cp(template, working, { recursive: true, preserveTimestamps: true });
      await api.removeAll();
    }
  }

  function start(index: number): Promise<CliRun> {
    const wait = index % IMPATIENT === IMPATIENT - 1 ? '0s' : '250s';
    return km(['apply', ...options, '--lock-timeout', wait, '--timeout', '280s'], {}, undefined, 300_000);
  }
}

/** With 75, every step that failed names who holds the lock, and since when. */
function isTurnedAway({ exitCode, stdout }: CliRun): boolean {
  if (exitCode !== 75) return false;
  const errors = stdout
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { error?: { message: string } }).error ?? []);
  assert.ok(errors.length > 0);
  for (const { message } of errors) {
    assert.match(message, /\.km-bootstrap\.lock is held by process \d+ on \S+ since \d{4}-\d\d-\d\dT[\d:.]+Z$/);
  }
  return true;
}

function keyManagersAt(http: HttpClient, url: string) {
  const path = `${url}/api/am/admin/v4/key-managers`;
  const read = async (of: string) => {
    const { status, text } = await http.send({ method: 'GET', url: of, headers: ADMIN, signal });
    assert.is(status, 200, text);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const list = async () => {
    const { list } = (await read(path)) as { list: readonly { id: string; type: string }[] };
    return list.filter(({ type }) => type === 'WSO2-IS-7').map(({ id }) => `${path}/${id}`);
  };
  return {
    /** The one Key Manager there is, without what differs from one to the next: its id, and the salt of its fingerprint. */
    async one(): Promise<unknown> {
      const found = await list();
      assert.is(found.length, 1, `there are ${found.length} Key Managers`);
      const { id, additionalProperties, ...rest } = await read(found[0] ?? '');
      const properties = Object.entries(additionalProperties as object).filter(([name]) => !/fingerprint/i.test(name));
      return { ...rest, additionalProperties: Object.fromEntries(properties) };
    },
    async removeAll(): Promise<void> {
      for (const url of await list()) await http.send({ method: 'DELETE', url, headers: ADMIN, signal });
    },
  };
}

interface Left {
  readonly clients: number;
  readonly applications: number;
  readonly subscriptions: number;
}

/** What the API Manager of the sandbox remembers of us, which no API tells. */
async function countLeft(served: string): Promise<Left> {
  const file = join(served, HOMES[1], 'repository', 'database', 'sandbox-apim.json');
  const { clients, applications, subscriptions } = JSON.parse(await readFile(file, 'utf8')) as {
    clients: readonly { clientName: string }[];
    applications: readonly unknown[];
    subscriptions: readonly unknown[];
  };
  return {
    clients: clients.filter(({ clientName }) => clientName.includes('km-bootstrap')).length,
    applications: applications.length,
    subscriptions: subscriptions.length,
  };
}

async function certificateOf(folder: string): Promise<string> {
  const path = join(folder, HOMES[1], 'repository', 'resources', 'security', 'wso2carbon.jks');
  return String(await readPeerCertificate({ store: { path, password: new Secret('wso2carbon') } }));
}
