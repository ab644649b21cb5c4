import { resolvePlaceholders } from '../../src/servers/placeholders.js';
import type { Server } from './releases.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The flat settings a server runs with: those of its deployment.toml over its own defaults, with `$ref{}` and `$env{}` resolved. A
 * `$secret{}` and a reference to a default that only the real server knows stay as they are. Throws an Error for a variable that is
 * not set, as the real server does.
 */
export function serverSettings(
  server: Server,
  toml: ReadonlyMap<string, unknown>,
  environment: Environment,
): ReadonlyMap<string, unknown> {
  const all = new Map<string, unknown>([...Object.entries(DEFAULTS[server]), ...toml]);
  const sources = { ref: (path: string) => all.get(path), env: (name: string) => environment[name] };
  const isResolvable = (text: string) =>
    [...text.matchAll(REFERENCE)].every(([, kind, path = '']) => kind === 'ref' && all.has(path));
  return new Map(
    [...all].map(([path, value]) => [
      path,
      typeof value === 'string' && isResolvable(value) ? resolvePlaceholders(value, sources) : value,
    ]),
  );
}

const REFERENCE = /\$(ref|secret)\{([^}]*)\}/g;

const COMMON_DEFAULTS = {
  'server.hostname': 'localhost',
  'server.offset': '0',
  'super_admin.username': 'admin',
  'super_admin.password': 'admin',
  'keystore.primary.password': 'wso2carbon',
  'keystore.primary.alias': 'wso2carbon',
  'keystore.primary.key_password': 'wso2carbon',
  'keystore.tls.file_name': '$ref{keystore.primary.file_name}',
  'keystore.tls.password': '$ref{keystore.primary.password}',
  'keystore.tls.alias': '$ref{keystore.primary.alias}',
  'keystore.tls.key_password': '$ref{keystore.primary.key_password}',
  'truststore.password': 'wso2carbon',
};

/** The part of the servers' own default.json that the stand-ins need. */
const DEFAULTS: Readonly<Record<Server, Readonly<Record<string, string>>>> = {
  is7: {
    ...COMMON_DEFAULTS,
    'keystore.primary.file_name': 'wso2carbon.p12',
    'truststore.file_name': 'client-truststore.p12',
  },
  apim: {
    ...COMMON_DEFAULTS,
    'keystore.primary.file_name': 'wso2carbon.jks',
    'truststore.file_name': 'client-truststore.jks',
  },
};
