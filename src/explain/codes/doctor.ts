import type { FindingCode } from '../../codes.js';
import type { Explanation } from '../explanation.js';

const IS7_TOML = '/opt/wso2is-7.2.0/repository/conf/deployment.toml';
const NOTIFY = '/internal/data/v1/notify';
const LOG = 'the log of WSO2 API Manager says once: ';

/** What only the doctor tells; codes that steps use for the same fact are explained with these. */
export const DOCTOR_NOTICES = {
  HOME_OF_OTHER_SERVER: {
    what: 'A home was given as that of the other server.',
    why: 'The homes of both products look alike; the databases in deployment.toml tell them apart.',
    remedy: 'Exchange --is7-home and --apim-home.',
    example: {
      message:
        'this is the home of WSO2 API Manager, not of WSO2 Identity Server 7: its deployment.toml has [database.apim_db]',
      hint: 'Exchange the two homes: --is7-home is Identity Server’s, --apim-home API Manager’s.',
    },
  },
  VERSION_UNSUPPORTED: {
    what: 'A server is of a release that the two do not get on in.',
    why: 'The connector WSO2-IS-7 is for Identity Server 7 and comes with API Manager 4.3 and later.',
    remedy: 'Upgrade that server, or use the set-up of WSO2 for older ones, which km-bootstrap does not do.',
    example: {
      message: 'this is Identity Server 6.1: the connector WSO2-IS-7 is for 7.0 and later',
      hint: 'Use Identity Server 7; older ones are set up another way, with the connector WSO2-IS.',
    },
  },
  DEPLOYMENT_TOML_ELSEWHERE: {
    what: 'The start script has the server read another deployment.toml than that of its home.',
    why: 'What km-bootstrap looks at and writes then has no effect.',
    remedy: 'Let the server read the file in its home, or make a link of one of the two.',
    example: {
      message:
        'the start script has the server read /etc/wso2/deployment.toml, not repository/conf/deployment.toml of its home, which is what is looked at and written here',
      hint: 'Remove -Ddeployment.config.file.path from the start script, or link the one file to the other.',
    },
  },
  OVERLAY_OVERWRITES: {
    what: 'A file that is copied over the home at each start lacks what was set in the home.',
    why: 'The entrypoint of the images replaces files as a whole and merges nothing.',
    remedy: 'Make the change in the folder that is copied: set is7.overlay or apim.overlay to it and apply again.',
    example: {
      message: 'this deployment.toml is copied over that of the home at each start, and lacks what the home’s has',
      hint: 'Change this one: km-bootstrap does with is7.overlay set to the folder that is copied.',
    },
  },
  OVERLAY_TWICE: {
    what: 'Two folders that are copied over the home hold different files of the same name.',
    why: 'wso2-artifact-volume is copied after wso2-config-volume, so that only its file counts.',
    remedy: 'Remove the one that is not meant.',
    example: {
      message:
        'repository/conf/deployment.toml is in two folders that are copied over the home, and differs: that of /srv/wso2-artifact-volume is copied last and counts, that of /srv/wso2-config-volume never does',
      hint: 'Keep it in one of the two; files are replaced as a whole, nothing is merged.',
    },
  },
  FILE_UNREADABLE_BY_SERVER: {
    what: 'The user whom the home belongs to cannot read a file that the server needs.',
    why: 'Another user wrote it: the images run Identity Server as 802 and API Manager as 10001, and tools often run as root.',
    remedy:
      'Correct owner or mode; have km-bootstrap write files as the server’s user, or with files.group and files.mode.',
    example: {
      message:
        'WSO2 Identity Server 7 cannot read it: the home belongs to user 802, the file to 10001:10001 with mode 0640',
      hint: 'Give it to that user (chown 802:802), or set files.group to a group of that user and files.mode = "0640".',
    },
  },
  SECRET_UNDECLARED: {
    what: 'deployment.toml takes a secret that [secrets] does not declare.',
    why: 'The server resolves $secret{} by the table [secrets], and does not start when the name is not there.',
    remedy: 'Declare it, or write the value in another way.',
    example: {
      message: 'super_admin.password is $secret{admin}, and [secrets] declares no admin: the server does not start',
      hint: 'Add admin to [secrets], and encrypt it with the server’s ciphertool.',
    },
  },
  DATABASE_SHARED: {
    what: 'The identity database of Identity Server is the database of API Manager.',
    why: 'Both have a table IDN_OAUTH_CONSUMER_APPS in different shapes. For Identity Server 6 as resident Key Manager they were shared.',
    remedy: 'Make an identity database of its own for Identity Server 7 and point [database.identity_db] at it.',
    example: {
      message:
        '[database.identity_db] of IS 7 is the database of API Manager, jdbc:mysql://db:3306/wso2am_db: both have a table IDN_OAUTH_CONSUMER_APPS, of different shapes',
      hint: 'Give IS 7 an identity database of its own, made by its scripts in dbscripts/identity. Sharing one is the set-up of IS 6 and older.',
    },
  },
  DATABASE_URL_UNESCAPED: {
    what: 'A JDBC URL in deployment.toml has a bare &.',
    why: 'The server pastes the URL into an XML file as it stands, and a bare & is no XML.',
    remedy: 'Write &amp; instead; km-bootstrap reads it as the server does.',
    example: {
      message: 'database.identity_db.url has a bare &, and the server pastes the URL into an XML file as it is',
      hint: 'Write &amp; for each & of the URL.',
    },
  },
  HOSTNAME_INVALID: {
    what: '[server] hostname is no host name.',
    why: 'A scheme, a port or a path was written along with it. The server makes its URLs of it, the issuer among them.',
    remedy: 'Write the name alone.',
    example: {
      message:
        '[server] hostname is "is7.example.com:9444", which is no host name: every URL that WSO2 Identity Server 7 makes of it is wrong',
      hint: 'Write the name alone, without scheme, port and path; the port comes from [server] offset.',
    },
  },
  OFFSET_INVALID: {
    what: '[server] offset is no number that ports can be moved by.',
    why: 'It is a word, negative, or so large that no port is left.',
    remedy: 'Write a small whole number.',
    example: {
      message: '[server] offset is "one", not a whole number up to 56092',
      hint: 'Write a whole number, such as offset = 1.',
    },
  },
  TRUST_MISSING: {
    what: 'A server does not trust the certificate that the other one, or it itself, presents.',
    why: 'The certificate was never imported into its truststore, was replaced since, or another truststore is copied over it at the start.',
    remedy: 'Import it and restart the server; `apply --phase offline` does for all four directions.',
    example: {
      message:
        'WSO2 API Manager does not trust WSO2 Identity Server 7: its truststore has neither CN=localhost (DNS:localhost, SHA-256 2B:A3:61:A0…, expires 2028-07-09) nor a CA that issued it; no key is generated and no token validated ("PKIX path building failed")',
      hint: 'Import it (km-bootstrap apply --phase offline --only trust/apim does), then restart WSO2 API Manager.',
    },
  },
  RECIPE_MISSING: {
    what: 'Identity Server was not set up as Key Manager.',
    why: 'Its deployment.toml is as the pack has it, or another one counts than the one that was changed.',
    remedy: 'Apply one of the two recipes and restart it.',
    example: {
      message: 'IS 7 was not set up as Key Manager: its deployment.toml has the settings of neither recipe',
      hint: 'Run km-bootstrap apply --phase offline (--recipe legacy is the guide’s, current its newer form), then restart IS 7.',
    },
  },
  SETTING_SWALLOWED: {
    what: 'A setting stands under another table than it is meant for, and has no effect.',
    why: 'A key belongs to the last header above it: what is appended to a file, or spliced into it by a chart, is swallowed by that table. The server loads such a file.',
    remedy: 'Move the key below its own header; `apply` puts it there.',
    example: {
      message:
        'authentication.authenticator.totp.parameters.oauth.authorize_all_scopes is what the server reads here, not oauth.authorize_all_scopes: the setting has no effect',
      hint: 'Move it under a header [oauth] as `authorize_all_scopes`, out of [authentication.authenticator.totp.parameters.oauth]; a key belongs to the last header above it.',
    },
  },
  SETTING_MISSING: {
    what: 'A setting of the recipe is not in deployment.toml.',
    why: 'The recipe was followed in part, or the file was replaced.',
    remedy: 'Add it where the hint says, or have `apply` do so, then restart the server.',
    example: {
      message: '[server] legacy_mode is missing: the guide’s set-up rests on it',
      hint: 'Set `[server] legacy_mode = true` (line 4); km-bootstrap apply --phase offline does.',
    },
  },
  SETTING_DIFFERS: {
    what: 'A setting of the recipe has another value.',
    why: 'It was changed by hand, or by a template.',
    remedy: 'Correct it, or have `apply` do so, then restart the server.',
    example: {
      message: '[oauth] authorize_all_scopes is false, not true: tokens come without the scopes of the APIs',
      hint: 'Set `[oauth] authorize_all_scopes: false → true` (line 76); km-bootstrap apply --phase offline --recipe current does.',
    },
  },
  ACCESS_RULE_HIDDEN: {
    what: 'An earlier [[resource.access_control]] applies to /scim2/Me, so that the one meant for it never counts.',
    why: 'Identity Server goes by the first entry that matches the path and the method.',
    remedy: 'Put the entry for /scim2/Me before it; `apply` does.',
    example: {
      message:
        'the rule for "(.*)/scim2/(.*)" stands first and matches GET …/scim2/Me, so that the one meant for it never counts: API Manager cannot read the user of a token (UserInfo is /scim2/Me)',
      hint: 'Add `[[resource.access_control]] context = "(.*)/scim2/Me", http_method = "GET"` (line 81), before the entry for `(.*)/scim2/(.*)`, which would match first; km-bootstrap apply --phase offline does.',
    },
  },
  RESIDENT_KEY_MANAGER: {
    what: 'API Manager is told to use Identity Server as its resident Key Manager.',
    why: 'That was the way for Identity Server 6 and older, and is in many samples. Identity Server 7 is a Key Manager beside the resident one.',
    remedy: 'Remove those keys and register Identity Server 7; `apply` registers it.',
    example: {
      message: `[apim.key_manager] of API Manager has type = "WSO2-IS", which makes IS its resident Key Manager: that is for IS 6 and older, and does not work with IS 7`,
      hint: 'Remove type, service_url and server_url from [apim.key_manager]; IS 7 is registered as a Key Manager of the type WSO2-IS-7, which km-bootstrap apply does.',
    },
  },
  CONSTRAINT_MISSING: {
    what: 'The identity database lacks the unique key that the guide demands.',
    why: 'Step 1.3 of the guide was left out, or the database was made anew. Legacy mode relies on it.',
    remedy: 'Apply while Identity Server is stopped, or use the recipe current.',
    example: {
      message:
        'WSO2IDENTITY_DB (H2): CONSUMER_KEY of IDN_OAUTH_CONSUMER_APPS is not unique, which the guide demands (step 1.3)',
      hint: 'Run km-bootstrap apply --phase offline --only database/consumer-key while IS 7 is stopped; or go over to the recipe current, which needs no constraint.',
    },
  },
  ENCRYPTION_KEY_MISSING: {
    what: '[encryption] key of API Manager is empty.',
    why: 'A variable of a chart was not filled in. WSO2’s Helm chart demands the key for 4.7.',
    remedy: 'Fill it in, and keep it in a safe place.',
    example: {
      message:
        '[encryption] key is empty, and API Manager 4.7 needs one there (WSO2’s Helm chart demands encryption.key for 4.7)',
      hint: 'Give it a key of your own, and keep it: what was encrypted with it can be read with no other.',
    },
  },
  MUTUAL_TLS_MISMATCH: {
    what: 'Identity Server maps other certificates to users than the one that API Manager presents.',
    why: 'The primary keystore of API Manager was replaced, or the thumbprint is that of another certificate.',
    remedy: 'Correct the mapping; `apply` does for Key Managers that are declared with mutual TLS.',
    example: {
      message:
        'no user_thumbprint_mapping of IS 7 has the thumbprint of what API Manager presents with mutual TLS, the certificate of its primary keystore: CA:5C:9B:54',
      hint: 'Set cert_thumbprint to it and trusted_issuer to "C=US, CN=localhost"; a Key Manager with authentication = "mutual-tls" has km-bootstrap do it.',
    },
  },
  DROPIN_MISSING: {
    what: 'The jar is missing through which Identity Server reports revoked tokens.',
    why: 'The listener in deployment.toml lives in that jar, which no pack ships. Without it nothing is reported, and no log says so.',
    remedy: 'Download it from WSO2, name it with is7.notification_jar, and apply.',
    example: {
      message: `the listener token_revocation of ${IS7_TOML} lives in wso2is.notification.event.handlers-….jar, which is not in dropins: it never fires`,
      hint: 'Put the jar there that WSO2 names for this API Manager (is7.notification_jar), then restart IS 7.',
    },
  },
  REVOCATION_TYPE_WRONG: {
    what: 'The listener of revoked tokens has a type with which it never fires.',
    why: 'Identity Server looks its settings up by one type alone, whatever the name suggests.',
    remedy: 'Correct the type and restart Identity Server.',
    example: {
      message:
        'the listener token_revocation has the type org.wso2.carbon.identity.oauth.event.OAuthEventInterceptor: IS 7 loads it, and it never fires',
      hint: 'Set type = "org.wso2.carbon.identity.core.handler.AbstractIdentityHandler".',
    },
  },
  REVOCATION_HEADER_WRONG: {
    what: 'Revoked tokens are reported with a header that API Manager has no handler for.',
    why: 'API Manager looks a handler up by X-WSO2-KEY-MANAGER; where there is none it answers 200 and does nothing.',
    remedy: 'Correct the header and restart Identity Server.',
    example: {
      message:
        'the header X-WSO2-KEY-MANAGER of token_revocation is "WSO2-IS-7": API Manager answers 200 and revokes nothing',
      hint: `Set 'header.X-WSO2-KEY-MANAGER' = "WSO2-IS" under [event_listener.properties], the key in quotes: the type of API Manager's handler, neither the Key Manager's name nor its type.`,
    },
  },
  REVOCATION_ENDPOINT_WRONG: {
    what: 'Revoked tokens are reported to an address where API Manager does not take them.',
    why: 'The port, the path or the whole address is another one, after an offset was changed, say.',
    remedy: 'Correct the address and restart Identity Server.',
    example: {
      message:
        'notification_endpoint of token_revocation leads to port 9444 of localhost, and API Manager answers on 9443: revoked tokens are never reported',
      hint: `Set it to https://localhost:9443${NOTIFY}, as IS 7 reaches API Manager.`,
    },
  },
  REVOCATION_ACCOUNT_WRONG: {
    what: 'Revoked tokens are reported with a password that is not that of API Manager’s admin.',
    why: 'One of the two files was changed and the other was not.',
    remedy: 'Correct the one that is old; `apply` with revocation = true takes apim.password.',
    example: {
      message:
        'token_revocation reports as admin with another password than [super_admin] of API Manager has: API Manager refuses the report',
      hint: 'Correct the password there, unless it was changed in API Manager after its first start.',
    },
  },
  RESTART_NEEDED: {
    what: 'A server runs since before files changed that it reads at its start only.',
    why: 'deployment.toml, stores and dropins are read once.',
    remedy: 'Restart it.',
    example: {
      message:
        'WSO2 API Manager runs since 2026-11-23T10:00:00.000Z and has not read what changed since: /opt/wso2am-4.5.0/repository/resources/security/client-truststore.jks',
      hint: 'Restart WSO2 API Manager.',
    },
  },
  OFFSET_OVERRIDDEN: {
    what: 'The start script gives another port offset than deployment.toml.',
    why: '-DportOffset counts, and everybody who reads deployment.toml goes by the other.',
    remedy: 'Keep one of the two.',
    example: {
      message: 'the start script gives -DportOffset=5, and that counts, not [server] offset = 1',
      hint: 'Keep one of the two, so that nobody, and no Key Manager, goes by the other.',
    },
  },
  HOST_IS_LOCALHOST: {
    what: 'Identity Server calls itself localhost, although others than its own machine use it.',
    why: 'Issuer and endpoints are made of [server] hostname, which is localhost in the pack.',
    remedy: 'Set the name by which it is reached, and give it a certificate with that name.',
    example: {
      message:
        'IS 7 calls itself localhost, and API Manager is apim.example.com: its issuer and endpoints name a host that only its own machine knows by that name',
      hint: 'Set [server] hostname of IS 7 to the name that API Manager and browsers reach it by (is7.hostname).',
    },
  },
  ROLE_PREFIX_MISSING: {
    what: 'API Manager makes roles in Identity Server, which refuses the names that they get.',
    why: 'Their prefix system_ is reserved unless Identity Server is told otherwise. API Manager 4.4.0 makes roles in any case.',
    remedy: 'Allow the prefix, or turn the creation of roles off where the release can.',
    example: {
      message:
        'role_creation is set, and IS 7 refuses their prefix system_: "Failed to create role" when an API with scopes is published',
      hint: 'Set [role_mgt] allow_system_prefix_for_role = true (role_creation = true does), or turn the creation of roles off in the Key Manager.',
    },
  },
  RESIDENT_KEY_MANAGER_SKIPPED: {
    what: 'New tenants of API Manager get no Key Manager at all.',
    why: 'skip_create_resident_key_manager belongs to tenant sharing, which is not set up.',
    remedy: 'Remove it, or set tenant sharing up.',
    example: {
      message:
        'no resident Key Manager is made for new tenants, and without [[apim.tenant_sharing]] none of IS 7 either: APIs cannot be made there (901411)',
      hint: 'Remove skip_create_resident_key_manager, or set up [[apim.tenant_sharing]] with type = "WSO2-IS-7".',
    },
  },
  HOST_CHECK_OFF: {
    what: 'Identity Server was told to check no host names of certificates.',
    why: 'Whoever holds any certificate that it trusts can pose as API Manager.',
    remedy: 'Take the flag back, once the certificate of API Manager has its name.',
    example: {
      message:
        'IS 7 is started with -Dhttpclient.hostnameVerifier=AllowAll: it takes any trusted certificate for that of API Manager',
      hint: 'Take DefaultAndLocalhost again, which IS 7 ships, and give API Manager a certificate with its name; [tls] generate = true does.',
    },
  },
  OLD_CONNECTOR: {
    what: 'A jar is in dropins that is for Identity Server 6 and older.',
    why: 'With them, Identity Server was the resident Key Manager and needed it.',
    remedy: 'Remove it.',
    example: {
      message:
        'wso2is.key.manager.core-1.7.17.jar is the connector for IS 6 and older, where IS is the resident Key Manager',
      hint: 'Remove it from IS 7; its only jar for API Manager is wso2is.notification.event.handlers, for revoked tokens.',
    },
  },
  LOG_TOML_OVERFLOW: {
    what: 'A log tells that a server died over its deployment.toml.',
    why: 'Its parser overflows the stack when a table stands after one of its own sub-tables, which TOML itself allows.',
    remedy: 'Reorder the tables, and let `plan` check the file before the next start.',
    example: {
      message: `${LOG}java.lang.StackOverflowError: the parser of deployment.toml overflowed its stack: a table stands after one of its own sub-tables`,
      hint: 'Move the table above its sub-tables; TOML_INVALID names both lines if the file is still so.',
    },
  },
  LOG_TOML_REFUSED: {
    what: 'A log tells that a server refused its deployment.toml and stopped.',
    why: 'Something is defined twice, is no TOML, or has no value.',
    remedy: 'Correct the file, and let `plan` check it before the next start.',
    example: {
      message: `${LOG}previously defined at line 1: deployment.toml was refused, and the server stopped`,
      hint: 'Correct the place that the line names; TOML_INVALID does if the file is still so.',
    },
  },
  LOG_ENVIRONMENT_MISSING: {
    what: 'A log tells that a server stopped over a variable that was not set.',
    why: 'deployment.toml takes it by $env{}.',
    remedy: 'Set it where the server is started.',
    example: {
      message: `${LOG}Environment variable DB_PASSWORD not defined in system: a variable of deployment.toml was not set, and the server stopped`,
      hint: 'Set it for the server.',
    },
  },
  LOG_PKIX: {
    what: 'A log tells that a certificate was not trusted.',
    why: 'It was not in the truststore that the server had read when it started.',
    remedy: 'Import it and restart the server; what a log tells may be over.',
    example: {
      message: `${LOG}PKIX path building failed: a certificate was not trusted`,
      hint: 'Import the certificate of the server it called into its truststore, and restart it (trust/apim, trust/is7); TRUST_MISSING tells which one if it is still so.',
    },
  },
  LOG_HOST_MISMATCH: {
    what: 'A log tells that a certificate did not have the name by which its server was called.',
    why: 'The certificates of the packs are for localhost only.',
    remedy: 'Give the server a certificate with that name.',
    example: {
      message: `${LOG}hostname in certificate didn't match: a certificate did not cover the name that was called`,
      hint: 'Give that server a certificate with the name in its SAN; [tls] generate = true does.',
    },
  },
  LOG_KEY_MANAGER_NOT_CONFIGURED: {
    what: 'A log tells that a Key Manager was asked for that API Manager had not loaded.',
    why: 'It loads them after it has answered, and silently fails when an endpoint is missing.',
    remedy: 'Run `verify`, which proves the Key Manager link by link.',
    example: {
      message: `${LOG}Key Manager WSO2-IS-7 not configured: a Key Manager was not loaded: an endpoint is missing (often userInfo), it is not enabled or of another tenant, or keys were asked for seconds after it was made`,
      hint: 'km-bootstrap verify tells which; apply sets every endpoint and waits until the Key Manager works.',
    },
  },
  LOG_KEY_MAPPING_LEFT: {
    what: 'A log tells that keys could not be generated because half of them are there.',
    why: 'API Manager writes a mapping before it asks Identity Server for a client, and leaves it when that fails.',
    remedy: 'Clean up once the Key Manager works, then generate the keys again.',
    example: {
      message: `${LOG}901409: an earlier try to generate keys failed half-way (IS 7 out of reach, or the Key Manager not loaded yet) and left a mapping that is now in the way`,
      hint: 'Clean the keys of that application up in the Developer Portal, or delete the application, once the Key Manager works.',
    },
  },
  LOG_KEY_MANAGER_UNREACHABLE: {
    what: 'A log tells that an API or scope could not be made because a Key Manager did not answer.',
    why: 'API Manager tells each enabled Key Manager, and one that is gone fails them all.',
    remedy: 'Disable the Key Managers that are gone.',
    example: {
      message: `${LOG}900967: an enabled Key Manager did not answer while an API or scope was made, which is told to all of them`,
      hint: 'Disable or delete Key Managers that are gone; look whether IS 7 is up and trusted.',
    },
  },
  LOG_CONNECTOR_SETTING_MISSING: {
    what: 'A log tells that a Key Manager was refused for a setting that it lacked.',
    why: 'The answer of API Manager (901401) does not name the setting.',
    remedy: 'Let `apply` register it, or fill in every field of the connector.',
    example: {
      message: `${LOG}901401: a Key Manager was refused because a setting of its connector or an endpoint was missing; the answer does not say which, the lines around it do`,
      hint: 'The connector WSO2-IS-7 needs Username, Password, api_resource_management_endpoint and is7_roles_endpoint, and four endpoints; km-bootstrap apply sends them all.',
    },
  },
  LOG_ROLE_NOT_CREATED: {
    what: 'A log tells that Identity Server refused a role.',
    why: 'API Manager makes roles with the prefix system_ for the roles of scopes.',
    remedy: 'Allow the prefix, or do not let it make roles.',
    example: {
      message: `${LOG}Failed to create role: IS 7 refused a role that API Manager wanted to make for a scope`,
      hint: 'Set [role_mgt] allow_system_prefix_for_role = true in IS 7, or turn the creation of roles off in the Key Manager.',
    },
  },
  LOG_REVOCATION_FAILED: {
    what: 'A log tells that a revoked token could not be reported.',
    why: 'API Manager was not reached, its certificate was not trusted, or did not have the name that was called.',
    remedy: 'Mend the way from Identity Server to API Manager; `verify --proof gateway` tries it.',
    example: {
      message:
        'the log of WSO2 Identity Server 7 says once: Error while sending Revocation Event: a revoked token could not be reported to API Manager, which accepts it until it expires',
      hint: 'Check notification_endpoint and its account, and that IS 7 trusts API Manager’s certificate and that it covers that name.',
    },
  },
  HOME_NOT_GIVEN: {
    what: 'Only one of the two homes was looked at.',
    why: 'The other one was not given, or is not in the bundle. Half of the faults are between the two.',
    remedy: 'Give both.',
    example: {
      message: 'only this home was looked at: whether it goes together with API Manager was not',
      hint: 'Give --apim-home, or a bundle that holds both.',
    },
  },
  DATABASE_NOT_LOOKED_AT: {
    what: 'The identity database could not be looked at from here.',
    why: 'The bridge to Java is not installed, or the file may not be read. That is no fault of the homes.',
    remedy: 'Mend what the message names, or look by `plan --only database/consumer-key` elsewhere.',
    example: {
      message: 'the bridge to Java (node-java) is not installed, or npm skipped building it',
      hint: 'Run: ./scripts/setup   (or, in the folder of km-bootstrap: npm rebuild java --foreground-scripts)',
    },
  },
} as const satisfies Partial<Record<FindingCode, Explanation>>;

/** Failures of the doctor itself. */
export const DOCTOR_ERRORS = {
  BUNDLE_INVALID: {
    what: 'A support bundle cannot be used.',
    why: 'It is no ZIP file, is damaged, encrypted or too large, holds nothing of a home, or several homes of one server.',
    remedy: 'Have it made again, or unpack it and give its folder or the homes in it.',
    example: {
      message: 'the bundle support.zip cannot be used: it is no ZIP file, or was cut short',
      hint: 'Give a ZIP file; unpack others (tar.gz) and give the folder.',
    },
  },
} as const satisfies Record<'BUNDLE_INVALID', Explanation>;
