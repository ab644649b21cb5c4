// compose.yaml and compose.sandbox.yaml in real containers: in their order, by their conditions and health checks.
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { inOrder, readCompose, runArguments } from './smoke-compose-file.mjs';

const FOLDER = join(import.meta.dirname, '..', 'compose');
const HEALTHY_WITHIN_MS = 180_000;
let projects = 0;

export async function smokeCompose(context) {
  await withProject(context, async (project) => {
    const order = inOrder(project.services).filter((name) => !project.services[name].profiles);
    for (const name of order) await project.start(name);
    await project.expect('register', ['register'], /Nothing changed/);
    context.say('register again: nothing changed');
    await project.expect('prepare', ['prepare'], /Nothing changed/);
    context.say('prepare again, while both servers run: nothing changed');
    await project.expect('register', ['verify', '--phase', 'online'], /in sync, and proved by use/);
    context.say('verify: a token came out through the Key Manager');
    await project.watch();
    await readableByBothServers(context, project);
  });
}

/** Kills with SIGKILL at four points each what runs before the servers, and then register; run to its end afterwards, each has to do its job. */
export async function smokeKills(context) {
  await withProject(context, async (project) => {
    for (const name of ['is7-seed', 'apim-seed', 'prepare']) {
      await project.killAndRun(name);
      context.say(`${name} was killed at four points, and then did its job`);
    }
    await project.expect('prepare', ['prepare'], /Nothing changed/);
    for (const name of ['is7', 'apim']) await project.start(name);
    await project.killAndRun('register');
    context.say('register was killed at four points, and then did its job');
    await project.expect('register', ['verify', '--phase', 'online'], /in sync, and proved by use/);
    await project.restart('is7');
    await project.restart('apim');
    await project.expect('register', ['verify', '--phase', 'online'], /in sync, and proved by use/);
    context.say('after a restart of both servers, which lays the overlays over them again, verify holds');
  });
}

/** What user 65532 wrote, by the users of both servers, as members of the group; and by nobody else. */
async function readableByBothServers({ engine, images, say }, project) {
  const volumes = ['is7-overlay', 'apim-overlay'].flatMap((volume) => [
    '--volume',
    `${project.name}-${volume}:/${volume}:ro`,
  ]);
  const look = async (user, groups) => {
    const words = [
      'run',
      '--rm',
      '--network',
      'none',
      '--user',
      user,
      ...groups,
      ...volumes,
      '--entrypoint',
      'sh',
      images.tool,
    ];
    const script = 'ls /is7-overlay /apim-overlay >/dev/null && cat $(find /is7-overlay /apim-overlay -type f) | wc -c';
    return (await engine.command([...words, '-c', script], { reject: false })).stdout.trim();
  };
  for (const user of ['802:802', '10001:10001']) {
    const bytes = await look(user, ['--group-add', '65532']);
    if (!(Number(bytes) > 0)) throw new Error(`${user} cannot read what prepare wrote: ${bytes}`);
    say(`as ${user} in group 65532: ${bytes} bytes of both overlays read`);
  }
  if (Number(await look('999:999', [])) > 0) throw new Error('anybody can read what prepare wrote');
  say('as 999:999: nothing');
}

/** A project of its own with its volumes and network, all of it removed at the end. */
async function withProject({ engine, images, say }, use) {
  // Never one name twice: a network may leave its old address behind with the name server.
  const name = `km-bootstrap-smoke-${process.pid}-${++projects}`;
  const files = ['compose.yaml', 'compose.sandbox.yaml'].map((file) => join(FOLDER, file));
  const environment = { KM_BOOTSTRAP_IMAGE: images.tool, KM_BOOTSTRAP_SANDBOX_IMAGE: images.sandbox };
  const { services, volumes, folder } = await readCompose(files, environment);
  const project = { folder, project: name, volumes };
  const engineDo = (...words) => engine.command(words, { all: true });
  const silently = (...words) => engine.command(words, { reject: false });

  async function run(service, words, extra = []) {
    await silently('rm', '--force', `${name}-${service}`);
    const definition = { ...services[service], ...(words && { command: words }) };
    return engineDo('run', ...extra, ...runArguments(service, definition, project));
  }

  async function start(service) {
    const began = performance.now();
    const { healthcheck } = services[service];
    await run(service, undefined, healthcheck ? ['--detach'] : []);
    if (healthcheck) await until(service, healthcheck.test.slice(1));
    say(
      `${service.padEnd(10)} ${healthcheck ? 'healthy' : 'done'} after ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
  }

  async function until(service, test) {
    const deadline = performance.now() + HEALTHY_WITHIN_MS;
    for (;;) {
      const { failed, stderr } = await silently('exec', `${name}-${service}`, ...test);
      if (!failed) return;
      const { stdout: running } = await silently('inspect', '--format', '{{.State.Running}}', `${name}-${service}`);
      if (running.trim() !== 'true' || performance.now() > deadline)
        throw new Error(`${service} is not healthy: ${stderr}\n${(await logs(service)).all}`);
      await sleep(500);
    }
  }

  function logs(service) {
    return engine.command(['logs', `${name}-${service}`], { all: true, reject: false });
  }

  async function expect(service, words, pattern) {
    const { all } = await run(service, words);
    if (!pattern.test(all)) throw new Error(`${service} ${words.join(' ')} does not say ${pattern}: ${all}`);
  }

  async function killAndRun(service) {
    for (const afterMs of [100, 500, 1500, 4000]) {
      await run(service, undefined, ['--detach']);
      await sleep(afterMs);
      await silently('kill', '--signal', 'KILL', `${name}-${service}`);
    }
    await run(service);
  }

  /** The sidecar becomes healthy by the image's own check, and ends on SIGTERM. */
  async function watch() {
    await run('watch', undefined, ['--detach']);
    await until('watch', ['node', '/opt/km-bootstrap/dist/container/healthcheck.js']);
    const began = performance.now();
    await engineDo('kill', '--signal', 'TERM', `${name}-watch`);
    const { stdout } = await engine.command(['wait', `${name}-watch`]);
    if (stdout.trim() !== '143') throw new Error(`watch ended with ${stdout}: ${(await logs('watch')).all}`);
    say(
      `watch      was healthy, and ended with 143, ${((performance.now() - began) / 1000).toFixed(1)} s after SIGTERM`,
    );
  }

  async function restart(service) {
    await silently('stop', '--time', '30', `${name}-${service}`);
    await start(service);
  }

  try {
    await engineDo('network', 'create', name);
    for (const volume of volumes) await engineDo('volume', 'create', `${name}-${volume}`);
    await use({ name, services, start, expect, watch, killAndRun, restart });
  } finally {
    for (const service of Object.keys(services)) await silently('rm', '--force', '--time', '1', `${name}-${service}`);
    for (const volume of volumes) await silently('volume', 'rm', '--force', `${name}-${volume}`);
    await silently('network', 'rm', '--force', name);
  }
}
