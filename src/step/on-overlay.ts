import { join } from 'node:path';
import { copyIntoOverlay, type Layers } from '../io/overlay.js';
import type { NewFile } from '../io/ownership.js';
import type { Step } from './step.js';

/**
 * A step on one file of a home, which is copied into the overlay, if there is one, right before it is first written. The step looks for
 * its file anew each time, and so works on the copy from then on.
 *
 * @param path of the file, from the home
 */
export function onOverlay(step: Step, layers: Layers, path: string, wanted: () => NewFile): Step {
  const { overlay } = layers;
  if (overlay === undefined) return step;
  return {
    ...step,
    files: () => [join(layers.folder, path), join(overlay, path)],
    async apply(change, ...rest) {
      await copyIntoOverlay(layers, path, wanted());
      await step.apply(change, ...rest);
    },
  };
}
