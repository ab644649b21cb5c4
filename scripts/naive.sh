#!/usr/bin/env bash
# The job of km-bootstrap as people script it, with the guide beside them: the opponent of scripts/bench, and nothing that anyone should
# use. It does the recipe `legacy` on two homes as they come out of the packs, knows their passwords and file names by heart, and may be
# run again. Two kindnesses to it: it believes keytool and H2 when they say that they did it, and it compares nothing of a Key Manager
# that is there.
#   scripts/naive.sh offline|register IS7_HOME APIM_HOME
set -euo pipefail

readonly PART=$1 IS7_HOME=$2 APIM_HOME=$3
readonly PASSWORD=${PASSWORD:-wso2carbon} ADMIN=${ADMIN:-admin:admin}
readonly IS7=${IS7_URL:-https://localhost:9444} APIM=${APIM_URL:-https://localhost:9443}
readonly KEY_MANAGER=WSO2-IS-7

readonly SECURITY=repository/resources/security
# Newer releases of IS 7 have PKCS12 stores; keytool tells by itself what a file is.
is7_store() { if [ -e "$IS7_HOME/$SECURITY/$1.p12" ]; then echo "$IS7_HOME/$SECURITY/$1.p12"; else echo "$IS7_HOME/$SECURITY/$1.jks"; fi; }
apim_store() { echo "$APIM_HOME/$SECURITY/$1.jks"; }

WORK=$(mktemp -d)
readonly WORK
trap 'rm -rf "$WORK"' EXIT
export PASSWORD

offline() {
  edit_toml "$IS7_HOME/repository/conf/deployment.toml"
  export_certificates
  trust "$(apim_store client-truststore)" wso2is "$WORK/is7.pem" "$WORK/apim.pem"
  trust "$(is7_store client-truststore)" wso2apim "$WORK/apim.pem" "$WORK/is7.pem"
  add_constraint
}

edit_toml() {
  grep -q '^legacy_mode *=' "$1" || sed -i '/^\[server\]/,/^\[/ s/^base_path.*/&\nlegacy_mode = true/' "$1"
  grep -q '^offset *=' "$1" || sed -i '/^\[server\]/,/^\[/ s/^base_path.*/&\noffset = 1/' "$1"
  grep -q '^\[oauth.global_rbac_scope_issuer\]' "$1" || cat >> "$1" <<'TOML'

[oauth.global_rbac_scope_issuer]
enable = true

[oauth.global_scope_validators.role_based_scope_issuer]
enable = true

[[resource.access_control]]
context = "(.*)/scim2/Me"
secure = true
http_method = "GET"
cross_tenant = true
permissions = []
scopes = []
TOML
}

export_certificates() {
  keytool -exportcert -rfc -alias wso2carbon -keystore "$(is7_store wso2carbon)" -storepass:env PASSWORD > "$WORK/is7.pem" 2>/dev/null
  keytool -exportcert -rfc -alias wso2carbon -keystore "$(apim_store wso2carbon)" -storepass:env PASSWORD > "$WORK/apim.pem" 2>/dev/null
}

# TRUSTSTORE ALIAS PEER_PEM OWN_PEM: the peer's certificate is put in if it is not; the server's own ought to be there.
trust() {
  local store=$1 alias=$2 peer=$3 own=$4 listed
  listed=$(keytool -list -keystore "$store" -storepass:env PASSWORD 2>/dev/null)
  grep -qF "$(fingerprint "$own")" <<< "$listed" || { echo "$store does not hold the server's own certificate" >&2; return 1; }
  grep -qF "$(fingerprint "$peer")" <<< "$listed" ||
    keytool -importcert -noprompt -alias "$alias" -file "$peer" -keystore "$store" -storepass:env PASSWORD 2>/dev/null
}

fingerprint() { openssl x509 -in "$1" -noout -fingerprint -sha256 | cut -d= -f2; }

add_constraint() {
  local engine=("$IS7_HOME"/repository/components/plugins/h2-engine_*.jar)
  cd "$IS7_HOME"
  java -cp "${engine[0]}" org.h2.tools.Shell -url 'jdbc:h2:./repository/database/WSO2IDENTITY_DB;IFEXISTS=TRUE' -user wso2carbon -password "$PASSWORD" \
    -sql 'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT IF NOT EXISTS UNIQUE_CONSUMER_KEY_CONSTRAINT UNIQUE (CONSUMER_KEY)' > /dev/null
}

register() {
  export_certificates
  wait_for is7.pem "$IS7/oauth2/token/.well-known/openid-configuration"
  wait_for apim.pem "$APIM/api/am/gateway/v2/server-startup-healthcheck"
  local client token
  client=$(request -u "$ADMIN" -H 'Content-Type: application/json' -d "$(registration)" "$APIM/client-registration/v0.17/register")
  token=$(request -u "$(jq -r '.clientId + ":" + .clientSecret' <<< "$client")" -d grant_type=password -d "username=${ADMIN%%:*}" \
    -d "password=${ADMIN#*:}" -d 'scope=apim:keymanagers_manage apim:admin_settings' "$APIM/oauth2/token" | jq -r .access_token)
  request -H "Authorization: Bearer $token" "$APIM/api/am/admin/v4/key-managers" |
    jq -e --arg name "$KEY_MANAGER" 'any(.list[]; .name == $name)' > /dev/null ||
    request -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$(key_manager)" "$APIM/api/am/admin/v4/key-managers" > /dev/null
}

# CA URL
wait_for() { until curl -fsS --cacert "$WORK/$1" -o /dev/null "$2"; do sleep 1; done; }

request() { curl -fsS --cacert "$WORK/apim.pem" "$@"; }

registration() {
  jq -n --arg url "$APIM" --arg owner "${ADMIN%%:*}" \
    '{callbackUrl: $url, clientName: "naive", owner: $owner, grantType: "password refresh_token", saasApp: true}'
}

key_manager() {
  jq -n --arg is7 "$IS7" --arg name "$KEY_MANAGER" --arg user "${ADMIN%%:*}" --arg password "${ADMIN#*:}" '{
    $name, displayName: "WSO2 Identity Server 7", type: "WSO2-IS-7", enabled: true, description: "WSO2 Identity Server 7 as Key Manager",
    wellKnownEndpoint: "\($is7)/oauth2/token/.well-known/openid-configuration",
    issuer: "\($is7)/oauth2/token", tokenEndpoint: "\($is7)/oauth2/token",
    displayTokenEndpoint: "\($is7)/oauth2/token", displayRevokeEndpoint: "\($is7)/oauth2/revoke",
    introspectionEndpoint: "\($is7)/oauth2/introspect", revokeEndpoint: "\($is7)/oauth2/revoke",
    authorizeEndpoint: "\($is7)/oauth2/authorize", userInfoEndpoint: "\($is7)/scim2/Me",
    scopeManagementEndpoint: "\($is7)/api/identity/oauth2/v1.0/scopes",
    clientRegistrationEndpoint: "\($is7)/api/identity/oauth2/dcr/v1.1/register",
    certificates: {type: "JWKS", value: "\($is7)/oauth2/jwks"},
    availableGrantTypes: ["client_credentials", "password", "refresh_token", "authorization_code", "iwa:ntlm",
      "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer",
      "urn:ietf:params:oauth:grant-type:saml2-bearer", "urn:ietf:params:oauth:grant-type:token-exchange"],
    consumerKeyClaim: "azp", scopesClaim: "scope", tokenType: "DIRECT",
    enableTokenGeneration: true, enableOAuthAppCreation: true, enableMapOAuthConsumerApps: true, enableSelfValidationJWT: true,
    additionalProperties: {Username: $user, Password: $password, enable_roles_creation: false, self_validate_jwt: true,
      api_resource_management_endpoint: "\($is7)/api/server/v1/api-resources", is7_roles_endpoint: "\($is7)/scim2/v2/Roles"}
  }'
}

case $PART in
  offline | register) "$PART" ;;
  *) echo "usage: $0 offline|register IS7_HOME APIM_HOME" >&2; exit 64 ;;
esac
