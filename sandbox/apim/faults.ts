import { json, Refusal, type Reply } from '../http/reply.js';

/** The error body of API Manager's REST APIs. */
export function fault(status: number, code: number, message: string, description: string): Reply {
  return json(status, { code, message, description, moreInfo: '', error: [] });
}

/** Ends the handling of a request with this answer. */
export function refuse(reply: Reply): never {
  throw new Refusal(reply);
}

/** A request that makes no sense, before any rule of the product is looked at. */
export function badRequest(description: string): Reply {
  return fault(400, 400, 'Bad Request', description);
}

/** What a field lacks stands in `error`, where nobody would look for it by the description. */
export function invalid(violations: readonly { readonly code: string; readonly message: string }[]): Reply {
  const description = 'Validation Error';
  return json(400, { code: 400, message: 'Bad Request', description, moreInfo: '', error: violations });
}

/** Nothing has this id. */
export function notFound(description: string): Reply {
  return fault(404, 404, 'Not Found', description);
}

/** The answers that the product has codes for (carbon-apimgt, ExceptionCodes; GlobalThrowableMapper for the first three). */
export const FAULTS = {
  /** An exception nobody foresaw, such as a null pointer. */
  INTERNAL: fault(
    500,
    500,
    'Internal server error',
    'The server encountered an internal error. Please contact administrator.',
  ),
  /** A failure the product throws itself without giving it a code of its own, such as a Key Manager that does not answer. */
  GENERAL: fault(500, 900967, 'General Error', 'Server Error Occurred'),
  UNAUTHENTICATED: fault(401, 401, '', 'Unauthenticated request'),
  TYPE_UNKNOWN: fault(400, 901400, 'Key Manager Type not configured', 'Key Manager Type not configured'),
  /** The missing key is named in the server's log only. */
  CONFIGURATION_MISSING: fault(
    400,
    901401,
    'Required Key Manager configuration missing',
    'Missing required configuration',
  ),
  NAME_TAKEN: fault(409, 901402, 'Key Manager Already Exists', 'Key Manager Already Exists'),
  NOT_REGISTERED: fault(400, 901403, 'Key Manager not Registered', 'Key Manager not Registered'),
  NAME_EMPTY: fault(400, 901404, 'Key Manager name cannot be empty', 'Key Manager name cannot be empty'),
  NOT_PERMITTED: fault(403, 902013, 'Key Manager is not permitted', 'The user is not permitted to use the Key Manager'),
  NO_APP_CREATION: fault(
    400,
    901405,
    "Key Manager doesn't support generating OAuth applications",
    "Key Manager doesn't support generating OAuth applications",
  ),
  MAPPING_EXISTS: fault(409, 901409, 'Key Mappings already exists', 'Key Mappings already exists'),
  KEY_MANAGER_UNKNOWN: fault(404, 901411, 'Key Manager not Found', 'Key Manager not found'),
  READ_ONLY: fault(
    400,
    901412,
    'Key Manager configuration cannot be changed',
    'A read-only property of the Key Manager configuration cannot be changed',
  ),
  NAME_IMMUTABLE: badRequest("Key Manager name couldn't able to change"),
  IDENTITY_PROVIDER_NOT_ADDED: fault(
    400,
    900611,
    'Unable to add the identity provider',
    'Error while adding the identity provider',
  ),
  IDENTITY_PROVIDER_NOT_READ: fault(400, 900612, 'Error while retrieving IDP', 'Error while retrieving IDP'),
  IDENTITY_PROVIDER_NOT_DELETED: fault(400, 900613, 'Error while deleting IDP', 'Error while deleting IDP'),
  ROLE_UNKNOWN: fault(404, 900607, 'Role does not exist in the system', 'Role does not exist in the system'),
  DELETE_REFUSED: fault(412, 902015, 'Key Manager Delete error', 'Error while deleting the Key Manager. %s'),
} as const satisfies Record<string, Reply>;
