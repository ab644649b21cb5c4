/** Where things lie in a home of either server, from its folder. */
export const DEPLOYMENT_TOML = 'repository/conf/deployment.toml';
/** Keystores and truststores. */
export const SECURITY = 'repository/resources/security';
/** File databases. */
export const DATABASES = 'repository/database';
export const LOGS = 'repository/logs';
/** Bundles that people add, and the server loads. */
export const DROPINS = 'repository/components/dropins';
/** JDBC drivers, and other jars that are no bundles. */
export const LIB = 'repository/components/lib';
/** The bundles that the server comes with. */
export const PLUGINS = 'repository/components/plugins';
/** `WSO2 Identity Server v7.2.0` */
export const VERSION_FILE = 'bin/version.txt';
