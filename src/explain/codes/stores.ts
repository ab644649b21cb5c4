import type { ErrorCode } from '../../codes.js';
import type { Explanation } from '../explanation.js';

const APIM_STORE = '/opt/wso2am-4.5.0/repository/resources/security/client-truststore.jks';
const IS7_STORE = '/opt/wso2is-7.2.0/repository/resources/security/wso2carbon.p12';
const IS7_CERTIFICATE = 'CN=localhost (DNS:localhost, SHA-256 9D:B3:6B:A1…, expires 2025-01-07)';

export const STORE_ERRORS = {
  STORE_MISSING: {
    what: 'There is no keystore where deployment.toml says that one is.',
    why: 'The file_name of [truststore], [keystore.tls] or [keystore.primary] is wrong, or the file was not copied or mounted.',
    remedy: 'Correct file_name, or restore the file. Stores lie in repository/resources/security of the home.',
    example: {
      message: `there is no keystore ${APIM_STORE}`,
      hint: 'Correct the file_name of this store in deployment.toml ([truststore], [keystore.tls], [keystore.primary]), or restore the file from the server pack.',
    },
  },
  STORE_IS_FOLDER: {
    what: 'In the place of a keystore is a folder.',
    why: 'Docker makes an empty folder where a file is to be mounted that does not exist on the host.',
    remedy: 'Remove the folder, and mount a file that is there.',
    example: {
      message: `in the place of the keystore ${APIM_STORE} is a folder`,
      hint: 'Docker makes a folder where a mounted file is missing: remove it, and mount a file that is there.',
    },
  },
  STORE_LINK_BROKEN: {
    what: 'A keystore is a symbolic link to something that is not there.',
    why: 'What it links to was not mounted, or was moved.',
    remedy: 'Look where it leads (`ls -l`), and put the keystore there or mount it.',
    example: { message: `the keystore ${APIM_STORE} is a link to nothing`, hint: 'Mount or restore what it links to.' },
  },
  STORE_EMPTY: {
    what: 'A keystore is a file of no bytes.',
    why: 'A copy failed, a disk was full, or a mount was made before its file.',
    remedy: 'Restore it from the server pack or a backup.',
    example: {
      message: `the keystore ${APIM_STORE} is an empty file`,
      hint: 'Restore it from the server pack or a backup; a copy that failed, or a mount made before its file, leaves such a file.',
    },
  },
  STORE_TRUNCATED: {
    what: 'A keystore ends before its last entry does.',
    why: 'A disk was full, or a copy was interrupted.',
    remedy: 'Restore it from the server pack or a backup.',
    example: {
      message: `the JKS keystore ${APIM_STORE} is cut short: it ends before its last entry does`,
      hint: 'A disk was full or a copy was interrupted. Restore the file from the server pack or a backup.',
    },
  },
  STORE_FORMAT_UNSUPPORTED: {
    what: 'A keystore is of a kind that only Java can read (BKS and BCFKS of Bouncy Castle, JCEKS with secret keys), and the Java of keytool cannot.',
    why: 'Its java.security does not name the provider of that format, or the jar of the provider is not found; or there is no keytool.',
    remedy:
      'Let keytool be that of the JDK that the servers use, provider and all; or convert the store; or import the certificate by hand and leave this step out.',
    example: {
      message: `${APIM_STORE} is a BCFKS keystore that only Java could read (it is a format of Bouncy Castle), and the Java of keytool has no BCFKS`,
      hint: 'Set JAVA_HOME to the JDK of the servers, with their security provider in its java.security and the jar in JAVA_TOOL_OPTIONS; or use a JKS or PKCS#12 store; or import by hand and leave out this step with --only.',
    },
  },
  STORE_UNREADABLE: {
    what: 'A keystore is not one, or is damaged.',
    why: 'Instead of a store the file is a certificate or something else, or its structure is broken.',
    remedy: 'Restore it, or point deployment.toml at a JKS or PKCS#12 store.',
    example: {
      message: `${APIM_STORE} is no keystore: it is a PEM file`,
      hint: 'Point deployment.toml at a JKS or PKCS#12 store, or put this into one with keytool -importcert.',
    },
  },
  STORE_PASSWORD_WRONG: {
    what: 'The password that deployment.toml gives does not open the keystore.',
    why: 'One of the two was changed without the other.',
    remedy: 'Correct the password of this store in deployment.toml. If it is right, the file is damaged.',
    example: {
      message: `the password does not open the JKS keystore ${APIM_STORE}`,
      hint: "Correct this store's password in deployment.toml ([truststore], [keystore.tls] or [keystore.primary]). If it is right, the file is damaged: restore it.",
    },
  },
  STORE_PASSWORD_NOT_ASCII: {
    what: 'The password of a PKCS#12 keystore has characters that Java does not take for one.',
    why: 'Java encrypts and decrypts PKCS#12 with passwords of printable ASCII only, so the server could not open the store either.',
    remedy: 'Choose another password, for the store and in deployment.toml. JKS takes any.',
    example: {
      message: `the password for the PKCS12 keystore ${IS7_STORE} has characters beyond printable ASCII, which Java does not take for PKCS12`,
      hint: 'Change [truststore] password and the store to a password of printable ASCII, or use a JKS store.',
    },
  },
  STORE_ALIAS_MISSING: {
    what: 'A keystore has no private key under the alias that deployment.toml names.',
    why: 'The alias is misspelt, or the keystore was replaced by one with another alias.',
    remedy: 'Correct the alias of [keystore.tls] or [keystore.primary]; the message lists what is there.',
    example: {
      message: `${IS7_STORE} holds no private key under the alias \`is7\`; its private keys are: wso2carbon`,
      hint: 'Correct the alias of this keystore in deployment.toml ([keystore.tls] or [keystore.primary]).',
    },
  },
  STORE_ALIAS_TAKEN: {
    what: 'The alias that a certificate is to be imported under holds something that is not ours to replace.',
    why: 'It holds a private key, or a certificate that somebody else put there.',
    remedy: 'Move it to another alias with the command of the hint, then apply again.',
    example: {
      message: `the alias \`wso2is\` in ${APIM_STORE} already holds a private key, which is not ours to replace`,
      hint: `Move it to another alias: keytool -changealias -alias wso2is -destalias NAME -keystore '${APIM_STORE}'`,
    },
  },
  KEY_MISSING: {
    what: 'The alias holds a certificate without its private key.',
    why: 'Only the certificate was imported. A server cannot present a certificate whose key it does not have.',
    remedy: 'Import key and certificate together, or name another alias.',
    example: {
      message: `\`is7\` in ${IS7_STORE} is a certificate without its private key; the store's private keys are: wso2carbon`,
      hint: 'A server cannot present it. Import key and certificate together (a PKCS#12 file, keytool -importkeystore), or name another alias in deployment.toml.',
    },
  },
  KEY_PASSWORD_WRONG: {
    what: 'The key password of deployment.toml does not open the private key.',
    why: 'In JKS a key has a password of its own, which may differ from that of the store; in PKCS#12 both are the same.',
    remedy: 'Correct key_password of this keystore in deployment.toml.',
    example: {
      message: `the key password does not open the private key \`wso2carbon\` in ${IS7_STORE}`,
      hint: 'Correct key_password of this keystore in deployment.toml ([keystore.tls] or [keystore.primary]); the server does not start without its key.',
    },
  },
  KEY_MISMATCH: {
    what: 'A private key is not that of its certificate.',
    why: 'The files were mixed up, for instance the key of a renewed certificate with the old one.',
    remedy: 'Give the two that belong together.',
    example: {
      message: `the private key /run/secrets/is7.key is not that of /run/secrets/is7.pem, ${IS7_CERTIFICATE}`,
      hint: 'Give the two files that belong together in tls.is7.certificate and tls.is7.key.',
    },
  },
  KEY_UNREADABLE: {
    what: 'A file that should hold a private key holds none, or an encrypted one.',
    why: 'km-bootstrap takes keys as PEM without a passphrase.',
    remedy: 'Write the key without a passphrase, and guard it by the rights of its file.',
    example: {
      message: '/run/secrets/is7.key holds an encrypted private key',
      hint: 'Give the key without a passphrase, guarded by the rights of its file (openssl pkey writes it so).',
    },
  },
  KEY_EXPOSED: {
    what: 'With the setting files.mode everybody could read a private key; nothing was written.',
    why: 'A new keystore gets that mode, and it holds the private key of the server.',
    remedy: 'Set files.mode to 0640 or less, and files.group to the group that the server runs with.',
    example: {
      message: 'files.mode = 0644 would let everybody read a private key',
      hint: 'Set files.mode to 0640 or less, and files.group to the group of the server (802 in the images of IS 7, 10001 in those of API Manager).',
    },
  },
  CERTIFICATE_UNREADABLE: {
    what: 'A file that should hold a certificate in PEM holds none that can be read.',
    why: 'It is in another form (DER, PKCS#12), holds a key only, or was cut.',
    remedy: 'Give a PEM file: `openssl x509 -inform der -in FILE -out FILE.pem` makes one of a DER file.',
    example: {
      message: '/run/secrets/is7.pem holds no X.509 certificate',
      hint: 'Give a file with the PEM of the server certificate: a block from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".',
    },
  },
  CERTIFICATE_HOST_MISMATCH: {
    what: 'The certificate that was brought for a server does not cover the host name that is set for it.',
    why: 'Nobody who checks names would believe the server, not even the server itself and its probes: it would never get ready.',
    remedy:
      'Give a certificate whose SAN has that name (is7.hostname, apim.hostname), or set the name that it covers, in the URL, too.',
    example: {
      message:
        'the certificate in /run/km-bootstrap/is7/tls.crt, CN=other (DNS:other, SHA-256 9D:B3:6B:A1…, expires 2027-11-28), does not cover is7, the host name that is set for its server',
      hint: 'Give a certificate whose subject alternative name (SAN) has is7, or set another host name.',
    },
  },
  AUTHORITY_EXPIRED: {
    what: 'The authority that is to sign the certificates of the servers has expired.',
    why: 'Whatever it signs is refused.',
    remedy: 'Give its new certificate and key in tls.ca_certificate and tls.ca_key.',
    example: {
      message:
        'the authority of tls.ca_certificate, CN=Example CA (SHA-256 12:AB:34:CD…, expires 2026-01-31), has expired',
      hint: 'Give the authority’s new certificate and key in tls.ca_certificate and tls.ca_key.',
    },
  },
  MUTUAL_TLS_UNSUPPORTED: {
    what: 'A Key Manager is declared with mutual TLS, which the connector of this API Manager does not have.',
    why: 'It came with API Manager 4.6.',
    remedy: 'Set authentication = "basic" for its connector, or use API Manager 4.6 or later.',
    example: {
      message: 'mutual-tls is declared, but the connector of API Manager 4.5 cannot do it',
      hint: 'It takes API Manager 4.6 or later. Set authentication = "basic" for the connector of this Key Manager.',
    },
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

const SUBJECT = `the certificate of Identity Server, ${IS7_CERTIFICATE},`;

export const STORE_NOTICES = {
  STORE_TYPE_DIFFERS: {
    what: 'A keystore is declared as another kind than it is.',
    why: 'Java reads a JKS store that is declared as PKCS12 by its habit of compatibility; other mixtures stop the server.',
    remedy: 'Correct the type of this store in deployment.toml.',
    example: {
      message: `${APIM_STORE} is declared as PKCS12 but is JKS`,
      hint: 'Java reads it all the same, unless keystore.type.compat is off. Correct the type in deployment.toml.',
    },
  },
  STORE_UNPROTECTED: {
    what: 'A PKCS#12 store has no MAC: any password opens it, and nobody notices when it is changed.',
    why: 'Some packs ship their truststore so. Its form is kept as it is.',
    remedy: 'Guard it by the rights of the file.',
    example: {
      message: `${APIM_STORE} has no MAC: any password opens it, and nobody notices when it is changed`,
      hint: 'API Manager 4.4 and 4.5 ship it so, and it works; its form is kept. Guard it by the rights of the file.',
    },
  },
  STORE_HOLDS_KEY: {
    what: 'A truststore holds private keys.',
    why: 'A truststore is copied and shared freely, and the key with it.',
    remedy: 'Point [truststore] at a store that holds certificates only.',
    example: {
      message: `the truststore ${APIM_STORE} holds private keys: wso2carbon`,
      hint: 'A truststore is copied and shared freely. Point [truststore] at a store of certificates only.',
    },
  },
  ALIAS_HOLDS_OTHER: {
    what: 'The alias that the certificate belongs under holds another one.',
    why: 'The server has got a new certificate since the last apply.',
    remedy: 'Apply: the new one takes the alias, the old one stays trusted until it expires.',
    example: {
      message: `the alias \`wso2is\` in ${APIM_STORE} holds another certificate: ${IS7_CERTIFICATE}`,
      hint: 'Apply puts the present one there; the other stays trusted under an alias of its own until it expires.',
    },
  },
  CERT_SEVERAL_ALIASES: {
    what: 'One certificate is in a truststore under several aliases.',
    why: 'It was imported more than once. That does no harm, until it is to be trusted no more: then each has to go.',
    remedy: 'Nothing, or delete the aliases that you do not want.',
    example: {
      message: `${IS7_CERTIFICATE} is in ${APIM_STORE} several times, as \`wso2is\`, \`is7\``,
      hint: `When it is to be trusted no more, each has to go: keytool -delete -alias NAME -keystore '${APIM_STORE}'`,
    },
  },
  CERT_NOT_YET_VALID: {
    what: 'A certificate is valid from a later time only.',
    why: 'The clock of one of the machines is wrong, or the certificate was made for later.',
    remedy: 'Compare the clocks; else wait, or make the certificate anew.',
    example: {
      message: `${SUBJECT} is valid from 2026-12-01T00:00:00.000Z only`,
      hint: 'Look at the clocks of both machines first; else wait until then, or make the certificate anew.',
    },
  },
  CERT_EXPIRED: {
    what: 'A certificate has expired.',
    why: 'The packs of IS 7.0 to 7.2 and of API Manager 4.3 ship certificates that have expired since. Java accepts one that is itself imported; browsers and curl do not.',
    remedy: 'Give the server a new one; [tls] generate = true does.',
    example: {
      message: `${SUBJECT} has expired on 2025-01-07`,
      hint: 'The servers work on: Java accepts an expired certificate that is itself imported. Browsers, curl and Node refuse it, so replace it when you can; [tls] generate = true does.',
    },
  },
  CERT_EXPIRES_SOON: {
    what: 'A certificate expires within the time of trust.warn_before (30 days unless you say otherwise).',
    why: 'So that it is replaced before it stops working for browsers and clients.',
    remedy: 'Replace it before that day, then apply again.',
    example: {
      message: `${SUBJECT} expires on 2026-12-07`,
      hint: 'Replace it before that day, then apply again: the new certificate is imported, and the old one stays trusted until it expires.',
    },
  },
  CERT_NO_SAN: {
    what: 'A certificate names no host in its subject alternative name.',
    why: 'Hosts are compared with the subject alternative name alone; the CN of the subject has not counted for years.',
    remedy: 'Give the server a certificate with its host names; [tls] generate = true does.',
    example: {
      message:
        'the certificate of Identity Server, CN=is7.example.com (SHA-256 9D:B3:6B:A1…, expires 2027-01-07), has no host names in its subject alternative name, only a subject',
      hint: 'Give Identity Server a certificate whose SAN has is7.example.com; [tls] generate = true does.',
    },
  },
  CERT_HOST_MISMATCH: {
    what: 'A certificate does not cover the host name by which the server is reached.',
    why: 'The packs’ certificates are for localhost alone. Identity Server compares names, and revocation fails with a line in its log; API Manager compares them with mutual TLS only; browsers always do.',
    remedy: 'Reach the server by a name that is covered, or give it a certificate with this one.',
    example: {
      message: `${SUBJECT} does not cover is7.example.com, by which Identity Server is reached`,
      hint: 'API Manager checks host names with mutual TLS only, but browsers, curl and km-bootstrap always do. Use a name it covers, or give Identity Server one whose SAN has this name; [tls] generate = true does.',
    },
  },
  CERT_ADDRESS_MISMATCH: {
    what: 'A certificate does not cover the IP address by which the server is reached.',
    why: 'An address must be in the certificate as an address; a host name does not stand for it.',
    remedy: 'Reach the server by a name that is covered, or give it a certificate with this address.',
    example: {
      message: `${SUBJECT} does not cover 10.0.0.7, by which Identity Server is reached`,
      hint: 'API Manager checks host names with mutual TLS only, but browsers, curl and km-bootstrap always do. Use a name it covers, or give Identity Server one whose SAN has this address; [tls] generate = true does.',
    },
  },
  CERT_KEY_WEAK: {
    what: 'The key of a certificate is weak: RSA of less than 2048 bits, or a small curve.',
    why: 'Recent JDKs refuse it.',
    remedy: 'Make a new one with RSA 2048 or more, or EC P-256.',
    example: {
      message: `${SUBJECT} has a weak key: RSA 1024`,
      hint: 'Make a new one with RSA 2048 or more, or EC P-256; recent JDKs refuse less.',
    },
  },
  CERT_HASH_WEAK: {
    what: 'A certificate is signed with MD2, MD5 or SHA-1.',
    why: 'Recent JDKs and browsers refuse it.',
    remedy: 'Have it signed anew, with SHA-256.',
    example: {
      message: `${SUBJECT} is signed with SHA-1`,
      hint: 'Have it signed with SHA-256; recent JDKs and browsers refuse less.',
    },
  },
  CERT_USAGE_WRONG: {
    what: 'A certificate says that it is not meant for a server, or with mutual TLS not for a client.',
    why: 'Its extended key usage lists purposes, and serverAuth (clientAuth) is none of them.',
    remedy: 'Have one made with serverAuth; for mutual TLS with clientAuth as well.',
    example: {
      message: `${SUBJECT} is not meant for a server: its extended key usage lacks serverAuth`,
      hint: 'Give the server a certificate with serverAuth (and clientAuth, for mutual TLS).',
    },
  },
  CERT_CHAIN_BROKEN: {
    what: 'A certificate comes with a chain whose parts did not sign each other.',
    why: 'The parts are in the wrong order, one is missing, or one is of another authority.',
    remedy: 'Put the server’s own certificate first, then each one’s issuer.',
    example: {
      message: `${SUBJECT} comes with a chain in which CN=Old CA (SHA-256 12:AB:34:CD…, expires 2030-01-31) did not sign ${IS7_CERTIFICATE}`,
      hint: 'Put the certificates in order: the server’s own first, then each one’s issuer, without others.',
    },
  },
  CERT_ISSUER_MISSING: {
    what: 'The authority that issued a certificate is not in the truststore.',
    why: 'The certificate itself is imported, which is enough until it is renewed.',
    remedy: 'Nothing; or import its authority, and no renewal needs an import.',
    example: {
      message: `the CA that issued ${IS7_CERTIFICATE} is not in ${APIM_STORE}`,
      hint: 'The certificate itself is imported, which is enough until it is renewed; import its CA and no renewal needs an import.',
    },
  },
  CERT_ISSUER_EXPIRED: {
    what: 'The authority that issued a certificate is in the truststore, but has expired.',
    why: 'Nothing that it signed is accepted by its signature any more.',
    remedy: 'Import the new certificate of the authority.',
    example: {
      message: `the CA that issued ${IS7_CERTIFICATE} is in ${APIM_STORE} but has expired on 2026-01-31: CN=Example CA (SHA-256 12:AB:34:CD…, expires 2026-01-31)`,
      hint: 'Import the CA’s new certificate.',
    },
  },
  CERT_ISSUER_TRUSTED: {
    what: 'The truststore trusts the authority that issued a certificate.',
    why: 'Whatever else that authority issues is trusted as well.',
    remedy: 'Nothing, if the authority is yours.',
    example: {
      message: `${APIM_STORE} trusts the CA that issued ${IS7_CERTIFICATE}, so whatever else it issues is trusted too`,
      hint: 'That is well if this CA is yours; if it is a public one, host name checks are all that is left.',
    },
  },
} as const satisfies Record<string, Explanation>;
