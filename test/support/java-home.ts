import { findJdk } from '../../src/local-stack/java.js';

/** The environment that a start script needs: the JDK of this machine as its JAVA_HOME. */
export async function javaEnvironment(): Promise<{ readonly JAVA_HOME: string; readonly PATH: string }> {
  const { JAVA_HOME: javaHome, PATH = '' } = process.env;
  const { home } = await findJdk({ setting: undefined, javaHome, path: PATH });
  return { JAVA_HOME: home, PATH };
}
