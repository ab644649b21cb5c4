// How soon `apply` goes on once a server is ready. The server is a stand-in that knows to the millisecond when it became so.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

/** Longer than all runs take to start, on a slow machine too, and than pauses that grow would need to become long. */
const NOT_BEFORE_MS = 8_000;
/** One after the other becomes ready, so that none waits for the processor that another one uses. */
const APART_MS = 400;

type Identity = Awaited<ReturnType<typeof makeIdentity>>;
type StartServer = (identity: Identity, readyAfterMs: number) => ReturnType<typeof startUnready>;

/** @returns for each way in which a server can be unready: what it is, how late `apply` goes on, the median in milliseconds */
export async function measureHealth({
  cli,
  folder,
  runs,
}: {
  cli: string;
  folder: string;
  runs: number;
}): Promise<readonly (readonly [what: string, lateMs: number])[]> {
  const identity = await makeIdentity(folder);
  const ways: readonly (readonly [string, StartServer])[] = [
    ['a server that answered 503', startUnready],
    ['a server where nothing listened', startAbsent],
  ];
  const rows: [string, number][] = [];
  for (const [what, startServer] of ways) {
    const waits = await Promise.all(
      Array.from({ length: runs }, (_, index) =>
        waitOnce({ cli, folder, identity, startServer, readyAfterMs: NOT_BEFORE_MS + index * APART_MS }),
      ),
    );
    const late = waits.toSorted((a, b) => a - b);
    rows.push([what, late[Math.floor(late.length / 2)] ?? Number.NaN]);
  }
  return rows;
}

interface Wait {
  readonly cli: string;
  readonly folder: string;
  readonly identity: Identity;
  readonly startServer: StartServer;
  readonly readyAfterMs: number;
}

async function waitOnce({ cli, folder, identity, startServer, readyAfterMs }: Wait): Promise<number> {
  const server = await startServer(identity, readyAfterMs);
  const run = execa('node', [cli, 'apply', '--json', '--only', 'health/is7'], {
    cwd: folder,
    env: { KMB_IS7_URL: server.url, KMB_IS7_CERTIFICATE: identity.file },
    reject: false,
  });
  let wentOnAt = Number.NaN;
  run.stdout.once('data', () => {
    wentOnAt = performance.now();
  });
  const { exitCode, stdout, stderr } = await run;
  const readyAt = await server.readyAt;
  server.close();
  if (exitCode !== 0) throw new Error(`apply --only health/is7 ended with ${exitCode}:\n${stdout}\n${stderr}`);
  return wentOnAt - readyAt;
}

/** Listens at once and answers 503 until it is ready. */
async function startUnready(identity: Identity, readyAfterMs: number) {
  const server = discoveryServer(identity);
  await server.listen(0);
  const readyAt = sleep(readyAfterMs).then(server.becomeReady);
  return { ...server, url: server.url(), readyAt };
}

/** Listens only when it is ready. Its port is one that was free a moment ago. */
async function startAbsent(identity: Identity, readyAfterMs: number) {
  const probe = discoveryServer(identity);
  await probe.listen(0);
  const [url, port] = [probe.url(), probe.port()];
  await probe.close();
  const server = discoveryServer(identity);
  const readyAt = sleep(readyAfterMs).then(async () => {
    await server.listen(port);
    return server.becomeReady();
  });
  return { ...server, url, readyAt };
}

function discoveryServer({ key, cert }: Identity) {
  let ready = false;
  const server = createServer({ key, cert }, (_request, response) => {
    if (!ready) response.writeHead(503).end();
    else response.writeHead(200).end(JSON.stringify({ issuer: `${url()}/oauth2/token` }));
  });
  const port = () => (server.address() as AddressInfo).port;
  const url = () => `https://localhost:${port()}`;
  return {
    port,
    url,
    listen: (wanted: number) => new Promise<void>((resolve) => server.listen(wanted, 'localhost', resolve)),
    becomeReady() {
      ready = true;
      return performance.now();
    },
    close() {
      server.closeAllConnections();
      return new Promise<unknown>((resolve) => server.close(resolve));
    },
  };
}

/** For `openssl`: a certificate for localhost. */
export const SELF_SIGNED = [
  ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
  ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
];

async function makeIdentity(folder: string) {
  const [keyFile, file] = [join(folder, 'ready-key.pem'), join(folder, 'ready.pem')];
  await execa('openssl', [...SELF_SIGNED, '-keyout', keyFile, '-out', file]);
  return { key: await readFile(keyFile, 'utf8'), cert: await readFile(file, 'utf8'), file };
}
