/** IS 7's OpenID discovery document, which needs no login. */
export const DISCOVERY = '/oauth2/token/.well-known/openid-configuration';
/** IS 7's report on itself: 200, or 503 with what is wrong. */
export const HEALTH_CHECK = '/api/health-check/v1.0/health';
/** 200 once API Manager's gateway has deployed everything, 500 before. */
export const STARTUP = '/api/am/gateway/v2/server-startup-healthcheck';
/** API Manager's version, on nodes without a gateway too. */
export const VERSION = '/services/Version';
