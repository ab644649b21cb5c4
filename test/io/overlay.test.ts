import { chmod, chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyIntoOverlay, isReadableByOwner, locateFile } from '../../src/io/overlay.js';
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

test(
  'the owner of the home’s file can read a copy of its own, or one that all can read',
  withLayers(0o600, async (layers) => {
    assert.is(await isReadableByOwner(layers, FILE, {}), true);
    await copyIntoOverlay(layers, FILE, {});
    assert.is(await isReadableByOwner(layers, FILE, {}), true);
    await chmod(join(layers.overlay, FILE), 0o204);
    assert.is(await isReadableByOwner(layers, FILE, {}), true);
  }),
);

test(
  'a file in the overlay that the server’s user cannot read is told apart',
  withLayers(0o640, async (layers) => {
    await copyIntoOverlay(layers, FILE, {});
    if (process.getuid?.() !== 0) return;
    await chown(join(layers.folder, FILE), 802, 802);
    assert.is(await isReadableByOwner(layers, FILE, {}), false);
    await chown(join(layers.overlay, FILE), 0, 802);
    assert.is(await isReadableByOwner(layers, FILE, {}), true);
  }),
);

test.run();
