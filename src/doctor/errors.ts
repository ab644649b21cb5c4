import { type Message, messages } from '../errors.js';

export const MESSAGES = messages({
  HOSTNAME_INVALID: (hostname: string, title: string) => ({
    message: `[server] hostname is ${JSON.stringify(hostname)}, which is no host name: every URL that ${title} makes of it is wrong`,
    hint: 'Write the name alone, without scheme, port and path; the port comes from [server] offset.',
  }),
  OFFSET_INVALID: (offset: string, highestOffset: number) => ({
    message: `[server] offset is ${JSON.stringify(offset)}, not a whole number up to ${highestOffset}`,
    hint: 'Write a whole number, such as offset = 1.',
  }),
  OFFSET_OVERRIDDEN: (given: string, offset: string) => ({
    message: `the start script gives -DportOffset=${given}, and that counts, not [server] offset = ${offset}`,
    hint: 'Keep one of the two, so that nobody, and no Key Manager, goes by the other.',
  }),
  PORT_CLASH: (host: string, port: number) => ({
    message: `both servers answer on ${host}:${port}: the second one to start cannot, or the Key Manager's endpoints lead back to API Manager`,
    hint: 'On one host, give IS 7 [server] offset = 1 (the guide, step 4), or start it with -DportOffset=1. On two hosts, give each its own [server] hostname.',
  }),
  HOST_IS_LOCALHOST: (name: string | undefined, beside: string) => ({
    message: `IS 7 calls itself ${name}, and ${beside}: its issuer and endpoints name a host that only its own machine knows by that name`,
    hint: 'Set [server] hostname of IS 7 to the name that API Manager and browsers reach it by (is7.hostname).',
  }),
  ISSUER_MISMATCH: (origin: string, publicUrl: string) => ({
    message: `IS 7 issues tokens as ${origin}/oauth2/token by its [server] hostname and port, and the Key Manager is to expect ${publicUrl}/oauth2/token: the gateway refuses every token`,
    hint: 'Set [server] hostname to the public name and [transport.https.properties] proxyPort to its port, or correct is7.public_url.',
  }),
  HOME_NOT_GIVEN: (shortTitle: string, missing: 'is7' | 'apim') => ({
    message: `only this home was looked at: whether it goes together with ${shortTitle} was not`,
    hint: `Give --${missing}-home, or a bundle that holds both.`,
  }),
  CONSTRAINT_MISSING: (label: string) => ({
    message: `${label}: CONSUMER_KEY of IDN_OAUTH_CONSUMER_APPS is not unique, which the guide demands (step 1.3)`,
    hint: 'Run km-bootstrap apply --phase offline --only database/consumer-key while IS 7 is stopped; or go over to the recipe current, which needs no constraint.',
  }),
  RECIPE_LEFTOVER: (label: string) => ({
    message: `${label}: UNIQUE (CONSUMER_KEY) is left from the recipe legacy: it stops the creation of tenants, whose system applications share their consumer keys`,
    hint: 'Set recipe_cleanup = true to have it dropped, if it bears the guide’s name; else find out who made it.',
  }),
  /** What was in the way, as its step tells it. */
  DATABASE_NOT_LOOKED_AT: ({ message, hint }: Pick<Message, 'message' | 'hint'>) => ({ message, hint }),
  DATABASE_SHARED: (place: string) => ({
    message: `[database.identity_db] of IS 7 is the database of API Manager, ${place}: both have a table IDN_OAUTH_CONSUMER_APPS, of different shapes`,
    hint: 'Give IS 7 an identity database of its own, made by its scripts in dbscripts/identity. Sharing one is the set-up of IS 6 and older.',
  }),
  DATABASE_URL_UNESCAPED: (path: readonly string[]) => ({
    message: `${path.join('.')} has a bare &, and the server pastes the URL into an XML file as it is`,
    hint: 'Write &amp; for each & of the URL.',
  }),
  DATABASE_DRIVER_MISSING: (
    path: readonly string[],
    engine: string | undefined,
    folder: string,
    title: string,
    lib: string,
  ) => ({
    message: `${path.join('.')} is on ${engine}, and ${folder} has no JDBC driver for it: ${title} cannot open its database`,
    hint: `Put the vendor's driver into ${lib} of the home (with containers: into the image, or an overlay).`,
  }),
  DROPIN_MISSING: (where: string) => ({
    message: `the listener token_revocation of ${where} lives in wso2is.notification.event.handlers-….jar, which is not in dropins: it never fires`,
    hint: 'Put the jar there that WSO2 names for this API Manager (is7.notification_jar), then restart IS 7.',
  }),
  FILE_UNREADABLE_BY_SERVER: (
    title: string,
    ownerUid: number,
    uid: number,
    gid: number,
    mode: string,
    ownerGid: number,
  ) => ({
    message: `${title} cannot read it: the home belongs to user ${ownerUid}, the file to ${uid}:${gid} with mode ${mode.padStart(4, '0')}`,
    hint:
      uid === ownerUid
        ? 'Give its owner the right to read it: chmod u+r.'
        : `Give it to that user (chown ${ownerUid}:${ownerGid}), or set files.group to a group of that user and files.mode = "0640".`,
  }),
  FILE_UNREADABLE: (reason: string) => ({
    message: `it cannot be read: ${reason}`,
    hint: 'Give the user that runs km-bootstrap the right to read it.',
  }),
  TOML_INVALID: (title: string, reason: string, remedy: string) => ({
    message: `${title} cannot load its deployment.toml and does not start: ${reason}`,
    hint: remedy,
  }),
  RESIDENT_KEY_MANAGER: (what: string) => ({
    message: `[apim.key_manager] of API Manager ${what}, which makes IS its resident Key Manager: that is for IS 6 and older, and does not work with IS 7`,
    hint: 'Remove type, service_url and server_url from [apim.key_manager]; IS 7 is registered as a Key Manager of the type WSO2-IS-7, which km-bootstrap apply does.',
  }),
  RESIDENT_KEY_MANAGER_SKIPPED: () => ({
    message:
      'no resident Key Manager is made for new tenants, and without [[apim.tenant_sharing]] none of IS 7 either: APIs cannot be made there (901411)',
    hint: 'Remove skip_create_resident_key_manager, or set up [[apim.tenant_sharing]] with type = "WSO2-IS-7".',
  }),
  ENCRYPTION_KEY_MISSING: (version: string) => ({
    message: `[encryption] key is empty, and API Manager ${version} needs one there (WSO2’s Helm chart demands encryption.key for 4.7)`,
    hint: 'Give it a key of your own, and keep it: what was encrypted with it can be read with no other.',
  }),
  OLD_CONNECTOR: (name: string) => ({
    message: `${name} is the connector for IS 6 and older, where IS is the resident Key Manager`,
    hint: 'Remove it from IS 7; its only jar for API Manager is wso2is.notification.event.handlers, for revoked tokens.',
  }),
  ROLE_PREFIX_MISSING: (who: string) => ({
    message: `${who}, and IS 7 refuses their prefix system_: "Failed to create role" when an API with scopes is published`,
    hint: 'Set [role_mgt] allow_system_prefix_for_role = true (role_creation = true does), or turn the creation of roles off in the Key Manager.',
  }),
  DEPLOYMENT_TOML_ELSEWHERE: (file: string) => ({
    message: `the start script has the server read ${file}, not repository/conf/deployment.toml of its home, which is what is looked at and written here`,
    hint: 'Remove -Ddeployment.config.file.path from the start script, or link the one file to the other.',
  }),
  HOST_CHECK_OFF: () => ({
    message:
      'IS 7 is started with -Dhttpclient.hostnameVerifier=AllowAll: it takes any trusted certificate for that of API Manager',
    hint: 'Take DefaultAndLocalhost again, which IS 7 ships, and give API Manager a certificate with its name; [tls] generate = true does.',
  }),
  RESTART_NEEDED: (title: string, runningSince: string, changed: readonly string[]) => ({
    message: `${title} runs since ${runningSince} and has not read what changed since: ${changed.join(', ')}`,
    hint: `Restart ${title}.`,
  }),
  OVERLAY_HOLDS_DATABASE: (folder: string) => ({
    message: `the overlay holds a database, and is copied over ${folder} at every start: it would undo the server's data each time`,
    hint: 'Remove it from the overlay. Keep the database on a volume of its own under repository/database, or on a database server.',
  }),
  OVERLAY_TWICE: (path: string, winner: string, loser: string) => ({
    message: `${path} is in two folders that are copied over the home, and differs: that of ${winner} is copied last and counts, that of ${loser} never does`,
    hint: 'Keep it in one of the two; files are replaced as a whole, nothing is merged.',
  }),
  SECRET_UNDECLARED: (key: string, alias: string) => ({
    message: `${key} is $secret{${alias}}, and [secrets] declares no ${alias}: the server does not start`,
    hint: `Add ${alias} to [secrets], and encrypt it with the server’s ciphertool.`,
  }),
  PLACEHOLDER_UNRESOLVED: {
    circular: (key: string, whole: string) => ({
      message: `${key} is ${whole}, which leads back to itself`,
      hint: 'Write the value itself.',
    }),
    unset: (key: string, name: string, shortTitle: string) => ({
      message: `${key} takes the variable ${name}, which is not set here: where the server finds it unset, it does not start`,
      hint: `Set ${name} for the server (${shortTitle}), and for km-bootstrap, so that it sees the same.`,
    }),
  },
  HOME_OF_OTHER_SERVER: (found: string, expected: string, database: string) => ({
    message: `this is the home of ${found}, not of ${expected}: its deployment.toml has [database.${database}]`,
    hint: 'Exchange the two homes: --is7-home is Identity Server’s, --apim-home API Manager’s.',
  }),
  VERSION_UNSUPPORTED: (server: 'is7' | 'apim', version: string) => ({
    message:
      server === 'is7'
        ? `this is Identity Server ${version}: the connector WSO2-IS-7 is for 7.0 and later`
        : `this is API Manager ${version}: the connector WSO2-IS-7 comes with 4.3 and later`,
    hint:
      server === 'is7'
        ? 'Use Identity Server 7; older ones are set up another way, with the connector WSO2-IS.'
        : 'Use API Manager 4.3 or later; an older one takes Identity Server 6 and older only.',
  }),
  BUNDLE_INVALID: (bundle: string, why: string, remedy: string) => ({
    message: `the bundle ${bundle} cannot be used: ${why}`,
    hint: remedy,
  }),
  SETTING_MISSING: {
    value: (name: string, effect: string, remedy: string) => ({
      message: `${name} is missing: ${effect}`,
      hint: remedy,
    }),
    rule: (effect: string, remedy: string) => ({
      message: `there is no [[resource.access_control]] for GET (.*)/scim2/Me: ${effect}`,
      hint: remedy,
    }),
  },
  SETTING_DIFFERS: {
    value: (name: string, found: string, wanted: string, effect: string, remedy: string) => ({
      message: `${name} is ${found}, not ${wanted}: ${effect}`,
      hint: remedy,
    }),
    rule: (faults: readonly string[], effect: string, remedy: string) => ({
      message: `the rule for (.*)/scim2/Me ${faults.join(' and ')}: ${effect}`,
      hint: remedy,
    }),
  },
  ACCESS_RULE_HIDDEN: (context: unknown, effect: string, remedy: string) => ({
    message: `the rule for ${JSON.stringify(context)} stands first and matches GET …/scim2/Me, so that the one meant for it never counts: ${effect}`,
    hint: remedy,
  }),
  RECIPE_MISSING: () => ({
    message: 'IS 7 was not set up as Key Manager: its deployment.toml has the settings of neither recipe',
    hint: 'Run km-bootstrap apply --phase offline (--recipe legacy is the guide’s, current its newer form), then restart IS 7.',
  }),
  OVERLAY_OVERWRITES: {
    deploymentToml: () => ({
      message: 'this deployment.toml is copied over that of the home at each start, and lacks what the home’s has',
      hint: 'Change this one: km-bootstrap does with is7.overlay set to the folder that is copied.',
    }),
    truststore: (path: string) => ({
      message: `this truststore is copied over ${path} at each start, and lacks a certificate that was imported there`,
      hint: 'Import it into this one: km-bootstrap does with is7.overlay or apim.overlay set to the folder that is copied.',
    }),
  },
  REVOCATION_TYPE_WRONG: (found: string | undefined, needed: string) => ({
    message: `the listener token_revocation has ${found === undefined ? 'no type' : `the type ${found}`}: IS 7 loads it, and it never fires`,
    hint: `Set type = "${needed}".`,
  }),
  REVOCATION_HEADER_WRONG: (unquoted: boolean, found: string) => ({
    message: `the header X-WSO2-KEY-MANAGER of token_revocation ${unquoted ? 'is not quoted, which makes a table of it' : found}: API Manager answers 200 and revokes nothing`,
    hint: `Set 'header.X-WSO2-KEY-MANAGER' = "WSO2-IS" under [event_listener.properties], the key in quotes: the type of API Manager's handler, neither the Key Manager's name nor its type.`,
  }),
  REVOCATION_ENDPOINT_WRONG: (problem: string, place: string) => ({
    message: `notification_endpoint of token_revocation ${problem}: revoked tokens are never reported`,
    hint: `Set it to ${place}, as IS 7 reaches API Manager.`,
  }),
  REVOCATION_ACCOUNT_WRONG: (username: string) => ({
    message: `token_revocation reports as ${username} with another password than [super_admin] of API Manager has: API Manager refuses the report`,
    hint: 'Correct the password there, unless it was changed in API Manager after its first start.',
  }),
  SETTING_SWALLOWED: (
    path: readonly (string | number)[],
    meant: readonly string[],
    table: string,
    key: string | undefined,
    owner: readonly string[],
  ) => ({
    message: `${path.join('.')} is what the server reads here, not ${meant.join('.')}: the setting has no effect`,
    hint: `Move it under a header [${table}] as \`${key}\`, out of [${owner.join('.')}]; a key belongs to the last header above it.`,
  }),
  STORE_MISSING: (path: string) => ({
    message: `there is no keystore ${path}, which [keystore.internal] names`,
    hint: 'Put it there (in Kubernetes: into the Secret of the keystores, too), or remove [keystore.internal], which then is the primary keystore.',
  }),
  TRUST_MISSING: (who: string, whom: string, certificate: string, owner: string, step: string) => ({
    message: `${who} does not trust ${whom}: its truststore has neither ${certificate} nor a CA that issued it; ${owner}`,
    hint: `Import it (km-bootstrap apply --phase offline --only ${step} does), then restart ${who}.`,
  }),
  MUTUAL_TLS_MISMATCH: (cert_thumbprint: string, trusted_issuer: string) => ({
    message: `no user_thumbprint_mapping of IS 7 has the thumbprint of what API Manager presents with mutual TLS, the certificate of its primary keystore: ${cert_thumbprint}`,
    hint: `Set cert_thumbprint to it and trusted_issuer to ${JSON.stringify(trusted_issuer)}; a Key Manager with authentication = "mutual-tls" has km-bootstrap do it.`,
  }),
  LOG_TOML_OVERFLOW: inLog(
    'the parser of deployment.toml overflowed its stack: a table stands after one of its own sub-tables',
    'Move the table above its sub-tables; TOML_INVALID names both lines if the file is still so.',
  ),
  LOG_TOML_REFUSED: inLog(
    'deployment.toml was refused, and the server stopped',
    'Correct the place that the line names; TOML_INVALID does if the file is still so.',
  ),
  LOG_ENVIRONMENT_MISSING: inLog(
    'a variable of deployment.toml was not set, and the server stopped',
    'Set it for the server.',
  ),
  LOG_PKIX: inLog(
    'a certificate was not trusted',
    'Import the certificate of the server it called into its truststore, and restart it (trust/apim, trust/is7); TRUST_MISSING tells which one if it is still so.',
  ),
  LOG_HOST_MISMATCH: inLog(
    'a certificate did not cover the name that was called',
    'Give that server a certificate with the name in its SAN; [tls] generate = true does.',
  ),
  LOG_REVOCATION_FAILED: inLog(
    'a revoked token could not be reported to API Manager, which accepts it until it expires',
    'Check notification_endpoint and its account, and that IS 7 trusts API Manager’s certificate and that it covers that name.',
  ),
  LOG_KEY_MANAGER_NOT_CONFIGURED: inLog(
    'a Key Manager was not loaded: an endpoint is missing (often userInfo), it is not enabled or of another tenant, or keys were asked for seconds after it was made',
    'km-bootstrap verify tells which; apply sets every endpoint and waits until the Key Manager works.',
  ),
  LOG_KEY_MAPPING_LEFT: inLog(
    'an earlier try to generate keys failed half-way (IS 7 out of reach, or the Key Manager not loaded yet) and left a mapping that is now in the way',
    'Clean the keys of that application up in the Developer Portal, or delete the application, once the Key Manager works.',
  ),
  LOG_KEY_MANAGER_UNREACHABLE: inLog(
    'an enabled Key Manager did not answer while an API or scope was made, which is told to all of them',
    'Disable or delete Key Managers that are gone; look whether IS 7 is up and trusted.',
  ),
  LOG_CONNECTOR_SETTING_MISSING: inLog(
    'a Key Manager was refused because a setting of its connector or an endpoint was missing; the answer does not say which, the lines around it do',
    'The connector WSO2-IS-7 needs Username, Password, api_resource_management_endpoint and is7_roles_endpoint, and four endpoints; km-bootstrap apply sends them all.',
  ),
  LOG_ROLE_NOT_CREATED: inLog(
    'IS 7 refused a role that API Manager wanted to make for a scope',
    'Set [role_mgt] allow_system_prefix_for_role = true in IS 7, or turn the creation of roles off in the Key Manager.',
  ),
});

/** A known line of a log, and what it means. */
function inLog(cause: string, hint: string) {
  return (title: string, times: string, said: string) => ({
    message: `the log of ${title} says ${times}: ${said}: ${cause}`,
    hint,
  });
}
