import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../src/io/package-root.js';
import { FLOORS, floorOf, readHouse } from './support/house.js';

const house = readHouse();

test('every room of src stands on a floor', () => {
  assert.equal(
    house.rooms.map(({ name }) => name).filter((name) => floorOf(name) === -1),
    [],
  );
  const named = FLOORS.flat();
  assert.equal(named.length, new Set(named).size);
});

test('a room uses what is on lower floors only, neither what is above it nor its neighbours', () => {
  assert.equal(
    house.up.map(({ shownBy }) => shownBy),
    [],
  );
});

test('no rooms use each other in a circle', () => {
  assert.equal(house.circles, []);
});

test('only what needs no other room stands at the root, and the program itself', () => {
  const atRoot = house.rooms.map(({ name }) => name).filter((name) => name.endsWith('.ts'));
  assert.equal(atRoot.sort(), ['codes.ts', 'errors.ts', 'main.ts', 'printable.ts', 'secret.ts']);
});

test('the page for contributors names places that are there', () => {
  const page = readFileSync(join(packageRoot(), 'docs', 'contributing.md'), 'utf8');
  const places = [...page.matchAll(/`((?:src|test|sandbox|scripts|docs)\/[\w./-]*)/g)].map(([, path = '']) => path);
  assert.ok(places.length > 20);
  assert.equal(
    places.filter((path) => !existsSync(join(packageRoot(), path))),
    [],
  );
});

test.run();
