import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requireSameFormat } from '../../src/database/h2-format.js';
import type { BootstrapError } from '../../src/errors.js';
import { withTempFolder } from '../support/temp-folder.js';

for (const [start, jar, refused] of [
  [header(1), 'h2-2.2.224.jar', true],
  [header(2), 'h2-2.3.232.jar', true],
  [header(2), 'unknown.jar', true],
  [header(3), 'h2-2.2.224.jar', false],
  [header(3), 'h2-2.3.232.jar', false],
  [header(2), 'h2-engine_2.1.214.wso2v1.jar', false],
  [header(1), 'h2-engine_1.4.200.wso2v2.jar', false],
  ['H2encrypt…', 'h2-2.2.224.jar', false],
  ['', 'h2-2.2.224.jar', false],
] as const) {
  test(`a file that starts ${JSON.stringify(start.slice(0, 40))} ${refused ? 'is kept from' : 'may be opened by'} ${jar}`, () =>
    withTempFolder(async (folder) => {
      const path = join(folder, 'T.mv.db');
      await writeFile(path, start);
      const error = await requireSameFormat({ label: 'T (H2)', path }, join('/lib', jar)).catch(
        (thrown: BootstrapError) => thrown,
      );
      assert.is(error?.code, refused ? 'DATABASE_FORMAT_OLDER' : undefined);
      if (error)
        assert.match(
          `${error.message} ${error.hint}`,
          /older format \d, which .* would upgrade to 3 for good: .*driver_jar/,
        );
    }));
}

function header(format: number): string {
  return `H:2,format:${format},block:3,blockSize:1000,chunk:2,created:1a2086c5c24,version:2,fletcher:f8ce3c0f\n`;
}

test.run();
