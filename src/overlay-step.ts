import { copyIntoOverlay, type FileModes, type Layers } from './io/overlay.js';
import type { Step } from './step/step.js';

/**
 * A step on one file of a home, which is copied into the overlay, if there is one, right before it is first written. The step looks for
 * its file anew each time, and so works on the copy from then on.
 *
 * @param path of the file, from the home
 */
export function onOverlay(step: Step, layers: Layers, path: string, modes: () => FileModes): Step {
  if (layers.overlay === undefined) return step;
  return {
    ...step,
    async apply(change, signal) {
      await copyIntoOverlay(layers, path, modes());
      await step.apply(change, signal);
    },
  };
}
