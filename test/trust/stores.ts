import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { Secret } from '../../src/secret.js';
import { withTempFolder } from '../support/temp-folder.js';

export const PASSWORD = new Secret('wso2carbon');

/** The encodings in which the servers' stores come, and one that keytool can make but no server ships (`sealed`: encrypted, no MAC). */
export type Encoding = 'jks' | 'jceks' | 'pkcs12' | 'legacy' | 'bare' | 'sealed';

const NO_MAC = '-J-Dkeystore.pkcs12.macAlgorithm=NONE';
const CONVERSIONS: Readonly<Record<Encoding, readonly string[]>> = {
  jks: ['-deststoretype', 'JKS'],
  jceks: ['-deststoretype', 'JCEKS'],
  pkcs12: ['-deststoretype', 'PKCS12'],
  legacy: ['-deststoretype', 'PKCS12', '-J-Dkeystore.pkcs12.legacy'],
  bare: ['-deststoretype', 'PKCS12', NO_MAC, '-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE'],
  sealed: ['-deststoretype', 'PKCS12', NO_MAC],
};

/** The two certificates that the stores hold, as PEM. */
export const rsaPem = once(async () => exportPem((await keys()).rsa, 'wso2carbon'));
export const ecPem = once(async () => exportPem((await keys()).ec, 'newkey'));

const makers = Object.entries(CONVERSIONS).map(([encoding, options]) => {
  return [encoding, once(async () => converted([await keyAndCa()], options))] as const;
});
const encoded = Object.fromEntries(makers) as Record<Encoding, () => Promise<Buffer>>;

/** A real store made by keytool, once for a test file. It holds an RSA key `wso2carbon` and an EC certificate imported as `Some-CA`. */
export function storeBytes(encoding: Encoding): Promise<Buffer> {
  return encoded[encoding]();
}

/** A JKS with the keys `newkey` (EC) and `wso2carbon` (RSA), as IS 7.0 has. */
export const twoKeysBytes = once(async () => {
  const { rsa, ec } = await keys();
  return converted([ec, rsa], CONVERSIONS.jks);
});

const keys = once(() =>
  withTempFolder(async (folder) => {
    const [rsa, ec] = [join(folder, 'rsa.p12'), join(folder, 'ec.p12')];
    await Promise.all([
      makeKey(rsa, 'wso2carbon', ['-keyalg', 'RSA', '-keysize', '2048']),
      makeKey(ec, 'newkey', ['-keyalg', 'EC']),
    ]);
    return { rsa: await readFile(rsa), ec: await readFile(ec) };
  }),
);

const keyAndCa = once(async () => {
  const pem = await ecPem();
  return withStore((await keys()).rsa, async (path) => {
    await keytool(['-importcert', '-noprompt', '-alias', 'Some-CA', '-keystore', path], pem);
    return readFile(path);
  });
});

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function makeKey(path: string, alias: string, algorithm: readonly string[]): Promise<void> {
  const subject = ['-dname', `CN=${alias},O=Test`, '-ext', `SAN=dns:${alias}.test`, '-validity', '3650'];
  await keytool(['-genkeypair', '-alias', alias, ...algorithm, ...subject, '-storetype', 'PKCS12', '-keystore', path]);
}

function exportPem(store: Buffer, alias: string): Promise<string> {
  return withStore(store, (path) => keytool(['-exportcert', '-rfc', '-alias', alias, '-keystore', path]));
}

function converted(sources: readonly Buffer[], options: readonly string[]): Promise<Buffer> {
  return withTempFolder(async (folder) => {
    const to = join(folder, 'to');
    const passwords = ['-srcstorepass:env', 'PASS', '-deststorepass:env', 'PASS'];
    for (const source of sources) {
      await withStore(source, (from) =>
        keytool(['-importkeystore', '-noprompt', '-srckeystore', from, '-destkeystore', to, ...options, ...passwords]),
      );
    }
    return readFile(to);
  });
}

function withStore<T>(bytes: Buffer, use: (path: string) => Promise<T>): Promise<T> {
  return withTempFolder(async (folder) => {
    const path = join(folder, 'store.p12');
    await writeFile(path, bytes);
    return use(path);
  });
}

async function keytool(command: readonly string[], input = ''): Promise<string> {
  const password = command.includes('-importkeystore') ? [] : ['-storepass:env', 'PASS'];
  const flags = ['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC', '-J-Duser.language=en'];
  const env = { PASS: PASSWORD.reveal() };
  return (await execa('keytool', [...flags, ...command, ...password], { input, env })).stdout;
}
