import { messages } from '../errors.js';

export const MESSAGES = messages({
  JVM_CLASSPATH_FIXED: (missing: readonly string[]) => ({
    message: `the JVM of this process already runs without ${missing.join(', ')}`,
    hint: 'Run the steps that need different Java libraries in separate runs with --only.',
  }),
  JVM_BRIDGE_MISSING: (buildCommand: string) => ({
    message: 'the bridge to Java (node-java) is not installed, or npm skipped building it',
    hint: `Run this, which needs a JDK and a C++ compiler: ${buildCommand}`,
  }),
  KEYTOOL_MISSING: (where: string) => ({
    message: `keytool is ${where}`,
    hint: 'Install a JDK, version 11 or later (Debian and Ubuntu: apt-get install openjdk-17-jre-headless), or set JAVA_HOME to the one that the servers use.',
  }),
  KEYTOOL_FAILED: (command: string | undefined, path: string, reason: string, keytool: string) => ({
    message: `keytool ${command} failed on ${path}: ${reason}`,
    hint: `Run ${keytool} -list on the store to see whether this Java can read it; another one can be set by JAVA_HOME.`,
  }),
  JAR_UNKNOWN: {
    ours: (path: string, name: string) => ({
      message: `${path} is not the jar that was published as ${name}, and was not loaded`,
      hint: 'Remove it and run ./scripts/setup, which copies the jars that pom.xml names; or install km-bootstrap anew.',
    }),
    engine: (path: string, version: string, ours: readonly string[]) => ({
      message: `${path} is none of the jars that H2 published, by its SHA-256, and was not loaded; ours (${ours.join(', ')}) may write files that H2 ${version} cannot read`,
      hint: `Give the jar of H2 ${version} as it was published, or this one if you know where it is from, as database.driver_jar.`,
    }),
    driver: (path: string, engine: string) => ({
      message: `${path} is none of the drivers for ${engine} that are known, by its SHA-256, and was not loaded`,
      hint: 'Run ./scripts/setup, which copies the drivers that pom.xml names; or give this one as database.driver_jar, if you know where it is from.',
    }),
  },
  JAVA_LIBRARY_MISSING: (fileName: string, path: string) => ({
    message: `the Java library ${fileName} is not in ${path}`,
    hint: 'Run ./scripts/setup, which copies the jars that pom.xml names.',
  }),
});
