// Runs the doctor over a folder of real deployment.toml files and truststores: each file as a home of its own server, with the truststore
// of its release, and prints what was found. Keystores are not in such a folder, so that what needs one is left out.
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { echo } from 'zx';
import { diagnose } from '../../src/commands/doctor.js';
import { createReporter } from '../../src/report/reporter.js';

const folder = process.argv[2] ?? '';
if (!folder) {
  echo('usage: ./scripts/doctor-reference DIR');
  process.exit(64);
}
const found = await readdir(folder, { recursive: true, withFileTypes: true });
const paths = found.filter((file) => file.isFile()).map((file) => join(file.parentPath ?? file.path, file.name));
const stores = paths.filter((path) => /\.(jks|p12)$/.test(path));
const counts = { files: 0, breaks: 0, risk: 0, note: 0 };
const scratch = await mkdtemp(join(tmpdir(), 'km-bootstrap-reference-'));
try {
  for (const path of paths.filter((name) => name.endsWith('.toml')).sort()) await examine(path);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
echo(`\n${counts.files} files: ${counts.breaks} × breaks, ${counts.risk} × risk, ${counts.note} × note`);
process.exit(0);

async function examine(path: string): Promise<void> {
  counts.files += 1;
  const server = /\[(database\.apim_db|apim\.)/.test(await readFile(path, 'utf8')) ? 'apim' : 'is7';
  const prefix = server === 'is7' ? 'is' : 'apim';
  const named = new RegExp(`^(?:docker-)?${prefix}-(\\d\\.\\d)`).exec(basename(path));
  const version = named?.[1] ?? (server === 'is7' ? '7.2' : '4.5');
  const home = join(scratch, String(counts.files), `wso2${server === 'is7' ? 'is' : 'am'}-${version}.0`);
  const [conf, security] = [join(home, 'repository', 'conf'), join(home, 'repository', 'resources', 'security')];
  for (const part of [conf, security]) await mkdir(part, { recursive: true });
  await copyFile(path, join(conf, 'deployment.toml'));
  const store = stores.find((name) => basename(name).startsWith(`${prefix}-${version}-`));
  if (store) await copyFile(store, join(security, `client-truststore.${store.split('.').at(-1)}`));
  // As from a bundle, of which a home's other files may be missing.
  const command = {
    name: 'doctor',
    bundles: [join(scratch, String(counts.files))],
    settings: new Map(),
    output: { json: false, verbosity: 0, color: false },
  } as const;
  const findings = await diagnose(command, {
    reporter: createReporter(command.output),
    environment: {},
    workingFolder: scratch,
    signal: new AbortController().signal,
  });
  echo(`\n${path} (${server} ${version})`);
  for (const { severity, code, where, message } of findings) {
    counts[severity] += 1;
    echo(`  ${severity.padEnd(6)} ${code} ${where.replace(scratch, '')}: ${message.split('\n')[0]}`);
  }
}
