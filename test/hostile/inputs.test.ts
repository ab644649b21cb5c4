import { test } from 'uvu';
import { withTempFolder } from '../support/temp-folder.js';
import { KINDS } from './inputs.js';

const RUNS = 120;
const SEED = 20261123;

for (const [name, tryKind] of Object.entries(KINDS)) {
  test(`${name}: what is generated is taken or refused clearly, and nothing is changed after an error`, () =>
    withTempFolder((folder) => tryKind(folder, RUNS, SEED)));
}

test.run();
