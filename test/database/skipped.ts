import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** Says what is not tested because a server is not installed; where a machine is to test everything (CI), that is a failure. */
export function skipped(engine: string, debianPackage: string): void {
  test(`skipped: everything on ${engine}, which is not installed (apt-get install ${debianPackage})`, () => {
    process.stdout.write(
      `skipped: everything on ${engine}, which is not installed (apt-get install ${debianPackage})\n`,
    );
    assert.not.ok(process.env['CI'], 'nothing may be skipped in CI');
  });
}
