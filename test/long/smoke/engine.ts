import { execa } from 'execa';
import { packageRoot } from '../../../src/io/package-root.js';

/** What a command of the engine came to. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they came. */
  readonly all: string;
  readonly seconds: number;
}

/** What runs containers here: docker, or podman, which takes the same words but has no compose of its own. */
export interface Engine {
  readonly name: 'docker' | 'podman';
  /** `docker version 20.10.24, compose 2.40.3` */
  readonly versions: string;
  readonly hasCompose: boolean;
  /** Other images for the bases that the Dockerfile names, by build argument; also the environment of `docker compose build`. */
  readonly bases: Readonly<Record<string, string>>;
  /** Runs it and takes whatever it comes to. */
  attempt(...words: readonly string[]): Promise<Outcome>;
  /** Runs it. @throws Error with what it said, when it does not end with 0 */
  run(...words: readonly string[]): Promise<Outcome>;
  build(tag: string, target: string, words?: readonly string[], folder?: string): Promise<void>;
}

/** The longest that one command may take, an image built on an idle cache among them. */
const COMMAND_LIMIT_MS = 30 * 60_000;

/**
 * The first of docker and podman that works.
 *
 * @param environment `BASES`: build arguments as `docker build` takes them (`--build-arg DEBIAN_IMAGE=…`), for a machine without a registry
 */
export async function findEngine(environment: Readonly<Record<string, string | undefined>>): Promise<Engine> {
  const bases = basesIn(environment['BASES'] ?? '');
  for (const name of ['docker', 'podman'] as const) {
    if ((await attempt(name, ['info'])).exitCode === 0) return engineOf(name, bases);
  }
  throw new Error('no engine for containers answers here: start docker (or podman)');
}

async function engineOf(name: Engine['name'], bases: Engine['bases']): Promise<Engine> {
  const version = await attempt(name, ['version', '--format', '{{.Client.Version}}']);
  const compose = await attempt(name, ['compose', 'version', '--short']);
  const hasCompose = name === 'docker' && compose.exitCode === 0;
  const run = (...words: readonly string[]) => succeed(name, words);
  return {
    name,
    versions: `${name} ${version.stdout.trim()}${hasCompose ? `, compose ${compose.stdout.trim()}` : ''}`,
    hasCompose,
    bases,
    attempt: (...words) => attempt(name, words),
    run,
    async build(tag, target, words = [], folder = packageRoot()) {
      const others = Object.entries(bases).flatMap(([argument, image]) => ['--build-arg', `${argument}=${image}`]);
      // The format in which HEALTHCHECK is kept; docker has no other.
      const format = name === 'podman' ? ['--format', 'docker'] : [];
      await run('build', ...format, ...others, ...words, '--target', target, '--tag', tag, folder);
    },
  };
}

function basesIn(text: string): Engine['bases'] {
  return Object.fromEntries(
    [...text.matchAll(/--build-arg[ =](\w+)=(\S+)/g)].map(([, name = '', image = '']) => [name, image]),
  );
}

/** Runs a program of the engine; never throws for its exit code. */
export async function attempt(
  program: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Outcome> {
  const began = performance.now();
  const done = await execa(program, words, {
    ...options,
    reject: false,
    all: true,
    timeout: COMMAND_LIMIT_MS,
    ...(options.input === undefined && { stdin: 'ignore' }),
  });
  return {
    exitCode: done.exitCode ?? -1,
    stdout: done.stdout ?? '',
    stderr: done.stderr ?? '',
    all: done.all ?? '',
    seconds: (performance.now() - began) / 1000,
  };
}

async function succeed(program: string, words: readonly string[]): Promise<Outcome> {
  const outcome = await attempt(program, words);
  if (outcome.exitCode !== 0) throw failureOf(`${program} ${words.join(' ')}`, outcome);
  return outcome;
}

/** With the end of what it said. */
export function failureOf(command: string, { exitCode, all }: Outcome, expected = 0): Error {
  return new Error(`this ended with ${exitCode}, not with ${expected}:\n${command}\n${all.slice(-4000)}`);
}
