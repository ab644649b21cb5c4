// 20 processes at once register one Key Manager, as 20 Jobs would: every one ends with 0, there is one Key Manager, its id exists, and
// nothing is left to do.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Pair, withPair } from '../key-manager/pair.js';
import { IDENTITY } from '../sandbox/is7/stand-in.js';
import { MAIN } from '../support/cli.js';

const KEY_MANAGERS = '/api/am/admin/v4/key-managers';

/** @returns what held, in a sentence */
export async function tortureKeyManager({ rounds, runs }: { rounds: number; runs: number }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'km-torture-'));
  let lost = 0;
  try {
    await writeFile(join(folder, 'server.pem'), IDENTITY.cert);
    await withPair({}, async (pair) => {
      await writeFile(join(folder, 'km-bootstrap.toml'), configuration(pair, join(folder, 'server.pem')));
      for (let round = 1; round <= rounds; round++) {
        const statuses = await raceOnce(folder, runs);
        lost += statuses.filter((status) => status === 'in-sync').length;
        await checkOne(pair, `round ${round}`);
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return `${rounds} rounds of ${runs} runs at once: one Key Manager each time, all exit 0; ${lost} runs came too late to write`;
}

/** The status of the Key Manager step in each run. */
async function raceOnce(cwd: string, runs: number): Promise<readonly string[]> {
  const words = [MAIN, 'apply', '--json', '--phase', 'online', '--timeout', '250s'];
  const results = await Promise.all(Array.from({ length: runs }, () => execa('node', words, { cwd, reject: false })));
  return results.map(({ exitCode, stdout, stderr }) => {
    if (exitCode !== 0) throw new Error(`a run ended with ${exitCode}:\n${stdout}\n${stderr}`);
    const lines = stdout.split('\n').map((line) => JSON.parse(line) as { step?: string; status: string });
    return lines.find(({ step }) => step?.startsWith('key-manager/'))?.status ?? 'absent';
  });
}

async function checkOne({ apim }: Pair, round: string): Promise<void> {
  const { list }: { list: readonly { id: string; type: string }[] } = JSON.parse(
    (await apim.call('GET', KEY_MANAGERS)).text,
  );
  const found = list.filter(({ type }) => type === 'WSO2-IS-7');
  const [{ id } = { id: '' }] = found;
  if (found.length !== 1) throw new Error(`${round}: there are ${found.length} Key Managers`);
  if ((await apim.call('GET', `${KEY_MANAGERS}/${id}`)).status !== 200)
    throw new Error(`${round}: ${id} does not exist`);
  await apim.call('DELETE', `${KEY_MANAGERS}/${id}`);
}

function configuration({ is7, apim }: Pair, pem: string): string {
  const rest = `certificate = "${pem}"\nusername = "admin"\npassword = "admin"`;
  return `[is7]\nurl = "${is7.url}"\n${rest}\n[apim]\nurl = "${apim.url}"\n${rest}\n`;
}
