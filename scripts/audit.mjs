// Advisories and licences, in a few lines.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { echo } from 'zx';

const ROOT = join(import.meta.dirname, '..');

/** What may be installed with the program, and why. */
const ALLOWED = {
  MIT: 'permissive',
  ISC: 'permissive',
  'BSD-2-Clause': 'permissive',
  'BSD-3-Clause': 'permissive',
  'Apache-2.0': 'our own; permissive, with a grant of patents',
  'BlueOak-1.0.0': 'permissive',
  '(BSD-3-Clause OR GPL-2.0)': 'a choice: node-forge is used under BSD-3-Clause',
};

/** What may besides be used to build and test, and never leaves this repository. */
const ALLOWED_HERE = {
  '0BSD': 'permissive',
  'CC0-1.0': 'public domain',
  'MIT OR Apache-2.0': 'a choice of two permissive ones',
  'Python-2.0': 'permissive',
};

/** Jars by their names without version. What is not redistributed is fetched by Maven to where it is used. */
const JARS = {
  h2: { license: 'MPL-2.0 OR EPL-1.0', why: 'used unchanged, as a library; its text is in java/licenses' },
  'cava-toml': { license: 'Apache-2.0', why: 'permissive' },
  'antlr4-runtime': { license: 'BSD-3-Clause', why: 'permissive; cava-toml needs it' },
  jsr305: { license: 'Apache-2.0', why: 'permissive; cava-toml needs it' },
  'mssql-jdbc': { license: 'MIT', why: 'permissive' },
  ojdbc11: { license: 'Oracle FUTC', why: 'free to use; fetched by Maven, not redistributed' },
  jcc: { license: 'IBM IPLA', why: 'free to use with Db2; fetched by Maven, not redistributed' },
};

const failures = [...(await checkAdvisories()), ...(await checkPackages()), ...(await checkJars())];
for (const failure of failures) echo(`audit: FAIL ${failure}`);
process.exit(failures.length > 0 ? 1 : 0);

/** What npm knows against the packages; a registry that does not answer is no finding, and said. */
async function checkAdvisories() {
  const { stdout } = await execa('npm', ['audit', '--json'], { cwd: ROOT, reject: false, timeout: 60_000 });
  const report = parse(stdout);
  if (!report?.metadata?.vulnerabilities) {
    const why = report?.error?.summary || report?.message || report?.error?.code || 'no answer';
    const reason = String(why).replace(/ - .*|\n.*/gs, '');
    echo(`audit: npm audit could not be asked (${reason}): nothing is known of advisories`);
    return [];
  }
  const found = Object.values(report.vulnerabilities ?? {});
  echo(`audit: npm audit names ${found.length} packages`);
  const shipped = await shippedPackages();
  for (const { name, severity, fixAvailable } of found) {
    echo(`audit:   ${severity} ${name}${fixAvailable ? ', mended in a later version' : ''}`);
  }
  return found
    .filter(({ name, severity }) => shipped.has(name) && ['high', 'critical'].includes(severity))
    .map(({ name, severity }) => `${name} has an advisory of rank ${severity}`);
}

async function shippedPackages() {
  return new Set((await lockedPackages()).filter(({ dev }) => !dev).map(({ name }) => name));
}

async function checkPackages() {
  const packages = await lockedPackages();
  const refused = packages.filter(({ dev, license }) => !(license in ALLOWED || (dev && license in ALLOWED_HERE)));
  for (const [kind, isKind] of [
    ['installed with the program', ({ dev }) => !dev],
    ['to build and test', ({ dev }) => dev],
  ]) {
    const ofKind = packages.filter(isKind);
    echo(`audit: ${ofKind.length} packages ${kind}: ${tally(ofKind.map(({ license }) => license))}`);
  }
  return refused.map(
    ({ path, license }) => `${path} has the licence ${license ?? '(none)'}: look at it, then allow it`,
  );
}

async function lockedPackages() {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { license, dev = false }]) => {
      return { path, name: path.replace(/^.*node_modules\//, ''), license, dev };
    });
}

async function checkJars() {
  const pom = await readFile(join(ROOT, 'pom.xml'), 'utf8');
  const declared = [...pom.matchAll(/<(?:dependency|artifactItem)>[\s\S]*?<artifactId>(.*?)</g)].map(
    ([, name]) => name,
  );
  const fetched = await readdir(join(ROOT, 'java', 'lib')).catch(() => []);
  const names = new Set([...declared, ...fetched.filter((file) => file.endsWith('.jar')).map(nameOfJar)]);
  const known = [...names].filter((name) => name in JARS);
  echo(`audit: ${names.size} jars: ${tally(known.map((name) => JARS[name].license))}`);
  return [...names]
    .filter((name) => !(name in JARS))
    .map((name) => `the jar ${name} is of no licence that is known here`);
}

/** `antlr4-runtime-4.7.1.jar` → `antlr4-runtime`. */
function nameOfJar(file) {
  return file.replace(/-\d[^-]*\.jar$/, '');
}

function tally(licenses) {
  const counts = new Map();
  for (const license of licenses) counts.set(license, (counts.get(license) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([license, count]) => `${count} ${license}`)
    .join(', ');
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
