import {
  appendFile,
  chmod,
  chown,
  copyFile,
  mkdir,
  readFile,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { sandboxJars } from '../../sandbox/sandbox.js';
import { withJdbc } from '../../src/database/drivers/jdbc.js';
import { Secret } from '../../src/secret.js';
import { readPeerCertificate } from '../../src/trust/certificate.js';
import { keystoreBytes, PEMS, truststoreBytes } from '../trust/healthy-pair.js';
import { selfSigned } from '../trust/self-signed.js';
import { type BASES, dropinsOf, HANDLER, handlerJar, type Pair, put } from './pairs.js';

/**
 * What breaks IS 7 as the Key Manager of API Manager, or will, from what people reported (the pain table of the facts, section 4.2 of
 * deployments.md, by its row; else the section that tells it, or the step of WSO2's guide). The list was written before the detector.
 */
export interface Misconfiguration {
  readonly id: string;
  readonly row: number | string;
  /** The healthy pair it is made on. */
  readonly on: keyof typeof BASES;
  /** The code of the finding that must name it. */
  readonly finds: string;
  readonly seed: (pair: Pair) => Promise<unknown>;
  /** What the finding must name: a file, an alias, a value. */
  readonly names?: RegExp;
  /** Looked at in a support bundle instead of in the homes. */
  readonly as?: 'bundle';
  /** Files are given to other users. */
  readonly needsRoot?: true;
}

export const MISCONFIGURATIONS: readonly Misconfiguration[] = [
  // deployment.toml that the servers cannot load
  {
    id: 'table after its own sub-table',
    row: 2,
    on: 'legacy',
    finds: 'TOML_INVALID',
    names: /line \d+.*line \d+/,
    seed: (pair) => appendToml(pair, 'is7', '\n[oauth]\nauthorize_all_scopes = true\n'),
  },
  {
    id: 'the same in API Manager',
    row: 2,
    on: 'legacy',
    finds: 'TOML_INVALID',
    names: /wso2am/,
    seed: (pair) => appendToml(pair, 'apim', '\n[oauth]\nenable = true\n'),
  },
  {
    id: '[keystore] after [keystore.tls]',
    row: '4.1',
    on: 'legacy',
    finds: 'TOML_INVALID',
    seed: (pair) => appendToml(pair, 'apim', '\n[keystore]\nreload = true\n'),
  },
  {
    id: 'a table twice, by a script run twice',
    row: 3,
    on: 'legacy',
    finds: 'TOML_INVALID',
    seed: (pair) => appendToml(pair, 'is7', '\n[server]\nlegacy_mode = true\n'),
  },
  {
    id: 'a second [apim.key_manager]',
    row: '4.1',
    on: 'legacy',
    finds: 'TOML_INVALID',
    seed: (pair) => appendToml(pair, 'apim', '\n[apim.key_manager]\nenable = true\n'),
  },
  {
    id: 'a key twice',
    row: 3,
    on: 'legacy',
    finds: 'TOML_INVALID',
    seed: (pair) => editToml(pair, 'is7', 'hostname = "localhost"', 'hostname = "localhost"\nhostname = "is7"'),
  },
  {
    id: 'a bracket lost by a template',
    row: 3,
    on: 'legacy',
    finds: 'TOML_INVALID',
    seed: (pair) => editToml(pair, 'is7', '[[resource.access_control]]', '[[resource.access_control]'),
  },
  {
    id: 'a quote lost by sed',
    row: 3,
    on: 'legacy',
    finds: 'TOML_INVALID',
    names: /:2\b|line 2\b/,
    seed: (pair) => editToml(pair, 'is7', 'hostname = "localhost"', 'hostname = "is7.example.com'),
  },
  {
    id: 'a Helm template, not rendered',
    row: 1,
    on: 'legacy',
    finds: 'TOML_INVALID',
    names: /Helm/,
    seed: (pair) => appendToml(pair, 'is7', '\n{{ .Values.deploymentToml.extraConfigs }}\n'),
  },
  {
    id: 'a byte order mark',
    row: '2a',
    on: 'legacy',
    finds: 'TOML_INVALID',
    seed: async (pair) => put(tomlOf(pair.is7), `\ufeff${await readFile(tomlOf(pair.is7), 'utf8')}`),
  },
  {
    id: 'an inline table over two lines',
    row: '4.1',
    on: 'legacy',
    finds: 'TOML_INVALID',
    seed: (pair) => appendToml(pair, 'is7', '\n[custom]\npool = { max = 1,\n  min = 1 }\n'),
  },
  {
    id: 'a tab in a string',
    row: '2a',
    on: 'legacy',
    finds: 'TOML_INVALID',
    seed: (pair) => appendToml(pair, 'apim', '\n[custom]\ntext = "a\tb"\n'),
  },

  // what it says, or does not
  {
    id: 'the recipe was never applied',
    row: 1,
    on: 'legacy',
    finds: 'RECIPE_MISSING',
    seed: (pair) => restoreDefaultToml(pair),
  },
  {
    id: 'a dotted key swallowed by the table before',
    row: 1,
    on: 'current',
    finds: 'SETTING_SWALLOWED',
    names: /oauth\.authorize_all_scopes/,
    seed: swallowDottedKey,
  },
  {
    id: 'a key appended to the end of the file',
    row: 1,
    on: 'legacy',
    finds: 'SETTING_SWALLOWED',
    names: /legacy_mode/,
    seed: swallowPlainKey,
  },
  {
    id: 'legacy_mode forgotten',
    row: 'guide 1.2',
    on: 'legacy',
    finds: 'SETTING_MISSING',
    names: /legacy_mode/,
    seed: (pair) => editToml(pair, 'is7', /legacy_mode = true\n/, ''),
  },
  {
    id: 'the role scope issuer is off',
    row: 'guide 1.2',
    on: 'legacy',
    finds: 'SETTING_DIFFERS',
    names: /role_based_scope_issuer/,
    seed: (pair) => editToml(pair, 'is7', /(role_based_scope_issuer\]\nenable *= *)true/, '$1false'),
  },
  {
    id: 'scopes are not authorized',
    row: '6.4',
    on: 'current',
    finds: 'SETTING_DIFFERS',
    names: /authorize_all_scopes/,
    seed: (pair) => editToml(pair, 'is7', 'authorize_all_scopes = true', 'authorize_all_scopes = false'),
  },
  {
    id: 'no rule for scim2/Me',
    row: 4,
    on: 'legacy',
    finds: 'SETTING_MISSING',
    names: /scim2\/Me/,
    seed: (pair) => editToml(pair, 'is7', /\[\[resource\.access_control\]\][\s\S]*?scopes *= *\[\]\n/, ''),
  },
  {
    id: 'the rule for scim2/Me stays in one tenant',
    row: 4,
    on: 'legacy',
    finds: 'SETTING_DIFFERS',
    names: /cross_tenant/,
    seed: (pair) => editToml(pair, 'is7', 'cross_tenant = true', 'cross_tenant = false'),
  },
  {
    id: 'an earlier rule hides that for scim2/Me',
    row: 4,
    on: 'legacy',
    finds: 'ACCESS_RULE_HIDDEN',
    names: /scim2\/\(\.\*\)/,
    seed: (pair) =>
      editToml(
        pair,
        'is7',
        '[[resource.access_control]]',
        '[[resource.access_control]]\ncontext = "(.*)/scim2/(.*)"\nsecure = true\nhttp_method = "all"\n\n[[resource.access_control]]',
      ),
  },
  {
    id: 'both recipes',
    row: '0b',
    on: 'current',
    finds: 'RECIPE_LEFTOVER',
    names: /legacy_mode/,
    seed: (pair) => editToml(pair, 'is7', 'hostname = "localhost"', 'hostname = "localhost"\nlegacy_mode = true'),
  },
  {
    id: 'a variable that is not set',
    row: '2b',
    on: 'legacy',
    finds: 'PLACEHOLDER_UNRESOLVED',
    names: /IS_HOST/,
    seed: (pair) => editToml(pair, 'is7', 'hostname = "localhost"', 'hostname = "$env{IS_HOST}"'),
  },
  {
    id: 'a secret that is not declared',
    row: '2b',
    on: 'legacy',
    finds: 'SECRET_UNDECLARED',
    names: /truststore_secret/,
    seed: (pair) => editToml(pair, 'apim', 'password = "admin"', 'password = "$secret{truststore_secret}"'),
  },
  {
    id: 'a reference that leads back to itself',
    row: '2b',
    on: 'legacy',
    finds: 'PLACEHOLDER_UNRESOLVED',
    seed: (pair) => editToml(pair, 'is7', 'hostname = "localhost"', 'hostname = "$ref{server.hostname}"'),
  },

  // the wrong server
  {
    id: 'the homes are exchanged',
    row: 20,
    on: 'legacy',
    finds: 'HOME_OF_OTHER_SERVER',
    seed: async (pair) => Object.assign(pair, { is7: pair.apim, apim: pair.is7 }),
  },
  {
    id: 'IS 6.1, as in the compose samples',
    row: 8,
    on: 'legacy',
    finds: 'VERSION_UNSUPPORTED',
    names: /6\.1/,
    seed: ({ is7 }) => put(join(is7, 'bin', 'version.txt'), 'WSO2 Identity Server v6.1.0\n'),
  },
  {
    id: 'API Manager 4.2, which has no connector',
    row: 20,
    on: 'legacy',
    finds: 'VERSION_UNSUPPORTED',
    names: /4\.2/,
    seed: ({ apim }) => put(join(apim, 'bin', 'version.txt'), 'WSO2 API Manager v4.2.0\n'),
  },
  {
    id: 'API Manager 4.4 makes roles, IS 7 refuses',
    row: 7,
    on: 'current',
    finds: 'ROLE_PREFIX_MISSING',
    seed: async (pair) => {
      await put(join(pair.apim, 'bin', 'version.txt'), 'WSO2 API Manager v4.4.0\n');
      await editToml(pair, 'is7', /\[role_mgt\]\nallow_system_prefix_for_role = true\n/, '');
    },
  },

  // revoked tokens
  {
    id: 'the header names the Key Manager',
    row: 13,
    on: 'current',
    finds: 'REVOCATION_HEADER_WRONG',
    names: /WSO2-IS-7/,
    seed: (pair) => editToml(pair, 'is7', '"WSO2-IS"', '"WSO2-IS-7"'),
  },
  {
    id: 'the header is missing',
    row: 13,
    on: 'current',
    finds: 'REVOCATION_HEADER_WRONG',
    seed: (pair) => editToml(pair, 'is7', /.*X-WSO2-KEY-MANAGER.*\n/, ''),
  },
  {
    id: 'the header is a table, because it was not quoted',
    row: 13,
    on: 'current',
    finds: 'REVOCATION_HEADER_WRONG',
    seed: (pair) => editToml(pair, 'is7', /.header\.X-WSO2-KEY-MANAGER./, 'header.X-WSO2-KEY-MANAGER'),
  },
  {
    id: 'a listener of the type that never fires',
    row: 13,
    on: 'current',
    finds: 'REVOCATION_TYPE_WRONG',
    seed: (pair) =>
      editToml(
        pair,
        'is7',
        'org.wso2.carbon.identity.core.handler.AbstractIdentityHandler',
        'org.wso2.carbon.identity.oauth.event.OAuthEventInterceptor',
      ),
  },
  {
    id: 'the handler is not in dropins',
    row: 13,
    on: 'current',
    finds: 'DROPIN_MISSING',
    seed: ({ is7 }) => rm(handlerIn(is7)),
  },
  {
    id: 'the handler of another release',
    row: 13,
    on: 'current',
    finds: 'DROPIN_VERSION',
    names: /2\.1\.3/,
    seed: ({ is7 }) => rename(handlerIn(is7), join(dropinsOf(is7), `${HANDLER}-2.1.3.jar`)),
  },
  {
    id: 'the handler twice',
    row: 13,
    on: 'current',
    finds: 'DROPIN_TWICE',
    seed: ({ is7 }) => put(join(dropinsOf(is7), `${HANDLER}_2.0.1.jar`), handlerJar()),
  },
  {
    id: 'the handler is the web page of a failed download',
    row: 13,
    on: 'current',
    finds: 'DROPIN_INVALID',
    seed: ({ is7 }) => put(handlerIn(is7), '<!DOCTYPE html><title>404</title>'),
  },
  {
    id: 'revoked tokens are reported to another port',
    row: 13,
    on: 'current',
    finds: 'REVOCATION_ENDPOINT_WRONG',
    names: /9444/,
    seed: (pair) => editToml(pair, 'is7', 'https://localhost:9443/internal', 'https://localhost:9444/internal'),
  },
  {
    id: 'revoked tokens are reported with an old password',
    row: 13,
    on: 'current',
    finds: 'REVOCATION_ACCOUNT_WRONG',
    seed: (pair) => editToml(pair, 'apim', 'password = "admin"', 'password = "n3w of apim"'),
  },

  // certificates and stores
  {
    id: 'API Manager does not trust IS 7',
    row: 10,
    on: 'legacy',
    finds: 'TRUST_MISSING',
    names: /API Manager/,
    seed: async ({ apim }) => trusts(apim, { wso2carbon: await certificateOf(apim) }),
  },
  {
    id: 'IS 7 does not trust API Manager',
    row: 10,
    on: 'current',
    finds: 'TRUST_MISSING',
    names: /Identity Server/,
    seed: async ({ is7 }) => trusts(is7, { wso2carbon: await certificateOf(is7) }),
  },
  {
    id: 'IS 7 does not trust its own new certificate',
    row: 10,
    on: 'legacy',
    finds: 'TRUST_MISSING',
    names: /itself/,
    seed: async (pair) => {
      await present(pair, PEMS.is7);
      await trusts(pair.apim, { wso2carbon: await certificateOf(pair.apim), wso2is: PEMS.is7 });
    },
  },
  {
    id: 'the certificate of IS 7 was renewed, the imported one is old',
    row: 10,
    on: 'legacy',
    finds: 'ALIAS_HOLDS_OTHER',
    names: /wso2is/,
    seed: (pair) => present(pair, PEMS.is7),
  },
  {
    id: 'the certificate of IS 7 is for localhost only',
    row: 9,
    on: 'legacy',
    finds: 'CERT_HOST_MISMATCH',
    names: /is7\.example\.com/,
    seed: (pair) => editToml(pair, 'is7', 'hostname = "localhost"', 'hostname = "is7.example.com"'),
  },
  {
    id: 'IS 7 reports to a name that API Manager’s certificate does not have',
    row: 9,
    on: 'current',
    finds: 'CERT_HOST_MISMATCH',
    names: /wso2am/,
    seed: async (pair) => {
      await editToml(pair, 'apim', 'hostname = "localhost"', 'hostname = "wso2am"');
      await editToml(pair, 'is7', 'https://localhost:9443/internal', 'https://wso2am:9443/internal');
    },
  },
  {
    id: 'the certificate of IS 7 has expired',
    row: '2.1',
    on: 'legacy',
    finds: 'CERT_EXPIRED',
    seed: async (pair) => {
      const pem = selfSigned({ commonName: 'localhost', dnsNames: ['localhost'], notAfter: new Date('2025-01-07') });
      await present(pair, pem);
    },
  },
  {
    id: 'the password of the truststore is wrong',
    row: 19,
    on: 'legacy',
    finds: 'STORE_PASSWORD_WRONG',
    seed: (pair) => editToml(pair, 'is7', /(\[truststore\][^[]*password ?= ?)"wso2carbon"/, '$1"changeit"'),
  },
  {
    id: 'the password of the key is wrong',
    row: 19,
    on: 'legacy',
    finds: 'KEY_PASSWORD_WRONG',
    seed: async (pair) => {
      await put(
        securityFile(pair.apim, 'wso2carbon.jks'),
        await readFile(join(pair.is7, 'repository', 'resources', 'security', 'wso2carbon.p12')),
      );
      await editToml(pair, 'apim', /key_password *= *"wso2carbon"/, 'key_password = "changeit"');
    },
  },
  {
    id: 'the alias of the TLS key is misspelt',
    row: 19,
    on: 'legacy',
    finds: 'STORE_ALIAS_MISSING',
    names: /wso2carbn/,
    seed: (pair) => editToml(pair, 'apim', /alias = +"wso2carbon"/, 'alias = "wso2carbn"'),
  },
  {
    id: 'the internal keystore is not in the secret',
    row: 19,
    on: 'legacy',
    finds: 'STORE_MISSING',
    names: /wso2internal\.jks/,
    seed: (pair) =>
      appendToml(
        pair,
        'apim',
        '\n[keystore.internal]\nfile_name = "wso2internal.jks"\ntype = "JKS"\npassword = "wso2carbon"\nalias = "wso2carbon"\nkey_password = "wso2carbon"\n',
      ),
  },
  {
    id: 'wso2carbon.jks on IS 7.1 and later',
    row: '2.4',
    on: 'legacy',
    finds: 'STORE_MISSING',
    names: /wso2carbon\.jks/,
    seed: (pair) => editToml(pair, 'is7', 'file_name = "wso2carbon.p12"', 'file_name = "wso2carbon.jks"'),
  },
  {
    id: 'the truststore is declared as what it is not',
    row: '0.4',
    on: 'legacy',
    finds: 'STORE_TYPE_DIFFERS',
    seed: (pair) => editToml(pair, 'is7', /(\[truststore\][^[]*type ?= ?)"PKCS12"/, '$1"BCFKS"'),
  },
  {
    id: 'the truststore was cut short',
    row: 19,
    on: 'legacy',
    finds: 'STORE_TRUNCATED',
    seed: ({ is7 }) => truncate(securityFile(is7, 'client-truststore.p12'), 20_000),
  },
  {
    id: 'a folder in the place of a mounted truststore',
    row: 19,
    on: 'legacy',
    finds: 'STORE_IS_FOLDER',
    seed: async ({ apim }) => {
      await rm(securityFile(apim, 'client-truststore.jks'));
      await mkdir(securityFile(apim, 'client-truststore.jks'));
    },
  },
  {
    id: 'mutual TLS with the thumbprint of another certificate',
    row: 22,
    on: 'current',
    finds: 'MUTUAL_TLS_MISMATCH',
    seed: (pair) =>
      appendToml(
        pair,
        'is7',
        `\n[client_certificate_based_authentication]\nenable = true\n\n[[client_certificate_based_authentication.user_thumbprint_mapping]]\ntrusted_issuer = "C=US, CN=localhost"\ncert_thumbprint = "${Array.from({ length: 32 }, () => 'AB').join(':')}"\nallowed_username = "admin"\n`,
      ),
  },

  // names and ports
  {
    id: 'both servers on one port',
    row: 'guide 1.4',
    on: 'legacy',
    finds: 'PORT_CLASH',
    names: /9443/,
    seed: (pair) => editToml(pair, 'is7', /offset = 1\n/, ''),
  },
  {
    id: 'an offset that is no number',
    row: 9,
    on: 'legacy',
    finds: 'OFFSET_INVALID',
    seed: (pair) => editToml(pair, 'is7', 'offset = 1', 'offset = "one"'),
  },
  {
    id: 'a host name with a port',
    row: 9,
    on: 'legacy',
    finds: 'HOSTNAME_INVALID',
    seed: (pair) => editToml(pair, 'is7', 'hostname = "localhost"', 'hostname = "is7.example.com:9444"'),
  },
  {
    id: 'IS 7 calls itself localhost, API Manager does not',
    row: 11,
    on: 'legacy',
    finds: 'HOST_IS_LOCALHOST',
    seed: (pair) => editToml(pair, 'apim', 'hostname = "localhost"', 'hostname = "apim.example.com"'),
  },
  {
    id: 'the issuer is not the name that the Key Manager gets',
    row: 9,
    on: 'legacy',
    finds: 'ISSUER_MISMATCH',
    names: /login\.example\.com/,
    seed: async (pair) => Object.assign(pair.environment, { KMB_IS7_PUBLIC_URL: 'https://login.example.com' }),
  },
  {
    id: 'the start script gives another offset',
    row: 'guide 1.4',
    on: 'current',
    finds: 'OFFSET_OVERRIDDEN',
    names: /wso2server\.sh:\d+/,
    seed: ({ is7 }) =>
      appendFile(join(is7, 'bin', 'wso2server.sh'), '\nexport JAVA_OPTS="$JAVA_OPTS -DportOffset=5"\n'),
  },

  // the identity database
  {
    id: 'the guide’s constraint is missing',
    row: '4.3',
    on: 'legacy',
    finds: 'CONSTRAINT_MISSING',
    seed: ({ is7 }) => sql(is7, 'ALTER TABLE IDN_OAUTH_CONSUMER_APPS DROP CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT'),
  },
  {
    id: 'tenants share consumer keys',
    row: '4.3',
    on: 'legacy',
    finds: 'DATABASE_DUPLICATES',
    names: /CONSOLE/,
    seed: ({ is7 }) =>
      sql(
        is7,
        'ALTER TABLE IDN_OAUTH_CONSUMER_APPS DROP CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT',
        "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, TENANT_ID, APP_NAME) VALUES ('CONSOLE', 1, 'Console')",
      ),
  },
  {
    id: 'the constraint is left with the recipe current',
    row: '4.3',
    on: 'current',
    finds: 'RECIPE_LEFTOVER',
    names: /tenants/,
    seed: ({ is7 }) =>
      sql(
        is7,
        'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT UNIQUE (CONSUMER_KEY)',
      ),
  },
  {
    id: 'the identity database is API Manager’s',
    row: '2.1',
    on: 'legacy',
    finds: 'DATABASE_WRONG',
    seed: async (pair) => {
      await copyFile(databaseFile(pair.apim, 'WSO2AM_DB'), databaseFile(pair.is7, 'WSO2AM_DB'));
      await editToml(pair, 'is7', 'database/WSO2IDENTITY_DB', 'database/WSO2AM_DB');
    },
  },
  {
    id: 'both servers have one network database',
    row: '2.1',
    on: 'legacy',
    finds: 'DATABASE_SHARED',
    seed: shareNetworkDatabase,
  },
  {
    id: 'the file of the database is not there',
    row: 15,
    on: 'legacy',
    finds: 'DATABASE_NOT_FOUND',
    seed: ({ is7 }) => rm(databaseFile(is7, 'WSO2IDENTITY_DB')),
  },
  {
    id: 'the password of the database is wrong',
    row: 15,
    on: 'legacy',
    finds: 'DATABASE_PASSWORD_WRONG',
    seed: (pair) => editToml(pair, 'is7', /(WSO2IDENTITY_DB[^[]*password = )"wso2carbon"/, '$1"changeit"'),
  },
  {
    id: 'H2 without ./',
    row: '3d',
    on: 'legacy',
    finds: 'DATABASE_UNSUPPORTED',
    seed: (pair) =>
      editToml(
        pair,
        'is7',
        'jdbc:h2:./repository/database/WSO2IDENTITY_DB',
        'jdbc:h2:repository/database/WSO2IDENTITY_DB',
      ),
  },
  {
    id: 'no driver for MySQL',
    row: 12,
    on: 'legacy',
    finds: 'DATABASE_DRIVER_MISSING',
    names: /mysql/i,
    seed: (pair) => useMysql(pair, 'autoReconnect=true'),
  },
  {
    id: 'a bare & in a JDBC URL',
    row: '2b',
    on: 'legacy',
    finds: 'DATABASE_URL_UNESCAPED',
    seed: (pair) => useMysql(pair, 'autoReconnect=true&useSSL=false'),
  },

  // what was right for IS 6 and older
  {
    id: 'IS as the resident Key Manager',
    row: 20,
    on: 'legacy',
    finds: 'RESIDENT_KEY_MANAGER',
    names: /WSO2-IS/,
    seed: (pair) =>
      editToml(
        pair,
        'apim',
        '[apim.key_manager]',
        '[apim.key_manager]\nservice_url = "https://is-as-km:9444/services/"\ntype = "WSO2-IS"',
      ),
  },
  {
    id: 'the resident Key Manager is pointed at IS 7',
    row: 18,
    on: 'legacy',
    finds: 'RESIDENT_KEY_MANAGER',
    names: /9444/,
    seed: (pair) =>
      editToml(
        pair,
        'apim',
        '[apim.key_manager]',
        '[apim.key_manager]\nservice_url = "https://localhost:9444/services/"',
      ),
  },
  {
    id: 'no resident Key Manager, and no tenant sharing',
    row: 17,
    on: 'legacy',
    finds: 'RESIDENT_KEY_MANAGER_SKIPPED',
    seed: (pair) =>
      editToml(pair, 'apim', '[apim.key_manager]', '[apim.key_manager]\nskip_create_resident_key_manager = true'),
  },
  {
    id: 'the connector jar of IS 6',
    row: '2.1',
    on: 'legacy',
    finds: 'OLD_CONNECTOR',
    seed: ({ is7 }) => put(join(dropinsOf(is7), 'wso2is.key.manager.core-1.7.17.jar'), handlerJar()),
  },
  {
    id: 'an empty encryption key',
    row: '3.1',
    on: 'legacy',
    finds: 'ENCRYPTION_KEY_MISSING',
    seed: async (pair) => {
      await put(join(pair.apim, 'bin', 'version.txt'), 'WSO2 API Manager v4.7.0\n');
      await appendToml(pair, 'apim', '\n[encryption]\nkey = ""\n');
    },
  },

  // overlays, files, start scripts
  {
    id: 'a config volume overwrites what was set',
    row: '0.3',
    on: 'legacy',
    finds: 'OVERLAY_OVERWRITES',
    seed: (pair) => overlayDefaultToml(pair, 'wso2-config-volume'),
  },
  {
    id: 'a config volume without the recipe',
    row: '0.3',
    on: 'legacy',
    finds: 'RECIPE_MISSING',
    names: /wso2-config-volume/,
    seed: (pair) => overlayDefaultToml(pair, 'wso2-config-volume'),
  },
  {
    id: 'the artifact volume wins over the config volume',
    row: '0.3',
    on: 'legacy',
    finds: 'OVERLAY_TWICE',
    seed: async (pair) => {
      await overlayDefaultToml(pair, 'wso2-config-volume');
      await overlayDefaultToml(pair, 'wso2-artifact-volume');
      await appendFile(tomlOf(join(pair.folder, 'is', 'wso2-artifact-volume')), '# copied last\n');
    },
  },
  {
    id: 'a database in the overlay',
    row: '0.3',
    on: 'legacy',
    finds: 'OVERLAY_HOLDS_DATABASE',
    seed: (pair) => overlayWithDatabase(pair),
  },
  {
    id: 'the handler may not be read by the server',
    row: '0.2',
    on: 'current',
    finds: 'FILE_UNREADABLE_BY_SERVER',
    names: /handlers/,
    seed: ({ is7 }) => chmod(handlerIn(is7), 0o040),
  },
  {
    id: 'the truststore belongs to the user of the other image',
    row: '0.2',
    on: 'legacy',
    finds: 'FILE_UNREADABLE_BY_SERVER',
    names: /10001/,
    needsRoot: true,
    seed: async ({ is7 }) => {
      await chown(is7, 802, 802);
      await chown(securityFile(is7, 'client-truststore.p12'), 10001, 10001);
      await chmod(securityFile(is7, 'client-truststore.p12'), 0o640);
    },
  },
  {
    id: 'API Manager was told to check host names, and that of IS 7 is not covered',
    row: 9,
    on: 'legacy',
    finds: 'CERT_HOST_MISMATCH',
    names: /Strict/,
    seed: async (pair) => {
      await appendFile(join(pair.apim, 'bin', 'api-manager.sh'), '\n    -Dhttpclient.hostnameVerifier=Strict \\\n');
      await editToml(pair, 'is7', 'hostname = "localhost"', 'hostname = "is7.example.com"');
    },
  },
  {
    id: 'IS 7 was told to check no host names',
    row: 9,
    on: 'legacy',
    finds: 'HOST_CHECK_OFF',
    names: /wso2server\.sh/,
    seed: ({ is7 }) =>
      appendFile(join(is7, 'bin', 'wso2server.sh'), '\n    -Dhttpclient.hostnameVerifier=AllowAll \\\n'),
  },
  {
    id: 'the server reads another deployment.toml',
    row: '1',
    on: 'legacy',
    finds: 'DEPLOYMENT_TOML_ELSEWHERE',
    seed: ({ is7 }) =>
      appendFile(
        join(is7, 'bin', 'wso2server.sh'),
        '\n    -Ddeployment.config.file.path=/etc/wso2/deployment.toml \\\n',
      ),
  },
  {
    id: 'the server runs since before the certificate was imported',
    row: 10,
    on: 'legacy',
    finds: 'RESTART_NEEDED',
    names: /client-truststore\.jks/,
    seed: async ({ apim }) => {
      const pid = join(apim, 'wso2carbon.pid');
      await writeFile(pid, `${process.pid}\n\0\0\0`);
      await utimes(pid, new Date('2026-01-01'), new Date('2026-01-01'));
    },
  },

  // what the logs of a support bundle tell
  {
    id: 'log: PKIX',
    row: 10,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_PKIX',
    names: /wso2carbon\.log:2/,
    seed: ({ apim }) =>
      log(
        apim,
        'ERROR - KeyManagerConfigurationsApiServiceImpl javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target',
      ),
  },
  {
    id: 'log: stack overflow at the start',
    row: 2,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_TOML_OVERFLOW',
    seed: ({ is7 }) =>
      log(
        is7,
        'Exception in thread "main" java.lang.StackOverflowError',
        '\tat net.consensys.cava.toml.MutableTomlTable.dottedKeySet(MutableTomlTable.java:71)',
      ),
  },
  {
    id: 'log: previously defined',
    row: 3,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_TOML_REFUSED',
    seed: ({ is7 }) =>
      log(
        is7,
        'SEVERE: Error while performing configuration changes org.wso2.config.mapper.ConfigParserException: Error parsing deployment.toml: oauth previously defined at line 1',
      ),
  },
  {
    id: 'log: not configured',
    row: 6,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_KEY_MANAGER_NOT_CONFIGURED',
    seed: ({ apim }) => log(apim, 'ERROR - ApplicationsApiServiceImpl Key Manager WSO2-IS-7 not configured'),
  },
  {
    id: 'log: mapping left',
    row: 22,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_KEY_MAPPING_LEFT',
    seed: ({ apim }) =>
      log(apim, 'ERROR - GlobalThrowableMapper {"code":901409,"message":"Key Mappings already exists"}'),
  },
  {
    id: 'log: revocation',
    row: 13,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_REVOCATION_FAILED',
    seed: ({ is7 }) =>
      log(
        is7,
        'ERROR {org.wso2.is.notification.EventSender} - Error while sending Revocation Event to https://wso2am:9443/internal/data/v1/notify',
      ),
  },
  {
    id: 'log: host name',
    row: 9,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_HOST_MISMATCH',
    seed: ({ is7 }) =>
      log(is7, "javax.net.ssl.SSLException: hostname in certificate didn't match: <localhost> != <dev.example.com>"),
  },
  {
    id: 'log: role not created',
    row: 7,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_ROLE_NOT_CREATED',
    seed: ({ apim }) => log(apim, 'ERROR - WSO2IS7KeyManager Failed to create role: Internal/subscriber'),
  },
  {
    id: 'log: variable not defined',
    row: '2b',
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_ENVIRONMENT_MISSING',
    names: /IS_HOST/,
    seed: ({ is7 }) => log(is7, 'ConfigParserException: Environment variable IS_HOST not defined in system'),
  },
  {
    id: 'log: fan-out to a Key Manager that is down',
    row: 22,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_KEY_MANAGER_UNREACHABLE',
    seed: ({ apim }) => log(apim, 'ERROR - ApisApiServiceImpl {"code":900967,"message":"General Error"}'),
  },
  {
    id: 'log: configuration missing',
    row: 5,
    on: 'legacy',
    as: 'bundle',
    finds: 'LOG_CONNECTOR_SETTING_MISSING',
    seed: ({ apim }) => log(apim, 'ERROR - {"code":901401,"message":"Required Key Manager configuration missing"}'),
  },
];

type Server = 'is7' | 'apim';

function tomlOf(home: string): string {
  return join(home, 'repository', 'conf', 'deployment.toml');
}

function securityFile(home: string, name: string): string {
  return join(home, 'repository', 'resources', 'security', name);
}

function databaseFile(home: string, name: string): string {
  return join(home, 'repository', 'database', `${name}.mv.db`);
}

function handlerIn(home: string): string {
  return join(dropinsOf(home), `${HANDLER}-2.0.5.jar`);
}

function appendToml(pair: Pair, server: Server, text: string): Promise<void> {
  return appendFile(tomlOf(pair[server]), text);
}

/** A seed that changed nothing would be a case that tests nothing. */
async function editToml(pair: Pair, server: Server, from: string | RegExp, to: string): Promise<void> {
  const path = tomlOf(pair[server]);
  const before = await readFile(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`nothing in ${path} matches ${from}`);
  await writeFile(path, after);
}

/** As the pack has it, but for the offset, which a person may well have set. */
async function defaultToml({ is7 }: Pair): Promise<string> {
  const text = await readFile(tomlOf(is7), 'utf8');
  return text
    .replace(/legacy_mode = true\n/, '')
    .replace(/\[oauth[^\]]*\]\n[^[]*/g, '')
    .replace(/\[\[resource\.access_control\]\][\s\S]*?scopes *= *\[\]\n/, '');
}

async function restoreDefaultToml(pair: Pair): Promise<void> {
  await writeFile(tomlOf(pair.is7), await defaultToml(pair));
}

async function overlayDefaultToml(pair: Pair, volume: string): Promise<void> {
  await put(tomlOf(join(pair.folder, 'is', volume)), await defaultToml(pair));
  await moveBesideVolume(pair);
}

async function overlayWithDatabase(pair: Pair): Promise<void> {
  const overlay = join(pair.folder, 'is', 'wso2-artifact-volume');
  await put(databaseFile(overlay, 'WSO2IDENTITY_DB'), await readFile(databaseFile(pair.is7, 'WSO2IDENTITY_DB')));
  await moveBesideVolume(pair);
}

/** As in the image: each server's home and its volumes in a folder of their own. */
async function moveBesideVolume(pair: Pair): Promise<void> {
  const target = join(pair.folder, 'is', 'wso2is-7.2.0');
  if (pair.is7 === target) return;
  await rename(pair.is7, target);
  pair.is7 = target;
}

async function swallowDottedKey(pair: Pair): Promise<void> {
  await editToml(pair, 'is7', /\[oauth\]\nauthorize_all_scopes = true\n/, '');
  await appendToml(
    pair,
    'is7',
    '\n[authentication.authenticator.totp.parameters]\nissuer = "WSO2"\noauth.authorize_all_scopes = true\n',
  );
}

async function swallowPlainKey(pair: Pair): Promise<void> {
  await editToml(pair, 'is7', /legacy_mode = true\n/, '');
  await appendToml(pair, 'is7', 'legacy_mode = true\n');
}

async function certificateOf(home: string): Promise<string> {
  const file = home.includes('wso2am') ? 'wso2carbon.jks' : 'wso2carbon.p12';
  const store = { path: securityFile(home, file), password: new Secret('wso2carbon') };
  return (await readPeerCertificate({ store, alias: 'wso2carbon' })).toString();
}

function trusts(home: string, certificates: Readonly<Record<string, string>>): Promise<void> {
  const file = home.includes('wso2am') ? 'client-truststore.jks' : 'client-truststore.p12';
  return writeFile(securityFile(home, file), truststoreBytes(certificates));
}

/** IS 7 gets a TLS keystore of its own with this certificate. */
async function present(pair: Pair, pem: string): Promise<void> {
  await writeFile(securityFile(pair.is7, 'tls.p12'), keystoreBytes(pem));
  const table = '[keystore.tls]\nfile_name = "tls.p12"\ntype = "PKCS12"\npassword = "wso2carbon"\n';
  await editToml(
    pair,
    'is7',
    '[truststore]',
    `${table}alias = "wso2carbon"\nkey_password = "wso2carbon"\n\n[truststore]`,
  );
}

async function sql(home: string, ...statements: readonly string[]): Promise<void> {
  const target = {
    driverClass: 'org.h2.Driver',
    jars: sandboxJars(),
    url: `jdbc:h2:${databaseFile(home, 'WSO2IDENTITY_DB').replace('.mv.db', '')};TRACE_LEVEL_FILE=0`,
    username: 'wso2carbon',
    password: new Secret('wso2carbon'),
  };
  await withJdbc(target, async (session) => {
    for (const statement of statements) await session.execute(statement);
  });
}

function useMysql(pair: Pair, parameters: string): Promise<void> {
  return editToml(
    pair,
    'is7',
    /type = "h2"\nurl = "[^"]*WSO2IDENTITY_DB[^"]*"/,
    `type = "mysql"\nurl = "jdbc:mysql://db:3306/IDENTITY?${parameters}"`,
  );
}

async function shareNetworkDatabase(pair: Pair): Promise<void> {
  const mysql = 'type = "mysql"\nurl = "jdbc:mysql://db:3306/WSO2AM_DB?autoReconnect=true"';
  await editToml(pair, 'is7', /type = "h2"\nurl = "[^"]*WSO2IDENTITY_DB[^"]*"/, mysql);
  await editToml(pair, 'apim', /type = "h2"\nurl = "[^"]*WSO2AM_DB[^"]*"/, mysql);
  for (const home of [pair.is7, pair.apim])
    await put(join(home, 'repository', 'components', 'lib', 'mysql-connector-j-8.4.0.jar'), '');
}

function log(home: string, ...lines: readonly string[]): Promise<void> {
  const text = ['INFO - CarbonCoreActivator Starting WSO2 Carbon...', ...lines, ''].join('\n');
  return put(join(home, 'repository', 'logs', 'wso2carbon.log'), text);
}
