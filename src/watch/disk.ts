import { type FSWatcher, type Stats, statSync, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DiskOptions {
  /** How long a burst of events may go on before the files are compared, milliseconds. */
  readonly settleMs?: number;
  /** How often the files are compared without any event, milliseconds. */
  readonly pollMs?: number;
}

/** Tells when files have changed on disk, whoever changed them and however. */
export interface Disk {
  /** From now on these files count, and as they are now is what they are compared to. */
  follow(files: readonly string[]): Promise<void>;
  /** Ends when a file is not as it was when it was followed; at once if that has happened already. Throws when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
  close(): void;
}

/**
 * Follows files by their inode, size and times, links followed. Events of the folders they are in only say when to compare: they miss
 * what happens on network file systems and in folders that are replaced (the `..data` link of a mounted ConfigMap), and are many.
 */
export function createDisk({ settleMs = 200, pollMs = 2_000 }: DiskOptions = {}): Disk {
  const folders = new Map<string, WatchedFolder>();
  let files: readonly string[] = [];
  let asFollowed = '';
  let onEvent: () => void = () => undefined;

  return {
    async follow(paths) {
      files = [...new Set(paths)];
      asFollowed = await fingerprint(files);
      watchFolders();
    },
    async changed(signal) {
      for (;;) {
        const event = new Promise<void>((resolve) => {
          onEvent = resolve;
        });
        if ((await fingerprint(files)) !== asFollowed) return;
        const woken = new AbortController();
        const poll = sleep(pollMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) });
        await Promise.race([event, poll.catch(() => undefined)]);
        woken.abort();
        signal.throwIfAborted();
        await sleep(settleMs, undefined, { signal });
        watchFolders();
      }
    },
    close() {
      for (const folder of folders.keys()) unwatch(folder);
    },
  };

  /** Folders come, go and are replaced under the same name; a watcher stays with the one it was made for. */
  function watchFolders(): void {
    const wanted = new Set(files.map((file) => dirname(file)));
    for (const [folder, { inode }] of folders) {
      if (!wanted.has(folder) || inodeOf(folder) !== inode) unwatch(folder);
    }
    for (const folder of wanted) {
      if (!folders.has(folder)) watchFolder(folder);
    }
  }

  function watchFolder(folder: string): void {
    const inode = inodeOf(folder);
    if (inode === undefined) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => onEvent());
      watcher.on('error', () => unwatch(folder));
      folders.set(folder, { watcher, inode });
    } catch {
      // No more inotify watches, or the folder has just gone: what is compared now and then tells all the same.
    }
  }

  function unwatch(folder: string): void {
    folders.get(folder)?.watcher.close();
    folders.delete(folder);
  }
}

interface WatchedFolder {
  readonly watcher: FSWatcher;
  readonly inode: number;
}

function inodeOf(folder: string): number | undefined {
  try {
    return statSync(folder).ino;
  } catch {
    return undefined;
  }
}

async function fingerprint(files: readonly string[]): Promise<string> {
  const states = await Promise.all(files.map((file) => stat(file).then(describe, reason)));
  return states.join('\n');
}

function describe({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs].join(' ');
}

function reason(error: NodeJS.ErrnoException): string {
  return error.code ?? 'unreadable';
}
