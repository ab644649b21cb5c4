#!/usr/bin/env node
// The bill of materials: npm writes it for package-lock.json, and the jars of java/lib are added by what pom.xml or they themselves say.
// The same input gives the same text: no time but SOURCE_DATE_EPOCH, and a serial number made from the content.
//   scripts/sbom [--image]     --image: what the container image holds, with Node.js and Java
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import yauzl from 'yauzl';
import { $ } from 'zx/core';

const ROOT = dirname(import.meta.dirname);
const LIBRARIES = join(ROOT, 'java', 'lib');
const isOfImage = process.argv.includes('--image');

process.stdout.write(`${JSON.stringify(await billOfMaterials(), undefined, 2)}\n`);

async function billOfMaterials() {
  const { metadata, components, dependencies, ...bom } = await npmBill();
  const libraries = await Promise.all((await jars()).map(describeJar));
  const own = { ...metadata.component, name: JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).name };
  const all = [...components, ...libraries, ...(isOfImage ? await platform() : [])];
  const known = new Set([own['bom-ref'], ...all.map((component) => component['bom-ref'])]);
  const { timestamp: _, ...about } = metadata;
  const rest = {
    metadata: { ...time(), ...about, component: own },
    components: all,
    dependencies: dependencies
      .filter(({ ref }) => known.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => known.has(other)) })),
  };
  return { ...bom, serialNumber: serialNumber(rest), ...rest };
}

/** npm's own `--omit dev` also leaves out what a development package happens to need as well, so that the lockfile has to say. */
async function npmBill() {
  const npm = $({ cwd: ROOT, quiet: true });
  const { stdout } = await npm`npm sbom --sbom-format cyclonedx --sbom-type application --package-lock-only`;
  const bill = JSON.parse(stdout);
  const production = await productionPackages();
  return { ...bill, components: bill.components.filter(({ purl }) => production.has(purl)) };
}

async function productionPackages() {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  const used = Object.entries(packages).filter(
    ([path, { dev, optional }]) => path && !dev && isInstalled(path, optional),
  );
  return new Set(
    used.map(([path, { name = nameOf(path), version }]) => `pkg:npm/${name.replace('@', '%40')}@${version}`),
  );
}

function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** The bridge to Java is the one optional package. What it depends on only builds it, and stays out of the image, as types do. */
function isInstalled(path, isOptional) {
  if (!isOfImage) return true;
  return path === 'node_modules/java' || !(isOptional || path.startsWith('node_modules/@types/'));
}

async function jars() {
  return (await readdir(LIBRARIES)).filter((name) => name.endsWith('.jar')).sort();
}

async function describeJar(file) {
  const bytes = await readFile(join(LIBRARIES, file));
  const { group, name, version } = (await declared(file)) ?? (await coordinatesInside(bytes, file));
  const purl = `pkg:maven/${group}/${name}@${version}?type=jar`;
  const hashes = [{ alg: 'SHA-256', content: createHash('sha256').update(bytes).digest('hex') }];
  return { 'bom-ref': purl, type: 'library', group, name, version, scope: 'required', purl, hashes };
}

/** What pom.xml names itself. */
async function declared(file) {
  const pom = await readFile(join(ROOT, 'pom.xml'), 'utf8');
  const blocks = pom.match(/<(dependency|artifactItem)>.*?<\/\1>/gs) ?? [];
  return blocks
    .map((block) => ({ group: tag(block, 'groupId'), name: tag(block, 'artifactId'), version: tag(block, 'version') }))
    .find(({ name, version }) => file === `${name}-${version}.jar`);
}

function tag(xml, name) {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

/** What came along with it: Maven leaves its coordinates in the jars that it builds. */
async function coordinatesInside(bytes, file) {
  const zip = await yauzl.fromBufferPromise(bytes);
  for await (const entry of zip.eachEntry()) {
    if (!/^META-INF\/maven\/.*\/pom\.properties$/.test(entry.fileName)) continue;
    const properties = await text(await zip.openReadStreamPromise(entry));
    const value = (key) => new RegExp(`^${key}=(.*)$`, 'm').exec(properties)?.[1]?.trim();
    return { group: value('groupId'), name: value('artifactId'), version: value('version') };
  }
  throw new Error(`${file} is in ${LIBRARIES}, but neither pom.xml nor the jar says what it is`);
}

async function platform() {
  const release = await readFile(join(process.env['JAVA_HOME'] ?? '', 'release'), 'utf8');
  const [, java = ''] = /^JAVA_VERSION="(.*)"$/m.exec(release) ?? [];
  const named = (name, version) => ({
    'bom-ref': `${name}@${version}`,
    type: 'platform',
    name,
    version,
    scope: 'required',
  });
  return [named('Node.js', process.versions.node), named('OpenJDK', java)];
}

function time() {
  const seconds = process.env['SOURCE_DATE_EPOCH'];
  return seconds === undefined ? {} : { timestamp: new Date(Number(seconds) * 1000).toISOString() };
}

/** A UUID of version 8 (RFC 9562): made of our own bits. */
function serialNumber(content) {
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return `urn:uuid:${uuid}`;
}
