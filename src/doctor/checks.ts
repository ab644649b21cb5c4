import type { Config } from '../composition/config.js';
import type { Settings } from '../config/parse.js';
import { otherServer, PRODUCTS } from '../servers/server.js';
import { findAddressFaults } from './addresses.js';
import { findDatabaseFaults } from './database.js';
import { findDatabaseSettingFaults } from './databases.js';
import { findHandlerFaults } from './dropins.js';
import { MESSAGES } from './errors.js';
import type { PairFacts } from './facts.js';
import { findOverlayFaults, findUnreadableFiles } from './files.js';
import { type Finding, finding, inOrder } from './finding.js';
import type { ExaminedHome } from './home.js';
import { findKeyManagerSettingFaults } from './key-manager-settings.js';
import { findLaunchFaults } from './launch.js';
import { findInLogs } from './logs.js';
import { findPlaceholderFaults } from './placeholders.js';
import { findProductFaults } from './products.js';
import { findRecipeFaults, recipeOf } from './recipe.js';
import { findRevocationFaults } from './revocation.js';
import { findSwallowedSettings } from './swallowed.js';
import { findTrustFaults } from './trust.js';

export interface CheckRequest {
  readonly is7: ExaminedHome | undefined;
  readonly apim: ExaminedHome | undefined;
  readonly settings: Settings;
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** Every check, over what is here of the two homes; the most important finding first. */
export async function findAll(request: CheckRequest): Promise<readonly Finding[]> {
  const { is7, apim, settings, config } = request;
  const pair = pairFacts(request);
  const homes = [is7, apim].filter((home) => home !== undefined);
  const wrong = homes.flatMap(({ facts }) => findProductFaults(facts));
  // Of the wrong server's home nothing else means anything.
  if (wrong.some(({ code }) => code === 'HOME_OF_OTHER_SERVER')) return inOrder(wrong);
  // The default is what a run would make true, and not what the home was meant to be.
  const saidRecipe = settings.said.has('recipe') ? settings.recipe : undefined;
  const recipe = saidRecipe ?? (is7?.facts.settings && recipeOf(is7.facts.settings));
  return inOrder([
    ...wrong,
    ...homes.flatMap((home) => ofHome(home, request)),
    ...findAddressFaults(pair),
    ...findRevocationFaults(pair),
    ...findKeyManagerSettingFaults(pair),
    ...findDatabaseSettingFaults(pair),
    ...(is7 ? findRecipeFaults(is7, saidRecipe, pair) : []),
    ...(is7?.facts.settings ? findSwallowedSettings(is7.facts.settings) : []),
    ...(is7 ? await findHandlerFaults(is7, apim?.facts.version) : []),
    ...(await findTrustFaults({ ...request, pair, pemFiles: pemFilesOf(settings), warnBeforeMs: config.warnBeforeMs })),
    ...(is7 ? await findDatabaseFaults(is7, { config, recipe, signal: request.signal }) : []),
    ...notGiven(pair),
  ]);
}

function pairFacts({ is7, apim, settings }: CheckRequest): PairFacts {
  return {
    is7: is7?.facts,
    apim: apim?.facts,
    urls: { is7: settings['is7.url'], apim: settings['apim.url'] },
    publicUrl: settings['is7.public_url'],
    roleCreation: settings.role_creation,
  };
}

function ofHome({ facts, findings }: ExaminedHome, { environment }: CheckRequest): readonly Finding[] {
  return [
    ...findings,
    ...findPlaceholderFaults(facts, environment),
    ...findOverlayFaults(facts),
    ...findUnreadableFiles(facts),
    ...findLaunchFaults(facts),
    ...findInLogs(facts),
  ];
}

function pemFilesOf(settings: Settings) {
  return { is7: settings['is7.certificate'], apim: settings['apim.certificate'] };
}

/** Half of the faults are between the two. */
function notGiven({ is7, apim }: PairFacts): readonly Finding[] {
  const present = is7 ?? apim;
  if (!present || (is7 && apim)) return [];
  const missing = otherServer(present.server);
  return [finding(MESSAGES.HOME_NOT_GIVEN(PRODUCTS[missing].shortTitle, missing), { where: present.folder })];
}
