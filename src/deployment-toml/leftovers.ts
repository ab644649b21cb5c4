import type { Message } from '../errors.js';
import { Secret } from '../secret.js';
import { valueAt } from '../servers/home.js';
import type { TomlDocument } from './document.js';
import { MESSAGES } from './errors.js';
import { keysOf, type Recipe, type RecipeKey, TOKEN_REVOCATION, tokenRevocation } from './recipes.js';
import type { TomlPlace } from './remove.js';
import { isAlike, isFields, renderPath } from './render.js';
import type { TomlFields } from './wanted.js';

/** Something that the other recipe set and this one does not. */
export interface Leftover {
  readonly place: TomlPlace;
  /** As deployment.toml has it: `[server] legacy_mode = true`. */
  readonly name: string;
  /** What it does as long as it stands. */
  readonly effect: string;
  /** Whether it is what we write and nothing else, so that it may go. */
  readonly isOurs: boolean;
}

const REVOCATION_EFFECT = 'it still reports revoked tokens, with the account that it holds';

/** What the recipe that is not `active` left in a file, in the order in which it is told. */
export function findLeftovers({ values }: Pick<TomlDocument, 'values'>, active: Recipe): readonly Leftover[] {
  const keys = keysOf(active === 'current' ? 'legacy' : 'current')
    .filter(({ path }) => String(valueAt(values, path)) === 'true')
    .map(leftoverKey);
  return active === 'current' ? keys : [...keys, ...revocationListeners(values)];
}

/** The summary of a removal, and the notice of what stays, say the same. */
export function leftoverNotice({ name, effect, isOurs }: Leftover, active: Recipe): Message<'RECIPE_LEFTOVER'> {
  const other = active === 'current' ? 'legacy' : 'current';
  return MESSAGES.RECIPE_LEFTOVER(name, other, effect, isOurs);
}

function leftoverKey({ path, effect }: RecipeKey): Leftover {
  const name = `[${renderPath(path.slice(0, -1))}] ${path.at(-1)} = true`;
  return { place: { path }, name, effect, isOurs: true };
}

function revocationListeners(values: unknown): readonly Leftover[] {
  const listeners = valueAt(values, ['event_listener']);
  if (!Array.isArray(listeners)) return [];
  return listeners.flatMap((listener: unknown, index): Leftover[] => {
    if (valueAt(listener, ['id']) !== TOKEN_REVOCATION.id) return [];
    return [
      {
        place: { path: ['event_listener'], index },
        name: '[[event_listener]] id = "token_revocation"',
        effect: REVOCATION_EFFECT,
        isOurs: isOurListener(listener),
      },
    ];
  });
}

/** Whatever the account and the address: those may have changed since. */
function isOurListener(found: unknown): boolean {
  const property = (name: string) => String(valueAt(found, ['properties', name]));
  const { value } = tokenRevocation({
    notificationEndpoint: property('notification_endpoint'),
    username: property('username'),
    password: new Secret(property('password')),
  });
  return isExactly(found, value);
}

function isExactly(found: unknown, fields: TomlFields): boolean {
  if (typeof found !== 'object' || found === null) return false;
  if (Object.keys(found).length !== Object.keys(fields).length) return false;
  return Object.entries(fields).every(([name, value]) => {
    const held = valueAt(found, [name]);
    return isFields(value) ? isExactly(held, value) : isAlike(held, value);
  });
}
