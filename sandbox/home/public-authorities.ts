import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

export interface NamedCertificate {
  readonly alias: string;
  /** PEM */
  readonly cert: string;
}

/**
 * The public certificate authorities that Node.js brings, 120 to 150, under aliases made of the subject as in the real stores:
 * `cn_amazon_root_ca_1,o_amazon,c_us`, and with ` [jdk]` behind in those of API Manager.
 */
export function publicAuthorities(suffix: '' | ' [jdk]'): readonly NamedCertificate[] {
  const byAlias = new Map<string, string>();
  for (const cert of rootCertificates) {
    const alias = aliasOf(cert) + suffix;
    // Two authorities of one name would take each other's place.
    byAlias.set(byAlias.has(alias) ? `${alias} ${byAlias.size}` : alias, cert);
  }
  return [...byAlias].map(([alias, cert]) => ({ alias, cert }));
}

function aliasOf(cert: string): string {
  const subject = new X509Certificate(cert).subject.split('\n').reverse();
  return subject.map((part) => plain(part.replace('=', ' '))).join(',');
}

function plain(text: string): string {
  return text.normalize('NFD').toLowerCase().replace(/ /g, '_').replace(/\W/g, '');
}
