import type { ErrorCode } from '../../codes.js';
import { MESSAGES as KEY_MANAGERS } from '../../key-manager/errors.js';
import type { Explanation } from '../explanation.js';

const APIM = 'https://localhost:9443';
const IS7 = 'https://localhost:9444';

export const KEY_MANAGER_ERRORS = {
  CONNECTOR_MISSING: {
    what: 'API Manager has no connector for Identity Server 7.',
    why: 'The connector comes with API Manager 4.3 and later.',
    remedy: 'Use API Manager 4.3 or later.',
    example: KEY_MANAGERS.CONNECTOR_MISSING(APIM, 'WSO2-IS-7', ['KeyCloak', 'Okta']),
  },
  KEY_MANAGER_INVALID: {
    what: 'What is declared for a Key Manager is nothing that this API Manager could take. Nothing was sent.',
    why: 'A setting that its connector requires is missing, is not known to this release, or would be changed silently by it.',
    remedy: 'Correct the declaration, as the message says.',
    example: KEY_MANAGERS.KEY_MANAGER_INVALID.unsendable('WSO2-IS-7', [
      "the connector's Password begins or ends with a blank, which API Manager 4.6 and later would drop",
    ]),
  },
  KEY_MANAGER_CONFLICT: {
    what: 'A Key Manager that is there already stands in the way.',
    why: 'One of the same name is of another type, or another one has the same issuer: tokens of one issuer must lead to one Key Manager. A Key Manager can never be renamed.',
    remedy: 'Declare the name of the one that is there, or delete it if nothing uses it.',
    example: KEY_MANAGERS.KEY_MANAGER_CONFLICT.sameIssuer(APIM, 'IS7', `${IS7}/oauth2/token`, 'WSO2-IS-7'),
  },
  KEY_MANAGER_IN_USE: {
    what: 'A Key Manager that is declared absent was not deleted.',
    why: 'Applications or APIs use it; they would lose their keys.',
    remedy: 'Give them another Key Manager first, or declare enabled = false instead.',
    example: KEY_MANAGERS.KEY_MANAGER_IN_USE('Old', 'the application Pizza'),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const KEY_MANAGER_NOTICES = {
  CONNECTOR_CERTIFICATE_UNUSED: {
    what: 'A certificate of a tenant is declared for mutual TLS, and it is not used.',
    why: 'The connector compares its option with another word than the one it offers, up to version 2.1.2.',
    remedy: 'Leave MutualTLSOptions out: the default presents the certificate of API Manager’s primary keystore.',
    example: KEY_MANAGERS.CONNECTOR_CERTIFICATE_UNUSED('WSO2-IS-7'),
  },
  CONNECTOR_KEY_IGNORED: {
    what: 'A declared setting of the connector is not sent.',
    why: 'The connector of this API Manager has no such key.',
    remedy: 'Take it out of the declaration, or update API Manager.',
    example: KEY_MANAGERS.CONNECTOR_KEY_IGNORED('Authentication', 'WSO2-IS-7'),
  },
} as const satisfies Record<string, Explanation>;
