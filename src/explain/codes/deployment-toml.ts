import type { ErrorCode } from '../../codes.js';
import { inFile, MESSAGES as TOML } from '../../deployment-toml/errors.js';
import { MESSAGES as DROPINS } from '../../dropins/errors.js';
import type { Explanation } from '../explanation.js';

const IS7_TOML = '/opt/wso2is-7.2.0/repository/conf/deployment.toml';
const HANDLER_BUNDLE = 'wso2is.notification.event.handlers';

export const DEPLOYMENT_TOML_ERRORS = {
  TOML_INVALID: {
    what: 'A deployment.toml is one that the server itself cannot load; it was not touched.',
    why: 'It breaks the rules of TOML, defines something twice, has a byte order mark, is not UTF-8, or is a template that was not rendered yet.',
    remedy: 'Correct the line and column that are named.',
    example: inFile(
      IS7_TOML,
      TOML.TOML_INVALID.server(
        'line 41, column 1',
        '`[server]` defines again what is defined already: `[server]` of line 1',
        '',
        'Keep one of the two; the servers do not start with both.',
      ),
    ),
  },
  TOML_CONFLICT: {
    what: 'Where an entry of the recipe belongs, deployment.toml holds something of another kind.',
    why: 'A value stands where a table is needed, or the other way round. To replace it would be to guess what you meant.',
    remedy: 'Remove or correct the line that is named.',
    example: inFile(IS7_TOML, TOML.TOML_CONFLICT.kind(12, 'resource.access_control', 'a value', 'an array of tables')),
  },
  TOML_EDIT_UNPROVEN: {
    what: 'An edit of deployment.toml would not have given exactly what was wanted, so nothing was written.',
    why: 'The file is edited as text, so that comments and order stay, and each edit is proved by reading the result. This proof failed: a defect of km-bootstrap.',
    remedy: 'Make the change by hand, and report it with the file (without its passwords).',
    example: inFile(IS7_TOML, TOML.TOML_EDIT_UNPROVEN.edit('server.legacy_mode')),
  },
  DROPIN_INVALID: {
    what: 'The file of is7.notification_jar is not the jar that it should be.',
    why: 'It is no jar at all (a web page that a browser saved under that name), or another bundle.',
    remedy: 'Download wso2is.notification.event.handlers again from WSO2, and name that file.',
    example: DROPINS.DROPIN_INVALID.otherBundle('/downloads/handlers.jar', 'org.example.other', HANDLER_BUNDLE),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const DEPLOYMENT_TOML_NOTICES = {
  RECIPE_LEFTOVER: {
    what: 'Something is there that only the other recipe needs.',
    why: 'The recipe was changed, and what the former one set stays in force until it is removed: in deployment.toml, or as a constraint in the database.',
    remedy: 'Set recipe_cleanup = true and apply, or leave it if you want it.',
    example: TOML.RECIPE_LEFTOVER(
      '[server] legacy_mode = true',
      'legacy',
      'it keeps legacy mode on: SHA-1 and MD5 signatures, and no tenant-qualified URLs',
      true,
    ),
  },
  RECIPE_CURRENT_FITS: {
    what: 'The recipe legacy is in use where current fits the versions better.',
    why: 'Newer releases come with a set-up that needs no legacy mode, which brings weak signatures back and turns tenant-qualified URLs off.',
    remedy: 'Set recipe = "current", at best before there are users and tenants.',
    example: TOML.RECIPE_CURRENT_FITS(['API Manager 4.5 comes with WSO2’s newer set-up']),
  },
  DROPIN_VERSION: {
    what: 'The jar that reports revoked tokens is not of the version that WSO2 names for this API Manager.',
    why: 'The jar is made for one release; another one may report in a form that API Manager does not read.',
    remedy: 'Name the jar of the version that the message gives, unless you know that yours does.',
    example: DROPINS.DROPIN_VERSION(
      'wso2is.notification.event.handlers-1.0.1.jar',
      '4.5',
      '2.0.5',
      'wso2is.notification.event.handlers',
    ),
  },
  DROPIN_TWICE: {
    what: 'Identity Server would load the jar that reports revoked tokens more than once.',
    why: 'Two versions lie in dropins, or one in the overlay and one in the home below it.',
    remedy: 'Remove all but one.',
    example: DROPINS.DROPIN_TWICE('wso2is.notification.event.handlers', [
      'wso2is.notification.event.handlers-1.0.1.jar',
      'wso2is.notification.event.handlers-2.0.5.jar',
    ]),
  },
} as const satisfies Record<string, Explanation>;
