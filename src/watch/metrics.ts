import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { driftOf, overallOf, type WatchStatus } from './status.js';

/** What Prometheus fetches. */
export interface Metrics {
  /** Takes in what one more look came to. */
  note(status: WatchStatus): void;
  readonly contentType: string;
  text(): Promise<string>;
}

const PREFIX = 'km_bootstrap';
const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Counts and measures the looks. No label holds more than the ids of steps, servers and aliases. */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name: `${PREFIX}_${name}`, help, labelNames: [...labelNames], registers });

  gauge('build_info', 'Always 1; the version is in the label', ['version']).set({ version }, 1);
  const drift = gauge('step_drift', 'How many changes a step needs; 0 when it is in sync', ['step']);
  const state = gauge('step_state', '1 for the state that a step is in', ['step', 'state']);
  const seconds = gauge('step_duration_seconds', 'How long a step took in the last look', ['step']);
  const lastAt = gauge('last_look_timestamp_seconds', 'When the last look began');
  const lastOk = gauge('last_look_success', '1 when the last look could look at every step, whatever it found');
  const restart = gauge('restart_needed', '1 when a running server has not read its corrected files', ['server']);
  const looks = new Counter({
    name: `${PREFIX}_looks_total`,
    help: 'Looks by the worst state they found',
    labelNames: ['result'],
    registers,
  });
  const mended = new Counter({
    name: `${PREFIX}_mended_total`,
    help: 'How often a step was mended',
    labelNames: ['step'],
    registers,
  });
  const lookSeconds = new Histogram({
    name: `${PREFIX}_look_duration_seconds`,
    help: 'How long looks took',
    buckets: SECONDS,
    registers,
  });
  const measured = new Map<string, Gauge>();

  function noteSteps({ steps, last }: WatchStatus): void {
    for (const metric of [drift, state, seconds, restart, ...measured.values()]) metric.reset();
    for (const step of steps) {
      const id = step.report.step;
      drift.set({ step: id }, driftOf(step));
      state.set({ step: id, state: step.state }, 1);
      if (step.state === 'mended') mended.inc({ step: id });
      seconds.set({ step: id }, step.report.durationMs / 1000);
      for (const { name, help, labels, value } of step.report.gauges ?? []) {
        const known = measured.get(name) ?? gauge(name, help, Object.keys(labels));
        measured.set(name, known);
        known.set({ ...labels }, value);
      }
    }
    for (const { server, restartNeededSince } of last?.servers ?? []) {
      restart.set({ server }, Number(restartNeededSince !== undefined));
    }
  }

  return {
    note(status) {
      const { last } = status;
      if (!last) return;
      const result = overallOf(status);
      looks.inc({ result });
      lookSeconds.observe(last.durationMs / 1000);
      lastAt.set(last.startedAt.getTime() / 1000);
      lastOk.set(Number(result === 'in-sync' || result === 'drift'));
      if (!last.failure) noteSteps(status);
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
