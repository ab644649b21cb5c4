/** The two servers, Identity Server first. */
export const SERVER_IDS = ['is7', 'apim'] as const;

export type ServerId = (typeof SERVER_IDS)[number];

/** What is true of a server wherever it runs. */
export interface Product {
  /** For people: `WSO2 API Manager`. */
  readonly title: string;
  /** For people who know by now whose product it is. */
  readonly shortTitle: string;
  /** How the folder of an unpacked home begins, before the version. */
  readonly pack: string;
  /** Of the start script, from the home. */
  readonly startScript: string;
  /** What it listens on with the port offset 0, as its own carbon.xml and deployment.toml have it. */
  readonly ports: readonly number[];
  /** The table below `[database]` that it cannot do without, and that the other one does not have. */
  readonly ownDatabase: string;
  /** Of its certificate in the truststore of the other, and in its own. */
  readonly alias: 'wso2is' | 'wso2apim';
  /** The first release that the connector `WSO2-IS-7` is for, or that has it (wso2-extensions/apim-km-wso2is). */
  readonly oldest: string;
}

export const PRODUCTS: Readonly<Record<ServerId, Product>> = {
  is7: {
    title: 'WSO2 Identity Server 7',
    shortTitle: 'IS 7',
    pack: 'wso2is-',
    startScript: 'bin/wso2server.sh',
    ports: [9443, 9763],
    ownDatabase: 'identity_db',
    alias: 'wso2is',
    oldest: '7.0',
  },
  apim: {
    title: 'WSO2 API Manager',
    shortTitle: 'API Manager',
    pack: 'wso2am-',
    startScript: 'bin/api-manager.sh',
    ports: [9443, 9763, 8243, 8280, 9099, 8099, 9021, 8021, 9611, 9711, 5672],
    ownDatabase: 'apim_db',
    alias: 'wso2apim',
    oldest: '4.3',
  },
};

/** What either answers HTTPS on with the port offset 0: its consoles, its REST APIs, and for IS 7 the issuer. */
export const HTTPS_PORT = 9443;

/** The highest port offset with which every port of a server exists. */
export const HIGHEST_OFFSET = 65_535 - Math.max(...SERVER_IDS.flatMap((id) => PRODUCTS[id].ports));

/** What the folder in a release's archive is called: `wso2is-7.2.0` for `7.2`, `wso2am-4.5.0` for `4.5`, `wso2is-7.0.0` for `7.0.0-ga`. */
export function packFolder(server: ServerId, release: string): string {
  return `${PRODUCTS[server].pack}${release.replace(/\.0-ga$/, '')}.0`;
}

export function otherServer(server: ServerId): ServerId {
  return server === 'is7' ? 'apim' : 'is7';
}

/** Whether a release is the one named or newer: `4.6` is at least `4.5`. What follows the minor number does not count. */
export function isAtLeast(version: string, least: string): boolean {
  const [[major = 0, minor = 0] = [], [leastMajor = 0, leastMinor = 0] = []] = [version, least].map((text) =>
    text.split('.').map(Number),
  );
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
