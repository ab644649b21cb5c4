import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyIntoOverlay, locateFile } from '../../src/io/overlay.js';
import { withTempFolder } from '../support/temp-folder.js';

const FILE = 'deployment.toml';

/** A home with a file of the given mode, and an empty overlay. */
function withLayers(mode: number, use: (layers: { folder: string; overlay: string }) => Promise<void>) {
  return () =>
    withTempFolder(async (root) => {
      const layers = { folder: join(root, 'home'), overlay: join(root, 'overlay') };
      for (const folder of Object.values(layers)) await mkdir(folder);
      await writeFile(join(layers.folder, FILE), 'x');
      await chmod(join(layers.folder, FILE), mode);
      await use(layers);
    });
}

test(
  'a file is read in the home until it is copied, with the mode of the home’s',
  withLayers(0o604, async (layers) => {
    assert.is(locateFile(layers, FILE), join(layers.folder, FILE));
    await copyIntoOverlay(layers, FILE, {});
    assert.is(locateFile(layers, FILE), join(layers.overlay, FILE));
    assert.is((await stat(join(layers.overlay, FILE))).mode & 0o777, 0o604);
  }),
);

test.run();
