import { messages } from '../errors.js';

export const MESSAGES = messages({
  FILE_UNREADABLE: {
    jar: (path: string, fault: string | undefined, bundle: string) => ({
      message: `cannot read is7.notification_jar ${path}: ${fault}`,
      hint: `Name the file ${bundle}-….jar that you downloaded from WSO2.`,
    }),
    folder: (folder: string, reason: string) => ({
      message: `cannot look into ${folder}: ${reason}`,
      hint: 'Give the user that runs km-bootstrap the right to read this folder.',
    }),
  },
  DROPIN_INVALID: {
    noJar: (path: string, reason: string, bundle: string) => ({
      message: `is7.notification_jar ${path} is no jar: ${reason}`,
      hint: `Download ${bundle}-….jar again; what a browser saves under that name may be a web page.`,
    }),
    otherBundle: (path: string, found: string | undefined, bundle: string) => ({
      message: `is7.notification_jar ${path} is ${found === undefined ? 'not' : `the bundle ${found} and not`} ${bundle}`,
      hint: `Name the file ${bundle}-….jar that you downloaded from WSO2.`,
    }),
  },
  DROPIN_VERSION: (
    name: string,
    apimVersion: string | undefined,
    expected: string | undefined,
    handlerBundle: string,
  ) => ({
    message: `${name} is not the version that WSO2 names for API Manager ${apimVersion}: ${expected}`,
    hint: `Name ${handlerBundle}-${expected}.jar with is7.notification_jar, unless you know that this one does.`,
  }),
  DROPIN_TWICE: (bundle: string, jars: readonly string[]) => ({
    message: `IS 7 would load ${bundle} more than once: ${jars.join(', ')}`,
    hint: 'Remove all but one; what is in the home below an overlay has to go from the image.',
  }),
  CONFIG_INVALID: (handlerBundle: string, version: string, folder: string) => ({
    message: `revocation = true needs ${handlerBundle}-${version}.jar, and ${folder} has none`,
    hint: 'Name the file that you downloaded from WSO2 with is7.notification_jar (KMB_IS7_NOTIFICATION_JAR); km-bootstrap downloads nothing.',
  }),
});
