import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json: code runs from `dist/`, and in tests from the build folder. */
export function packageRoot(): string {
  return folderAbove('package.json');
}

/** This very build of the program, for those who start it once more: `main.js`, beside the code or in a folder above it. */
export function programFile(): string {
  return join(folderAbove('main.js'), 'main.js');
}

/** The version in package.json. */
export function packageVersion(): string {
  const parsed = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return parsed.version;
}

function folderAbove(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, name))) folder = dirname(folder);
  return folder;
}
