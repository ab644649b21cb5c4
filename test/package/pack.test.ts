import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/io/package-root.js';
import { patient } from '../support/patience.js';

test('the npm package holds what the program needs, and no driver that may not be passed on', async () => {
  const { stdout } = await execa('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
    cwd: packageRoot(),
    timeout: patient(120_000),
  });
  const files = (JSON.parse(stdout) as [{ files: { path: string }[] }])[0].files.map(({ path }) => path);
  for (const wanted of [/^dist\/main\.js$/, /h2-2\.2/, /h2-2\.3/, /cava-toml/, /^README/, /^LICENSE/, /^CHANGELOG/]) {
    assert.ok(
      files.some((path) => wanted.test(path)),
      `${wanted} is missing`,
    );
  }
  const foreign = files.filter((path) => /ojdbc|jcc-|mssql|\.map$|^(test|src|scripts)\//.test(path));
  assert.equal(foreign, []);
});

test.run();
