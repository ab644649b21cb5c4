import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';
import { MESSAGES } from './errors.js';

/**
 * SHA-256 of jars as their makers published them at Maven Central: ours, which pom.xml names by version, and those that homes hold. A JVM
 * runs what a jar holds, and neither its name nor its manifest says what that is.
 */
export const KNOWN_JARS: Readonly<Record<string, string>> = {
  'antlr4-runtime-4.7.1.jar': '43516d19beae35909e04d06af6c0c58c17bc94e0070c85e8dc9929ca640dc91d',
  'cava-toml-0.5.0.jar': 'e7a440e9fac74e6c5acfd012a094b1ae9b50986008839849387b8626e3e72e4a',
  'h2-1.4.200.jar': '3ad9ac4b6aae9cd9d3ac1c447465e1ed06019b851b893dd6a8d76ddb6d85bca6',
  'h2-2.0.202.jar': '95090f0609aacb0ee339128ef04077145ef28320ee874ea2e33a692938da5b97',
  'h2-2.0.204.jar': '712a616409580bd4ac7c10e48f2599cc32ba3a433a1804da619c3f0a5ef66a04',
  'h2-2.0.206.jar': '3b9607c5673fd8b87e49e3ac46bd88fd3561e863dce673a35234e8b5708f3deb',
  'h2-2.1.210.jar': 'edc57299926297fd9315e04de75f8538c4cb5fe97fd3da2a1e5cee6a4c98b5cd',
  'h2-2.1.212.jar': 'db9284c6ff9bf3bc0087851edbd34563f1180df3ae87c67c5fe2203c0e67a536',
  'h2-2.1.214.jar': 'd623cdc0f61d218cf549a8d09f1c391ff91096116b22e2475475fce4fbe72bd0',
  'h2-2.2.220.jar': '978ab863018d3f965e38880571c36293ea8b10a8086194159c4d5d20b50f0a57',
  'h2-2.2.222.jar': '25f22491fe353aef9d1ad9374181987d6118a3130b677f7dab5b2571fdce7a76',
  'h2-2.2.224.jar': 'b9d8f19358ada82a4f6eb5b174c6cfe320a375b5a9cb5a4fe456d623e6e55497',
  'h2-2.3.230.jar': 'd726be7fbb0e3e97adeba298b33932b5bccaf37e01bb3c323f6a5f4c4f86abbd',
  'h2-2.3.232.jar': '8dae62d22db8982c3dcb3826edb9c727c5d302063a67eef7d63d82de401f07d3',
  'h2-2.4.240.jar': '29b70e427cc1c40cdc376283adbb0cc62853073797bb5fe5761f81fe73d57ce0',
  'jcc-11.5.6.0.jar': 'aa19fbef83c9663dab0421b6dd6a9bec98e9a65f3000abbff256dd772e1de008',
  'jcc-11.5.7.0.jar': '1dbc8dc93441890f242be66983f1d1363fe6a80f8d1f0b7ca0e1063f42054bb0',
  'jcc-11.5.8.0.jar': '1c3b385b471a8c9cdb9247dfe18830779b2570bed836db59b512e6caa15eda26',
  'jcc-11.5.9.0.jar': '3d7ddbfe04b63cc349fe6cc7f5aaf92cf21a1a11dd57225298aa716f9f4ecda4',
  'jcc-12.1.0.0.jar': '29a514dd740a20661d6a22f67a3a118e2c11dc14fa4056e4faeb08afb1738fd8',
  'jsr305-3.0.2.jar': '766ad2a0783f2687962c8ad74ceecc38a28b9f72a2d085ee438b7813e928d0c7',
  'mssql-jdbc-9.4.1.jre8.jar': 'fa24fd380a9202dcffee10fc8b4ecbf5f5b3088a320a7ee7341c1a980653bed7',
  'mssql-jdbc-9.4.1.jre11.jar': '2329256a80fa179f4ee18432c648a442190d5a2c7ee78abd5d4a8e23346add8d',
  'mssql-jdbc-10.2.3.jre8.jar': '6e2ce2f60db836f81fbb3e27262530fe60a35edb54b720ce5ae186bec8dd056e',
  'mssql-jdbc-10.2.3.jre11.jar': '4907ccf336ecb7b0a00b4f5acf3cfda96d4f1739b7ca9073e879f58cce4c30db',
  'mssql-jdbc-11.2.3.jre8.jar': '7f5cb09cb64a01cc2b81954bb4dc884e5b8c7fe8cdb7c990da857d41665389eb',
  'mssql-jdbc-11.2.3.jre11.jar': 'ec9f3f9c31714952874e8b6aa837e97b11480ff224c276f43140a040c90776a1',
  'mssql-jdbc-12.2.0.jre8.jar': '7f1d146d53f61261de22e1af910c43329fb59ef4299041ae6705ec711c418548',
  'mssql-jdbc-12.2.0.jre11.jar': 'b9595aad1210fe9427e6304456cc5d557b2a87df145c5682f705bc2df7ad4567',
  'mssql-jdbc-12.4.2.jre8.jar': '246b7a4978383a4f9ccccc06a4393dc5d570fd64a434b781c6a82170cdd69911',
  'mssql-jdbc-12.4.2.jre11.jar': 'e14bc6afacadef91085f2aaf2a9c275fe54ee93f4f7a499fb4d5a2e288043f01',
  'mssql-jdbc-12.6.4.jre8.jar': '1d7bc1d373c51ae3b057a6738cb3a4ea9f324d6acf43b6e3741fada3c77299f6',
  'mssql-jdbc-12.6.4.jre11.jar': '297e684091d81485efe81401e17938fa42b4864a18ee921031b3959f22ee8a88',
  'mssql-jdbc-12.8.1.jre8.jar': '44f217b1d67d22442002ee2d1c4ab8e86358606a787b95eeb5301f235482a2ab',
  'mssql-jdbc-12.8.1.jre11.jar': 'e6933c0711e598a224060e52ed31392f720a4a7664e85d8ae37c52a85b67ebb0',
  'mssql-jdbc-12.10.0.jre8.jar': 'ae261ad300e77e871bcaa092acc866f5e7ccbe9dc9b68413364dc4382cb4d804',
  'mssql-jdbc-12.10.0.jre11.jar': '8b80e2a3d254c26f66d479bc51d2d235f054eeb6e8394260c129bbd7fc7394a7',
  'mssql-jdbc-12.10.1.jre8.jar': '30206239623abc8a1df7f3616391cf67371eb58dfc82c0dd40f48655085dc81a',
  'mssql-jdbc-12.10.1.jre11.jar': 'd0b614f17f3dece1e813ae534d3037f6e5a65868832b6d23fba07249b14a21d2',
  'ojdbc8-19.21.0.0.jar': '4c01b05848f4ad7123d59f3bbb8addd8f78fa984160f45515744740ee4af2cc3',
  'ojdbc8-19.25.0.0.jar': '0cb26dbcce82b125358ec22e6c4d6d72df11af8e4583c863ef942ef601025466',
  'ojdbc8-21.9.0.0.jar': 'e7bbab05994715e2810fc20e7ac4052905c5b604a0a1fb2b2f8a9d2f9a5c2c84',
  'ojdbc8-21.11.0.0.jar': '56dd962cf94f7fb10d3ee971915e347a0e719d16b408289a72070a4ee47222ab',
  'ojdbc8-21.15.0.0.jar': '0de5df5ddec7490c73e162b99c2858fe3488474da3b110933a55a684fbbae138',
  'ojdbc8-23.3.0.23.09.jar': '58d793f5bd0c5b074d8a9d2fd7695a36c7d5c7621bc01d2caeeb4422180ae816',
  'ojdbc8-23.5.0.24.07.jar': 'fa41c701f3d1c52ee627b5907e958bcc327bfbefa9ed9d7c0dfa05883e72c88f',
  'ojdbc8-23.6.0.24.10.jar': 'b54c10a2bbad10d440cdf1629bc956f169fda77e6e0dfccf3ddd63d7584fac68',
  'ojdbc8-23.7.0.25.01.jar': '674d2f5a3bf70b5ed724ed869f68b42e3dfca0c914df168d02bb690e0dd67540',
  'ojdbc10-19.21.0.0.jar': '945587243bec774b1641786f83560d3d37c6e49f127b7c93dd211faa47ad9705',
  'ojdbc10-19.25.0.0.jar': '34bdab0126925e2f016a401d3a3e7efc6bff01c53de562b9a353ed04fbe65bc2',
  'ojdbc11-21.9.0.0.jar': '89a44df626f6e44492965865d02f5159e487e7d3bb950298eeb6ad73464fc11c',
  'ojdbc11-21.11.0.0.jar': '1a9055b71d60388e66e66fd761291143146d0b5b63337b63c8b853d6031bad9c',
  'ojdbc11-21.15.0.0.jar': 'c6047bdcf5072dca79ea9055586a4fa567b8ed5bb41cc528d03fb5b9238d486b',
  'ojdbc11-23.3.0.23.09.jar': '5ffffe668e713f0fa3ea37096d40704181b005b79c24fe34f20364c918c411b0',
  'ojdbc11-23.5.0.24.07.jar': '2cc69b821da842c5f5be8877444631cf9fa89561f1f6f5ad7bf1293eb669fc27',
  'ojdbc11-23.6.0.24.10.jar': '8e6af2c3401c64270922e0dca66879fd07281de3347ad1d1a0e1153ed41423a6',
  'ojdbc11-23.7.0.25.01.jar': 'ec8b7f2020b03b19f572e1bc34f94330610e86d3113ffe1e1f0474b8f5ce88ed',
};

const KNOWN: ReadonlySet<string> = new Set(Object.values(KNOWN_JARS));

/**
 * A copy of a jar that others may write, which only this user can enter, when it is one that is known; undefined when it is not. It is the
 * copy that was looked at, so that nobody can exchange it before the JVM opens it. It goes with this process.
 *
 * @throws Error of the file system
 */
export function copyOfKnownJar(path: string): string | undefined {
  const copied = copies.get(path);
  if (copied !== undefined) return copied;
  const bytes = readWhole(path);
  if (!KNOWN.has(sha256(bytes))) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'km-bootstrap-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, basename(path));
  writeFileSync(copy, bytes, { mode: 0o600 });
  copies.set(path, copy);
  return copy;
}

/** One a process: a JVM's class path cannot change. */
const copies = new Map<string, string>();

/**
 * Makes sure that a jar of ours is the one that was published under this name.
 *
 * @throws BootstrapError `JAR_UNKNOWN`
 */
export function requirePublished(path: string): void {
  const name = basename(path);
  if (Object.hasOwn(KNOWN_JARS, name) && sha256(readWhole(path)) === KNOWN_JARS[name]) return;
  throw new BootstrapError(MESSAGES.JAR_UNKNOWN.ours(path, name));
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
