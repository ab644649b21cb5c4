import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/io/package-root.js';

interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: {
    readonly timestamp?: string;
    readonly component: { readonly name: string; readonly version: string };
  };
  readonly components: readonly { readonly purl?: string; readonly hashes?: readonly { readonly alg: string }[] }[];
}

test('every npm package of the lockfile and every Java library is in it, and the same input gives the same text', async () => {
  const [once, again] = await Promise.all([billOfMaterials(), billOfMaterials()]);
  assert.is(once, again);
  assert.not.match(once, /registry|resolved/);
  const { bomFormat, specVersion, serialNumber, metadata, components }: Bill = JSON.parse(once);
  assert.equal([bomFormat, specVersion], ['CycloneDX', '1.5']);
  assert.match(serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.is(metadata.component.name, 'km-bootstrap');
  assert.is(metadata.timestamp, '1970-01-01T00:00:00.000Z');
  const purls = new Set(components.map(({ purl }) => purl));
  for (const purl of await expected()) assert.ok(purls.has(purl), `${purl} is missing`);
  assert.ok(components.every(({ hashes }) => (hashes?.length ?? 0) > 0));
});

async function billOfMaterials(): Promise<string> {
  const script = join(packageRoot(), 'scripts', 'sbom.mjs');
  const { stdout } = await execa('node', [script], { env: { SOURCE_DATE_EPOCH: '0' } });
  return stdout;
}

async function expected(): Promise<readonly string[]> {
  const lock: { packages: Record<string, { name?: string; version: string; dev?: boolean }> } = JSON.parse(
    await readFile(join(packageRoot(), 'package-lock.json'), 'utf8'),
  );
  const npm = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { name, version }]) => `pkg:npm/${(name ?? nameOf(path)).replace('@', '%40')}@${version}`);
  const jars = await readdir(join(packageRoot(), 'java', 'lib'));
  const maven = [
    'pkg:maven/com.h2database/h2@2.2.224?type=jar',
    'pkg:maven/com.h2database/h2@2.3.232?type=jar',
    'pkg:maven/net.consensys.cava/cava-toml@0.5.0?type=jar',
    'pkg:maven/org.antlr/antlr4-runtime@4.7.1?type=jar',
  ];
  assert.ok(maven.length <= jars.length);
  return [...npm, ...maven];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

test.run();
