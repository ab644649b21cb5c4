import type { StepCommand } from './cli.js';
import type { Config, Server } from './config/config.js';
import type { ServerId } from './config/home.js';
import { suggestion } from './config/nearest.js';
import { invalidConfiguration } from './config/parse.js';
import type { Connections } from './connections.js';
import { h2EngineJar } from './database/h2-engine.js';
import { consumerKeyStep } from './database/step.js';
import { currentRecipe, legacyRecipe } from './deployment-toml/recipes.js';
import { deploymentTomlStep } from './deployment-toml/step.js';
import { BootstrapError, EXIT_CODE_OF, toBootstrapError } from './errors.js';
import { healthStep } from './health/step.js';
import { defaultKeyManager } from './key-manager/declaration.js';
import { keyManagerStep } from './key-manager/step.js';
import { anyStep, type Step } from './step/step.js';
import { trustStep } from './trust/step.js';

/** A step that could run, and how it is built once it is selected: what it does not need is not resolved. */
interface Entry {
  readonly id: string;
  readonly phase: 'offline' | 'online';
  build(): Step;
}

/** What a run brings along besides the configuration. */
export interface StepContext {
  readonly connections: Connections;
  /** What is left of the run's time, milliseconds. */
  readonly remainingMs: () => number;
  /** Where keytool is looked for. */
  readonly javaHome: string | undefined;
  readonly path: string | undefined;
  readonly command: Pick<StepCommand, 'phase' | 'only' | 'proof' | 'resend'>;
}

/** The steps of a run in order, and the ids of those that write into the homes. */
export interface Selection {
  readonly steps: readonly Step[];
  readonly offline: ReadonlySet<string>;
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
  return { steps: build(selected), offline: new Set(offline) };
}

/** Files and a file database: before the servers start. */
function offlineSteps(config: Config, context: StepContext): readonly Entry[] {
  const { is7, apim } = config;
  return [
    ...deploymentToml(config, is7),
    ...deploymentToml(config, apim),
    ...trust(config, context, { owner: apim, peer: is7, alias: 'wso2is' }),
    ...trust(config, context, { owner: is7, peer: apim, alias: 'wso2apim' }),
    ...consumerKey(config),
  ];
}

/** Shared state: once the servers run. */
function onlineSteps(config: Config, context: StepContext): readonly Entry[] {
  return [
    ...health(config, context, config.is7),
    ...health(config, context, config.apim),
    ...keyManager(config, context),
  ];
}

function deploymentToml(config: Config, server: Server): readonly Entry[] {
  const { home, id } = server;
  if (!home) return [];
  const stepId = `deployment-toml/${id}` as const;
  const build = () =>
    anyStep(
      deploymentTomlStep({ id: stepId, file: home.deploymentToml, wanted: wantedEntries(config, id), server: id }),
    );
  return [{ id: stepId, phase: 'offline', build }];
}

/** What this server's deployment.toml must say: the recipe is IS 7's alone; offset and host name are either's. */
function wantedEntries(config: Config, server: ServerId) {
  const offset = config.offset(server);
  const hostname = config.hostname(server);
  return [
    ...(server === 'is7' ? recipe(config) : []),
    ...(offset ? [{ path: ['server', 'offset'], ...offset }] : []),
    ...(hostname ? [{ path: ['server', 'hostname'], value: hostname }] : []),
  ];
}

function recipe(config: Config) {
  return config.recipe === 'legacy' ? legacyRecipe() : currentRecipe({ roleCreation: config.roleCreation });
}

interface TrustEdge {
  readonly owner: Server;
  readonly peer: Server;
  readonly alias: 'wso2is' | 'wso2apim';
}

function trust(config: Config, { javaHome, path }: StepContext, { owner, peer, alias }: TrustEdge): readonly Entry[] {
  if (!owner.home) return [];
  const id = `trust/${owner.id}` as const;
  const build = () => {
    const [truststore, certificate] = [owner.truststore(), peer.certificate()];
    return anyStep(
      trustStep({
        id,
        owner: owner.title,
        peer: peer.title,
        readBy: owner.id,
        truststore: () => truststore,
        certificate: () => certificate,
        alias,
        keytool: { javaHome, path },
        warnBeforeMs: config.warnBeforeMs,
      }),
    );
  };
  return [{ id, phase: 'offline', build }];
}

function consumerKey(config: Config): readonly Entry[] {
  const home = config.is7.home;
  if (!home || !config.constraint) return [];
  const build = () => {
    const database = config.database();
    const connection = { ...database, baseFolder: home.folder, driverJars: () => [h2EngineJar(home.folder)] };
    return anyStep(consumerKeyStep({ connection: () => connection }));
  };
  return [{ id: 'database/consumer-key', phase: 'offline', build }];
}

function health(config: Config, context: StepContext, server: Server): readonly Entry[] {
  if (!server.isKnown) return [];
  const build = () => {
    const url = server.url();
    const target =
      server.id === 'is7'
        ? { server: server.id, url, issuer: `${config.is7PublicUrl()}/oauth2/token` }
        : { server: server.id, url };
    const step = healthStep({
      server: server.id,
      target: () => target,
      http: context.connections.to(server),
      timeoutMs: context.remainingMs,
    });
    return context.connections.withNotices(server, anyStep(step));
  };
  return [{ id: `health/${server.id}`, phase: 'online', build }];
}

function keyManager(config: Config, { connections, command }: StepContext): readonly Entry[] {
  if (!config.apim.isKnown) return [];
  const build = () => {
    const declaration = defaultKeyManager({
      ...config.keyManager,
      is7Url: config.is7.url(),
      publicUrl: config.is7PublicUrl(),
      ...config.is7.account(),
      roleCreation: config.roleCreation,
    });
    return anyStep(
      keyManagerStep({
        declaration,
        apim: { url: config.apim.url(), ...config.apim.account() },
        http: connections.to(config.apim),
        is7Http: connections.to(config.is7),
        proof: command.proof,
        resendSecret: command.resend === 'always',
      }),
    );
  };
  return [{ id: `key-manager/${config.keyManager.name}`, phase: 'online', build }];
}

/** `trust/*` is every step of trust. */
function matches(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : pattern === id;
}

function noSuchStep(pattern: string, all: readonly Entry[]): BootstrapError {
  const ids = all.map(({ id }) => id);
  return new BootstrapError(`--only ${pattern}: there is no such step here${suggestion(pattern, ids)}`, {
    code: 'USAGE',
    hint: ids.length > 0 ? `The steps of this run are ${ids.join(', ')}.` : 'Give --is7-home and --apim-home.',
  });
}

/** Builds every step before any runs, so that whatever is missing is said at once and nothing is changed. */
function build(entries: readonly Entry[]): readonly Step[] {
  const problems = new Set<string>();
  let first: BootstrapError | undefined;
  const steps = entries.flatMap((entry) => {
    try {
      return [entry.build()];
    } catch (thrown) {
      const error = toBootstrapError(thrown);
      if (EXIT_CODE_OF[error.code] !== 78) throw error;
      first ??= error;
      problems.add(error.message);
      return [];
    }
  });
  if (!first) return steps;
  throw problems.size === 1 ? first : invalidConfiguration([...problems]);
}
