import type { LocalServer } from './prepare.js';

/** Where people go once both servers run, a line each. */
export function portalLines(is7: LocalServer, apim: LocalServer): readonly string[] {
  const portals = [
    ['Publisher', `${apim.url()}/publisher`],
    ['Developer Portal', `${apim.url()}/devportal`],
    ['Admin Portal', `${apim.url()}/admin`],
    ['IS 7 Console', `${is7.url()}/console`],
  ] as const;
  return portals.map(([name, url]) => `  ${name.padEnd(NAME_WIDTH)}  ${url}`);
}

const NAME_WIDTH = 16;
