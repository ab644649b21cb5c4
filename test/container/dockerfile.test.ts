import { access, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serverTomlJars } from '../../sandbox/server-toml.js';
import { packageRoot } from '../../src/io/package-root.js';

function read(name: string): Promise<string> {
  return readFile(join(packageRoot(), name), 'utf8');
}

test('both bases are arguments with a digest', async () => {
  const dockerfile = await read('Dockerfile');
  const bases = [...dockerfile.matchAll(/^ARG (\w+_IMAGE)=(\S+)$/gm)].filter(([, name]) => name !== 'RUNTIME_IMAGE');
  assert.equal(
    bases.map(([, name]) => name),
    ['NODE_IMAGE', 'DEBIAN_IMAGE'],
  );
  for (const [, , image] of bases) assert.match(image ?? '', /^[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
  const froms = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  assert.equal(froms, ['${NODE_IMAGE}', '${DEBIAN_IMAGE}', '${RUNTIME_IMAGE}', 'runtime']);
});

test('the image runs as a number that is not root, ends on SIGTERM, and is asked for its health', async () => {
  const runtime = stage(await read('Dockerfile'), 'runtime');
  assert.match(runtime, /^USER [1-9]\d*:[1-9]\d*$/m);
  assert.match(runtime, /^STOPSIGNAL SIGTERM$/m);
  assert.match(
    runtime,
    /^HEALTHCHECK .*\\\n {2}CMD \["node", "\/opt\/km-bootstrap\/dist\/container\/healthcheck\.js"\]$/m,
  );
  assert.match(runtime, /^ENTRYPOINT \["node", "\/opt\/km-bootstrap\/dist\/container\/entrypoint\.js"\]$/m);
  assert.not.match(runtime, /apt-get|npm |mvn /);
  for (const label of ['title', 'description', 'licenses', 'version', 'revision'])
    assert.match(runtime, `org.opencontainers.image.${label}=`);
});

test('its version is that of the package', async () => {
  const { version } = JSON.parse(await read('package.json'));
  assert.match(stage(await read('Dockerfile'), 'runtime'), `ARG VERSION=${version}\n`);
});

test('the drivers of Oracle and IBM stay out, under the names that pom.xml has', async () => {
  const [, excluded = ''] = /^ARG EXCLUDED_DRIVERS=(\S*)$/m.exec(await read('Dockerfile')) ?? [];
  assert.is(excluded, 'ojdbc11,jcc');
  const pom = await read('pom.xml');
  for (const name of excluded.split(',')) assert.match(pom, `<artifactId>${name}</artifactId>`);
});

test('the parser of the stand-ins is in their image alone', async () => {
  const dockerfile = await read('Dockerfile');
  const jars = serverTomlJars().map((path) => basename(path).replace(/-[\d.]+jar$/, ''));
  for (const jar of jars) assert.match(dockerfile, new RegExp(`^ +mv .*java/lib/${jar}-\\*.* \\$standins/;`, 'm'));
  assert.match(stage(dockerfile, 'sandbox'), /^COPY --from=build \/standins \/$/m);
  assert.not.match(stage(dockerfile, 'runtime'), '/standins');
});

test('only what is named reaches the build', async () => {
  const [first, ...named] = (await read('.dockerignore'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.is(first, '*');
  assert.equal(
    named.filter((line) => !line.startsWith('!')),
    ['sandbox/wso2*'],
    'but for homes that `km-bootstrap sandbox` made in the checkout',
  );
  for (const line of named.filter((line) => line.startsWith('!'))) await access(join(packageRoot(), line.slice(1)));
});

function stage(dockerfile: string, name: string): string {
  const start = dockerfile.search(new RegExp(`^FROM .* AS ${name}$`, 'm'));
  assert.is.not(start, -1);
  return dockerfile.slice(start).split(/\n(?=FROM )/)[0] ?? '';
}

test.run();
