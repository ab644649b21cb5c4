import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Finding } from '../../src/doctor/finding.js';
import { ofBundle, ofHomes } from './diagnose.js';
import { BASES, removePairs, withPair } from './pairs.js';
import { MISCONFIGURATIONS, type Misconfiguration } from './seeded-misconfigurations.js';

const LEAST_RECALL = 0.95;
const isRoot = process.getuid?.() === 0;

test('of the seeded misconfigurations at least 95 % are named by their code, at their place', async () => {
  const possible = MISCONFIGURATIONS.filter(({ needsRoot }) => isRoot || !needsRoot);
  const missed: string[] = [];
  for (const seeded of possible) {
    const findings = await diagnose(seeded);
    if (!findings.some((found) => isNamed(found, seeded))) missed.push(`${seeded.id}: ${codesOf(findings)}`);
    for (const { where, message, hint } of findings)
      for (const text of [where, message, hint]) assert.match(text, /\S/, seeded.id);
    refuseSecrets(findings, seeded);
  }
  await removePairs();
  const found = possible.length - missed.length;
  process.stdout.write(`doctor: ${found} of ${possible.length} seeded misconfigurations found\n`);
  for (const line of missed) process.stdout.write(`missed ${line}\n`);
  if (!isRoot) process.stdout.write('skipped: files of other users, which takes root\n');
  assert.ok(possible.length >= 40);
  assert.ok(found / possible.length >= LEAST_RECALL, missed.join('\n'));
});

function diagnose({ on, seed, as }: Misconfiguration): Promise<readonly Finding[]> {
  return withPair(BASES[on], async (pair) => {
    await seed(pair);
    return as === 'bundle' ? ofBundle(pair) : ofHomes(pair);
  });
}

function isNamed({ code, where, message }: Finding, { finds, names }: Misconfiguration): boolean {
  return code === finds && (names === undefined || names.test(`${where} ${message}`));
}

function refuseSecrets(findings: readonly Finding[], { id }: Misconfiguration): void {
  assert.not.match(JSON.stringify(findings), /n3w of apim|changeit/, `${id}: a password was shown`);
}

function codesOf(findings: readonly Finding[]): string {
  return findings.map(({ severity, code }) => `${severity} ${code}`).join(', ') || 'nothing';
}

test.run();
