import { isAtLeast, otherServer, PRODUCTS, type ServerId } from '../servers/server.js';
import { MESSAGES } from './errors.js';
import type { HomeFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** Whether a home is that of the server it was given as, in a release that the two get on with. */
export function findProductFaults(home: HomeFacts): readonly Finding[] {
  const { server, version, folder, settings } = home;
  const other = otherServer(server);
  const has = (id: ServerId) => settings?.value(['database', PRODUCTS[id].ownDatabase]) !== undefined;
  if (settings && !has(server) && has(other)) {
    return [
      finding(
        MESSAGES.HOME_OF_OTHER_SERVER(PRODUCTS[other].title, PRODUCTS[server].title, PRODUCTS[other].ownDatabase),
        { where: folder },
      ),
    ];
  }
  if (version === undefined || isAtLeast(version, PRODUCTS[server].oldest)) return [];
  return [finding(MESSAGES.VERSION_UNSUPPORTED(server, version), { where: folder })];
}
