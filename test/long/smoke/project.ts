import { createServer } from 'node:net';
import { packageRoot } from '../../../src/io/package-root.js';
import { documentedCommands } from './documented.js';
import { attempt, type Engine, failureOf, type Outcome } from './engine.js';
import type { Smoke } from './part.js';

/** A Compose project of its own, with the files of compose/ as they are. */
export interface Project {
  readonly name: string;
  /** Runs a block of docs/compose.md, by its name, in a shell. @throws Error unless it ends as expected */
  documented(block: string, expected?: number): Promise<Outcome>;
  /** `docker compose` with these words, where and as the blocks are run. @throws Error unless it ends as expected */
  compose(words: string, expected?: number): Promise<Outcome>;
  /** The same, whatever it comes to. */
  tryCompose(words: string): Promise<Outcome>;
  /** What the engine says of a service's container: `{{.State.ExitCode}}`. */
  inspect(service: string, format: string): Promise<string>;
  volume(name: string): string;
}

const PAGE = 'docs/compose.md';
const PORTS = ['IS7_PORT', 'APIM_PORT', 'APIM_GATEWAY_HTTPS_PORT', 'APIM_GATEWAY_HTTP_PORT', 'WATCH_PORT'];
let projects = 0;

/**
 * Lends a project; nothing of it is there before, and it is an error when anything of it is left afterwards.
 *
 * @param files compose files besides compose.yaml and compose.sandbox.yaml, by name: `alpine`
 */
export async function withProject(
  { engine, images }: Smoke,
  use: (project: Project) => Promise<void>,
  files: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const name = `km-bootstrap-smoke-${process.pid}-${++projects}`;
  const blocks = await documentedCommands(PAGE);
  const environment = {
    COMPOSE_PROJECT_NAME: name,
    KM_BOOTSTRAP_IMAGE: images.tool,
    KM_BOOTSTRAP_SANDBOX_IMAGE: images.sandbox,
    // The settings of whoever works in this checkout.
    COMPOSE_ENV_FILES: '/dev/null',
    ...engine.bases,
    ...Object.fromEntries((await freePorts(PORTS.length)).map((port, index) => [PORTS[index] ?? '', String(port)])),
    ...variables,
  };
  const setting = settingOf(blocks.get('sandbox') ?? '');
  const more = files.map((file) => `export COMPOSE_FILE=$COMPOSE_FILE:compose.${file}.yaml\n`).join('');
  const shell = (script: string) =>
    attempt('bash', ['-euo', 'pipefail', '-c', setting + more + script], { cwd: packageRoot(), env: environment });

  const expect = async (script: string, expected: number) => {
    const outcome = await shell(script);
    if (outcome.exitCode !== expected) throw failureOf(script, outcome, expected);
    return outcome;
  };
  const project: Project = {
    name,
    documented(block, expected = 0) {
      const script = blocks.get(block);
      if (script === undefined) throw new Error(`${PAGE} has no block ${block}`);
      return expect(script.replace(setting, ''), expected);
    },
    compose: (words, expected = 0) => expect(`docker compose ${words}`, expected),
    tryCompose: (words) => shell(`docker compose ${words}`),
    async inspect(service, format) {
      const { stdout: id } = await expect(`docker compose ps --all --quiet ${service}`, 0);
      return (await engine.run('inspect', '--format', format, id.trim())).stdout.trim();
    },
    volume: (volume) => `${name}_${volume}`,
  };
  try {
    await use(project);
  } finally {
    await shell('docker compose --profile watch down --volumes --remove-orphans --timeout 5');
    await removeRuns(engine, name);
  }
  const left = await leftOf(engine, name);
  if (left.length > 0) throw new Error(`of ${name} is left: ${left.join(', ')}`);
}

/** Where the blocks are run, and with which files: the first lines of the first one. */
function settingOf(block: string): string {
  return (/^(?:(?:cd|export) .*\n)*/.exec(block) ?? [''])[0];
}

/** Everything that bears the project's name: containers, volumes, networks. */
export async function leftOf(engine: Engine, name: string): Promise<readonly string[]> {
  const label = ['--filter', `label=com.docker.compose.project=${name}`];
  const lists = await Promise.all([
    engine.run('ps', '--all', '--format', '{{.Names}}', ...label),
    engine.run('volume', 'ls', '--format', '{{.Name}}', ...label),
    engine.run('network', 'ls', '--format', '{{.Name}}', ...label),
  ]);
  return lists.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => line !== '');
}

/** A `compose run` that this process was kept from waiting for. */
async function removeRuns(engine: Engine, name: string): Promise<void> {
  const { stdout } = await engine.run('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${name}`);
  for (const id of stdout.split('\n').filter((line) => line !== '')) await engine.run('rm', '--force', '--volumes', id);
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
