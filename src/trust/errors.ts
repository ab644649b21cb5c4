import { messages } from '../errors.js';

export const MESSAGES = messages({
  CERT_NOT_YET_VALID: (subject: string, start: string) => ({
    message: `${subject} is valid from ${start} only`,
    hint: 'Look at the clocks of both machines first; else wait until then, or make the certificate anew.',
  }),
  CERT_EXPIRED: (subject: string, day: string) => ({
    message: `${subject} has expired on ${day}`,
    hint: 'The servers work on: Java accepts an expired certificate that is itself imported. Browsers, curl and Node refuse it, so replace it when you can; [tls] generate = true does.',
  }),
  CERT_EXPIRES_SOON: (subject: string, day: string) => ({
    message: `${subject} expires on ${day}`,
    hint: 'Replace it before that day, then apply again: the new certificate is imported, and the old one stays trusted until it expires.',
  }),
  CERT_NO_SAN: (subject: string, peer: string, hosts: readonly string[]) => ({
    message: `${subject} has no host names in its subject alternative name, only a subject`,
    hint: `Give ${peer} a certificate whose SAN has ${hosts.join(', ') || 'its host name'}; [tls] generate = true does.`,
  }),
  CERT_HOST_MISMATCH: (subject: string, host: string, peer: string, consequence: string) => ({
    message: `${subject} does not cover ${host}, by which ${peer} is reached`,
    hint: `${consequence} Use a name it covers, or give ${peer} one whose SAN has this name; [tls] generate = true does.`,
  }),
  CERT_ADDRESS_MISMATCH: (subject: string, host: string, peer: string, consequence: string) => ({
    message: `${subject} does not cover ${host}, by which ${peer} is reached`,
    hint: `${consequence} Use a name it covers, or give ${peer} one whose SAN has this address; [tls] generate = true does.`,
  }),
  CERT_KEY_WEAK: (subject: string, keyStrength: string) => ({
    message: `${subject} has a weak key: ${keyStrength}`,
    hint: 'Make a new one with RSA 2048 or more, or EC P-256; recent JDKs refuse less.',
  }),
  CERT_HASH_WEAK: (subject: string, hash: string) => ({
    message: `${subject} is signed with ${hash}`,
    hint: 'Have it signed with SHA-256; recent JDKs and browsers refuse less.',
  }),
  CERT_USAGE_WRONG: (subject: string, role: string) => ({
    message: `${subject} is not meant for a ${role}: its extended key usage lacks ${role}Auth`,
    hint: 'Give the server a certificate with serverAuth (and clientAuth, for mutual TLS).',
  }),
  CERT_CHAIN_BROKEN: (subject: string, signer: string, signed: string) => ({
    message: `${subject} comes with a chain in which ${signer} did not sign ${signed}`,
    hint: 'Put the certificates in order: the server’s own first, then each one’s issuer, without others.',
  }),
  KEY_MISSING: (wanted: string | undefined, path: string, names: string) => ({
    message: `\`${wanted}\` in ${path} is a certificate without its private key; the store's private keys are: ${names}`,
    hint: 'A server cannot present it. Import key and certificate together (a PKCS#12 file, keytool -importkeystore), or name another alias in deployment.toml.',
  }),
  STORE_ALIAS_MISSING: (path: string, wanted: string | undefined, names: string) => ({
    message: `${path} holds no private key under the alias \`${wanted}\`; its private keys are: ${names}`,
    hint: 'Correct the alias of this keystore in deployment.toml ([keystore.tls] or [keystore.primary]).',
  }),
  CERTIFICATE_UNREADABLE: {
    inStore: (alias: string, path: string, sha256: string) => ({
      message: `the certificate of \`${alias}\` in ${path}, SHA-256 ${sha256}, cannot be parsed`,
      hint: 'OpenSSL refuses what it holds, and so would browsers and curl. Give the server a certificate that is well formed.',
    }),
    inFile: (path: string, first: unknown) => ({
      message: `${path} holds ${first ? 'a block that is no' : 'no'} X.509 certificate`,
      hint: 'Give a file with the PEM of the server certificate: a block from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".',
    }),
  },
  KEY_PASSWORD_WRONG: (alias: string, path: string) => ({
    message: `the key password does not open the private key \`${alias}\` in ${path}`,
    hint: 'Correct key_password of this keystore in deployment.toml ([keystore.tls] or [keystore.primary]); the server does not start without its key.',
  }),
  KEY_MISMATCH: {
    inStore: (alias: string, path: string, certificate: string) => ({
      message: `the private key \`${alias}\` in ${path} is not that of its certificate, ${certificate}`,
      hint: 'Key and certificate were mixed up when they were put together. Import the pair that belongs together.',
    }),
    inFiles: (keyFile: string, certificateFile: string, certificate: string, settings: string) => ({
      message: `the private key ${keyFile} is not that of ${certificateFile}, ${certificate}`,
      hint: `Give the two files that belong together in ${settings}.`,
    }),
  },
  KEY_UNREADABLE: {
    byJavaOnly: (path: string) => ({
      message: `the private key of ${path} can be opened by Java only`,
      hint: 'Nothing is wrong with that; only the cause of a failed mutual TLS cannot be found from here.',
    }),
    signsNothing: (path: string | undefined, kind: string | undefined, settings: string | undefined) => ({
      message: `${path} is a key of the kind ${kind}, which signs no certificates`,
      hint: `Give an authority with an RSA, EC or EdDSA key in ${settings}.`,
    }),
    inFile: (path: string, isSealed: boolean) => ({
      message: `${path} holds ${isSealed ? 'an encrypted' : 'no'} private key${isSealed ? '' : ' in PEM'}`,
      hint: isSealed
        ? 'Give the key without a passphrase, guarded by the rights of its file (openssl pkey writes it so).'
        : 'Give a file with a block "-----BEGIN PRIVATE KEY-----".',
    }),
  },
  KEYTOOL_FAILED: (path: string, faults: readonly string[]) => ({
    message: `keytool would have left ${path} with ${faults.join(', ')}; the file was not touched`,
    hint: 'Use the keytool of another JDK through JAVA_HOME (11.0.12 or later, the one of the servers at best), or make this change by hand.',
  }),
  CERTIFICATE_HOST_MISMATCH: (path: string, certificate: string, names: string) => ({
    message: `the certificate in ${path}, ${certificate}, does not cover ${names}, the host name that is set for its server`,
    hint: `Give a certificate whose subject alternative name (SAN) has ${names}, or set another host name.`,
  }),
  KEY_EXPOSED: (mode: number, path?: string) => ({
    message: `files.mode = ${mode.toString(8).padStart(4, '0')} would let everybody read a private key${path === undefined ? '' : ` in ${path}`}`,
    hint: 'Set files.mode to 0640 or less, and files.group to the group of the server (802 in the images of IS 7, 10001 in those of API Manager).',
  }),
  FILE_UNREADABLE: {
    pem: (path: string, reason: string, settings: string) => ({
      message: `cannot read ${path}: ${reason}`,
      hint: `Check the setting ${settings}, and that the user that runs km-bootstrap may read the file.`,
    }),
    published: (file: string, reason: string) => ({
      message: `cannot read ${file}: ${reason}`,
      hint: 'Give the user that runs km-bootstrap the right to read this file, or remove it.',
    }),
    store: (path: string, reason: string) => ({
      message: `cannot read the keystore ${path}: ${reason}`,
      hint: 'Give the user that runs km-bootstrap the right to read this file.',
    }),
  },
  STORE_ALIAS_TAKEN: (alias: string, path: string, what: string) => ({
    message: `the alias \`${alias}\` in ${path} already holds ${what}, which is not ours to replace`,
    hint: `Move it to another alias: keytool -changealias -alias ${alias} -destalias NAME -keystore '${path}'`,
  }),
  STORE_TYPE_DIFFERS: (path: string, declaredType: string | undefined, format: string, works: boolean) => ({
    message: `${path} is declared as ${declaredType} but is ${format}`,
    hint: works
      ? 'Java reads it all the same, unless keystore.type.compat is off. Correct the type in deployment.toml.'
      : `The server cannot load it. Correct the type of this store in deployment.toml to ${format}.`,
  }),
  STORE_UNPROTECTED: (path: string) => ({
    message: `${path} has no MAC: any password opens it, and nobody notices when it is changed`,
    hint: 'API Manager 4.4 and 4.5 ship it so, and it works; its form is kept. Guard it by the rights of the file.',
  }),
  STORE_HOLDS_KEY: (path: string, names: readonly string[]) => ({
    message: `the truststore ${path} holds private keys: ${names.join(', ')}`,
    hint: 'A truststore is copied and shared freely. Point [truststore] at a store of certificates only.',
  }),
  ALIAS_HOLDS_OTHER: (alias: string, path: string, entry: string) => ({
    message: `the alias \`${alias}\` in ${path} holds another certificate: ${entry}`,
    hint: 'Apply puts the present one there; the other stays trusted under an alias of its own until it expires.',
  }),
  CERT_SEVERAL_ALIASES: (certificate: string, path: string, aliases: readonly string[]) => ({
    message: `${certificate} is in ${path} several times, as ${aliases.join(', ')}`,
    hint: `When it is to be trusted no more, each has to go: keytool -delete -alias NAME -keystore '${path}'`,
  }),
  CERT_ISSUER_MISSING: (subject: string, path: string) => ({
    message: `the CA that issued ${subject} is not in ${path}`,
    hint: 'The certificate itself is imported, which is enough until it is renewed; import its CA and no renewal needs an import.',
  }),
  CERT_ISSUER_EXPIRED: (subject: string, path: string, day: string, certificate: string) => ({
    message: `the CA that issued ${subject} is in ${path} but has expired on ${day}: ${certificate}`,
    hint: 'Import the CA’s new certificate.',
  }),
  CERT_ISSUER_TRUSTED: (path: string, subject: string) => ({
    message: `${path} trusts the CA that issued ${subject}, so whatever else it issues is trusted too`,
    hint: 'That is well if this CA is yours; if it is a public one, host name checks are all that is left.',
  }),
  AUTHORITY_EXPIRED: (certificate: string) => ({
    message: `the authority of tls.ca_certificate, ${certificate}, has expired`,
    hint: 'Give the authority’s new certificate and key in tls.ca_certificate and tls.ca_key.',
  }),
  STORE_PASSWORD_NOT_ASCII: (path: string, passwordSetting: string | undefined) => ({
    message: `the password for the PKCS12 keystore ${path} has characters beyond printable ASCII, which Java does not take for PKCS12`,
    hint: `Change ${passwordSetting ?? 'the password of this store in deployment.toml'} and the store to a password of printable ASCII, or use a JKS store.`,
  }),
  STORE_FORMAT_UNSUPPORTED: (path: string, format: string, reason: string, javaSays: string) => ({
    message: `${path} is a ${format} keystore that only Java could read (${reason}), and ${javaSays}`,
    hint: 'Set JAVA_HOME to the JDK of the servers, with their security provider in its java.security and the jar in JAVA_TOOL_OPTIONS; or use a JKS or PKCS#12 store; or import by hand and leave out this step with --only.',
  }),
  STORE_PASSWORD_WRONG: (format: string, path: string, passwordSetting: string | undefined) => ({
    message: `the password does not open the ${format} keystore ${path}`,
    hint: `Correct ${passwordSetting ?? "this store's password in deployment.toml ([truststore], [keystore.tls] or [keystore.primary])"}. If it is right, the file is damaged: restore it.`,
  }),
  STORE_TRUNCATED: (format: string, path: string) => ({
    message: `the ${format} keystore ${path} is cut short: it ends before its last entry does`,
    hint: 'A disk was full or a copy was interrupted. Restore the file from the server pack or a backup.',
  }),
  STORE_UNREADABLE: {
    damaged: (path: string, format: string, reason: string) => ({
      message: `cannot read ${path} as a ${format} keystore: ${reason}`,
      hint: 'The file is damaged or was made by a program that is not known. Restore it from the server pack or a backup.',
    }),
    noStore: (path: string, what: string) => ({
      message: `${path} is no keystore: it is ${what}`,
      hint: 'Point deployment.toml at a JKS or PKCS#12 store, or put this into one with keytool -importcert.',
    }),
  },
  STORE_IS_FOLDER: (path: string) => ({
    message: `in the place of the keystore ${path} is a folder`,
    hint: 'Docker makes a folder where a mounted file is missing: remove it, and mount a file that is there.',
  }),
  STORE_LINK_BROKEN: (path: string) => ({
    message: `the keystore ${path} is a link to nothing`,
    hint: 'Mount or restore what it links to.',
  }),
  STORE_MISSING: (path: string) => ({
    message: `there is no keystore ${path}`,
    hint: 'Correct the file_name of this store in deployment.toml ([truststore], [keystore.tls], [keystore.primary]), or restore the file from the server pack.',
  }),
  STORE_EMPTY: (path: string) => ({
    message: `the keystore ${path} is an empty file`,
    hint: 'Restore it from the server pack or a backup; a copy that failed, or a mount made before its file, leaves such a file.',
  }),
});
