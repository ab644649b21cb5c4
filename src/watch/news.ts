import type { ServerId } from '../servers/server.js';
import type { StepReport } from '../step/step-report.js';
import type { overallOf, WatchedStep, WatchStatus } from './status.js';
import type { StepState } from './step-state.js';

/** Something that was not so a look ago. */
export type News =
  | StepNews
  | { readonly type: 'restart'; readonly server: ServerId; readonly title: string; readonly needed: boolean }
  | { readonly type: 'failure'; readonly code: string; readonly message: string; readonly hint: string }
  | { readonly type: 'watching'; readonly url: string }
  | Tally;

interface StepNews {
  readonly type: 'step';
  readonly state: StepState;
  readonly report: StepReport;
  /** The codes of those of its notices that were there before. */
  readonly known: readonly string[];
  readonly leftAlone?: string;
}

/** A whole look in figures. */
export interface Tally {
  readonly type: 'look';
  readonly looks: number;
  /** How many steps are in each state. */
  readonly states: Readonly<Partial<Record<StepState, number>>>;
  /** Why the look as a whole failed: a code. */
  readonly failure?: string;
  readonly durationMs: number;
  readonly nextAt?: Date;
}

/** What one look brought: every fact whose state changed, and which servers have to be restarted, or no longer. */
export function newsOf(before: WatchStatus, after: WatchStatus): readonly News[] {
  const failure = after.last?.failure;
  if (failure) return before.last?.failure?.message === failure.message ? [] : [failureNews(failure)];
  return [...stepNews(before, after), ...restartNews(before, after)];
}

/** What one may say after each look, though it is no news. */
export function tallyOf({ looks, steps, last, phase: { nextAt } }: WatchStatus): Tally {
  const states: Partial<Record<StepState, number>> = {};
  for (const { state } of steps) states[state] = (states[state] ?? 0) + 1;
  const failure = last?.failure && { failure: last.failure.code };
  return { type: 'look', looks, states, ...failure, durationMs: last?.durationMs ?? 0, ...(nextAt && { nextAt }) };
}

/** News as one line of text. */
export function newsText(news: News, at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z  ${onOneLine(bodyOf(news))}`;
}

/** News as one JSON object. A step has the fields it has in the other commands, and its state in words. */
export function newsJson(news: News, at: Date): string {
  if (news.type !== 'step') return JSON.stringify({ ...news, at: at.toISOString() });
  const { report, state, leftAlone } = news;
  return JSON.stringify({ ...report, state, ...(leftAlone && { leftAlone }), at: at.toISOString() });
}

/** Whether news is bad: what `-q` still shows. */
export function isFailure(news: News): boolean {
  return news.type === 'failure' || (news.type === 'step' && ['failed', 'unreachable'].includes(news.state));
}

/** `in-sync` as people say it. */
export function wordOf(state: StepState | ReturnType<typeof overallOf>): string {
  return state.replace('-', ' ');
}

function stepNews(before: WatchStatus, after: WatchStatus): readonly News[] {
  return after.steps.flatMap(({ report, state, leftAlone, since }): readonly News[] => {
    const known = before.steps.find((step) => step.report.step === report.step);
    const current = { report, state, since, ...(leftAlone !== undefined && { leftAlone }) };
    if (state !== 'mended' && essence(known) === essence(current)) return [];
    const codes = known?.report.notices.map(({ code }) => code) ?? [];
    return [{ type: 'step', state, report, known: codes, ...(leftAlone !== undefined && { leftAlone }) }];
  });
}

/** What makes a state another one; messages may hold what differs from look to look. A healthy step is what one starts from. */
function essence(step: WatchedStep | undefined): string {
  if (!step) return 'in-sync||||';
  const { report, state, leftAlone = '' } = step;
  const changes = state === 'mended' ? [] : report.changes.map(({ summary }) => summary);
  const codes = report.notices.map(({ code }) => code);
  const word = state === 'mended' ? 'in-sync' : state;
  return [word, changes.join(), report.error?.code ?? '', state === 'waiting' ? '' : codes.join(), leftAlone].join('|');
}

function restartNews(before: WatchStatus, after: WatchStatus): readonly News[] {
  return after.servers.flatMap(({ server, title, restartNeededSince }): readonly News[] => {
    const needed = restartNeededSince !== undefined;
    const was = before.servers.find((known) => known.server === server)?.restartNeededSince !== undefined;
    return needed === was ? [] : [{ type: 'restart', server, title, needed }];
  });
}

function failureNews({ code, message, hint }: { code: string; message: string; hint: string }): News {
  return { type: 'failure', code, message, hint };
}

function bodyOf(news: News): string {
  switch (news.type) {
    case 'watching':
      return `watching; see ${news.url}`;
    case 'look':
      return tallyText(news);
    case 'failure':
      return `failed       ${news.code}: ${news.message} → ${news.hint}`;
    case 'restart':
      return news.needed
        ? `restart      ${news.title}: it is running and has not read its corrected files`
        : `restarted    ${news.title}`;
    case 'step':
      return `${wordOf(news.state).padEnd(12)} ${news.report.step}${detailOf(news)}`;
  }
}

/** `look 12: 9 in sync, 1 drift; 340 ms, next 12:00:58Z`. */
function tallyText({ looks, states, failure, durationMs, nextAt }: Tally): string {
  const counts = Object.entries(states).map(([state, count]) => `${count} ${wordOf(state as StepState)}`);
  const what = failure === undefined ? counts.join(', ') : `failed, ${failure}`;
  return `look ${looks}: ${what}; ${durationMs} ms${nextAt ? `, next ${nextAt.toISOString().slice(11, 19)}Z` : ''}`;
}

function detailOf({ report, state, known, leftAlone }: StepNews): string {
  const { changes, notices, error } = report;
  const parts = [
    ...(state === 'drift' || state === 'mended' ? changes.map(({ summary }) => summary) : []),
    ...(error ? [`${error.code}: ${error.message} → ${error.hint}`] : []),
    ...notices.filter(({ code }) => !known.includes(code)).map(({ code, message }) => `${code}: ${message}`),
    ...(leftAlone !== undefined && leftAlone !== error?.message ? [`left alone: ${leftAlone}`] : []),
  ];
  return parts.length > 0 ? `: ${parts.join('; ')}` : '';
}

/** Servers' answers are in here: nothing of them may look like a line of ours. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
