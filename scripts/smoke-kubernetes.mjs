// What is shown of kubernetes/: its sandbox, in real pods.
import { withPods } from './smoke-kubernetes-pods.mjs';

const SERVERS = ['is7', 'apim'];
const REGISTER = 'km-bootstrap-register';
const VERIFY = ['verify', '--phase', 'online'];
const PROVED = /in sync, and proved by use/;
const UNCHANGED = /Nothing changed/;

export async function smokeKubernetes(context) {
  const { engine, say } = context;
  if (engine.name === 'docker') return say('skipped: docker knows no pods');
  await withPods(context, SERVERS, async (pods) => {
    for (const server of SERVERS) await showInitChain(pods, server, say);
    await startAll(pods, say);
    await showRegistration(pods, say);
    await startAll(pods, say);
    await pods.runJob(REGISTER, { args: VERIFY, says: PROVED });
    say('both pods were made anew, on the volumes that they had: verify holds');
  });
}

/** The init containers of one pod, alone and without a network: killed, run to their end, run again. */
async function showInitChain(pods, server, say) {
  await pods.create(server, { network: 'none', main: { command: ['/bin/sleep', '3600'], args: [] } });
  for (const name of ['seed', 'prepare']) {
    const times = await pods.killInit(server, name);
    await pods.runInit(server, name);
    say(`${server}: ${name}, without a network, was killed at ${times} points, and then did its job`);
  }
  await pods.runInit(server, 'prepare', UNCHANGED);
  for (const name of ['seed', 'prepare']) await pods.runInit(server, name);
  await pods.runInit(server, 'prepare', UNCHANGED);
  await pods.remove(server);
  say(`${server}: prepare again changed nothing; the whole chain again came to the same`);
}

async function startAll(pods, say) {
  const began = performance.now();
  await pods.startAll();
  for (const server of SERVERS) await pods.untilReady(server);
  say(`both pods are ready after ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

async function showRegistration(pods, say) {
  const times = await pods.killJob(REGISTER);
  await pods.runJob(REGISTER);
  say(`the pod of the Job was killed at ${times} points, and the next one ended with 0`);
  await pods.runJob(REGISTER, { says: UNCHANGED });
  say('one more changed nothing');
  await pods.runJob(REGISTER, { args: VERIFY, says: PROVED });
  say('verify: a token came out through the Key Manager');
}
