import type { BootstrapError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';
import type { StoreFile } from '../../src/trust/keystore/keystore.js';
import { trustStep } from '../../src/trust/step.js';

/** What a run does to one truststore, in a process of its own, for tests that kill it: `node exchange.js STORE PASSWORD PEM`. */
const [path = '', password = '', pemFile = ''] = process.argv.slice(2);
const truststore: StoreFile = { path, password: new Secret(password) };
const { signal } = new AbortController();
const step = trustStep({
  id: 'trust/apim',
  owner: 'API Manager',
  peer: 'Identity Server 7',
  readBy: 'apim',
  truststore: () => truststore,
  certificate: () => ({ pemFile }),
  alias: 'wso2is',
  keytool: { javaHome: process.env['JAVA_HOME'], path: process.env['PATH'] },
});
try {
  for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
} catch (error) {
  const { code, message, hint } = error as BootstrapError;
  process.stdout.write(`${code} ${message} → ${hint}\n`);
  process.exitCode = 1;
}
