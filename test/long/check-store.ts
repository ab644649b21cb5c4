// A key store through an exchange, a second one and a rotation, with Java's own `keytool -list -v` as the judge: before and after may
// differ by our entries and nothing else. Used by check-reference and check-keytools.
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { makeIdentity } from '../../sandbox/home/certificate.js';
import { Secret } from '../../src/secret.js';
import { readStore, type StoreFile } from '../../src/trust/keystore/keystore.js';
import { trustStep } from '../../src/trust/step.js';

const PASSWORD = new Secret('wso2carbon');
const DAY_MS = 86_400_000;
const { signal } = new AbortController();

export interface Judges {
  /** The JDK whose keytool edits. */
  readonly editor?: string;
  /** The one whose keytool lists. */
  readonly judge?: string;
}

/**
 * Works on a copy in `scratch`. Returns one line that says what was seen; throws what went wrong.
 *
 * @param java those of JAVA_HOME and PATH by default
 */
export async function checkStore(path: string, scratch: string, java: Judges = {}): Promise<string> {
  const { editor = process.env['JAVA_HOME'], judge } = java;
  const store = { path: join(scratch, basename(path)), password: PASSWORD };
  const pemFile = join(scratch, 'peer.pem');
  await copyFile(path, store.path);
  const before = await look(store, judge);

  await writeFile(pemFile, await certificate());
  await converge(store, pemFile, editor);
  const exchanged = await look(store, judge);
  requireSame(before, exchanged, ['wso2is']);

  await requireUntouched(store, () => converge(store, pemFile, editor));
  await writeFile(pemFile, await certificate());
  await converge(store, pemFile, editor);
  const rotated = await look(store, judge);
  const [superseded] = [...rotated.entries.keys()].filter((alias) => /^wso2is-[0-9a-f]{8}$/.test(alias));
  if (superseded === undefined) throw new Error('the old certificate is gone');
  requireSame(before, rotated, ['wso2is', superseded]);
  if (exchanged.fingerprint('wso2is') !== rotated.fingerprint(superseded))
    throw new Error('the old certificate is gone');

  const count = `${before.entries.size} → ${exchanged.entries.size} → ${rotated.entries.size} entries`;
  return `${before.format}${before.hasMac ? '' : ' without MAC'}, ${count}, read in ${before.readMs.toFixed(0)} ms`;
}

async function certificate(): Promise<string> {
  const period = { from: new Date(Date.now() - DAY_MS), to: new Date(Date.now() + 100 * DAY_MS) };
  return (await makeIdentity({ locality: 'Nowhere', ...period })).cert;
}

async function converge(store: StoreFile, pemFile: string, editor: string | undefined): Promise<void> {
  const step = trustStep({
    id: 'trust/apim',
    owner: 'the owner',
    peer: 'the peer',
    readBy: 'apim',
    truststore: () => store,
    certificate: () => ({ pemFile }),
    alias: 'wso2is',
    keytool: { javaHome: editor, path: process.env['PATH'] },
  });
  for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
  if (step.plan(await step.inspect(signal)).length > 0) throw new Error('still planned after it was done');
}

/** The store as we read it, and each entry as keytool shows it with its date, chain and extensions. */
async function look(store: StoreFile, judge: string | undefined) {
  const started = performance.now();
  const { format, protection, hasMac, createdAtMs } = await readStore(store);
  const readMs = performance.now() - started;
  const { stdout } = await execa(
    judge === undefined ? 'keytool' : join(judge, 'bin', 'keytool'),
    ['-J-Duser.language=en', '-list', '-v', '-keystore', store.path, '-storepass:env', 'STOREPASS'],
    { env: { STOREPASS: PASSWORD.reveal() } },
  );
  const entries = new Map(
    stdout
      .split(/^Alias name: /m)
      .slice(1)
      .map((block): [string, string] => [block.split('\n')[0] ?? '', block.split('\n**********')[0]?.trim() ?? '']),
  );
  const fingerprint = (alias: string) => /SHA256: ([0-9A-F:]+)/.exec(entries.get(alias) ?? '')?.[1];
  return { format, protection, hasMac, createdAtMs, readMs, entries, fingerprint };
}

type Look = Awaited<ReturnType<typeof look>>;

function requireSame(before: Look, after: Look, ours: readonly string[]): void {
  for (const [alias, entry] of before.entries) {
    if (after.entries.get(alias) !== entry) throw new Error(`keytool shows another entry under ${alias}`);
    if (after.createdAtMs.get(alias) !== before.createdAtMs.get(alias)) throw new Error(`${alias} has another date`);
  }
  const added = [...after.entries.keys()].filter((alias) => !before.entries.has(alias));
  if (added.sort().join() !== ours.toSorted().join()) throw new Error(`added ${added.join()} and not ${ours.join()}`);
  if (after.format !== before.format || after.protection !== before.protection) throw new Error('another form');
}

async function requireUntouched({ path }: StoreFile, act: () => Promise<void>): Promise<void> {
  const [bytes, { ino, ctimeMs }] = [await readFile(path), await stat(path)];
  await act();
  const now = await stat(path);
  if (!bytes.equals(await readFile(path)) || now.ino !== ino || now.ctimeMs !== ctimeMs)
    throw new Error('written in vain');
}
