// A thousand Key Managers in fifty tenants, all in sync: requests, time and memory of one run of the program, at a quarter, a half and
// all of them. It must be linear, at most two requests each, and under 200 MB.
//   scripts/bench --only key-managers [--key-managers 1000] [--tenants 50]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { argv, chalk, echo } from 'zx';
import { type Pair, TENANT_PASSWORD, withPair } from '../key-manager/pair.js';
import { IDENTITY } from '../sandbox/is7/stand-in.js';
import { MAIN } from '../support/cli.js';

const ALL = Number(argv['key-managers'] ?? 1000);
const TENANTS = Number(argv['tenants'] ?? 50);
const MOST_REQUESTS_EACH = 2;
const MOST_MEGABYTES = 200;
/** How much more processor time each may take in the largest run than in the smallest. */
const MOST_NONLINEARITY = 1.5;
const REPORT_MEMORY =
  'data:text/javascript,process.on("exit",()=>{const u=process.resourceUsage();process.stderr.write("peak "+u.maxRSS+" cpu "+(u.userCPUTime+u.systemCPUTime)+"\\n")})';

const tenants = Array.from({ length: TENANTS }, (_, index) => `t${index}.example`);
const folder = await mkdtemp(join(tmpdir(), 'km-bench-'));
const rows: ({ count: number } & Awaited<ReturnType<typeof run>>)[] = [];
try {
  await withPair({ tenants }, async (pair) => {
    await writeFile(join(folder, 'server.pem'), IDENTITY.cert);
    for (const count of [ALL / 4, ALL / 2, ALL]) {
      await writeFile(join(folder, 'km-bootstrap.toml'), configuration(pair, count));
      await run('apply');
      rows.push({ count, ...(await run('apply', '-vv')) });
    }
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}

echo('Key Managers | requests | each | seconds | processor seconds | MB');
for (const { count, requests, seconds, cpuSeconds, megabytes } of rows) {
  const each = (requests / count).toFixed(2);
  echo(`${count} | ${requests} | ${each} | ${seconds.toFixed(1)} | ${cpuSeconds.toFixed(1)} | ${megabytes.toFixed(0)}`);
}
const [smallest = Number.NaN, , largest = Number.NaN] = rows.map(({ cpuSeconds, count }) => cpuSeconds / count);
const verdicts: readonly (readonly [string, boolean])[] = [
  [
    `at most ${MOST_REQUESTS_EACH} requests each`,
    rows.every(({ requests, count }) => requests <= MOST_REQUESTS_EACH * count),
  ],
  [`under ${MOST_MEGABYTES} MB`, rows.every(({ megabytes }) => megabytes < MOST_MEGABYTES)],
  ['linear', largest / smallest < MOST_NONLINEARITY],
  ['no request that changes a server', rows.every(({ writes }) => writes === 0)],
];
for (const [what, holds] of verdicts) echo(`${holds ? chalk.green('ok  ') : chalk.red('FAIL')} ${what}`);
process.exit(verdicts.every(([, holds]) => holds) ? 0 : 1);

/** Requests and seconds are what the run's own trace says. */
async function run(...words: readonly string[]) {
  const started = performance.now();
  const program = ['--import', REPORT_MEMORY, MAIN, ...words, '--phase', 'online', '--timeout', '900s'];
  const { exitCode, stderr, stdout } = await execa('node', program, {
    cwd: folder,
    reject: false,
    env: { NO_COLOR: '1' },
  });
  if (exitCode !== 0)
    throw new Error(`${words.join(' ')} ended with ${exitCode}:\n${stdout.slice(-2_000)}\n${stderr.slice(-2_000)}`);
  const requests = stderr.match(/^(GET|POST|PUT|DELETE) https.*$/gm) ?? [];
  return {
    requests: requests.length,
    // Signing in is a POST, too, and makes at most the one client that is there for ever.
    writes: requests.filter((line) => !/^GET |\/register |\/oauth2\/token /.test(line)).length,
    seconds: (performance.now() - started) / 1000,
    megabytes: Number(/^peak (\d+)/m.exec(stderr)?.[1]) / 1024,
    cpuSeconds: Number(/^peak \d+ cpu (\d+)$/m.exec(stderr)?.[1]) / 1e6,
  };
}

function configuration({ is7, apim }: Pair, count: number): string {
  const certificate = `certificate = "${join(folder, 'server.pem')}"`;
  const account = 'username = "admin"\npassword = "admin"';
  const used = tenants.slice(0, Math.max(1, Math.round((TENANTS * count) / ALL)));
  return [
    `[is7]\nurl = "${is7.url}"\n${certificate}\n${account}`,
    `[apim]\nurl = "${apim.url}"\n${certificate}\n${account}`,
    ...used.map((name) => `[[tenant]]\nname = "${name}"\npassword = "${TENANT_PASSWORD}"`),
    ...Array.from({ length: count }, (_, index) => keyManager(index, used[index % used.length] ?? '')),
  ].join('\n');
}

function keyManager(index: number, tenant: string): string {
  const connector = `connector = { username = "km@i${index}.example", password = "secret of ${tenant}" }`;
  return `[[key_manager]]\nname = "KM-${index}"\ntenant = "${tenant}"\nis7_tenant = "i${index}.example"\n${connector}`;
}
