import { isAtLeast } from '../servers/server.js';
import type { Notice } from '../step/step.js';

/** The two servers, each `7.2` or unknown. */
export interface Versions {
  readonly is7: string | undefined;
  readonly apim: string | undefined;
}

/** Says so when the recipe `legacy` is used where WSO2's newer page, and with it the recipe `current`, is for these versions. */
export function findBetterRecipe({ is7, apim }: Versions): readonly Notice[] {
  const reasons = [
    ...(isNewer(apim) ? [`API Manager ${apim} comes with WSO2’s newer set-up`] : []),
    ...(is7 === '7.0' ? ['the role scope setting has no effect in Identity Server 7.0.0'] : []),
  ];
  if (reasons.length === 0) return [];
  return [
    {
      code: 'RECIPE_CURRENT_FITS',
      message: `the recipe current fits better than legacy: ${reasons.join(', ')}, and legacy mode brings SHA-1 and MD5 signatures back and turns tenant-qualified URLs off`,
      hint: 'Set recipe = "current" (--recipe current), before there are users and tenants if you can.',
    },
  ];
}

/** Which update level a 4.3 has cannot be told from its version. */
function isNewer(apim: string | undefined): boolean {
  return apim !== undefined && isAtLeast(apim, '4.4');
}
