import type { Style } from './style.js';

const EVERY_MS = 200;

/** Lines at the end of a terminal that are drawn over, for several things that go on at once. */
export interface LiveLines {
  /** Shows what `look` gives, again and again; nothing where a line cannot be drawn over. */
  watch(look: () => readonly string[]): void;
  /** Out of the way of other output; they come back with the next drawing. */
  hide(): void;
  end(): void;
}

export function createLiveLines(write: (text: string) => void, { isLive, columns, spell }: Style): LiveLines {
  let timer: NodeJS.Timeout | undefined;
  let shown = 0;

  function draw(lines: readonly string[]): void {
    hide();
    write(lines.map((line) => spell(line).slice(0, columns - 1)).join('\n'));
    shown = lines.length;
  }

  function hide(): void {
    if (shown > 0) write(`\r\u001b[K${'\u001b[A\u001b[K'.repeat(shown - 1)}`);
    shown = 0;
  }

  function end(): void {
    clearInterval(timer);
    timer = undefined;
    hide();
  }

  return {
    watch(look) {
      end();
      if (isLive) timer = setInterval(() => draw(look()), EVERY_MS).unref();
    },
    hide,
    end,
  };
}
