/** What any program needs to run for this user; proxies and credentials are not among it. */
const NEEDED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TZ', 'TMPDIR', 'JAVA_OPTS', 'JVM_MEM_OPTS'];

/**
 * The environment of a server: what {@link NEEDED} names, the locale, its JDK, and what its deployment.toml refers to as `$env{NAME}`.
 * CARBON_HOME above all is left out, which would start the other server's home.
 */
export function serverEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  javaHome: string,
  deploymentToml: string,
): Readonly<Record<string, string>> {
  const referred = [...deploymentToml.matchAll(/\$env\{([^}]+)\}/g)].map(([, name]) => name);
  const isWanted = (name: string) => NEEDED.includes(name) || name.startsWith('LC_') || referred.includes(name);
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isWanted(entry[0]),
  );
  return { ...Object.fromEntries(kept), JAVA_HOME: javaHome };
}
