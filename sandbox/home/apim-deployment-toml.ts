import type { Release } from './releases.js';

/**
 * The deployment.toml of an API Manager pack: its tables and keys in its order, with comments of our own. Its traps are kept: the offset
 * is a comment, there is no [truststore], and a sub-table of [oauth] stands without [oauth].
 */
export function apimDeploymentToml({ version, keystore, storeType }: Release): string {
  const differences = DIFFERENCES[version] ?? {};
  return `[server]
hostname = "localhost"
#offset=0
base_path = "\${carbon.protocol}://\${carbon.host}:\${carbon.management.port}"
#discard_empty_caches = false
server_role = "default"

[super_admin]
username = "admin"
password = "admin"
create_admin_account = true

[user_store]
type = "database_unique_id"

[database.apim_db]
type = "h2"
url = "jdbc:h2:./repository/database/WSO2AM_DB;DB_CLOSE_ON_EXIT=FALSE"
username = "wso2carbon"
password = "wso2carbon"

[database.shared_db]
type = "h2"
url = "jdbc:h2:./repository/database/WSO2SHARED_DB;DB_CLOSE_ON_EXIT=FALSE"
username = "wso2carbon"
password = "wso2carbon"

[keystore.tls]
file_name =  "${keystore}"
type =  "${storeType}"
password =  "wso2carbon"
alias =  "wso2carbon"
key_password =  "wso2carbon"

#[keystore.primary]
#file_name =  "${keystore}"
#type =  "${storeType}"
#password =  "wso2carbon"
#alias =  "wso2carbon"
#key_password =  "wso2carbon"

#[keystore.internal]
#file_name =  "${keystore}"
#type =  "${storeType}"
#password =  "wso2carbon"
#alias =  "wso2carbon"
#key_password =  "wso2carbon"
${differences.gatewayTypes ?? ''}
[[apim.gateway.environment]]
name = "Default"
type = "hybrid"
gateway_type = "Regular"
provider = "wso2"
display_in_api_console = true
description = "Takes production and sandbox traffic."
show_as_token_endpoint_url = true
service_url = "https://localhost:\${mgt.transport.https.port}/services/"
username= "\${admin.username}"
password= "\${admin.password}"
ws_endpoint = "ws://localhost:9099"
wss_endpoint = "wss://localhost:8099"
http_endpoint = "http://localhost:\${http.nio.port}"
https_endpoint = "https://localhost:\${https.nio.port}"
websub_event_receiver_http_endpoint = "http://localhost:9021"
websub_event_receiver_https_endpoint = "https://localhost:8021"

[apim.sync_runtime_artifacts.gateway]
gateway_labels =["Default"]

#[apim.cache.gateway_token]
#enable = true
#expiry_time = "900s"

[apim.analytics]
enable = false
auth_token = ""
${differences.analytics ?? ''}
[apim.ai]
enable = true
${differences.ai ?? AI_KEY}
[apim.key_manager]
${differences.keyManager ?? 'enable_lightweight_apikey_generation = true'}
#service_url = "https://localhost:\${mgt.transport.https.port}/services/"
#username = "$ref{super_admin.username}"
#password = "$ref{super_admin.password}"
#pool.max_idle = 100

#[apim.jwt]
#enable = true
#encoding = "base64" # or base64url

#[apim.oauth_config]
#revoke_endpoint = "https://localhost:\${https.nio.port}/revoke"
#enable_token_hashing = false

[apim.cors]
allow_origins = "*"
allow_methods = ["GET","PUT","POST","DELETE","PATCH","OPTIONS"]
allow_headers = ["authorization","Access-Control-Allow-Origin","Content-Type","SOAPAction","apikey","Internal-Key"]
allow_credentials = false

#[[apim.throttling.url_group]]
#traffic_manager_urls = ["tcp://localhost:9611","tcp://localhost:9611"]
#type = "loadbalance"

[[event_handler]]
name="userPostSelfRegistration"
subscriptions=["POST_ADD_USER"]

[service_provider]
sp_name_regex = "^[\\\\sa-zA-Z0-9._-]*$"

[database.local]
url = "jdbc:h2:./repository/database/WSO2CARBON_DB;DB_CLOSE_ON_EXIT=FALSE"

[[event_listener]]
id = "token_revocation"
type = "org.wso2.carbon.identity.core.handler.AbstractIdentityHandler"
name = "org.wso2.is.notification.ApimOauthEventInterceptor"
order = 1
[event_listener.properties]
notification_endpoint = "https://localhost:\${mgt.transport.https.port}/internal/data/v1/notify"
username = "\${admin.username}"
password = "\${admin.password}"
'header.X-WSO2-KEY-MANAGER' = "default"

[oauth.grant_type.token_exchange]
enable = true
allow_refresh_tokens = true
iat_validity_period = "1h"
${differences.tokenTypes ?? ''}
#[apim.transaction_counter]
#enable = true
#server_id = "Gateway1"
`;
}

interface Differences {
  readonly gatewayTypes?: string;
  readonly analytics?: string;
  readonly ai?: string;
  readonly keyManager?: string;
  readonly tokenTypes?: string;
}

const AI_KEY = `key = ""
endpoint = ""
`;

const GATEWAY_TYPES = `
[apim]
gateway_type = "Regular,APK,AWS"
`;

const ANALYTICS = `type = "moesif"
`;

const DIFFERENCES: Readonly<Record<string, Differences>> = {
  4.3: {
    ai: `token = ""
endpoint = ""
`,
    keyManager: 'enable_apikey_subscription_validation = true',
  },
  4.5: { gatewayTypes: GATEWAY_TYPES },
  4.6: { gatewayTypes: GATEWAY_TYPES, analytics: ANALYTICS },
  4.7: {
    gatewayTypes: GATEWAY_TYPES,
    analytics: ANALYTICS,
    tokenTypes: `
[[oauth.extensions.token_types]]
name = "JWT"
issuer = "org.wso2.is.key.manager.tokenpersistence.issuer.ExtendedJWTTokenIssuer"
`,
  },
};
