import type { ErrorCode } from '../../codes.js';
import type { Explanation } from '../explanation.js';

export const DEPLOYMENT_TOML_ERRORS = {
  TOML_INVALID: {
    what: 'A deployment.toml is one that the server itself cannot load; it was not touched.',
    why: 'It breaks the rules of TOML, defines something twice, has a byte order mark, is not UTF-8, or is a template that was not rendered yet.',
    remedy: 'Correct the line and column that are named.',
    example: {
      message:
        '/opt/wso2is-7.2.0/repository/conf/deployment.toml, line 41, column 1: `[server]` defines again what is defined already: `[server]` of line 1',
      hint: 'Keep one of the two; the servers do not start with both.',
    },
  },
  TOML_CONFLICT: {
    what: 'Where an entry of the recipe belongs, deployment.toml holds something of another kind.',
    why: 'A value stands where a table is needed, or the other way round. To replace it would be to guess what you meant.',
    remedy: 'Remove or correct the line that is named.',
    example: {
      message:
        '/opt/wso2is-7.2.0/repository/conf/deployment.toml, line 12: resource.access_control is a value, where an array of tables is needed',
      hint: 'Remove line 12 or correct it; the server itself would not read an array of tables there.',
    },
  },
  TOML_EDIT_UNPROVEN: {
    what: 'An edit of deployment.toml would not have given exactly what was wanted, so nothing was written.',
    why: 'The file is edited as text, so that comments and order stay, and each edit is proved by reading the result. This proof failed: a defect of km-bootstrap.',
    remedy: 'Make the change by hand, and report it with the file (without its passwords).',
    example: {
      message:
        '/opt/wso2is-7.2.0/repository/conf/deployment.toml, the edit for server.legacy_mode would not give exactly what is wanted',
      hint: 'Nothing was written. Set it by hand, and report this as a defect of km-bootstrap, with the file.',
    },
  },
  DROPIN_INVALID: {
    what: 'The file of is7.notification_jar is not the jar that it should be.',
    why: 'It is no jar at all (a web page that a browser saved under that name), or another bundle.',
    remedy: 'Download wso2is.notification.event.handlers again from WSO2, and name that file.',
    example: {
      message:
        'is7.notification_jar /downloads/handlers.jar is the bundle org.example.other and not wso2is.notification.event.handlers',
      hint: 'Name the file wso2is.notification.event.handlers-….jar that you downloaded from WSO2.',
    },
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const DEPLOYMENT_TOML_NOTICES = {
  RECIPE_LEFTOVER: {
    what: 'Something is there that only the other recipe needs.',
    why: 'The recipe was changed, and what the former one set stays in force until it is removed: in deployment.toml, or as a constraint in the database.',
    remedy: 'Set recipe_cleanup = true and apply, or leave it if you want it.',
    example: {
      message:
        '`[server] legacy_mode = true` is left from the recipe legacy: it keeps legacy mode on: SHA-1 and MD5 signatures, and no tenant-qualified URLs',
      hint: 'Set recipe_cleanup = true to have it removed, or leave it if you want it.',
    },
  },
  RECIPE_CURRENT_FITS: {
    what: 'The recipe legacy is in use where current fits the versions better.',
    why: 'Newer releases come with a set-up that needs no legacy mode, which brings weak signatures back and turns tenant-qualified URLs off.',
    remedy: 'Set recipe = "current", at best before there are users and tenants.',
    example: {
      message:
        'the recipe current fits better than legacy: API Manager 4.5 comes with WSO2’s newer set-up, and legacy mode brings SHA-1 and MD5 signatures back and turns tenant-qualified URLs off',
      hint: 'Set recipe = "current" (--recipe current), before there are users and tenants if you can.',
    },
  },
  DROPIN_VERSION: {
    what: 'The jar that reports revoked tokens is not of the version that WSO2 names for this API Manager.',
    why: 'The jar is made for one release; another one may report in a form that API Manager does not read.',
    remedy: 'Name the jar of the version that the message gives, unless you know that yours does.',
    example: {
      message:
        'wso2is.notification.event.handlers-1.0.1.jar is not the version that WSO2 names for API Manager 4.5: 2.0.5',
      hint: 'Name wso2is.notification.event.handlers-2.0.5.jar with is7.notification_jar, unless you know that this one does.',
    },
  },
  DROPIN_TWICE: {
    what: 'Identity Server would load the jar that reports revoked tokens more than once.',
    why: 'Two versions lie in dropins, or one in the overlay and one in the home below it.',
    remedy: 'Remove all but one.',
    example: {
      message:
        'IS 7 would load wso2is.notification.event.handlers more than once: wso2is.notification.event.handlers-1.0.1.jar, wso2is.notification.event.handlers-2.0.5.jar',
      hint: 'Remove all but one; what is in the home below an overlay has to go from the image.',
    },
  },
} as const satisfies Record<string, Explanation>;
