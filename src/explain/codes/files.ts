import type { ErrorCode } from '../../codes.js';
import type { Explanation } from '../explanation.js';

export const FILE_ERRORS = {
  FILE_UNREADABLE: {
    what: 'A file that is needed cannot be read.',
    why: 'The path is wrong, or the user that runs km-bootstrap has no right to read it.',
    remedy: 'Correct the path, or give the user the right; in a container, run as the user or the group of the server.',
    example: {
      message: 'cannot read --ca-file /etc/ssl/own-ca.pem: ENOENT',
      hint: 'Check the path and its rights.',
    },
  },
  FILE_UNWRITABLE: {
    what: 'A file cannot be written. Unless the message says otherwise, it is as it was.',
    why: 'The user has no right to write in that folder, the volume is read-only (a ConfigMap, a root file system) or full.',
    remedy:
      'Give the right, make room, or mount the folder writable. Where homes are read-only, write into the folder that is copied over them: is7.overlay, apim.overlay.',
    example: {
      message:
        'cannot write /opt/wso2is-7.2.0/repository/conf/deployment.toml: /opt/wso2is-7.2.0/repository/conf is read-only',
      hint: 'Mount it writable, or set is7.overlay or apim.overlay to the folder that the container copies over the home at each start.',
    },
  },
  KEYTOOL_MISSING: {
    what: 'There is no keytool, which changes the keystores.',
    why: 'keytool is a part of every JDK and JRE; none is on PATH or in JAVA_HOME.',
    remedy: 'Install a JDK of version 11 or later, or point JAVA_HOME at the one that the servers use.',
    example: {
      message: 'keytool is not on PATH, and JAVA_HOME is not set',
      hint: 'Install a JDK, version 11 or later (Debian and Ubuntu: apt-get install openjdk-17-jre-headless), or set JAVA_HOME to the one that the servers use.',
    },
  },
  KEYTOOL_FAILED: {
    what: 'keytool failed, or would have changed more than it was asked to. The keystore was not touched.',
    why: 'keytool works on a copy. The copy replaces the keystore only when every other entry is found as it was; an old keytool writes stores that others cannot read.',
    remedy: 'Use the keytool of a recent JDK (11.0.12 or later), at best the one of the servers, through JAVA_HOME.',
    example: {
      message:
        'keytool -importcert failed on /opt/wso2am-4.5.0/repository/resources/security/client-truststore.jks: java.io.IOException: Invalid keystore format',
      hint: 'Run /usr/bin/keytool -list on the store to see whether this Java can read it; another one can be set by JAVA_HOME.',
    },
  },
  JVM_BRIDGE_MISSING: {
    what: 'The bridge to Java, which opens H2 databases, is not there.',
    why: 'It is an optional dependency that npm compiles when it is installed: install scripts may be turned off, or a compiler or a JDK was missing.',
    remedy: 'Run the command of the hint. Nothing else needs it: without an H2 database the bridge is never loaded.',
    example: {
      message: 'the bridge to Java (node-java) is not installed, or npm skipped building it',
      hint: 'Run: ./scripts/setup   (or, in the folder of km-bootstrap: npm rebuild java --foreground-scripts)',
    },
  },
  JVM_CLASSPATH_FIXED: {
    what: 'Two steps of one run need different Java libraries.',
    why: 'The class path of a JVM cannot change once it runs, and there is one JVM in a process.',
    remedy: 'Run the two steps in two runs, each with --only.',
    example: {
      message: 'the JVM of this process already runs without /opt/drivers/ojdbc11.jar',
      hint: 'Run the steps that need different Java libraries in separate runs with --only.',
    },
  },
  JAVA_LIBRARY_MISSING: {
    what: 'A Java library that km-bootstrap brings along is not in its folder.',
    why: 'In a checkout the libraries are fetched by setup; that was not run, or did not come to its end.',
    remedy: 'Run ./scripts/setup.',
    example: {
      message: 'the Java library h2-2.2.224.jar is not in /opt/km-bootstrap/java/lib',
      hint: 'Run ./scripts/setup, which copies the jars that pom.xml names.',
    },
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const FILE_NOTICES = {
  OVERLAY_UNREADABLE: {
    what: 'A file in the overlay has rights with which the server could not read it.',
    why: 'It belongs to the user that runs km-bootstrap, and the server runs as the owner of the home. Only root can give it away.',
    remedy:
      'Set files.group and files.mode so that the server may read it, or run km-bootstrap as root or as the user of the server. If the server is in that group, all is well.',
    example: {
      message:
        'the server cannot read /overlays/is7/repository/conf/deployment.toml, unless it is in a group that is not seen here: the home belongs to 802:802, this file belongs to 65532:65532 with mode 0640',
      hint: 'Run km-bootstrap as root or as user 802, or set files.group to a group of that user, with files.mode = "0640".',
    },
  },
} as const satisfies Record<string, Explanation>;
