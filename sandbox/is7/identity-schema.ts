import type { ConsumerApp } from '../identity-database.js';

/**
 * The shape of an IS 7 identity database around the table that the guide changes: the key of an application is unique within its
 * tenant only, and two neighbours refer to exactly that pair, so the constraint can be neither dropped nor narrowed.
 */
export const SCHEMA: readonly string[] = [
  `CREATE TABLE IDN_OAUTH_CONSUMER_APPS (
     ID INTEGER NOT NULL AUTO_INCREMENT,
     CONSUMER_KEY VARCHAR(255),
     CONSUMER_SECRET VARCHAR(2048),
     USERNAME VARCHAR(255),
     TENANT_ID INTEGER DEFAULT 0,
     USER_DOMAIN VARCHAR(50),
     APP_NAME VARCHAR(255),
     OAUTH_VERSION VARCHAR(128),
     CALLBACK_URL VARCHAR(2048),
     GRANT_TYPES VARCHAR(1024),
     PKCE_MANDATORY CHAR(1) DEFAULT '0',
     PKCE_SUPPORT_PLAIN CHAR(1) DEFAULT '0',
     APP_STATE VARCHAR(25) DEFAULT 'ACTIVE',
     USER_ACCESS_TOKEN_EXPIRE_TIME BIGINT DEFAULT 3600,
     APP_ACCESS_TOKEN_EXPIRE_TIME BIGINT DEFAULT 3600,
     REFRESH_TOKEN_EXPIRE_TIME BIGINT DEFAULT 84600,
     ID_TOKEN_EXPIRE_TIME BIGINT DEFAULT 3600,
     CONSTRAINT CONSUMER_KEY_CONSTRAINT UNIQUE (TENANT_ID, CONSUMER_KEY),
     PRIMARY KEY (ID))`,
  'CREATE INDEX IDX_OCA_UM_TID_UD_APN ON IDN_OAUTH_CONSUMER_APPS (USERNAME, TENANT_ID, USER_DOMAIN, APP_NAME)',
  `CREATE TABLE IDN_OIDC_PROPERTY (
     ID INTEGER NOT NULL AUTO_INCREMENT,
     TENANT_ID INTEGER,
     CONSUMER_KEY VARCHAR(255),
     PROPERTY_KEY VARCHAR(255) NOT NULL,
     PROPERTY_VALUE VARCHAR(2047),
     PRIMARY KEY (ID),
     FOREIGN KEY (TENANT_ID, CONSUMER_KEY)
       REFERENCES IDN_OAUTH_CONSUMER_APPS (TENANT_ID, CONSUMER_KEY) ON DELETE CASCADE)`,
  `CREATE TABLE IDN_OAUTH2_CIBA_AUTH_CODE (
     AUTH_CODE_KEY CHAR(36),
     AUTH_REQ_ID CHAR(36),
     TENANT_ID INTEGER,
     CONSUMER_KEY VARCHAR(255),
     AUTH_REQ_STATUS VARCHAR(100) DEFAULT 'REQUESTED',
     PRIMARY KEY (AUTH_CODE_KEY),
     FOREIGN KEY (TENANT_ID, CONSUMER_KEY)
       REFERENCES IDN_OAUTH_CONSUMER_APPS (TENANT_ID, CONSUMER_KEY) ON DELETE CASCADE)`,
  `CREATE TABLE IDN_OAUTH2_ACCESS_TOKEN (
     TOKEN_ID VARCHAR(255),
     CONSUMER_KEY_ID INTEGER,
     TOKEN_STATE VARCHAR(25) DEFAULT 'ACTIVE',
     PRIMARY KEY (TOKEN_ID),
     FOREIGN KEY (CONSUMER_KEY_ID) REFERENCES IDN_OAUTH_CONSUMER_APPS (ID) ON DELETE CASCADE)`,
];

/**
 * Where the real server keeps the issuer of its first start: an entity id of the resident identity provider, which is made then. Only the
 * columns that matter.
 */
export const RESIDENT_IDENTITY_PROVIDER: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS IDP_AUTHENTICATOR_PROPERTY (
     ID INTEGER NOT NULL AUTO_INCREMENT,
     TENANT_ID INTEGER,
     AUTHENTICATOR_ID INTEGER NOT NULL,
     PROPERTY_KEY VARCHAR(255) NOT NULL,
     PROPERTY_VALUE VARCHAR(2047),
     IS_SECRET CHAR(1) DEFAULT '0',
     PRIMARY KEY (ID),
     UNIQUE (TENANT_ID, AUTHENTICATOR_ID, PROPERTY_KEY))`,
];

/** The system applications have no usable secret: they are public clients. */
export const SHIPPED_APPS: readonly ConsumerApp[] = [
  { consumerKey: 'CONSOLE', name: 'Console', callbackUrl: 'regexp=(https://localhost:9443/console.*)' },
  { consumerKey: 'MY_ACCOUNT', name: 'My Account', callbackUrl: 'regexp=(https://localhost:9443/myaccount.*)' },
].map((app) => ({
  ...app,
  consumerSecret: '',
  owner: 'admin',
  grantTypes: ['authorization_code', 'refresh_token', 'account_switch', 'organization_switch'],
  userTokenSeconds: 3600,
  applicationTokenSeconds: 3600,
  registered: {},
}));
