import type { ErrorCode } from '../../codes.js';
import { MESSAGES as STACK } from '../../local-stack/errors.js';
import type { Explanation } from '../explanation.js';

export const LOCAL_STACK_ERRORS = {
  JAVA_NOT_FOUND: {
    what: 'There is no JDK to start a server with.',
    why: 'JAVA_HOME is not set and no java is on PATH, or what one of them names is no JDK, does not run, or has blanks in its path, which the start scripts of the servers cannot use.',
    remedy:
      'Install a JDK, and set JAVA_HOME to its folder; is7.java_home and apim.java_home are for one server alone.',
    example: STACK.JAVA_NOT_FOUND('JAVA_HOME is /opt/jdk, where there is no bin/java'),
  },
  JAVA_UNSUPPORTED: {
    what: 'The JDK is older than what a server is made for.',
    why: 'Its start script names the versions that it takes; with an older one its classes cannot be loaded.',
    remedy: 'Set JAVA_HOME to a newer JDK. Where no JDK suits both servers, set is7.java_home and apim.java_home.',
    example: STACK.JAVA_UNSUPPORTED(
      'WSO2 API Manager 4.7',
      { oldest: 21, newest: 25 },
      '/usr/lib/jvm/java-17-openjdk-amd64',
      '17.0.15',
    ),
  },
  SERVER_ENDED: {
    what: 'A server that up started ended by itself.',
    why: 'It could not start (its configuration, a database, too little memory), or somebody ended it.',
    remedy:
      'Its last words are in the message; the rest is in the log that is named, and in repository/logs/wso2carbon.log.',
    example: STACK.SERVER_ENDED(
      'WSO2 Identity Server 7',
      'with exit code 1',
      '; the last lines of its log:\nError: Could not reserve enough space for object heap',
      '/opt/wso2is-7.2.0/repository/logs/km-bootstrap-up.log',
    ),
  },
} as const satisfies Partial<Record<ErrorCode, Explanation>>;

export const LOCAL_STACK_NOTICES = {
  JAVA_UNTESTED: {
    what: 'The JDK is newer than what a server is made for.',
    why: 'Its start script names the versions that it takes; with a newer one it complains and goes on.',
    remedy: 'It may well work. If the server does not start, use a JDK of the range that is named.',
    example: STACK.JAVA_UNTESTED('WSO2 Identity Server 7.0', { oldest: 11, newest: 17 }, '/opt/jdk-25', '25.0.1'),
  },
  PORT_OFFSET_MOVED: {
    what: 'A server gets another port offset than the one in its deployment.toml.',
    why: 'With that one, one of its ports is taken by another program, or by the other server.',
    remedy: 'Nothing: the offset is written to deployment.toml. Set is7.offset or apim.offset to choose it yourself.',
    example: STACK.PORT_OFFSET_MOVED('WSO2 Identity Server 7', 2, 1, 9445),
  },
} as const satisfies Record<string, Explanation>;
