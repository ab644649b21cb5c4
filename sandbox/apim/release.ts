import type { LoadedHome } from '../loaded-home.js';

/** Whether a home's API Manager is of this release or a later one: `isAtLeast(home, '4.6')`. */
export function isAtLeast({ version }: Pick<LoadedHome, 'version'>, release: string): boolean {
  return ordinal(version) >= ordinal(release);
}

function ordinal(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}
