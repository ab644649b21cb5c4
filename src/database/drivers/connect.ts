import { BootstrapError, UnreachableError } from '../../errors.js';
import type { Notice } from '../../step/step.js';
import { MESSAGES } from '../errors.js';
import { type Host, isSocket, showHost } from '../server-url.js';
import { SqlError } from '../session.js';
import { type TlsTrust, type TlsWish, trustsOf } from '../tls.js';
import { exposedNotice, loginExposed } from './exposed-login.js';
import { explainServer, type ServerPlace } from './server-fault.js';
import { isDistrust, isHostMismatch, offersNoTls, tlsFault } from './tls-fault.js';

/** How one connection is to be made, and what is learnt meanwhile. */
export interface Link {
  /** How the server's certificate is judged; undefined for no TLS. */
  readonly trust: TlsTrust | undefined;
  /** Filled with the certificates that the server shows. */
  readonly chain: string[];
  /** Whether nobody can listen in or take the place of the server: it is verified, or a Unix socket. */
  readonly isPrivate: boolean;
  /** Filled with the way in which the server wants to have the password, where that would show it on a link that is not private. */
  readonly exposing: string[];
  /** Whether it may have it so. */
  readonly mayExpose: boolean;
}

/** One connection attempt. */
export type Attempt<T> = (host: Host, link: Link) => Promise<T>;

export interface ConnectOptions<T> {
  readonly hosts: readonly Host[];
  readonly tls: TlsWish;
  readonly place: Omit<ServerPlace, 'address'>;
  /** {@link DatabaseConnection.exposedLogin} */
  readonly exposedLogin: 'refused' | 'allowed' | undefined;
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

type Linked<T> = Omit<Connected<T>, 'place'>;

async function connectTo<T>(host: Host, place: ServerPlace, options: ConnectOptions<T>): Promise<Linked<T>> {
  const { tls, attempt } = options;
  if (isSocket(host)) {
    const link = { trust: undefined, chain: [], isPrivate: true, exposing: [], mayExpose: true };
    return { connection: await attempt(host, link), notices: [] };
  }
  const { label, address } = place;
  if (tls.mode === 'off')
    return withoutTls(host, place, options, MESSAGES.DB_TLS_OFF.asked(label, address, tls.saidBy));
  const chain: string[] = [];
  try {
    return { connection: await verified(host, chain, options), notices: [] };
  } catch (error) {
    const why = tlsFault(error);
    if (why === undefined) throw error;
    const refused = { place, tls, chain };
    // What offers TLS and cannot be believed, gets nothing: it may be anybody.
    if (tls.mode !== 'preferred' || !offersNoTls(error)) throw untrusted(error, why, refused);
    const notice = MESSAGES.DB_TLS_OFF.fallenBack(label, address, why);
    return withoutTls(host, place, options, notice).catch((thrown: unknown) => {
      throw thrown instanceof SqlError && options.insistsOnTls(thrown) ? untrusted(error, why, refused) : thrown;
    });
  }
}

async function verified<T>(host: Host, chain: string[], { tls, attempt }: ConnectOptions<T>): Promise<T> {
  let first: unknown;
  for (const trust of trustsOf(tls)) {
    const shown: string[] = [];
    try {
      return await attempt(host, { trust, chain: shown, isPrivate: true, exposing: [], mayExpose: true });
    } catch (error) {
      if (first === undefined) chain.push(...shown);
      first ??= error;
      if (!isDistrust(error)) throw error;
    }
  }
  throw first;
}

interface Refused {
  readonly place: ServerPlace;
  readonly tls: TlsWish;
  readonly chain: readonly string[];
}

async function withoutTls<T>(
  host: Host,
  place: ServerPlace,
  { attempt, exposedLogin }: ConnectOptions<T>,
  notice: Notice,
): Promise<Linked<T>> {
  const exposing: string[] = [];
  const mayExpose = exposedLogin === 'allowed';
  try {
    const connection = await attempt(host, { trust: undefined, chain: [], isPrivate: false, exposing, mayExpose });
    return { connection, notices: [notice, ...exposing.map((how) => exposedNotice(place, how))] };
  } catch (error) {
    if (exposing[0] !== undefined && !mayExpose) throw loginExposed(place, exposing[0]);
    throw error;
  }
}

function untrusted(cause: unknown, why: string, { place, tls, chain }: Refused): BootstrapError {
  const { label, address } = place;
  const asker = tls.mode === 'preferred' ? 'the server has' : `${tls.saidBy} asks for`;
  const refused = { label, address, why, chain, asker };
  if (isHostMismatch(cause)) return new BootstrapError(MESSAGES.TLS_HOST_MISMATCH(refused), { cause });
  const { caFiles } = tls;
  if (!why.startsWith('its certificate is not trusted') || why.includes('expired'))
    return new BootstrapError(MESSAGES.TLS_UNTRUSTED.server(refused), { cause });
  if (caFiles.length === 0) return new BootstrapError(MESSAGES.DB_TLS_CA_MISSING.server(refused), { cause });
  return new BootstrapError(MESSAGES.TLS_UNTRUSTED.otherAuthority(refused, caFiles), { cause });
}
