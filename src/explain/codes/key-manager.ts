import type { ErrorCode } from '../../codes.js';
import type { Explanation } from '../explanation.js';

const APIM = 'https://localhost:9443';
const IS7 = 'https://localhost:9444';

export const KEY_MANAGER_ERRORS = {
  CONNECTOR_MISSING: {
    what: 'API Manager has no connector for Identity Server 7.',
    why: 'The connector comes with API Manager 4.3 and later.',
    remedy: 'Use API Manager 4.3 or later.',
    example: {
      message: `API Manager at ${APIM} has no Key Manager connector of type WSO2-IS-7 (it has KeyCloak, Okta)`,
      hint: 'Use API Manager 4.3 or later, which brings the connector for Identity Server 7; in an older one it cannot be added safely.',
    },
  },
  KEY_MANAGER_INVALID: {
    what: 'What is declared for a Key Manager is nothing that this API Manager could take. Nothing was sent.',
    why: 'A setting that its connector requires is missing, is not known to this release, or would be changed silently by it.',
    remedy: 'Correct the declaration, as the message says.',
    example: {
      message:
        "the Key Manager WSO2-IS-7 cannot be sent to API Manager: the connector's Password begins or ends with a blank, which API Manager 4.6 and later would drop",
      hint: 'Correct the declaration of this Key Manager (key_manager in km-bootstrap.toml, is7.username and is7.password).',
    },
  },
  KEY_MANAGER_CONFLICT: {
    what: 'A Key Manager that is there already stands in the way.',
    why: 'One of the same name is of another type, or another one has the same issuer: tokens of one issuer must lead to one Key Manager. A Key Manager can never be renamed.',
    remedy: 'Declare the name of the one that is there, or delete it if nothing uses it.',
    example: {
      message: `API Manager at ${APIM} has the Key Manager IS7 with the issuer ${IS7}/oauth2/token already, so WSO2-IS-7 would be a second one`,
      hint: 'A Key Manager cannot be renamed, and tokens of one issuer must lead to one Key Manager: declare name = "IS7", or declare that one with state = "absent" beside WSO2-IS-7 if nothing uses it.',
    },
  },
  KEY_MANAGER_IN_USE: {
    what: 'A Key Manager that is declared absent was not deleted.',
    why: 'Applications or APIs use it; they would lose their keys.',
    remedy: 'Give them another Key Manager first, or declare enabled = false instead.',
    example: {
      message: 'the Key Manager Old cannot be deleted: it is used by the application Pizza',
      hint: 'Remove their keys or give them another Key Manager first, or declare enabled = false instead of state = "absent".',
    },
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const KEY_MANAGER_NOTICES = {
  CONNECTOR_CERTIFICATE_UNUSED: {
    what: 'A certificate of a tenant is declared for mutual TLS, and it is not used.',
    why: 'The connector compares its option with another word than the one it offers, up to version 2.1.2.',
    remedy: 'Leave MutualTLSOptions out: the default presents the certificate of API Manager’s primary keystore.',
    example: {
      message:
        'WSO2-IS-7 declares MutualTLSOptions = "TenantWide", and connectors up to 2.1.2 never load the certificate of a tenant',
      hint: 'Leave it out: the default ServerWide presents the certificate of API Manager’s primary keystore.',
    },
  },
  CONNECTOR_KEY_IGNORED: {
    what: 'A declared setting of the connector is not sent.',
    why: 'The connector of this API Manager has no such key.',
    remedy: 'Take it out of the declaration, or update API Manager.',
    example: {
      message: 'the connector of this API Manager has no key Authentication, so it is not sent for WSO2-IS-7',
      hint: 'Take it out of the declaration, or update API Manager to a release whose connector has it.',
    },
  },
} as const satisfies Record<string, Explanation>;
