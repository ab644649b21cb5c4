import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Mount {
  /** The folder or file on which it is mounted. */
  readonly point: string;
  readonly access: 'read-only' | 'read-write';
}

/** The mount that a path, which need not be there yet, lies on; undefined where the kernel does not tell (proc_pid_mountinfo(5)). */
export async function mountOf(path: string): Promise<Mount | undefined> {
  const real = await nearestRealPath(path);
  const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
  // Of several on one point the last hides the others.
  return mounts
    .filter(({ point }) => isBelow(point, real))
    .reduce<Mount | undefined>(
      (best, mount) => (mount.point.length >= (best?.point.length ?? 0) ? mount : best),
      undefined,
    );
}

function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line): Mount[] => {
    const [own = '', ofFileSystem = ''] = line.split(' - ');
    const [, , , , point, options = ''] = own.split(' ');
    if (point === undefined) return [];
    const all = [...options.split(','), ...(ofFileSystem.split(' ')[2] ?? '').split(',')];
    return [{ point: decode(point), access: all.includes('ro') ? 'read-only' : 'read-write' }];
  });
}

/** Blanks and backslashes come in octal. */
function decode(point: string): string {
  return point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function isBelow(point: string, path: string): boolean {
  return path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
}

async function nearestRealPath(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  return real ?? (path === dirname(path) ? path : nearestRealPath(dirname(path)));
}
