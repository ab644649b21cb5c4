import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { packageRoot } from '../../src/io/package-root.js';

/**
 * The rooms of `src/`, from the top floor down: a folder, or a file that lies in `src/` itself. A room uses what is on lower floors only,
 * neither what is above it nor its neighbours.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ['main.ts'],
  ['commands', 'container'],
  ['explain'],
  ['doctor', 'watch', 'local-stack'],
  ['composition'],
  ['report'],
  ['cli'],
  ['config'],
  ['trust', 'deployment-toml', 'database', 'dropins', 'key-manager', 'health'],
  ['step'],
  ['servers'],
  ['jvm', 'http'],
  ['io'],
  ['errors.ts', 'secret.ts'],
  ['codes.ts', 'printable.ts'],
];

/** A room that uses another, and one import that shows it. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** `trust/step.ts imports step/step.ts` */
  readonly shownBy: string;
}

export interface Room {
  readonly name: string;
  readonly files: number;
  readonly lines: number;
}

export interface House {
  readonly rooms: readonly Room[];
  readonly arrows: readonly Arrow[];
  /** Those that run to a higher floor, or to a neighbour. */
  readonly up: readonly Arrow[];
  /** Rooms that reach each other, a list each. */
  readonly circles: readonly (readonly string[])[];
}

/** The house as its imports draw it, those of types too. */
export function readHouse(folder = join(packageRoot(), 'src')): House {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
  const names = [...new Set(files.map(({ path }) => roomOf(path)))];
  const arrows = new Map<string, Arrow>();
  for (const { path, text } of files)
    for (const target of importsOf(path, text)) {
      const [from, to] = [roomOf(path), roomOf(target)];
      const key = `${from} → ${to}`;
      if (from !== to && !arrows.has(key)) arrows.set(key, { from, to, shownBy: `${path} imports ${target}` });
    }
  const all = [...arrows.values()];
  return {
    rooms: names.map((name) => {
      const within = files.filter(({ path }) => roomOf(path) === name);
      return { name, files: within.length, lines: within.reduce((sum, { text }) => sum + linesOf(text), 0) };
    }),
    arrows: all,
    up: all.filter(({ from, to }) => floorOf(to) <= floorOf(from)),
    circles: circlesOf(names, all),
  };
}

/** Counted from the top; -1 for a room that is on no floor. */
export function floorOf(room: string): number {
  return FLOORS.findIndex((floor) => floor.includes(room));
}

function roomOf(path: string): string {
  return path.split('/', 1)[0] ?? path;
}

function linesOf(text: string): number {
  return text.split('\n').length - 1;
}

/** Paths from `src/` of what a file imports of it, at once or when it is needed. */
function importsOf(path: string, text: string): readonly string[] {
  return [...text.matchAll(/\b(?:from|import) ?\(?'(\.[^']+)\.js'/g)]
    .map(([, target]) => normalize(join(dirname(path), `${target}.ts`)))
    .filter((target) => !target.startsWith('..'));
}

function circlesOf(names: readonly string[], arrows: readonly Arrow[]): readonly (readonly string[])[] {
  const reached = new Map(names.map((name) => [name, reach(name, arrows)]));
  const circles = names.map((name) =>
    names.filter((other) => reached.get(name)?.has(other) && reached.get(other)?.has(name)),
  );
  return circles.filter((circle, at) => circle.length > 0 && circle[0] === names[at]);
}

function reach(name: string, arrows: readonly Arrow[], seen = new Set<string>()): ReadonlySet<string> {
  for (const { from, to } of arrows)
    if (from === name && !seen.has(to)) {
      seen.add(to);
      reach(to, arrows, seen);
    }
  return seen;
}
