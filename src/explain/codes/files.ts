import type { ErrorCode } from '../../codes.js';
import { MESSAGES as COMPOSITION } from '../../composition/errors.js';
import { MESSAGES as FILES } from '../../io/errors.js';
import { MESSAGES as JVM } from '../../jvm/errors.js';
import { MESSAGES as STEPS } from '../../step/errors.js';
import type { Explanation } from '../explanation.js';

const CONF = '/opt/wso2is-7.2.0/repository/conf';

export const FILE_ERRORS = {
  FILE_UNREADABLE: {
    what: 'A file that is needed cannot be read.',
    why: 'The path is wrong, or the user that runs km-bootstrap has no right to read it.',
    remedy: 'Correct the path, or give the user the right; in a container, run as the user or the group of the server.',
    example: COMPOSITION.FILE_UNREADABLE('/etc/ssl/own-ca.pem', 'ENOENT'),
  },
  FILE_UNWRITABLE: {
    what: 'A file cannot be written. Unless the message says otherwise, it is as it was.',
    why: 'The user has no right to write in that folder, the volume is read-only (a ConfigMap, a root file system) or full.',
    remedy:
      'Give the right, make room, or mount the folder writable. Where homes are read-only, write into the folder that is copied over them: is7.overlay, apim.overlay.',
    example: FILES.FILE_UNWRITABLE.readOnly(`write ${CONF}/deployment.toml`, CONF),
  },
  FILE_OUTSIDE: {
    what: 'A file of a home leads out of it, and nothing is written there.',
    why: 'A link in the home, or a name with `..` in its deployment.toml, leads to another place. Whoever may write into the home could otherwise have any file of the machine replaced.',
    remedy:
      'Put the file into the home or its overlay. If it is meant to lie elsewhere, name that folder in files.outside.',
    example: FILES.FILE_OUTSIDE('/opt/wso2is-7.2.0/repository/conf', '/etc/wso2', '/opt/wso2is-7.2.0'),
  },
  KEYTOOL_MISSING: {
    what: 'There is no keytool, which changes the keystores.',
    why: 'keytool is a part of every JDK and JRE; none is on PATH or in JAVA_HOME.',
    remedy: 'Install a JDK of version 11 or later, or point JAVA_HOME at the one that the servers use.',
    example: JVM.KEYTOOL_MISSING('not on PATH, and JAVA_HOME is not set'),
  },
  KEYTOOL_FAILED: {
    what: 'keytool failed, or would have changed more than it was asked to. The keystore was not touched.',
    why: 'keytool works on a copy. The copy replaces the keystore only when every other entry is found as it was; an old keytool writes stores that others cannot read.',
    remedy: 'Use the keytool of a recent JDK (11.0.12 or later), at best the one of the servers, through JAVA_HOME.',
    example: JVM.KEYTOOL_FAILED(
      '-importcert',
      '/opt/wso2am-4.5.0/repository/resources/security/client-truststore.jks',
      'java.io.IOException: Invalid keystore format',
      '/usr/bin/keytool',
    ),
  },
  JVM_BRIDGE_MISSING: {
    what: 'The bridge to Java, which opens H2 databases, is not there.',
    why: 'It is an optional dependency that npm compiles when it is installed: install scripts may be turned off, or a compiler or a JDK was missing.',
    remedy: 'Run the command of the hint. Nothing else needs it: without an H2 database the bridge is never loaded.',
    example: JVM.JVM_BRIDGE_MISSING('npm rebuild java --foreground-scripts'),
  },
  JVM_CLASSPATH_FIXED: {
    what: 'Two steps of one run need different Java libraries.',
    why: 'The class path of a JVM cannot change once it runs, and there is one JVM in a process.',
    remedy: 'Run the two steps in two runs, each with --only.',
    example: JVM.JVM_CLASSPATH_FIXED(['/opt/drivers/ojdbc11.jar']),
  },
  JAR_UNKNOWN: {
    what: 'A jar is not the one that its maker published, by its SHA-256, and was not loaded.',
    why: 'A JVM runs what a jar holds. One that lies in a home (an H2 engine, a JDBC driver) is loaded only when it is known; one of ours only when it is what pom.xml names.',
    remedy:
      'For one of ours, run ./scripts/setup or install anew. For one of a home, give the published jar, or that one if you know where it is from, as database.driver_jar.',
    example: JVM.JAR_UNKNOWN.driver('/opt/wso2is-7.2.0/repository/components/lib/ojdbc11.jar', 'Oracle'),
  },
  JAVA_LIBRARY_MISSING: {
    what: 'A Java library that km-bootstrap brings along is not in its folder.',
    why: 'In a checkout the libraries are fetched by setup; that was not run, or did not come to its end.',
    remedy: 'Run ./scripts/setup.',
    example: JVM.JAVA_LIBRARY_MISSING('h2-2.2.224.jar', '/opt/km-bootstrap/java/lib'),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const FILE_NOTICES = {
  OVERLAY_UNREADABLE: {
    what: 'A file in the overlay has rights with which the server could not read it.',
    why: 'It belongs to the user that runs km-bootstrap, and the server runs as the owner of the home. Only root can give it away.',
    remedy:
      'Set files.group and files.mode so that the server may read it, or run km-bootstrap as root or as the user of the server. If the server is in that group, all is well.',
    example: STEPS.OVERLAY_UNREADABLE({
      file: '/overlays/is7/repository/conf/deployment.toml',
      verb: 'belongs',
      server: { uid: 802, gid: 802 },
      found: { uid: 65532, gid: 65532, mode: 0o640 },
    }),
  },
} as const satisfies Record<string, Explanation>;
