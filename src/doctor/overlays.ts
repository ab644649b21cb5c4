import { MESSAGES } from './errors.js';
import type { HomeFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** What the folders do that a container's entrypoint copies over the home at each start. */
export function findOverlayFaults({ overlay, folder }: HomeFacts): readonly Finding[] {
  return [
    ...overlay.databases.map((path) => finding(MESSAGES.OVERLAY_HOLDS_DATABASE(folder), { where: path })),
    ...overlay.twice.map(({ path, winner, loser }) =>
      finding(MESSAGES.OVERLAY_TWICE(path, winner, loser), { where: `${winner}/${path}` }),
    ),
  ];
}
