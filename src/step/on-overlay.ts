import { join } from 'node:path';
import { copyIntoOverlay, type FileModes, isReadableByOwner, type Layers } from '../io/overlay.js';
import { MESSAGES } from './errors.js';
import type { Notice, Step } from './step.js';

/**
 * A step on one file of a home, which is copied into the overlay, if there is one, right before it is first written. The step looks for
 * its file anew each time, and so works on the copy from then on.
 *
 * @param path of the file, from the home
 */
export function onOverlay(step: Step, layers: Layers, path: string, modes: () => FileModes): Step {
  const { overlay } = layers;
  if (overlay === undefined) return step;
  let isReadable = true;
  return {
    ...step,
    files: () => [join(layers.folder, path), join(overlay, path)],
    async inspect(signal) {
      isReadable = await isReadableByOwner(layers, path, modes());
      return step.inspect(signal);
    },
    notices: (state) => [...(step.notices?.(state) ?? []), ...(isReadable ? [] : [unreadableNotice(path)])],
    async apply(change, ...rest) {
      await copyIntoOverlay(layers, path, modes());
      await step.apply(change, ...rest);
    },
  };
}

function unreadableNotice(path: string): Notice {
  return MESSAGES.OVERLAY_UNREADABLE(path);
}
