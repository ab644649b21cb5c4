import { namesSecret } from './secret-name.js';

/** Lines of context around a change. */
const CONTEXT = 2;

/**
 * What an edit of a deployment.toml comes to, as hunks with two lines of context: `@ deployment.toml, line 74`, then lines that begin
 * with a blank, `+` or `-`. Values that could be secrets are shown as `*****`, the neighbours' too.
 */
export async function diffToml(before: string, after: string): Promise<readonly string[]> {
  const { structuredPatch } = await import('diff/lib/patch/create.js');
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: CONTEXT });
  return hunks.flatMap(({ newStart, lines }) => [
    `@ deployment.toml, line ${newStart}`,
    ...lines.filter((line) => !line.startsWith('\\')).map(shown),
  ]);
}

/** `+ legacy_mode = true` */
function shown(line: string): string {
  return `${line[0]} ${withoutSecrets(line.slice(1))}`.trimEnd();
}

/** A line that names something secret shows no value; one that is the middle of a longer value is not shown at all. */
function withoutSecrets(line: string): string {
  if (namesSecret(line)) return line.replace(/=.*/, '= "*****"');
  return /^\s*($|#|\[|[\w."'-]+\s*=)/.test(line) ? line : '…';
}
