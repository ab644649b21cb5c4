import { PRODUCTS, type ServerId } from '../servers/server.js';
import { MESSAGES } from './errors.js';
import type { HomeFacts, SettingFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

const PLACEHOLDER = /\$(env|ref|secret|sys)\{([^{}]*)\}/g;

/**
 * Placeholders that have no value. The server stops over a variable that is not set, and over a secret that `[secrets]` does not declare
 * (wso2/config-mapper, ReferenceResolver).
 *
 * @param environment of this process, which need not be the server's
 */
export function findPlaceholderFaults(
  { settings, from, server }: HomeFacts,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Finding[] {
  if (!settings) return [];
  return settings.leaves.flatMap(({ path, value }) => {
    const placeholders = typeof value === 'string' ? [...value.matchAll(PLACEHOLDER)] : [];
    const key = path.join('.');
    const where = settings.place(path);
    return placeholders.flatMap(([whole, kind, name = '']) => {
      if (kind === 'secret') return isDeclared(settings, name) ? [] : [undeclared(where, key, name)];
      if (kind === 'ref') return isCircular(settings, name, [key]) ? [circular(where, key, whole)] : [];
      if (kind !== 'env' || environment[name] !== undefined || from === 'bundle') return [];
      return [unset(where, key, name, server)];
    });
  });
}

function isDeclared(settings: SettingFacts, alias: string): boolean {
  return settings.value(['secrets', alias]) !== undefined || settings.text('runtime_secrets.enable') === 'true';
}

/** @param done names that were followed and lead to no circle */
function isCircular(
  settings: SettingFacts,
  name: string,
  within: readonly string[],
  done: Set<string> = new Set(),
): boolean {
  if (within.includes(name)) return true;
  if (done.has(name)) return false;
  const value = settings.value(name.split('.'));
  const further = typeof value === 'string' ? [...value.matchAll(/\$ref\{([^{}]*)\}/g)] : [];
  const leadsBack = further.some(([, next = '']) => isCircular(settings, next, [...within, name], done));
  done.add(name);
  return leadsBack;
}

function undeclared(where: string, key: string, alias: string): Finding {
  return finding(MESSAGES.SECRET_UNDECLARED(key, alias), { where });
}

function circular(where: string, key: string, whole: string): Finding {
  return finding(MESSAGES.PLACEHOLDER_UNRESOLVED.circular(key, whole), { where, severity: 'breaks' });
}

function unset(where: string, key: string, name: string, server: ServerId): Finding {
  return finding(MESSAGES.PLACEHOLDER_UNRESOLVED.unset(key, name, PRODUCTS[server].shortTitle), { where });
}
