/**
 * Has a JVM that lives for a moment start fast: no time is spent on the best code, on several collector threads, or on figures for
 * other programs in /tmp. None of these prints a warning on JDK 11 to 25.
 */
export const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-Xshare:auto'] as const;
