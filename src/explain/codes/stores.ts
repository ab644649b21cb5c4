import type { ErrorCode } from '../../codes.js';
import { MESSAGES as COMPOSITION } from '../../composition/errors.js';
import { MESSAGES as TRUST } from '../../trust/errors.js';
import type { Explanation } from '../explanation.js';

const APIM_STORE = '/opt/wso2am-4.5.0/repository/resources/security/client-truststore.jks';
const IS7_STORE = '/opt/wso2is-7.2.0/repository/resources/security/wso2carbon.p12';
const IS7_CERTIFICATE = 'CN=localhost (DNS:localhost, SHA-256 9D:B3:6B:A1…, expires 2025-01-07)';

export const STORE_ERRORS = {
  STORE_MISSING: {
    what: 'There is no keystore where deployment.toml says that one is.',
    why: 'The file_name of [truststore], [keystore.tls] or [keystore.primary] is wrong, or the file was not copied or mounted.',
    remedy: 'Correct file_name, or restore the file. Stores lie in repository/resources/security of the home.',
    example: TRUST.STORE_MISSING(APIM_STORE),
  },
  STORE_IS_FOLDER: {
    what: 'In the place of a keystore is a folder.',
    why: 'Docker makes an empty folder where a file is to be mounted that does not exist on the host.',
    remedy: 'Remove the folder, and mount a file that is there.',
    example: TRUST.STORE_IS_FOLDER(APIM_STORE),
  },
  STORE_LINK_BROKEN: {
    what: 'A keystore is a symbolic link to something that is not there.',
    why: 'What it links to was not mounted, or was moved.',
    remedy: 'Look where it leads (`ls -l`), and put the keystore there or mount it.',
    example: TRUST.STORE_LINK_BROKEN(APIM_STORE),
  },
  STORE_EMPTY: {
    what: 'A keystore is a file of no bytes.',
    why: 'A copy failed, a disk was full, or a mount was made before its file.',
    remedy: 'Restore it from the server pack or a backup.',
    example: TRUST.STORE_EMPTY(APIM_STORE),
  },
  STORE_TRUNCATED: {
    what: 'A keystore ends before its last entry does.',
    why: 'A disk was full, or a copy was interrupted.',
    remedy: 'Restore it from the server pack or a backup.',
    example: TRUST.STORE_TRUNCATED('JKS', APIM_STORE),
  },
  STORE_FORMAT_UNSUPPORTED: {
    what: 'A keystore is of a kind that only Java can read (BKS and BCFKS of Bouncy Castle, JCEKS with secret keys), and the Java of keytool cannot.',
    why: 'Its java.security does not name the provider of that format, or the jar of the provider is not found; or there is no keytool.',
    remedy:
      'Let keytool be that of the JDK that the servers use, provider and all; or convert the store; or import the certificate by hand and leave this step out.',
    example: TRUST.STORE_FORMAT_UNSUPPORTED(
      APIM_STORE,
      'BCFKS',
      'it is a format of Bouncy Castle',
      'the Java of keytool has no BCFKS',
    ),
  },
  STORE_UNREADABLE: {
    what: 'A keystore is not one, or is damaged.',
    why: 'Instead of a store the file is a certificate or something else, or its structure is broken.',
    remedy: 'Restore it, or point deployment.toml at a JKS or PKCS#12 store.',
    example: TRUST.STORE_UNREADABLE.noStore(APIM_STORE, 'a PEM file'),
  },
  STORE_PASSWORD_WRONG: {
    what: 'The password that deployment.toml gives does not open the keystore.',
    why: 'One of the two was changed without the other.',
    remedy: 'Correct the password of this store in deployment.toml. If it is right, the file is damaged.',
    example: TRUST.STORE_PASSWORD_WRONG('JKS', APIM_STORE, undefined),
  },
  STORE_PASSWORD_NOT_ASCII: {
    what: 'The password of a PKCS#12 keystore has characters that Java does not take for one.',
    why: 'Java encrypts and decrypts PKCS#12 with passwords of printable ASCII only, so the server could not open the store either.',
    remedy: 'Choose another password, for the store and in deployment.toml. JKS takes any.',
    example: TRUST.STORE_PASSWORD_NOT_ASCII(IS7_STORE, '[truststore] password'),
  },
  STORE_ALIAS_MISSING: {
    what: 'A keystore has no private key under the alias that deployment.toml names.',
    why: 'The alias is misspelt, or the keystore was replaced by one with another alias.',
    remedy: 'Correct the alias of [keystore.tls] or [keystore.primary]; the message lists what is there.',
    example: TRUST.STORE_ALIAS_MISSING(IS7_STORE, 'is7', 'wso2carbon'),
  },
  STORE_ALIAS_TAKEN: {
    what: 'The alias that a certificate is to be imported under holds something that is not ours to replace.',
    why: 'It holds a private key, or a certificate that somebody else put there.',
    remedy: 'Move it to another alias with the command of the hint, then apply again.',
    example: TRUST.STORE_ALIAS_TAKEN('wso2is', APIM_STORE, 'a private key'),
  },
  KEY_MISSING: {
    what: 'The alias holds a certificate without its private key.',
    why: 'Only the certificate was imported. A server cannot present a certificate whose key it does not have.',
    remedy: 'Import key and certificate together, or name another alias.',
    example: TRUST.KEY_MISSING('is7', IS7_STORE, 'wso2carbon'),
  },
  KEY_PASSWORD_WRONG: {
    what: 'The key password of deployment.toml does not open the private key.',
    why: 'In JKS a key has a password of its own, which may differ from that of the store; in PKCS#12 both are the same.',
    remedy: 'Correct key_password of this keystore in deployment.toml.',
    example: TRUST.KEY_PASSWORD_WRONG('wso2carbon', IS7_STORE),
  },
  KEY_MISMATCH: {
    what: 'A private key is not that of its certificate.',
    why: 'The files were mixed up, for instance the key of a renewed certificate with the old one.',
    remedy: 'Give the two that belong together.',
    example: TRUST.KEY_MISMATCH.inFiles(
      '/run/secrets/is7.key',
      '/run/secrets/is7.pem',
      IS7_CERTIFICATE,
      'tls.is7.certificate and tls.is7.key',
    ),
  },
  KEY_UNREADABLE: {
    what: 'A file that should hold a private key holds none, or an encrypted one.',
    why: 'km-bootstrap takes keys as PEM without a passphrase.',
    remedy: 'Write the key without a passphrase, and guard it by the rights of its file.',
    example: TRUST.KEY_UNREADABLE.inFile('/run/secrets/is7.key', true),
  },
  KEY_EXPOSED: {
    what: 'With the setting files.mode everybody could read a private key; nothing was written.',
    why: 'A new keystore gets that mode, and it holds the private key of the server.',
    remedy: 'Set files.mode to 0640 or less, and files.group to the group that the server runs with.',
    example: TRUST.KEY_EXPOSED(0o644),
  },
  CERTIFICATE_UNREADABLE: {
    what: 'A file that should hold a certificate in PEM holds none that can be read.',
    why: 'It is in another form (DER, PKCS#12), holds a key only, or was cut.',
    remedy: 'Give a PEM file: `openssl x509 -inform der -in FILE -out FILE.pem` makes one of a DER file.',
    example: TRUST.CERTIFICATE_UNREADABLE.inFile('/run/secrets/is7.pem', undefined),
  },
  CERTIFICATE_HOST_MISMATCH: {
    what: 'The certificate that was brought for a server does not cover the host name that is set for it.',
    why: 'Nobody who checks names would believe the server, not even the server itself and its probes: it would never get ready.',
    remedy:
      'Give a certificate whose SAN has that name (is7.hostname, apim.hostname), or set the name that it covers, in the URL, too.',
    example: TRUST.CERTIFICATE_HOST_MISMATCH(
      '/run/km-bootstrap/is7/tls.crt',
      'CN=other (DNS:other, SHA-256 9D:B3:6B:A1…, expires 2027-11-28)',
      'is7',
    ),
  },
  AUTHORITY_EXPIRED: {
    what: 'The authority that is to sign the certificates of the servers has expired.',
    why: 'Whatever it signs is refused.',
    remedy: 'Give its new certificate and key in tls.ca_certificate and tls.ca_key.',
    example: TRUST.AUTHORITY_EXPIRED('CN=Example CA (SHA-256 12:AB:34:CD…, expires 2026-01-31)'),
  },
  MUTUAL_TLS_UNSUPPORTED: {
    what: 'A Key Manager is declared with mutual TLS, which the connector of this API Manager does not have.',
    why: 'It came with API Manager 4.6.',
    remedy: 'Set authentication = "basic" for its connector, or use API Manager 4.6 or later.',
    example: COMPOSITION.MUTUAL_TLS_UNSUPPORTED('4.5'),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

const SUBJECT = `the certificate of Identity Server, ${IS7_CERTIFICATE},`;

export const STORE_NOTICES = {
  STORE_TYPE_DIFFERS: {
    what: 'A keystore is declared as another kind than it is.',
    why: 'Java reads a JKS store that is declared as PKCS12 by its habit of compatibility; other mixtures stop the server.',
    remedy: 'Correct the type of this store in deployment.toml.',
    example: TRUST.STORE_TYPE_DIFFERS(APIM_STORE, 'PKCS12', 'JKS', true),
  },
  STORE_UNPROTECTED: {
    what: 'A PKCS#12 store has no MAC: any password opens it, and nobody notices when it is changed.',
    why: 'Some packs ship their truststore so. Its form is kept as it is.',
    remedy: 'Guard it by the rights of the file.',
    example: TRUST.STORE_UNPROTECTED(APIM_STORE),
  },
  STORE_HOLDS_KEY: {
    what: 'A truststore holds private keys.',
    why: 'A truststore is copied and shared freely, and the key with it.',
    remedy: 'Point [truststore] at a store that holds certificates only.',
    example: TRUST.STORE_HOLDS_KEY(APIM_STORE, ['wso2carbon']),
  },
  ALIAS_HOLDS_OTHER: {
    what: 'The alias that the certificate belongs under holds another one.',
    why: 'The server has got a new certificate since the last apply.',
    remedy: 'Apply: the new one takes the alias, the old one stays trusted until it expires.',
    example: TRUST.ALIAS_HOLDS_OTHER('wso2is', APIM_STORE, IS7_CERTIFICATE),
  },
  CERT_SEVERAL_ALIASES: {
    what: 'One certificate is in a truststore under several aliases.',
    why: 'It was imported more than once. That does no harm, until it is to be trusted no more: then each has to go.',
    remedy: 'Nothing, or delete the aliases that you do not want.',
    example: TRUST.CERT_SEVERAL_ALIASES(IS7_CERTIFICATE, APIM_STORE, ['`wso2is`', '`is7`']),
  },
  CERT_NOT_YET_VALID: {
    what: 'A certificate is valid from a later time only.',
    why: 'The clock of one of the machines is wrong, or the certificate was made for later.',
    remedy: 'Compare the clocks; else wait, or make the certificate anew.',
    example: TRUST.CERT_NOT_YET_VALID(SUBJECT, '2026-12-01T00:00:00.000Z'),
  },
  CERT_EXPIRED: {
    what: 'A certificate has expired.',
    why: 'The packs of IS 7.0 to 7.2 and of API Manager 4.3 ship certificates that have expired since. Java accepts one that is itself imported; browsers and curl do not.',
    remedy: 'Give the server a new one; [tls] generate = true does.',
    example: TRUST.CERT_EXPIRED(SUBJECT, '2025-01-07'),
  },
  CERT_EXPIRES_SOON: {
    what: 'A certificate expires within the time of trust.warn_before (30 days unless you say otherwise).',
    why: 'So that it is replaced before it stops working for browsers and clients.',
    remedy: 'Replace it before that day, then apply again.',
    example: TRUST.CERT_EXPIRES_SOON(SUBJECT, '2026-12-07'),
  },
  CERT_NO_SAN: {
    what: 'A certificate names no host in its subject alternative name.',
    why: 'Hosts are compared with the subject alternative name alone; the CN of the subject has not counted for years.',
    remedy: 'Give the server a certificate with its host names; [tls] generate = true does.',
    example: TRUST.CERT_NO_SAN(
      'the certificate of Identity Server, CN=is7.example.com (SHA-256 9D:B3:6B:A1…, expires 2027-01-07),',
      'Identity Server',
      ['is7.example.com'],
    ),
  },
  CERT_HOST_MISMATCH: {
    what: 'A certificate does not cover the host name by which the server is reached.',
    why: 'The packs’ certificates are for localhost alone. Identity Server compares names, and revocation fails with a line in its log; API Manager compares them with mutual TLS only; browsers always do.',
    remedy: 'Reach the server by a name that is covered, or give it a certificate with this one.',
    example: TRUST.CERT_HOST_MISMATCH(
      SUBJECT,
      'is7.example.com',
      'Identity Server',
      'API Manager checks host names with mutual TLS only, but browsers, curl and km-bootstrap always do.',
    ),
  },
  CERT_ADDRESS_MISMATCH: {
    what: 'A certificate does not cover the IP address by which the server is reached.',
    why: 'An address must be in the certificate as an address; a host name does not stand for it.',
    remedy: 'Reach the server by a name that is covered, or give it a certificate with this address.',
    example: TRUST.CERT_ADDRESS_MISMATCH(
      SUBJECT,
      '10.0.0.7',
      'Identity Server',
      'API Manager checks host names with mutual TLS only, but browsers, curl and km-bootstrap always do.',
    ),
  },
  CERT_KEY_WEAK: {
    what: 'The key of a certificate is weak: RSA of less than 2048 bits, or a small curve.',
    why: 'Recent JDKs refuse it.',
    remedy: 'Make a new one with RSA 2048 or more, or EC P-256.',
    example: TRUST.CERT_KEY_WEAK(SUBJECT, 'RSA 1024'),
  },
  CERT_HASH_WEAK: {
    what: 'A certificate is signed with MD2, MD5 or SHA-1.',
    why: 'Recent JDKs and browsers refuse it.',
    remedy: 'Have it signed anew, with SHA-256.',
    example: TRUST.CERT_HASH_WEAK(SUBJECT, 'SHA-1'),
  },
  CERT_USAGE_WRONG: {
    what: 'A certificate says that it is not meant for a server, or with mutual TLS not for a client.',
    why: 'Its extended key usage lists purposes, and serverAuth (clientAuth) is none of them.',
    remedy: 'Have one made with serverAuth; for mutual TLS with clientAuth as well.',
    example: TRUST.CERT_USAGE_WRONG(SUBJECT, 'server'),
  },
  CERT_CHAIN_BROKEN: {
    what: 'A certificate comes with a chain whose parts did not sign each other.',
    why: 'The parts are in the wrong order, one is missing, or one is of another authority.',
    remedy: 'Put the server’s own certificate first, then each one’s issuer.',
    example: TRUST.CERT_CHAIN_BROKEN(SUBJECT, 'CN=Old CA (SHA-256 12:AB:34:CD…, expires 2030-01-31)', IS7_CERTIFICATE),
  },
  CERT_ISSUER_MISSING: {
    what: 'The authority that issued a certificate is not in the truststore.',
    why: 'The certificate itself is imported, which is enough until it is renewed.',
    remedy: 'Nothing; or import its authority, and no renewal needs an import.',
    example: TRUST.CERT_ISSUER_MISSING(IS7_CERTIFICATE, APIM_STORE),
  },
  CERT_ISSUER_EXPIRED: {
    what: 'The authority that issued a certificate is in the truststore, but has expired.',
    why: 'Nothing that it signed is accepted by its signature any more.',
    remedy: 'Import the new certificate of the authority.',
    example: TRUST.CERT_ISSUER_EXPIRED(
      IS7_CERTIFICATE,
      APIM_STORE,
      '2026-01-31',
      'CN=Example CA (SHA-256 12:AB:34:CD…, expires 2026-01-31)',
    ),
  },
  CERT_ISSUER_TRUSTED: {
    what: 'The truststore trusts the authority that issued a certificate.',
    why: 'Whatever else that authority issues is trusted as well.',
    remedy: 'Nothing, if the authority is yours.',
    example: TRUST.CERT_ISSUER_TRUSTED(APIM_STORE, IS7_CERTIFICATE),
  },
} as const satisfies Record<string, Explanation>;
