import type { FindingCode } from '../../codes.js';
import { MESSAGES as DATABASE } from '../../database/errors.js';
import { MESSAGES as DOCTOR } from '../../doctor/errors.js';
import type { Explanation } from '../explanation.js';

const IS7_TOML = '/opt/wso2is-7.2.0/repository/conf/deployment.toml';
const NOTIFY = '/internal/data/v1/notify';
const TITLE = 'WSO2 API Manager';

/** What only the doctor tells; codes that steps use for the same fact are explained with these. */
export const DOCTOR_NOTICES = {
  HOME_OF_OTHER_SERVER: {
    what: 'A home was given as that of the other server.',
    why: 'The homes of both products look alike; the databases in deployment.toml tell them apart.',
    remedy: 'Exchange --is7-home and --apim-home.',
    example: DOCTOR.HOME_OF_OTHER_SERVER('WSO2 API Manager', 'WSO2 Identity Server 7', 'apim_db'),
  },
  VERSION_UNSUPPORTED: {
    what: 'A server is of a release that the two do not get on in.',
    why: 'The connector WSO2-IS-7 is for Identity Server 7 and comes with API Manager 4.3 and later.',
    remedy: 'Upgrade that server, or use the set-up of WSO2 for older ones, which km-bootstrap does not do.',
    example: DOCTOR.VERSION_UNSUPPORTED('is7', '6.1'),
  },
  DEPLOYMENT_TOML_ELSEWHERE: {
    what: 'The start script has the server read another deployment.toml than that of its home.',
    why: 'What km-bootstrap looks at and writes then has no effect.',
    remedy: 'Let the server read the file in its home, or make a link of one of the two.',
    example: DOCTOR.DEPLOYMENT_TOML_ELSEWHERE('/etc/wso2/deployment.toml'),
  },
  OVERLAY_OVERWRITES: {
    what: 'A file that is copied over the home at each start lacks what was set in the home.',
    why: 'The entrypoint of the images replaces files as a whole and merges nothing.',
    remedy: 'Make the change in the folder that is copied: set is7.overlay or apim.overlay to it and apply again.',
    example: DOCTOR.OVERLAY_OVERWRITES.deploymentToml(),
  },
  OVERLAY_TWICE: {
    what: 'Two folders that are copied over the home hold different files of the same name.',
    why: 'wso2-artifact-volume is copied after wso2-config-volume, so that only its file counts.',
    remedy: 'Remove the one that is not meant.',
    example: DOCTOR.OVERLAY_TWICE(
      'repository/conf/deployment.toml',
      '/srv/wso2-artifact-volume',
      '/srv/wso2-config-volume',
    ),
  },
  FILE_UNREADABLE_BY_SERVER: {
    what: 'The user whom the home belongs to cannot read a file that the server needs.',
    why: 'Another user wrote it: the images run Identity Server as 802 and API Manager as 10001, and tools often run as root.',
    remedy:
      'Correct owner or mode; have km-bootstrap write files as the server’s user, or with files.group and files.mode.',
    example: DOCTOR.FILE_UNREADABLE_BY_SERVER('WSO2 Identity Server 7', 802, 10001, 10001, '640', 802),
  },
  SECRET_UNDECLARED: {
    what: 'deployment.toml takes a secret that [secrets] does not declare.',
    why: 'The server resolves $secret{} by the table [secrets], and does not start when the name is not there.',
    remedy: 'Declare it, or write the value in another way.',
    example: DOCTOR.SECRET_UNDECLARED('super_admin.password', 'admin'),
  },
  DATABASE_SHARED: {
    what: 'The identity database of Identity Server is the database of API Manager.',
    why: 'Both have a table IDN_OAUTH_CONSUMER_APPS in different shapes. For Identity Server 6 as resident Key Manager they were shared.',
    remedy: 'Make an identity database of its own for Identity Server 7 and point [database.identity_db] at it.',
    example: DOCTOR.DATABASE_SHARED('jdbc:mysql://db:3306/wso2am_db'),
  },
  DATABASE_URL_UNESCAPED: {
    what: 'A JDBC URL in deployment.toml has a bare &.',
    why: 'The server pastes the URL into an XML file as it stands, and a bare & is no XML.',
    remedy: 'Write &amp; instead; km-bootstrap reads it as the server does.',
    example: DOCTOR.DATABASE_URL_UNESCAPED(['database', 'identity_db', 'url']),
  },
  HOSTNAME_INVALID: {
    what: '[server] hostname is no host name.',
    why: 'A scheme, a port or a path was written along with it. The server makes its URLs of it, the issuer among them.',
    remedy: 'Write the name alone.',
    example: DOCTOR.HOSTNAME_INVALID('is7.example.com:9444', 'WSO2 Identity Server 7'),
  },
  OFFSET_INVALID: {
    what: '[server] offset is no number that ports can be moved by.',
    why: 'It is a word, negative, or so large that no port is left.',
    remedy: 'Write a small whole number.',
    example: DOCTOR.OFFSET_INVALID('one', 56092),
  },
  TRUST_MISSING: {
    what: 'A server does not trust the certificate that the other one, or it itself, presents.',
    why: 'The certificate was never imported into its truststore, was replaced since, or another truststore is copied over it at the start.',
    remedy: 'Import it and restart the server; `apply --phase offline` does for all four directions.',
    example: DOCTOR.TRUST_MISSING(
      'WSO2 API Manager',
      'WSO2 Identity Server 7',
      'CN=localhost (DNS:localhost, SHA-256 2B:A3:61:A0…, expires 2028-07-09)',
      'no key is generated and no token validated ("PKIX path building failed")',
      'trust/apim',
    ),
  },
  RECIPE_MISSING: {
    what: 'Identity Server was not set up as Key Manager.',
    why: 'Its deployment.toml is as the pack has it, or another one counts than the one that was changed.',
    remedy: 'Apply one of the two recipes and restart it.',
    example: DOCTOR.RECIPE_MISSING(),
  },
  SETTING_SWALLOWED: {
    what: 'A setting stands under another table than it is meant for, and has no effect.',
    why: 'A key belongs to the last header above it: what is appended to a file, or spliced into it by a chart, is swallowed by that table. The server loads such a file.',
    remedy: 'Move the key below its own header; `apply` puts it there.',
    example: DOCTOR.SETTING_SWALLOWED(
      ['authentication', 'authenticator', 'totp', 'parameters', 'oauth', 'authorize_all_scopes'],
      ['oauth', 'authorize_all_scopes'],
      'oauth',
      'authorize_all_scopes',
      ['authentication', 'authenticator', 'totp', 'parameters', 'oauth'],
    ),
  },
  SETTING_MISSING: {
    what: 'A setting of the recipe is not in deployment.toml.',
    why: 'The recipe was followed in part, or the file was replaced.',
    remedy: 'Add it where the hint says, or have `apply` do so, then restart the server.',
    example: DOCTOR.SETTING_MISSING.value(
      '[server] legacy_mode',
      'the guide’s set-up rests on it',
      'Set `[server] legacy_mode = true` (line 4); km-bootstrap apply --phase offline does.',
    ),
  },
  SETTING_DIFFERS: {
    what: 'A setting of the recipe has another value.',
    why: 'It was changed by hand, or by a template.',
    remedy: 'Correct it, or have `apply` do so, then restart the server.',
    example: DOCTOR.SETTING_DIFFERS.value(
      '[oauth] authorize_all_scopes',
      'false',
      'true',
      'tokens come without the scopes of the APIs',
      'Set `[oauth] authorize_all_scopes: false → true` (line 76); km-bootstrap apply --phase offline --recipe current does.',
    ),
  },
  ACCESS_RULE_HIDDEN: {
    what: 'An earlier [[resource.access_control]] applies to /scim2/Me, so that the one meant for it never counts.',
    why: 'Identity Server goes by the first entry that matches the path and the method.',
    remedy: 'Put the entry for /scim2/Me before it; `apply` does.',
    example: DOCTOR.ACCESS_RULE_HIDDEN(
      '(.*)/scim2/(.*)',
      'API Manager cannot read the user of a token (UserInfo is /scim2/Me)',
      'Add `[[resource.access_control]] context = "(.*)/scim2/Me", http_method = "GET"` (line 81), before the entry for `(.*)/scim2/(.*)`, which would match first; km-bootstrap apply --phase offline does.',
    ),
  },
  RESIDENT_KEY_MANAGER: {
    what: 'API Manager is told to use Identity Server as its resident Key Manager.',
    why: 'That was the way for Identity Server 6 and older, and is in many samples. Identity Server 7 is a Key Manager beside the resident one.',
    remedy: 'Remove those keys and register Identity Server 7; `apply` registers it.',
    example: DOCTOR.RESIDENT_KEY_MANAGER('has type = "WSO2-IS"'),
  },
  CONSTRAINT_MISSING: {
    what: 'The identity database lacks the unique key that the guide demands.',
    why: 'Step 1.3 of the guide was left out, or the database was made anew. Legacy mode relies on it.',
    remedy: 'Apply while Identity Server is stopped, or use the recipe current.',
    example: DOCTOR.CONSTRAINT_MISSING('WSO2IDENTITY_DB (H2)'),
  },
  ENCRYPTION_KEY_MISSING: {
    what: '[encryption] key of API Manager is empty.',
    why: 'A variable of a chart was not filled in. WSO2’s Helm chart demands the key for 4.7.',
    remedy: 'Fill it in, and keep it in a safe place.',
    example: DOCTOR.ENCRYPTION_KEY_MISSING('4.7'),
  },
  MUTUAL_TLS_MISMATCH: {
    what: 'Identity Server maps other certificates to users than the one that API Manager presents.',
    why: 'The primary keystore of API Manager was replaced, or the thumbprint is that of another certificate.',
    remedy: 'Correct the mapping; `apply` does for Key Managers that are declared with mutual TLS.',
    example: DOCTOR.MUTUAL_TLS_MISMATCH('CA:5C:9B:54', 'C=US, CN=localhost'),
  },
  DROPIN_MISSING: {
    what: 'The jar is missing through which Identity Server reports revoked tokens.',
    why: 'The listener in deployment.toml lives in that jar, which no pack ships. Without it nothing is reported, and no log says so.',
    remedy: 'Download it from WSO2, name it with is7.notification_jar, and apply.',
    example: DOCTOR.DROPIN_MISSING(IS7_TOML),
  },
  REVOCATION_TYPE_WRONG: {
    what: 'The listener of revoked tokens has a type with which it never fires.',
    why: 'Identity Server looks its settings up by one type alone, whatever the name suggests.',
    remedy: 'Correct the type and restart Identity Server.',
    example: DOCTOR.REVOCATION_TYPE_WRONG(
      'org.wso2.carbon.identity.oauth.event.OAuthEventInterceptor',
      'org.wso2.carbon.identity.core.handler.AbstractIdentityHandler',
    ),
  },
  REVOCATION_HEADER_WRONG: {
    what: 'Revoked tokens are reported with a header that API Manager has no handler for.',
    why: 'API Manager looks a handler up by X-WSO2-KEY-MANAGER; where there is none it answers 200 and does nothing.',
    remedy: 'Correct the header and restart Identity Server.',
    example: DOCTOR.REVOCATION_HEADER_WRONG(false, 'is "WSO2-IS-7"'),
  },
  REVOCATION_ENDPOINT_WRONG: {
    what: 'Revoked tokens are reported to an address where API Manager does not take them.',
    why: 'The port, the path or the whole address is another one, after an offset was changed, say.',
    remedy: 'Correct the address and restart Identity Server.',
    example: DOCTOR.REVOCATION_ENDPOINT_WRONG(
      'leads to port 9444 of localhost, and API Manager answers on 9443',
      `https://localhost:9443${NOTIFY}`,
    ),
  },
  REVOCATION_ACCOUNT_WRONG: {
    what: 'Revoked tokens are reported with a password that is not that of API Manager’s admin.',
    why: 'One of the two files was changed and the other was not.',
    remedy: 'Correct the one that is old; `apply` with revocation = true takes apim.password.',
    example: DOCTOR.REVOCATION_ACCOUNT_WRONG('admin'),
  },
  RESTART_NEEDED: {
    what: 'A server runs since before files changed that it reads at its start only.',
    why: 'deployment.toml, stores and dropins are read once.',
    remedy: 'Restart it.',
    example: DOCTOR.RESTART_NEEDED('WSO2 API Manager', '2026-11-23T10:00:00.000Z', [
      '/opt/wso2am-4.5.0/repository/resources/security/client-truststore.jks',
    ]),
  },
  OFFSET_OVERRIDDEN: {
    what: 'The start script gives another port offset than deployment.toml.',
    why: '-DportOffset counts, and everybody who reads deployment.toml goes by the other.',
    remedy: 'Keep one of the two.',
    example: DOCTOR.OFFSET_OVERRIDDEN('5', '1'),
  },
  HOST_IS_LOCALHOST: {
    what: 'Identity Server calls itself localhost, although others than its own machine use it.',
    why: 'Issuer and endpoints are made of [server] hostname, which is localhost in the pack.',
    remedy: 'Set the name by which it is reached, and give it a certificate with that name.',
    example: DOCTOR.HOST_IS_LOCALHOST('localhost', 'API Manager is apim.example.com'),
  },
  ROLE_PREFIX_MISSING: {
    what: 'API Manager makes roles in Identity Server, which refuses the names that they get.',
    why: 'Their prefix system_ is reserved unless Identity Server is told otherwise. API Manager 4.4.0 makes roles in any case.',
    remedy: 'Allow the prefix, or turn the creation of roles off where the release can.',
    example: DOCTOR.ROLE_PREFIX_MISSING('role_creation is set'),
  },
  RESIDENT_KEY_MANAGER_SKIPPED: {
    what: 'New tenants of API Manager get no Key Manager at all.',
    why: 'skip_create_resident_key_manager belongs to tenant sharing, which is not set up.',
    remedy: 'Remove it, or set tenant sharing up.',
    example: DOCTOR.RESIDENT_KEY_MANAGER_SKIPPED(),
  },
  HOST_CHECK_OFF: {
    what: 'Identity Server was told to check no host names of certificates.',
    why: 'Whoever holds any certificate that it trusts can pose as API Manager.',
    remedy: 'Take the flag back, once the certificate of API Manager has its name.',
    example: DOCTOR.HOST_CHECK_OFF(),
  },
  OLD_CONNECTOR: {
    what: 'A jar is in dropins that is for Identity Server 6 and older.',
    why: 'With them, Identity Server was the resident Key Manager and needed it.',
    remedy: 'Remove it.',
    example: DOCTOR.OLD_CONNECTOR('wso2is.key.manager.core-1.7.17.jar'),
  },
  LOG_TOML_OVERFLOW: {
    what: 'A log tells that a server died over its deployment.toml.',
    why: 'Its parser overflows the stack when a table stands after one of its own sub-tables, which TOML itself allows.',
    remedy: 'Reorder the tables, and let `plan` check the file before the next start.',
    example: DOCTOR.LOG_TOML_OVERFLOW(TITLE, 'once', 'java.lang.StackOverflowError'),
  },
  LOG_TOML_REFUSED: {
    what: 'A log tells that a server refused its deployment.toml and stopped.',
    why: 'Something is defined twice, is no TOML, or has no value.',
    remedy: 'Correct the file, and let `plan` check it before the next start.',
    example: DOCTOR.LOG_TOML_REFUSED(TITLE, 'once', 'previously defined at line 1'),
  },
  LOG_ENVIRONMENT_MISSING: {
    what: 'A log tells that a server stopped over a variable that was not set.',
    why: 'deployment.toml takes it by $env{}.',
    remedy: 'Set it where the server is started.',
    example: DOCTOR.LOG_ENVIRONMENT_MISSING(TITLE, 'once', 'Environment variable DB_PASSWORD not defined in system'),
  },
  LOG_PKIX: {
    what: 'A log tells that a certificate was not trusted.',
    why: 'It was not in the truststore that the server had read when it started.',
    remedy: 'Import it and restart the server; what a log tells may be over.',
    example: DOCTOR.LOG_PKIX(TITLE, 'once', 'PKIX path building failed'),
  },
  LOG_HOST_MISMATCH: {
    what: 'A log tells that a certificate did not have the name by which its server was called.',
    why: 'The certificates of the packs are for localhost only.',
    remedy: 'Give the server a certificate with that name.',
    example: DOCTOR.LOG_HOST_MISMATCH(TITLE, 'once', "hostname in certificate didn't match"),
  },
  LOG_KEY_MANAGER_NOT_CONFIGURED: {
    what: 'A log tells that a Key Manager was asked for that API Manager had not loaded.',
    why: 'It loads them after it has answered, and silently fails when an endpoint is missing.',
    remedy: 'Run `verify`, which proves the Key Manager link by link.',
    example: DOCTOR.LOG_KEY_MANAGER_NOT_CONFIGURED(TITLE, 'once', 'Key Manager WSO2-IS-7 not configured'),
  },
  LOG_KEY_MAPPING_LEFT: {
    what: 'A log tells that keys could not be generated because half of them are there.',
    why: 'API Manager writes a mapping before it asks Identity Server for a client, and leaves it when that fails.',
    remedy: 'Clean up once the Key Manager works, then generate the keys again.',
    example: DOCTOR.LOG_KEY_MAPPING_LEFT(TITLE, 'once', '901409'),
  },
  LOG_KEY_MANAGER_UNREACHABLE: {
    what: 'A log tells that an API or scope could not be made because a Key Manager did not answer.',
    why: 'API Manager tells each enabled Key Manager, and one that is gone fails them all.',
    remedy: 'Disable the Key Managers that are gone.',
    example: DOCTOR.LOG_KEY_MANAGER_UNREACHABLE(TITLE, 'once', '900967'),
  },
  LOG_CONNECTOR_SETTING_MISSING: {
    what: 'A log tells that a Key Manager was refused for a setting that it lacked.',
    why: 'The answer of API Manager (901401) does not name the setting.',
    remedy: 'Let `apply` register it, or fill in every field of the connector.',
    example: DOCTOR.LOG_CONNECTOR_SETTING_MISSING(TITLE, 'once', '901401'),
  },
  LOG_ROLE_NOT_CREATED: {
    what: 'A log tells that Identity Server refused a role.',
    why: 'API Manager makes roles with the prefix system_ for the roles of scopes.',
    remedy: 'Allow the prefix, or do not let it make roles.',
    example: DOCTOR.LOG_ROLE_NOT_CREATED(TITLE, 'once', 'Failed to create role'),
  },
  LOG_REVOCATION_FAILED: {
    what: 'A log tells that a revoked token could not be reported.',
    why: 'API Manager was not reached, its certificate was not trusted, or did not have the name that was called.',
    remedy: 'Mend the way from Identity Server to API Manager; `verify --proof gateway` tries it.',
    example: DOCTOR.LOG_REVOCATION_FAILED('WSO2 Identity Server 7', 'once', 'Error while sending Revocation Event'),
  },
  HOME_NOT_GIVEN: {
    what: 'Only one of the two homes was looked at.',
    why: 'The other one was not given, or is not in the bundle. Half of the faults are between the two.',
    remedy: 'Give both.',
    example: DOCTOR.HOME_NOT_GIVEN('API Manager', 'apim'),
  },
  DATABASE_NOT_LOOKED_AT: {
    what: 'The identity database could not be looked at from here.',
    why: 'The bridge to Java is not installed, or the file may not be read. That is no fault of the homes.',
    remedy: 'Mend what the message names, or look by `plan --only database/consumer-key` elsewhere.',
    example: DOCTOR.DATABASE_NOT_LOOKED_AT(
      DATABASE.DATABASE_IN_USE('WSO2IDENTITY_DB', '/opt/wso2is-7.2.0/repository/database/WSO2IDENTITY_DB.mv.db'),
    ),
  },
} as const satisfies Partial<Record<FindingCode, Explanation>>;

/** Failures of the doctor itself. */
export const DOCTOR_ERRORS = {
  BUNDLE_INVALID: {
    what: 'A support bundle cannot be used.',
    why: 'It is no ZIP file, is damaged, encrypted or too large, holds nothing of a home, or several homes of one server.',
    remedy: 'Have it made again, or unpack it and give its folder or the homes in it.',
    example: DOCTOR.BUNDLE_INVALID(
      'support.zip',
      'it is no ZIP file, or was cut short',
      'Give a ZIP file; unpack others (tar.gz) and give the folder.',
    ),
  },
} as const satisfies Record<'BUNDLE_INVALID', Explanation>;
