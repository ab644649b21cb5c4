import type { Message } from '../errors.js';
import { isAtLeast } from '../servers/server.js';
import { MESSAGES } from './errors.js';

/** The two servers, each `7.2` or unknown. */
export interface Versions {
  readonly is7: string | undefined;
  readonly apim: string | undefined;
}

/** Says so when the recipe `legacy` is used where WSO2's newer page, and with it the recipe `current`, is for these versions. */
export function findBetterRecipe({ is7, apim }: Versions): readonly Message<'RECIPE_CURRENT_FITS'>[] {
  const reasons = [
    ...(isNewer(apim) ? [`API Manager ${apim} comes with WSO2’s newer set-up`] : []),
    ...(is7 === '7.0' ? ['the role scope setting has no effect in Identity Server 7.0.0'] : []),
  ];
  if (reasons.length === 0) return [];
  return [MESSAGES.RECIPE_CURRENT_FITS(reasons)];
}

/** Which update level a 4.3 has cannot be told from its version. */
function isNewer(apim: string | undefined): boolean {
  return apim !== undefined && isAtLeast(apim, '4.4');
}
