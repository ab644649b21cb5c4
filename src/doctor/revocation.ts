import { TOKEN_REVOCATION } from '../deployment-toml/recipes.js';
import { addressOfServer } from './addresses.js';
import { MESSAGES } from './errors.js';
import { type PairFacts, type SettingFacts, type SettingPath, scalarText } from './facts.js';
import { type Finding, finding } from './finding.js';

const { id: ID, type: TYPE, header: HEADER, notifyPath: NOTIFY_PATH } = TOKEN_REVOCATION;

/** `default` is API Manager's own handler, which also does. */
const HEADERS = [HEADER.value, 'default'];

/** `[[event_listener]] id = "token_revocation"` of IS 7: where it stands. */
export function revocationListener({ value }: Pick<SettingFacts, 'value'>): SettingPath | undefined {
  const listeners = value(['event_listener']);
  if (!Array.isArray(listeners)) return undefined;
  const index = listeners.findIndex((listener: unknown) => (listener as { id?: unknown })?.id === ID);
  return index < 0 ? undefined : ['event_listener', index];
}

/** What keeps IS 7 from telling API Manager which tokens were revoked. Everything here fails without a word. */
export function findRevocationFaults(pair: PairFacts): readonly Finding[] {
  const settings = pair.is7?.settings;
  const listener = settings && revocationListener(settings);
  if (!settings || !listener) return [];
  return [
    ...typeFault(settings, listener),
    ...headerFault(settings, listener),
    ...endpointFault(settings, listener, pair),
    ...accountFault(settings, listener, pair),
  ];
}

function typeFault(settings: SettingFacts, listener: SettingPath): readonly Finding[] {
  const type = scalarText(settings.value([...listener, 'type']));
  if (type === TYPE) return [];
  return [finding(MESSAGES.REVOCATION_TYPE_WRONG(type, TYPE), { where: settings.place([...listener, 'type']) })];
}

function headerFault(settings: SettingFacts, listener: SettingPath): readonly Finding[] {
  const path = [...listener, 'properties', HEADER.name];
  const header = scalarText(settings.value(path));
  if (header !== undefined && HEADERS.includes(header)) return [];
  const unquoted = settings.value([...listener, 'properties', 'header', 'X-WSO2-KEY-MANAGER']) !== undefined;
  const fault = header === undefined ? 'is missing' : `is ${JSON.stringify(header)}`;
  return [finding(MESSAGES.REVOCATION_HEADER_WRONG(unquoted, fault), { where: settings.place(path) })];
}

function endpointFault(settings: SettingFacts, listener: SettingPath, pair: PairFacts): readonly Finding[] {
  const path = [...listener, 'properties', 'notification_endpoint'];
  const endpoint = scalarText(settings.value(path));
  // Placeholders are for the server to resolve.
  if (endpoint?.includes('${') || endpoint?.includes('$env{')) return [];
  const problem = endpoint === undefined ? 'is missing' : endpointProblem(endpoint, pair);
  if (!problem) return [];
  const apim = addressOfServer(pair, 'apim');
  const place = apim ? `https://${apim.host}:${apim.port}${NOTIFY_PATH}` : `https://<API Manager>:9443${NOTIFY_PATH}`;
  return [finding(MESSAGES.REVOCATION_ENDPOINT_WRONG(problem, place), { where: settings.place(path) })];
}

/** A name may be another than API Manager's own, a service's say; a port other than its own, on its own name, leads elsewhere. */
function endpointProblem(found: string, pair: PairFacts): string | undefined {
  if (!URL.canParse(found)) return `is ${JSON.stringify(found)}, no URL`;
  const { hostname, port, pathname, protocol } = new URL(found);
  const apim = addressOfServer(pair, 'apim');
  const actual = Number(port || (protocol === 'https:' ? 443 : 80));
  if (pathname !== NOTIFY_PATH) return `has the path ${pathname}, not ${NOTIFY_PATH}`;
  if (!apim || hostname !== apim.host || actual === apim.port) return undefined;
  return `leads to port ${actual} of ${hostname}, and API Manager answers on ${apim.port}`;
}

/** Only what can be compared is: `${admin.username}` is IS 7's own admin, and another account of API Manager may well be meant. */
function accountFault(settings: SettingFacts, listener: SettingPath, pair: PairFacts): readonly Finding[] {
  const property = (name: string) => scalarText(settings.value([...listener, 'properties', name]));
  const [username, password] = [property('username'), property('password')];
  const apim = pair.apim?.settings;
  const [admin, its] = [apim?.text('super_admin.username'), apim?.text('super_admin.password')];
  if (username === undefined || password === undefined || admin === undefined || its === undefined) return [];
  if (isPlaceholder(username) || isPlaceholder(password) || username !== admin || password === its) return [];
  return [
    finding(MESSAGES.REVOCATION_ACCOUNT_WRONG(username), {
      where: settings.place([...listener, 'properties', 'password']),
    }),
  ];
}

function isPlaceholder(text: string): boolean {
  return text.includes('${') || /\$(env|secret|ref|sys)\{/.test(text);
}
