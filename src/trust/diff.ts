import type { X509Certificate } from 'node:crypto';
import type { StoreEdit } from './edit-store.js';
import type { TrustChange } from './plan.js';
import { certificateFacts } from './x509.js';

/** Which certificates come into the store and which leave it: the alias, then what decides whether a certificate is accepted. */
export function diffTrust(changes: readonly TrustChange[]): readonly string[] {
  return changes.flatMap(({ edits }) => edits.flatMap(diffEdit));
}

function diffEdit(edit: StoreEdit): readonly string[] {
  switch (edit.does) {
    case 'import':
      return [`+ ${edit.alias}`, ...certificateLines(edit.certificate)];
    case 'rename':
      return [`~ ${edit.alias} → ${edit.to}`];
    case 'delete':
      return [`- ${edit.alias}`];
  }
}

function certificateLines(certificate: X509Certificate): readonly string[] {
  return certificateFacts(certificate).map(([name, value]) => `+   ${name.padEnd(11)} ${value}`);
}
