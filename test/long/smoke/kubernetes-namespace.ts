import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../../src/io/package-root.js';
import { documentedCommands } from './documented.js';
import { attempt, type Engine, failureOf, type Outcome } from './engine.js';

const PAGE = 'docs/kubernetes.md';
const PODS_LIMIT_MS = 300_000;
let namespaces = 0;

/** A namespace of its own at the cluster that KUBECONFIG names, and a copy of kubernetes/ with the images of this run in it. */
export interface Namespace {
  readonly name: string;
  /** Where the blocks of the page are run; it has the folder kubernetes. */
  readonly folder: string;
  /** Runs a block of docs/kubernetes.md, by its name. @throws Error unless it ends as expected */
  documented(block: string, expected?: number): Promise<Outcome>;
  /** Runs a script in a shell, in the folder. @throws Error unless it ends as expected */
  shell(script: string, expected?: number): Promise<Outcome>;
  /** The same, whatever it comes to. */
  tryShell(script: string): Promise<Outcome>;
  /** Writes a file below the folder. */
  write(path: string, text: string): Promise<void>;
  /** Asks again and again until what kubectl says of it matches. @throws Error with what it said last */
  until(words: string, pattern: RegExp): Promise<void>;
}

/** Images by the names that they have in the cluster, all with the tag of this run. */
export interface ClusterImages {
  readonly tag: string;
  readonly tool: string;
  readonly sandbox: string;
}

/** Lends a namespace in which only what the level `restricted` allows may run; it is gone afterwards. */
export async function withNamespace(
  images: ClusterImages,
  use: (namespace: Namespace) => Promise<void>,
): Promise<void> {
  const name = `km-bootstrap-smoke-${process.pid}-${++namespaces}`;
  const folder = await mkdtemp(join(tmpdir(), 'km-bootstrap-cluster-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const shell = (script: string) =>
    attempt('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env: { KUBECONFIG: kubeconfig } });
  const expect = async (script: string, expected = 0) => {
    const outcome = await shell(script);
    if (outcome.exitCode !== expected) throw failureOf(script, outcome, expected);
    return outcome;
  };
  const namespace: Namespace = {
    name,
    folder,
    async documented(block, expected) {
      const script = (await documentedCommands(PAGE)).get(block);
      if (script === undefined) throw new Error(`${PAGE} has no block ${block}`);
      return expect(script, expected);
    },
    shell: expect,
    tryShell: shell,
    write: (path, text) => writeFile(join(folder, path), text),
    async until(words, pattern) {
      const deadline = performance.now() + PODS_LIMIT_MS;
      for (;;) {
        const { all } = await shell(`kubectl ${words}`);
        if (pattern.test(all)) return;
        if (performance.now() > deadline) throw new Error(`kubectl ${words} does not say ${pattern}: ${all}`);
        await sleep(1_000);
      }
    },
  };
  await attempt('bash', ['-c', 'kubectl config view --raw --flatten --minify'], {}).then(({ stdout }) =>
    writeFile(kubeconfig, stdout, { mode: 0o600 }),
  );
  try {
    await cp(join(packageRoot(), 'kubernetes'), join(folder, 'kubernetes'), { recursive: true });
    await nameImages(join(folder, 'kubernetes'), images);
    await expect(`kubectl create namespace ${name}
      kubectl label namespace ${name} pod-security.kubernetes.io/enforce=restricted
      kubectl config set-context --current --namespace=${name}`);
    await use(namespace);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${(await shell(STATE)).all.slice(-6000)}`, { cause: error });
  } finally {
    await shell(`kubectl delete namespace ${name} --timeout=180s`);
    await rm(folder, { recursive: true, force: true });
  }
}

const STATE = `kubectl get pods,jobs || true
  kubectl get events --sort-by=.lastTimestamp | tail -15
  for pod in $(kubectl get pods --output name); do kubectl logs $pod --all-containers --tail=5 --prefix || true; done`;

/** In every kustomization of the copy. */
async function nameImages(folder: string, { tag, tool, sandbox }: ClusterImages): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!entry.endsWith('kustomization.yaml')) continue;
    const path = join(folder, entry);
    const text = (await readFile(path, 'utf8'))
      .replaceAll(/newName: km-bootstrap-sandbox, newTag: [\d.]+/g, `newName: ${sandbox}, newTag: "${tag}"`)
      .replaceAll(/newName: km-bootstrap, newTag: [\d.]+/g, `newName: ${tool}, newTag: "${tag}"`);
    await writeFile(path, text);
  }
}

/**
 * Hands images to the cluster, each under a name and the tag of this run, by the command CLUSTER_LOAD, which takes what `docker save`
 * writes; without it the cluster must reach the engine's own images.
 */
export async function loadImages(engine: Engine, images: Readonly<Record<string, string>>, tag: string): Promise<void> {
  for (const [name, image] of Object.entries(images)) await engine.run('tag', image, `${name}:${tag}`);
  const load = process.env['CLUSTER_LOAD'];
  if (!load) return;
  const names = Object.keys(images).map((name) => `${name}:${tag}`);
  const script = `${engine.name} save ${names.join(' ')} | ${load}`;
  const outcome = await attempt('bash', ['-euo', 'pipefail', '-c', script]);
  if (outcome.exitCode !== 0) throw failureOf(script, outcome);
}

/** An image on top of another, by lines of a Dockerfile. */
export async function deriveImage(engine: Engine, tag: string, lines: readonly string[]): Promise<void> {
  const outcome = await attempt(engine.name, ['build', '--tag', tag, '-'], { input: `${lines.join('\n')}\n` });
  if (outcome.exitCode !== 0) throw failureOf(`${engine.name} build ${tag}`, outcome);
}
