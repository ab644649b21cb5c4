import { type Address, addressIn, addressOf, isSameAddress, offsetIn, PROXY_PORT } from '../servers/addresses.js';
import { HIGHEST_OFFSET, HTTPS_PORT, type ServerId } from '../servers/server.js';
import { MESSAGES } from './errors.js';
import { type HomeFacts, type JvmOption, jvmOption, type PairFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** Names and ports that do not go together. */
export function findAddressFaults(pair: PairFacts): readonly Finding[] {
  const homes = [pair.is7, pair.apim].filter((home) => home !== undefined);
  return [...homes.flatMap(ofOne), ...portClash(pair), ...localhost(pair), ...issuer(pair)];
}

/** Where a server answers: as was set, else by its deployment.toml and its start script; undefined where that cannot be told. */
export function addressOfServer(pair: PairFacts, server: ServerId): Address | undefined {
  const said = pair.urls[server];
  if (said !== undefined) return addressIn(said);
  const home = pair[server];
  const host = home?.settings?.text('server.hostname');
  const offset = home && offsetOf(home);
  return host === undefined || offset === undefined ? undefined : addressOf(host, offset);
}

/** `-DportOffset` overrides deployment.toml (wso2/carbon-kernel, CarbonBaseActivator). */
function offsetOf(home: HomeFacts): number | undefined {
  return offsetIn(overriding(home)?.value ?? home.settings?.text('server.offset') ?? '0');
}

function overriding(home: HomeFacts): JvmOption | undefined {
  return jvmOption(home, 'portOffset');
}

function ofOne(home: HomeFacts): readonly Finding[] {
  const { settings, title } = home;
  if (!settings) return [];
  const hostname = settings.text('server.hostname');
  const offset = settings.text('server.offset');
  const option = overriding(home);
  return [
    ...(hostname !== undefined && !isHostName(hostname)
      ? [finding(MESSAGES.HOSTNAME_INVALID(hostname, title), { where: settings.place(['server', 'hostname']) })]
      : []),
    ...(offset !== undefined && offsetIn(offset) === undefined
      ? [finding(MESSAGES.OFFSET_INVALID(offset, HIGHEST_OFFSET), { where: settings.place(['server', 'offset']) })]
      : []),
    ...(option && offset !== undefined && offsetIn(offset) !== undefined && Number(option.value) !== offsetIn(offset)
      ? [finding(MESSAGES.OFFSET_OVERRIDDEN(option.value, offset), { where: option.where })]
      : []),
  ];
}

function isHostName(text: string): boolean {
  return /^(\[[0-9a-f:.]+\]|[0-9a-f:]*:[0-9a-f:.]*:[0-9a-f:.]*|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?)$/i.test(text);
}

function portClash(pair: PairFacts): readonly Finding[] {
  const [is7, apim] = [addressOfServer(pair, 'is7'), addressOfServer(pair, 'apim')];
  if (!is7 || !apim || !isSameAddress(is7, apim)) return [];
  return [
    finding(MESSAGES.PORT_CLASH(is7.host, is7.port), {
      where: pair.is7?.settings?.place(['server', 'offset']) ?? pair.apim?.folder ?? '',
    }),
  ];
}

/** What a server calls itself is what it puts into the URLs that others get, the issuer among them. */
function localhost(pair: PairFacts): readonly Finding[] {
  const [is7, apim] = [pair.is7?.settings, pair.apim?.settings];
  const name = is7?.text('server.hostname');
  const peer = apim?.text('server.hostname');
  const proxy = is7?.text(PROXY_PORT);
  if (!is7 || !isLocal(name) || (proxy === undefined && (peer === undefined || isLocal(peer)))) return [];
  const beside = proxy === undefined ? `API Manager is ${peer}` : `a proxy stands in front of it, on port ${proxy}`;
  return [finding(MESSAGES.HOST_IS_LOCALHOST(name, beside), { where: is7.place(['server', 'hostname']) })];
}

function isLocal(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127\.[\d.]+|::1|\[::1\])$/i.test(host);
}

/** Tokens bear the issuer that IS 7 makes of its host name and port, or of the proxy's port; the gateway compares it as text. */
function issuer(pair: PairFacts): readonly Finding[] {
  const settings = pair.is7?.settings;
  const offset = pair.is7 && offsetOf(pair.is7);
  if (!settings || offset === undefined || pair.publicUrl === undefined) return [];
  const host = settings.text('server.hostname');
  const port = settings.text(PROXY_PORT) ?? String(HTTPS_PORT + offset);
  const made = `https://${host}:${port}`;
  if (!URL.canParse(made) || new URL(made).origin === new URL(pair.publicUrl).origin) return [];
  return [
    finding(MESSAGES.ISSUER_MISMATCH(new URL(made).origin, pair.publicUrl), {
      where: settings.place(['server', 'hostname']),
    }),
  ];
}
