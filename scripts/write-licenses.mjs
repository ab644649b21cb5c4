// Writes java/licenses: what the Java libraries in the npm package are, and the full texts of their licences.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import licenses from 'spdx-license-list/full.js';

const LIBRARIES = [
  ['h2', 'com.h2database:h2', ['MPL-2.0', 'EPL-1.0'], 'under either of'],
  ['cava-toml', 'net.consensys.cava:cava-toml', ['Apache-2.0'], 'under'],
  ['antlr4-runtime', 'org.antlr:antlr4-runtime', ['BSD-3-Clause'], 'under'],
  ['jsr305', 'com.google.code.findbugs:jsr305', ['Apache-2.0'], 'under'],
];
const folder = new URL('../java/licenses/', import.meta.url);

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const id of new Set(LIBRARIES.flatMap(([, , ids]) => ids))) {
  await writeFile(new URL(`${id}.txt`, folder), `${licenses[id].licenseText.trim()}\n`);
}
const rows = LIBRARIES.map(
  ([jar, coordinates, ids, under]) => `${jar}-*.jar (${coordinates}) ${under} ${ids.join(', ')}`,
);
await writeFile(
  new URL('README', folder),
  `The libraries in java/lib, as their makers published them:\n\n${rows.join('\n')}\n`,
);
