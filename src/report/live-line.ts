import type { Style } from './style.js';

/** Only what takes longer than this is worth a line. */
const AFTER_MS = 1_000;
const EVERY_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const CLEAR = '\r\u001b[K';

/** Says what a run is doing when it takes a while. */
export interface LiveLine {
  /** Something else is being worked on now. */
  show(doing: string): void;
  /** Out of the way of other output; nothing is shown until the next `show`. */
  clear(): void;
}

/** On a terminal a line that is drawn over and counts the seconds; elsewhere one plain line, once. */
export function createLiveLine(write: (text: string) => void, { isLive, columns, spell }: Style): LiveLine {
  let timer: NodeJS.Timeout | undefined;
  let isShown = false;

  function draw(doing: string, startedAt: number, frame: number): void {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const mark = spell('…') === '…' ? FRAMES[frame % FRAMES.length] : '-';
    write(`${CLEAR}${`${mark} ${doing}, ${seconds} s`.slice(0, columns - 1)}`);
    isShown = true;
    timer = setTimeout(() => draw(doing, startedAt, frame + 1), EVERY_MS).unref();
  }

  function clear(): void {
    clearTimeout(timer);
    if (isShown) write(CLEAR);
    isShown = false;
  }

  return {
    show(doing) {
      clear();
      const startedAt = performance.now();
      timer = setTimeout(() => (isLive ? draw(doing, startedAt, 0) : write(`${doing} …\n`)), AFTER_MS).unref();
    },
    clear,
  };
}
