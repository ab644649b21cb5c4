import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PROGRAMS = ['/usr/bin/chromium', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/** The Chromium that CHROMIUM names, or the one that scripts/setup --tests installs; undefined where there is none: the caller says what it skips. */
export function chromiumProgram(): string | undefined {
  return [process.env['CHROMIUM'], ...PROGRAMS].find((path) => path && existsSync(path));
}

/** The one browser of this process; it ends with it. */
export function openBrowser(executablePath: string): Promise<Browser> {
  // The sandbox of the browser needs rights that containers rarely have; only pages of ours are opened.
  launched ??= chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  return launched;
}

let launched: Promise<Browser> | undefined;
