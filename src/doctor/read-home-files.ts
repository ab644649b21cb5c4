import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readWhole } from '../io/read-whole.js';
import { locateIn } from '../servers/home.js';
import { DROPINS, LIB, PLUGINS } from '../servers/layout.js';
import { isServerRunning, PID_FILE } from '../servers/running.js';
import { PRODUCTS, type ServerId } from '../servers/server.js';
import type { FileFacts, HomeFacts, JvmOption, OverlayFacts } from './facts.js';

/** A home, and before it the folders that are copied over it at each start, the last one to be copied first. */
export type HomeLayers = readonly string[];

/** `-Dname=value` of the start script's lines, comments left out. The name of a variable is no value. */
export function readJvmOptions(layers: HomeLayers, server: ServerId): readonly JvmOption[] {
  const file = locateIn(layers, PRODUCTS[server].startScript);
  if (file === undefined) return [];
  return textIn(file)
    .split('\n')
    .flatMap((line, index) => {
      const found = line.trimStart().startsWith('#') ? [] : [...line.matchAll(/-D([\w.]+)=["']?([^\s"'\\)}$*]+)/g)];
      return found.map(([, name = '', value = '']) => ({ name, value, where: `${file}:${index + 1}` }));
    });
}

/** The jars of the folders that people put jars into, by folder. */
export function readJars(layers: HomeLayers): HomeFacts['jars'] {
  return new Map(
    [LIB, DROPINS, PLUGINS].flatMap((folder): [string, readonly string[]][] => {
      const there = layers.map((layer) => join(layer, folder)).filter((path) => existsSync(path));
      const names = new Set(there.flatMap((path) => readdirSync(path).filter((name) => name.endsWith('.jar'))));
      return there.length === 0 ? [] : [[folder, [...names].sort()]];
    }),
  );
}

/** Who owns the files that were named, and when they changed; one that is not there is left out. */
export function readFileFacts(files: readonly Pick<FileFacts, 'path' | 'role'>[]): readonly FileFacts[] {
  return files.flatMap(({ path, role }) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return [];
    const { uid, gid, mode, mtime } = found;
    return [{ path, role, uid, gid, mode: mode & 0o777, changed: mtime }];
  });
}

/** When the server that runs from a home was started: it writes its pid file then. */
export function readRunningSince(home: string): Date | undefined {
  return isServerRunning(home) ? statSync(join(home, PID_FILE), { throwIfNoEntry: false })?.mtime : undefined;
}

/** What the folders over a home hold that they should not, or hold twice. */
export function readOverlayFacts(folders: readonly string[]): OverlayFacts {
  const [winner, loser] = folders;
  return {
    folders,
    databases: folders.flatMap((folder) =>
      filesBelow(folder)
        .filter((path) => path.endsWith('.mv.db'))
        .map((path) => join(folder, path)),
    ),
    twice:
      winner === undefined || loser === undefined
        ? []
        : filesBelow(loser)
            .filter((path) => existsSync(join(winner, path)))
            .filter((path) => !readWhole(join(winner, path)).equals(readWhole(join(loser, path))))
            .map((path) => ({ path, winner, loser })),
  };
}

/** Links are followed by the entrypoint's copy; what begins with `..` is Kubernetes' own. */
function filesBelow(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below)).flatMap((name) => {
    const path = below === '' ? name : `${below}/${name}`;
    const found = name.startsWith('..') ? undefined : statSync(join(folder, path), { throwIfNoEntry: false });
    if (found?.isDirectory()) return filesBelow(folder, path);
    return found?.isFile() ? [path] : [];
  });
}

function textIn(file: string): string {
  try {
    return readWhole(file).toString('utf8');
  } catch {
    return '';
  }
}
