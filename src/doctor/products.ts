import { type HomeFacts, isAtLeast } from './facts.js';
import { type Finding, finding } from './finding.js';

const OWN_DATABASE = { is7: 'identity_db', apim: 'apim_db' } as const;
const TITLE = { is7: 'WSO2 Identity Server 7', apim: 'WSO2 API Manager' } as const;

/** The first release that has the connector `WSO2-IS-7`, and the first that it is for (wso2-extensions/apim-km-wso2is). */
const OLDEST = { is7: '7.0', apim: '4.3' } as const;

/** Whether a home is that of the server it was given as, in a release that the two get on with. */
export function findProductFaults(home: HomeFacts): readonly Finding[] {
  const { server, version, folder, settings } = home;
  const other = server === 'is7' ? 'apim' : 'is7';
  const has = (id: 'is7' | 'apim') => settings?.value(['database', OWN_DATABASE[id]]) !== undefined;
  if (settings && !has(server) && has(other)) {
    return [
      finding('HOME_OF_OTHER_SERVER', {
        where: folder,
        message: `this is the home of ${TITLE[other]}, not of ${TITLE[server]}: its deployment.toml has [database.${OWN_DATABASE[other]}]`,
        hint: 'Exchange the two homes: --is7-home is Identity Server’s, --apim-home API Manager’s.',
      }),
    ];
  }
  if (version === undefined || isAtLeast(version, OLDEST[server])) return [];
  return [
    finding('VERSION_UNSUPPORTED', {
      where: folder,
      message:
        server === 'is7'
          ? `this is Identity Server ${version}: the connector WSO2-IS-7 is for 7.0 and later`
          : `this is API Manager ${version}: the connector WSO2-IS-7 comes with 4.3 and later`,
      hint:
        server === 'is7'
          ? 'Use Identity Server 7; older ones are set up another way, with the connector WSO2-IS.'
          : 'Use API Manager 4.3 or later; an older one takes Identity Server 6 and older only.',
    }),
  ];
}
