import type { ResolveHook } from 'node:module';

/** Gives the test files another `uvu`, which leaves out what was not asked for by its title. */
export const resolve: ResolveHook = (specifier, context, next) =>
  specifier === 'uvu' && context.parentURL?.endsWith('named-tests.js') === false
    ? next(new URL('named-tests.js', import.meta.url).href, context)
    : next(specifier, context);
