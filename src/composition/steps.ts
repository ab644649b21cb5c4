import { join } from 'node:path';
import type { StepCommand } from '../cli/command.js';
import { suggestion } from '../config/nearest.js';
import type { DatabaseConnection } from '../database/connection.js';
import { isFileDatabase } from '../database/engines.js';
import { leftoverConstraintStep } from '../database/leftover-step.js';
import { consumerKeyStep } from '../database/step.js';
import { findBetterRecipe } from '../deployment-toml/fitting-recipe.js';
import { currentRecipe, legacyRecipe, TOKEN_REVOCATION } from '../deployment-toml/recipes.js';
import { deploymentTomlStep, type RecipeOptions } from '../deployment-toml/step.js';
import { dropinStep } from '../dropins/step.js';
import { BootstrapError, invalidConfiguration, toBootstrapError } from '../errors.js';
import { healthStep } from '../health/step.js';
import type { Say } from '../io/waiting.js';
import { issuerOf } from '../servers/addresses.js';
import { DEPLOYMENT_TOML, DROPINS } from '../servers/layout.js';
import { onOverlay } from '../step/on-overlay.js';
import { readableByServer } from '../step/readable-by-server.js';
import { anyStep, type Step } from '../step/step.js';
import type { Config, Server } from './config.js';
import { nodeStepId } from './config.js';
import type { Connections } from './connections.js';
import { MESSAGES } from './errors.js';
import { keyManagerEntries } from './key-managers.js';
import { mutualTlsEntries, tlsKeystoreEntries, trustEntries } from './trust.js';

/** A step that could run, and how it is built once it is selected: what it does not need is not resolved. */
export interface StepEntry {
  readonly id: string;
  readonly phase: 'offline' | 'online';
  /** Whose fact it is. */
  readonly server: Server;
  build(): Step;
}

/** What a run brings along besides the configuration. */
export interface StepContext {
  readonly connections: Connections;
  /** What is left of the run's time, milliseconds. */
  readonly remainingMs: () => number;
  /** Told what is waited for by all Key Managers of a tenant together. */
  readonly say?: Say | undefined;
  readonly command: Pick<StepCommand, 'name' | 'phase' | 'only' | 'proof' | 'resend' | 'caFile'>;
}

/** The steps of a run in order, and the ids of those that write into the homes. */
export interface Selection {
  readonly steps: readonly Step[];
  readonly offline: ReadonlySet<string>;
  /** The ids of all steps of this configuration, selected or not. */
  readonly declared: readonly string[];
}

/**
 * The steps of this run.
 *
 * @throws BootstrapError `USAGE` for an --only that matches nothing; `CONFIG_INVALID` with everything that the selected steps miss.
 */
export function selectSteps(config: Config, context: StepContext): Selection {
  const { phase, only } = context.command;
  const all = [...offlineSteps(config, context), ...onlineSteps(config, context)];
  const unmatched = only.find((pattern) => !all.some(({ id }) => matches(pattern, id)));
  if (unmatched !== undefined) throw noSuchStep(unmatched, all);
  if (all.length === 0) throw invalidConfiguration(['no server is known: give --is7-home and --apim-home']);
  const selected = all
    .filter((entry) => phase === undefined || entry.phase === phase)
    .filter(({ id }) => only.length === 0 || only.some((pattern) => matches(pattern, id)));
  const offline = selected.filter((entry) => entry.phase === 'offline').map(({ id }) => id);
  return { steps: build(selected), offline: new Set(offline), declared: all.map(({ id }) => id) };
}

/** Files and a file database: before the servers start. */
function offlineSteps(config: Config, context: StepContext): readonly StepEntry[] {
  const { is7, apim, nodes } = config;
  return [
    ...[is7, apim, ...nodes].flatMap((server) => deploymentToml(config, server)),
    ...trustEntries(config),
    ...[is7, ...nodes].flatMap((server) => dropins(config, server)),
    ...consumerKey(config, context, 'offline'),
  ];
}

/** Shared state: once the servers run. */
function onlineSteps(config: Config, context: StepContext): readonly StepEntry[] {
  return [
    ...consumerKey(config, context, 'online'),
    ...health(config, context, config.is7),
    ...health(config, context, config.apim),
    ...keyManagers(config, context),
  ];
}

function deploymentToml(config: Config, server: Server): readonly StepEntry[] {
  const { home, id } = server;
  if (!home) return [];
  const stepId = nodeStepId(`deployment-toml/${id}`, server);
  const build = () => {
    const wanted = wantedEntries(config, server);
    const alsoWanted = id === 'is7' ? mutualTlsEntries(config) : undefined;
    const lazily = alsoWanted && { alsoWanted };
    const recipe = id === 'is7' && { recipe: recipeOptions(config) };
    const file = () => home.deploymentToml;
    const step = anyStep(
      deploymentTomlStep({
        id: stepId,
        file,
        wanted,
        ...lazily,
        server: id,
        ...recipe,
        within: config.files(home).within,
      }),
    );
    const files = () => config.files(home);
    const isOurs = () => home.overlay !== undefined && file().startsWith(home.overlay);
    return readableByServer(onOverlay(step, home, DEPLOYMENT_TOML, files), { home, file, isOurs, wanted: files });
  };
  return [{ id: stepId, phase: 'offline', server, build }];
}

/** What this server's deployment.toml must say: the recipe is IS 7's alone; offset and host name are set for the first node of either. */
function wantedEntries(config: Config, server: Server) {
  const { id, node } = server;
  const isFirst = node === undefined;
  const offset = isFirst ? config.offset(id) : undefined;
  const hostname = isFirst ? config.hostname(id) : undefined;
  return [
    ...(id === 'is7' ? recipe(config) : []),
    ...(offset ? [{ path: ['server', 'offset'], ...offset }] : []),
    ...(hostname ? [{ path: ['server', 'hostname'], value: hostname }] : []),
    ...tlsKeystoreEntries(server),
  ];
}

function recipe(config: Config) {
  if (config.recipe === 'legacy') return legacyRecipe();
  const { roleCreation, revocation, apim } = config;
  const account = revocation ? apim.account() : undefined;
  return currentRecipe({
    roleCreation,
    revocation: account && { notificationEndpoint: `${apim.url()}${TOKEN_REVOCATION.notifyPath}`, ...account },
  });
}

function recipeOptions({ recipe, recipeCleanup, is7, apim }: Config): RecipeOptions {
  return {
    active: recipe,
    leftovers: recipeCleanup ? 'remove' : 'name',
    notices: recipe === 'legacy' ? findBetterRecipe({ is7: is7.version(), apim: apim.version() }) : [],
  };
}

/** The jar that the recipe's revocation works through. */
function dropins(config: Config, server: Server): readonly StepEntry[] {
  const { apim, revocation, notificationJar } = config;
  const { home } = server;
  if (server.id !== 'is7' || !home || !revocation) return [];
  const id = nodeStepId('dropins/is7', server);
  const build = () => {
    const dropinsIn = (root: string) => join(root, DROPINS);
    const folder = dropinsIn(home.overlay ?? home.folder);
    const below = home.overlay && dropinsIn(home.folder);
    return anyStep(
      dropinStep({ id, folder, below, jar: notificationJar, apimVersion: apim.version(), files: config.files(home) }),
    );
  };
  return [{ id, phase: 'offline', server, build }];
}

/** A file is changed before its server starts, a database server is shared state: the step stands in one phase only. */
function consumerKey(config: Config, context: StepContext, phase: StepEntry['phase']): readonly StepEntry[] {
  if (phaseOfDatabase(config) !== phase) return [];
  const id = 'database/consumer-key';
  if (!config.constraint && config.recipe !== 'current') return [];
  const isWaiting = phase === 'online' && context.command.name === 'apply';
  const patienceMs = isWaiting ? context.remainingMs : () => 0;
  const build = () => {
    const connection = identityDatabase(config, context.command.caFile);
    return anyStep(consumerKeyStep({ connection: () => connection, patienceMs }));
  };
  return [{ id, phase, server: config.is7, build: config.constraint ? build : look }];

  function look(): Step {
    const connection = () => identityDatabase(config, context.command.caFile);
    if (config.recipeCleanup) return anyStep(leftoverConstraintStep({ connection, patienceMs, leftovers: 'remove' }));
    return anyStep(leftoverConstraintStep({ connection, leftovers: 'name' }));
  }
}

/** Undefined without a home and a URL. What is wrong with a URL is for the step to say, should it be selected; H2's seldom has anything to go wrong. */
function phaseOfDatabase(config: Config): StepEntry['phase'] | undefined {
  try {
    const url = config.databaseUrl();
    if (url !== undefined) return isFileDatabase(url) ? 'offline' : 'online';
    return config.is7.home ? 'offline' : undefined;
  } catch {
    return 'online';
  }
}

/**
 * The identity database and how to log in.
 *
 * @throws BootstrapError `CONFIG_INVALID`, `PLACEHOLDER_UNRESOLVED`, `TOML_INVALID`
 */
export function identityDatabase(config: Config, caFile: string | undefined): DatabaseConnection {
  return { ...config.database(), caFile, home: config.is7.home?.folder };
}

function health(config: Config, context: StepContext, server: Server): readonly StepEntry[] {
  if (!server.isKnown) return [];
  const build = () => {
    const url = server.url();
    const target =
      server.id === 'is7'
        ? { server: server.id, url, issuer: issuerOf(config.is7PublicUrl()) }
        : { server: server.id, url };
    const step = healthStep({
      server: server.id,
      target: () => target,
      http: context.connections.to(server),
      timeoutMs: context.remainingMs,
    });
    return { ...context.connections.withNotices(server, anyStep(step)), lane: 'health' };
  };
  return [{ id: `health/${server.id}`, phase: 'online', server, build }];
}

function keyManagers(config: Config, context: StepContext): readonly StepEntry[] {
  if (!config.apim.isKnown) return [];
  return keyManagerEntries(config, context).map((entry) => ({ ...entry, phase: 'online', server: config.apim }));
}

/** `trust/*` is every step of trust. */
function matches(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : pattern === id;
}

function noSuchStep(pattern: string, all: readonly StepEntry[]): BootstrapError {
  const ids = all.map(({ id }) => id);
  return new BootstrapError(MESSAGES.USAGE(pattern, suggestion(pattern, ids), ids.length, ids));
}

/** `WSO2 Identity Server 7 in /opt/wso2is-7.2.0` */
export function ownerOf({ title, home }: Server): string {
  return home ? `${title} in ${home.folder}` : title;
}

/** Builds every step before any runs, so that whatever is missing is said at once and nothing is changed. */
function build(entries: readonly StepEntry[]): readonly Step[] {
  const problems = new Set<string>();
  let first: BootstrapError | undefined;
  const steps = entries.flatMap((entry) => {
    try {
      const step = { ...entry.build(), owner: ownerOf(entry.server) };
      // What is done to files does not depend on its order, but where a step says so.
      return [entry.phase === 'offline' ? { ...step, lane: entry.phase } : step];
    } catch (thrown) {
      const error = toBootstrapError(thrown);
      if (error.exitCode !== 78) throw error;
      first ??= error;
      problems.add(error.message);
      return [];
    }
  });
  if (!first) return steps;
  throw problems.size === 1 ? first : invalidConfiguration([...problems]);
}
