import {
  type Address,
  addressIn,
  addressOf,
  isSameAddress,
  issuerOf,
  offsetIn,
  PROXY_PORT,
} from '../servers/addresses.js';
import { HIGHEST_OFFSET, HTTPS_PORT, type ServerId } from '../servers/server.js';
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
      ? [
          finding('HOSTNAME_INVALID', {
            where: settings.place(['server', 'hostname']),
            message: `[server] hostname is ${JSON.stringify(hostname)}, which is no host name: every URL that ${title} makes of it is wrong`,
            hint: 'Write the name alone, without scheme, port and path; the port comes from [server] offset.',
          }),
        ]
      : []),
    ...(offset !== undefined && offsetIn(offset) === undefined
      ? [
          finding('OFFSET_INVALID', {
            where: settings.place(['server', 'offset']),
            message: `[server] offset is ${JSON.stringify(offset)}, not a whole number up to ${HIGHEST_OFFSET}`,
            hint: 'Write a whole number, such as offset = 1.',
          }),
        ]
      : []),
    ...(option && offset !== undefined && offsetIn(offset) !== undefined && Number(option.value) !== offsetIn(offset)
      ? [
          finding('OFFSET_OVERRIDDEN', {
            where: option.where,
            message: `the start script gives -DportOffset=${option.value}, and that counts, not [server] offset = ${offset}`,
            hint: 'Keep one of the two, so that nobody, and no Key Manager, goes by the other.',
          }),
        ]
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
    finding('PORT_CLASH', {
      where: pair.is7?.settings?.place(['server', 'offset']) ?? pair.apim?.folder ?? '',
      message: `both servers answer on ${is7.host}:${is7.port}: the second one to start cannot, or the Key Manager's endpoints lead back to API Manager`,
      hint: 'On one host, give IS 7 [server] offset = 1 (the guide, step 4), or start it with -DportOffset=1. On two hosts, give each its own [server] hostname.',
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
  return [
    finding('HOST_IS_LOCALHOST', {
      where: is7.place(['server', 'hostname']),
      message: `IS 7 calls itself ${name}, and ${beside}: its issuer and endpoints name a host that only its own machine knows by that name`,
      hint: 'Set [server] hostname of IS 7 to the name that API Manager and browsers reach it by (is7.hostname).',
    }),
  ];
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
    finding('ISSUER_MISMATCH', {
      where: settings.place(['server', 'hostname']),
      message: `IS 7 issues tokens as ${issuerOf(new URL(made).origin)} by its [server] hostname and port, and the Key Manager is to expect ${issuerOf(pair.publicUrl)}: the gateway refuses every token`,
      hint: 'Set [server] hostname to the public name and [transport.https.properties] proxyPort to its port, or correct is7.public_url.',
    }),
  ];
}
