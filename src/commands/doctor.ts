import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DoctorCommand } from '../cli/command.js';
import { MESSAGES } from '../cli/errors.js';
import { createConfig } from '../composition/config.js';
import { loadSettings } from '../config/load.js';
import { parseSettings, type Settings } from '../config/parse.js';
import { findAll } from '../doctor/checks.js';
import { type Finding, inOrder } from '../doctor/finding.js';
import { type ExaminedHome, examineHome, layersOf } from '../doctor/home.js';
import { findInLogs } from '../doctor/logs.js';
import { whichServer } from '../doctor/products.js';
import { type Bundle, withBundles } from '../doctor/read-bundle.js';
import { readLogs } from '../doctor/read-logs.js';
import { findingText, tally, tallyText } from '../doctor/report.js';
import { BootstrapError, invalidConfiguration } from '../errors.js';
import { DEPLOYMENT_TOML, LOGS } from '../servers/layout.js';
import { PRODUCTS, type ServerId } from '../servers/server.js';
import type { CommandContext } from './context.js';

/** `doctor`: what in two homes, or in a support bundle, breaks IS 7 as Key Manager. Writes nothing into them, and uses no network. */
export async function runDoctorCommand(command: DoctorCommand, context: CommandContext): Promise<number> {
  const { reporter } = context;
  const findings = await diagnose(command, context);
  const counts = tally(findings);
  const exitCode = counts.breaks > 0 ? 1 : 0;
  const { json, verbosity } = command.output;
  for (const finding of findings) {
    if (json) reporter.print(`${JSON.stringify({ type: 'finding', ...finding })}\n`);
    else if (verbosity >= 0 || finding.severity === 'breaks')
      reporter.print(`${findingText(finding, reporter.style)}\n`);
  }
  if (json) reporter.print(`${JSON.stringify({ type: 'summary', ...counts, exitCode })}\n`);
  else if (verbosity >= 0) reporter.print(`${tallyText(counts)}\n`);
  return exitCode;
}

/**
 * The findings, the most important first.
 *
 * @throws BootstrapError `CONFIG_INVALID` no home, or a setting is wrong; `HOME_NOT_FOUND`; `BUNDLE_INVALID`
 */
export async function diagnose(
  { bundles, settings: flags, configFile }: DoctorCommand,
  context: CommandContext,
): Promise<readonly Finding[]> {
  const { environment, workingFolder } = context;
  // Beside a bundle lies what came with it: a file of settings counts only when it is named.
  const file = bundles.length > 0 ? (configFile ?? null) : configFile;
  const settings = parseSettings(loadSettings({ flags, configFile: file, workingFolder }, environment));
  if (bundles.length > 0) return withBundles(bundles, (bundle) => ofBundle(bundle, settings, context));
  if (settings['is7.home'] === undefined && settings['apim.home'] === undefined) {
    throw invalidConfiguration(['no home is known: give --is7-home and --apim-home, or --bundle']);
  }
  return ofHomes({}, settings, context);
}

/** Homes of a bundle come before those that were set, and the rest of it tells by its logs alone. */
async function ofBundle(bundle: Bundle, settings: Settings, context: CommandContext): Promise<readonly Finding[]> {
  const homes: Partial<Record<ServerId, string>> = {};
  const others: string[] = [];
  for (const folder of bundle.homes) {
    const server = isHome(folder) ? whichServer(folder, bundle.shown(folder)) : undefined;
    if (server === undefined) others.push(folder);
    else if (homes[server] === undefined) homes[server] = folder;
    else throw twice(server, bundle.shown(homes[server]), bundle.shown(folder));
  }
  const isEmpty = homes.is7 === undefined && homes.apim === undefined && others.length === 0;
  if (isEmpty) throw holdsNothing();
  const ofLogs = others.flatMap((folder) => logsAlone(folder, bundle.shown(folder)));
  const ofPair = homes.is7 === undefined && homes.apim === undefined ? [] : await ofHomes(homes, settings, context);
  return inOrder([...ofPair, ...ofLogs]).map((said) => ({
    ...said,
    where: bundle.shown(said.where),
    message: bundle.shown(said.message),
    hint: bundle.shown(said.hint),
  }));
}

async function ofHomes(
  inBundle: Partial<Record<ServerId, string>>,
  settings: Settings,
  { environment, signal }: CommandContext,
): Promise<readonly Finding[]> {
  const examine = (server: ServerId): ExaminedHome | undefined => {
    const folder = inBundle[server] ?? settings[`${server}.home`];
    if (folder === undefined) return undefined;
    const from = inBundle[server] === undefined ? 'home' : 'bundle';
    const version = settings[`${server}.version`];
    if (from === 'bundle') {
      const ofJava = onlyJava(environment);
      return examineHome({ server, folder, from, overlay: undefined, version, environment: ofJava });
    }
    return examineHome({ server, folder, from, overlay: settings[`${server}.overlay`], version, environment });
  };
  const [is7, apim] = [examine('is7'), examine('apim')];
  const config = createConfig(settings, { is7: is7?.home, apim: apim?.home });
  return findAll({ is7, apim, settings, config, environment, now: new Date(), signal });
}

/** The placeholders of a stranger's deployment.toml are not filled with the variables of whoever looks at it. */
function onlyJava(environment: CommandContext['environment']): CommandContext['environment'] {
  const names = ['JAVA_HOME', 'PATH', 'JAVA_TOOL_OPTIONS'];
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}

/** Part of a home that has no deployment.toml is good for its logs. */
function isHome(folder: string): boolean {
  return layersOf(folder).some((layer) => existsSync(join(layer, DEPLOYMENT_TOML)));
}

function logsAlone(folder: string, shown: string): readonly Finding[] {
  const server = whichServer(folder, shown);
  const title = server === undefined ? shown : PRODUCTS[server].shortTitle;
  return findInLogs({ logs: readLogs(join(folder, LOGS)), server, title });
}

function twice(server: ServerId, one: string, other: string): BootstrapError {
  return new BootstrapError(MESSAGES.BUNDLE_INVALID.twoHomes(PRODUCTS[server].shortTitle, one, other, server));
}

function holdsNothing(): BootstrapError {
  return new BootstrapError(MESSAGES.BUNDLE_INVALID.noHome());
}
