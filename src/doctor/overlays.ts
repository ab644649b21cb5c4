import type { HomeFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** What the folders do that a container's entrypoint copies over the home at each start. */
export function findOverlayFaults({ overlay, folder }: HomeFacts): readonly Finding[] {
  return [
    ...overlay.databases.map((path) =>
      finding('OVERLAY_HOLDS_DATABASE', {
        where: path,
        message: `the overlay holds a database, and is copied over ${folder} at every start: it would undo the server's data each time`,
        hint: 'Remove it from the overlay. Keep the database on a volume of its own under repository/database, or on a database server.',
      }),
    ),
    ...overlay.twice.map(({ path, winner, loser }) =>
      finding('OVERLAY_TWICE', {
        where: `${winner}/${path}`,
        message: `${path} is in two folders that are copied over the home, and differs: that of ${winner} is copied last and counts, that of ${loser} never does`,
        hint: 'Keep it in one of the two; files are replaced as a whole, nothing is merged.',
      }),
    ),
  ];
}
