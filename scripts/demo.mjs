#!/usr/bin/env node
// Shows the whole job on the embedded sandbox, in words a newcomer follows. Exits 0 only if all of it held.
//   ./scripts/demo [--keep] [IS7_VERSION APIM_VERSION]
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { chalk, echo } from 'zx';
import { findFreeOffset, portsOf } from '../.build/src/local-stack/ports.js';

const CLI = join(import.meta.dirname, '..', 'dist', 'main.js');
const words = process.argv.slice(2);
const [is7Version = '7.2', apimVersion = '4.5'] = words.filter((word) => word !== '--keep');
const started = performance.now();
const offsets = await freeOffsets();
const folder = await mkdtemp(join(tmpdir(), 'km-bootstrap-demo-'));
let sandbox;

try {
  await main();
  echo(`\n${chalk.green.bold('All of it held')}, in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
} catch (error) {
  echo(`\n${chalk.red.bold('It did not hold:')} ${error.shortMessage ?? error.message}`);
  process.exitCode = 1;
} finally {
  await stopSandbox();
  if (!words.includes('--keep')) await rm(folder, { recursive: true, force: true });
}

async function main() {
  const sandboxOptions = ['--dir', folder, '--is7-version', is7Version, '--apim-version', apimVersion];

  chapter(
    'Two homes, as they come out of the packs',
    'The sandbox makes stand-ins of both servers; nothing of WSO2’s is in them.',
  );
  await km(['sandbox', ...sandboxOptions, '--create-only']);
  const homes = [
    '--is7-home',
    join(folder, `wso2is-${is7Version}.0`),
    '--apim-home',
    join(folder, `wso2am-${apimVersion}.0`),
  ];

  if (offsets.KMB_APIM_OFFSET) echo(`\n  Another program holds a port of theirs: ${takenWords(offsets)}.`);

  chapter('What would change', 'A plan writes nothing. The online steps wait: no server runs yet.');
  await km(['plan', ...homes], 2);

  chapter(
    'Before the servers start: files, certificates, the database',
    'This is `apply --phase offline`, what an init container runs.',
  );
  await km(['apply', '--phase', 'offline', ...homes]);

  chapter('The same again', 'Nothing is left to do, and not one file is touched.');
  const before = await fingerprint(folder);
  await km(['apply', '--phase', 'offline', ...homes]);
  if ((await fingerprint(folder)) !== before) throw new Error('the second apply touched a file');

  chapter('Both servers start', 'They read what was written, over HTTPS, with their own certificates.');
  await startSandbox(sandboxOptions);

  chapter('Once they run: the Key Manager', 'This is `apply`, what a Job runs; it waits until both servers are ready.');
  await km(['apply', ...homes]);

  chapter('The proof', 'API Manager reaches IS 7, and an application gets a token through the new Key Manager.');
  await km(['verify', ...homes]);

  chapter('The whole again', 'In sync, and nothing changes.');
  const applied = await fingerprint(join(folder, `wso2am-${apimVersion}.0`, 'repository', 'conf'));
  await km(['apply', ...homes]);
  if ((await fingerprint(join(folder, `wso2am-${apimVersion}.0`, 'repository', 'conf'))) !== applied)
    throw new Error('a file was touched');
  await km(['plan', ...homes]);
  await stopSandbox();
}

/** What km-bootstrap is told where another program, a WSO2 server most likely, holds a port that the servers have by themselves. */
async function freeOffsets() {
  const apim = await findFreeOffset('apim', 0, []);
  const is7 = await findFreeOffset('is7', apim + 1, portsOf('apim', apim));
  return apim === 0 && is7 === 1 ? {} : { KMB_APIM_OFFSET: String(apim), KMB_IS7_OFFSET: String(is7) };
}

function takenWords({ KMB_APIM_OFFSET: apim, KMB_IS7_OFFSET: is7 }) {
  const told = `from here on KMB_APIM_OFFSET=${apim} and KMB_IS7_OFFSET=${is7} are set`;
  return `${told}, and they answer on ${9443 + Number(apim)} and ${9443 + Number(is7)}`;
}

function chapter(title, explanation) {
  echo(`\n${chalk.bold(`— ${title}`)}\n  ${chalk.dim(explanation)}\n`);
}

/** Runs km-bootstrap as a person would, and insists on its exit code. */
async function km(words, exitCode = 0) {
  echo(chalk.cyan(`$ km-bootstrap ${words.join(' ').replaceAll(folder, '…')}`));
  const run = await execa('node', [CLI, ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: offsets,
    reject: false,
  });
  if (run.exitCode !== exitCode) throw new Error(`${words[0]} ended with ${run.exitCode}, not ${exitCode}`);
}

/** The sandbox says its last line once both servers listen. */
async function startSandbox(options) {
  echo(chalk.cyan(`$ km-bootstrap sandbox ${options.join(' ').replaceAll(folder, '…')} &`));
  sandbox = execa('node', [CLI, 'sandbox', ...options], { stdio: ['ignore', 'pipe', 'inherit'], reject: false });
  await new Promise((resolve, reject) => {
    sandbox.stdout.on('data', (text) => {
      process.stdout.write(String(text).replaceAll(folder, '…'));
      if (text.includes('press Ctrl-C')) resolve();
    });
    sandbox.then(() => reject(new Error('the sandbox ended')));
  });
}

async function stopSandbox() {
  if (!sandbox) return;
  sandbox.kill('SIGINT');
  await sandbox;
  sandbox = undefined;
}

/** Name, inode, size, mtime and ctime of every file: what any write would change. */
async function fingerprint(root) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const rows = await Promise.all(
    files.sort().map(async (file) => {
      const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
      return `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    }),
  );
  return rows.join('\n');
}
