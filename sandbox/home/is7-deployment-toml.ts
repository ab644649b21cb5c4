import type { Release } from './releases.js';

/** The deployment.toml of an IS 7 pack: its tables and keys in its order, with comments of our own. */
export function is7DeploymentToml({ version, keystore, truststore, storeType }: Release): string {
  return `[server]
hostname = "localhost"
node_ip = "127.0.0.1"
base_path = "https://$ref{server.hostname}:\${carbon.management.port}"

[super_admin]
username = "admin"
password = "admin"
create_admin_account = true

[user_store]
type = "database_unique_id"

[database.identity_db]
type = "h2"
url = "jdbc:h2:./repository/database/WSO2IDENTITY_DB;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=60000"
username = "wso2carbon"
password = "wso2carbon"

[database.shared_db]
type = "h2"
url = "jdbc:h2:./repository/database/WSO2SHARED_DB;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=60000"
username = "wso2carbon"
password = "wso2carbon"
${HAS_AGENT_IDENTITIES.includes(version) ? AGENT_IDENTITY : ''}
[keystore.primary]
file_name = "${keystore}"
password = "wso2carbon"
type="${storeType}"

[truststore]
file_name="${truststore}"
password="wso2carbon"
type="${storeType}"

[account_recovery.endpoint.auth]
hash= "${'0'.repeat(64)}"

[identity.auth_framework.endpoint]
app_password= "dashboard"

# Internal data may be encrypted with another key than that of the primary keystore.

#[keystore.internal]
#file_name = "$ref{keystore.primary.file_name}"
#type = "$ref{keystore.primary.type}"
#password = "$ref{keystore.primary.password}"
#alias = "$ref{keystore.primary.alias}"
#key_password = "$ref{keystore.primary.key_password}"

# HTTPS may present another certificate than that of the primary keystore.

#[keystore.tls]
#file_name = "$ref{keystore.primary.file_name}"
#type = "$ref{keystore.primary.type}"
#password = "$ref{keystore.primary.password}"
#alias = "$ref{keystore.primary.alias}"
#key_password = "$ref{keystore.primary.key_password}"

# Mail that the server sends.
#[output_adapter.email]
#from_address= "is7@sandbox.example"
#hostname= "smtp.sandbox.example"
#port= 587
`;
}

const HAS_AGENT_IDENTITIES: readonly string[] = ['7.2', '7.3'];

const AGENT_IDENTITY = `
[datasource.AgentIdentity]
id = "AgentIdentity"
url = "jdbc:h2:./repository/database/WSO2AGENTIDENTITY_DB;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=60000"
username = "wso2carbon"
password = "wso2carbon"
driver = "org.h2.Driver"
`;
