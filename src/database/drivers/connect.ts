import { BootstrapError, UnreachableError } from '../../errors.js';
import type { Notice } from '../../step/step.js';
import { type Host, isSocket, showHost } from '../server-url.js';
import { SqlError } from '../session.js';
import type { TlsWish } from '../tls.js';
import { explainServer, type ServerPlace } from './server-fault.js';
import { isHostMismatch, tlsFault } from './tls-fault.js';

/** One connection attempt: `chain` is to be filled with the certificates that the server shows. */
export type Attempt<T> = (host: Host, tls: 'verified' | 'none', chain: string[]) => Promise<T>;

export interface ConnectOptions<T> {
  readonly hosts: readonly Host[];
  readonly tls: TlsWish;
  readonly place: Omit<ServerPlace, 'address'>;
  readonly attempt: Attempt<T>;
  /** Whether the server answered that it takes no connection without TLS. */
  readonly insistsOnTls: (error: SqlError) => boolean;
  readonly signal: AbortSignal;
}

export interface Connected<T> {
  readonly connection: T;
  readonly place: ServerPlace;
  readonly notices: readonly Notice[];
}

/**
 * Connects to the first of several hosts that can be reached, with TLS as wished for.
 *
 * @throws BootstrapError in one sentence why not; UnreachableError `DATABASE_UNREACHABLE` when it may come up yet; `DB_TLS_CA_MISSING`,
 *   `TLS_UNTRUSTED`, `TLS_HOST_MISMATCH`; the signal's reason
 */
export async function connect<T>(options: ConnectOptions<T>): Promise<Connected<T>> {
  let last: unknown;
  for (const host of options.hosts) {
    options.signal.throwIfAborted();
    const place = { ...options.place, address: showHost(host) };
    try {
      return { place, ...(await connectTo(host, place, options)) };
    } catch (error) {
      options.signal.throwIfAborted();
      last = explainServer(error, place);
      if (!(last instanceof UnreachableError)) throw last;
    }
  }
  throw last;
}

async function connectTo<T>(
  host: Host,
  place: ServerPlace,
  options: ConnectOptions<T>,
): Promise<Omit<Connected<T>, 'place'>> {
  const { tls, attempt } = options;
  if (isSocket(host)) return { connection: await attempt(host, 'none', []), notices: [] };
  if (tls.mode === 'off') return { connection: await attempt(host, 'none', []), notices: [asked(place, tls)] };
  const chain: string[] = [];
  try {
    return { connection: await attempt(host, 'verified', chain), notices: [] };
  } catch (error) {
    const why = tlsFault(error);
    if (why === undefined) throw error;
    if (tls.mode !== 'preferred') throw untrusted(error, why, { place, tls, chain });
    return {
      connection: await withoutTls(host, error, why, { place, tls, chain }, options),
      notices: [fallenBack(place, why)],
    };
  }
}

interface Refused {
  readonly place: ServerPlace;
  readonly tls: TlsWish;
  readonly chain: readonly string[];
}

/** Nobody asked for TLS, so none is better than failing, unless the server insists. */
async function withoutTls<T>(
  host: Host,
  refusal: unknown,
  why: string,
  refused: Refused,
  { attempt, insistsOnTls }: ConnectOptions<T>,
): Promise<T> {
  try {
    return await attempt(host, 'none', []);
  } catch (error) {
    if (error instanceof SqlError && insistsOnTls(error)) throw untrusted(refusal, why, refused);
    throw error;
  }
}

function untrusted(cause: unknown, why: string, { place, tls, chain }: Refused): BootstrapError {
  const shown = chain.length > 0 ? ` (it showed ${chain.join(' ← ')})` : '';
  const asker = tls.mode === 'preferred' ? 'the server insists on' : `${tls.saidBy} asks for`;
  const message = `the database ${place.label} at ${place.address}: ${why}${shown}; ${asker} TLS, which is always verified`;
  if (isHostMismatch(cause)) {
    const hint =
      'Use a host name in database.url that the certificate has, or give the server a certificate with this one.';
    return new BootstrapError(message, { code: 'TLS_HOST_MISMATCH', hint, cause });
  }
  const isChain = why.startsWith('its certificate is not trusted') && !why.includes('expired');
  if (isChain && tls.caFiles.length === 0) {
    const hint =
      'Give the authority that issued it (for a self-signed one, itself) as PEM with --ca-file, or by sslrootcert (MySQL, MariaDB: serverSslCert) in database.url.';
    return new BootstrapError(message, { code: 'DB_TLS_CA_MISSING', hint, cause });
  }
  const hint = isChain
    ? `None of ${tls.caFiles.join(' and ')} issued it: give the right authority with --ca-file.`
    : 'Mend the TLS settings or the certificate of the database server, or take TLS out of database.url (sslmode=disable) on a network that you trust.';
  return new BootstrapError(message, { code: 'TLS_UNTRUSTED', hint, cause });
}

function asked({ label, address }: ServerPlace, { saidBy }: TlsWish): Notice {
  return withoutTlsNotice(`the database ${label} at ${address} is talked to without TLS, as ${saidBy} says`);
}

function fallenBack({ label, address }: ServerPlace, why: string): Notice {
  return withoutTlsNotice(
    `the database ${label} at ${address} is talked to without TLS, which its URL does not ask for: ${why}`,
  );
}

function withoutTlsNotice(message: string): Notice {
  const hint =
    'To have it encrypted and verified, ask for TLS in the URL (PostgreSQL: sslmode=verify-full, MySQL: sslMode=VERIFY_IDENTITY) and give its authority with --ca-file.';
  return { code: 'DB_TLS_OFF', message, hint };
}
