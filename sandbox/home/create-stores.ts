import type { Jvm } from '../../src/jvm/jvm.js';
import type { Secret } from '../../src/secret.js';
import { makeIdentity } from './certificate.js';
import { encodeKeystore } from './encode-keystore.js';
import { publicAuthorities } from './public-authorities.js';
import type { Release, Validity } from './releases.js';

const OWN_ALIAS = 'wso2carbon';
const VALID_DAYS = 825;
const DAY_MS = 86_400_000;

/**
 * Keystore and truststore of a pack: both hold the public authorities; the keystore a new key of its own, and the truststore that key's
 * certificate, under the same alias.
 */
export async function createStores(
  jvm: Jvm,
  release: Release,
  password: Secret,
  certificates: 'valid' | 'expired',
): Promise<{ readonly keystore: Buffer; readonly truststore: Buffer }> {
  const { server, locality, storeEncoding, expired, valid, oldKey } = release;
  const asShipped = certificates === 'expired' ? expired : valid;
  const [own, old] = await Promise.all([
    makeIdentity({ locality, ...(asShipped ? period(asShipped) : periodFromNow()) }),
    oldKey && makeIdentity({ locality, ...period(oldKey.validity) }),
  ]);
  const authorities = publicAuthorities(server === 'apim' ? ' [jdk]' : '');
  const ownAliases = server === 'apim' ? [OWN_ALIAS, 'gateway_certificate_alias'] : [OWN_ALIAS];
  return {
    keystore: encodeKeystore(jvm, storeEncoding, password, {
      keys: [{ alias: OWN_ALIAS, ...own }, ...(oldKey && old ? [{ alias: oldKey.alias, ...old }] : [])],
      certificates: authorities,
    }),
    truststore: encodeKeystore(jvm, storeEncoding, password, {
      keys: [],
      certificates: [...authorities, ...ownAliases.map((alias) => ({ alias, cert: own.cert }))],
    }),
  };
}

function period([from, to]: Validity): { readonly from: Date; readonly to: Date } {
  return { from: new Date(from), to: new Date(to) };
}

/** From an hour ago: the clocks of two machines differ. */
function periodFromNow(): { readonly from: Date; readonly to: Date } {
  const from = Date.now() - 3_600_000;
  return { from: new Date(from), to: new Date(from + VALID_DAYS * DAY_MS) };
}
