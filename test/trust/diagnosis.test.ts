import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BootstrapError } from '../../src/errors.js';
import { type TrustOptions, trustStep } from '../../src/trust/step.js';
import { type Pair, type Side, withHealthyPair } from './healthy-pair.js';
import { DEFECTS } from './seeded-defects.js';

test('a healthy pair has nothing to change and nothing to say', () =>
  withHealthyPair(async (pair) => assert.equal(await diagnose(pair), [])));

for (const [title, code, seed] of DEFECTS) {
  test(`${code}: ${title}`, () =>
    withHealthyPair(async (pair) => {
      await seed(pair);
      const found = await diagnose(pair);
      assert.ok(
        found.some((finding) => finding.code === code),
        `only found ${found.map((finding) => finding.code).join(', ') || 'nothing'}`,
      );
      for (const { message, hint } of found) {
        assert.match(message, /\S/);
        assert.match(hint, /\S/);
      }
    }));
}

test('there are thirty defects or more, of thirty kinds', () => {
  assert.ok(new Set(DEFECTS.map(([, code]) => code)).size >= 30);
});

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What the four edges say, as `plan` would show it; a change that is needed says so by `CHANGE`. */
async function diagnose(pair: Pair): Promise<readonly Finding[]> {
  const findings = await Promise.all(edgesOf(pair).map(findingsOf));
  return findings.flat();
}

function edgesOf({ is7, apim }: Pair): readonly TrustOptions[] {
  const [identityServer, apiManager] = ['WSO2 Identity Server 7', 'WSO2 API Manager'];
  const keytool = { javaHome: undefined, path: undefined };
  const shared = { keytool, warnBeforeMs: 30 * 86_400_000 };
  return [
    {
      ...shared,
      id: 'trust/apim',
      readBy: 'apim',
      owner: apiManager,
      peer: identityServer,
      alias: 'wso2is',
      truststore: () => apim.truststore,
      certificate: () => certificateOf(is7),
      hosts: () => is7.hosts,
    },
    {
      ...shared,
      id: 'trust/is7',
      readBy: 'is7',
      owner: identityServer,
      peer: apiManager,
      alias: 'wso2apim',
      truststore: () => is7.truststore,
      certificate: () => certificateOf(apim),
      hosts: () => apim.hosts,
    },
    {
      ...shared,
      id: 'trust/apim-self',
      readBy: 'apim',
      owner: apiManager,
      peer: apiManager,
      alias: 'wso2apim',
      truststore: () => apim.truststore,
      certificate: () => certificateOf(apim),
    },
    {
      ...shared,
      id: 'trust/is7-self',
      readBy: 'is7',
      owner: identityServer,
      peer: identityServer,
      alias: 'wso2is',
      truststore: () => is7.truststore,
      certificate: () => certificateOf(is7),
    },
  ];
}

function certificateOf({ certificate, keystore, alias, keyPassword }: Side) {
  return certificate ?? { store: keystore, alias, keyPassword };
}

async function findingsOf(options: TrustOptions): Promise<readonly Finding[]> {
  const step = trustStep(options);
  try {
    const state = await step.inspect(new AbortController().signal);
    const changes = step
      .plan(state)
      .map(({ summary, obstacle }) => obstacle ?? { code: 'CHANGE', message: summary, hint: 'apply' });
    return [...changes, ...(step.notices?.(state) ?? [])];
  } catch (error) {
    assert.instance(error, BootstrapError);
    return [error as BootstrapError];
  }
}

test.run();
