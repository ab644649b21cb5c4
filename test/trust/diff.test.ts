import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diffTrust } from '../../src/trust/diff.js';
import type { StoreEdit } from '../../src/trust/edit-store.js';
import { makeCertificate } from '../support/certificates.js';

test('a certificate that comes into a store is shown with all that decides whether it is accepted', async () => {
  const { cert, fingerprint } = await makeCertificate('is7.test');
  const certificate = new X509Certificate(cert);
  const lines = diff({ does: 'import', alias: 'wso2is', certificate });
  assert.is(lines[0], '+ wso2is');
  assert.ok(lines.includes('+   subject     CN=is7.test'), lines.join('\n'));
  assert.ok(lines.includes('+   names       DNS:is7.test'));
  assert.ok(lines.includes(`+   SHA-256     ${fingerprint}`));
});

test('what moves and what goes is named by its alias', () => {
  assert.equal(diff({ does: 'rename', alias: 'a', to: 'b' }, { does: 'delete', alias: 'c' }), ['~ a → b', '- c']);
});

function diff(...edits: StoreEdit[]): readonly string[] {
  return diffTrust([{ action: 'update', summary: '', edits }]);
}

test.run();
