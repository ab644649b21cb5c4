import { isHarmlessName } from './render.js';
import { shownLines } from './shown.js';

/** Lines of context around a change. */
const CONTEXT = 2;

/**
 * What an edit of a deployment.toml comes to, as hunks with two lines of context: `@ deployment.toml, line 74`, then lines that begin
 * with a blank, `+` or `-`. Only values that are known to be harmless are shown, the neighbours' too.
 */
export async function diffToml(before: string, after: string): Promise<readonly string[]> {
  const { structuredPatch } = await import('diff/lib/patch/create.js');
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: CONTEXT });
  const [old, new_] = [before, after].map((text) => shownLines(text, isHarmlessName));
  return hunks.flatMap(({ oldStart, newStart, lines }) => {
    let [oldLine, newLine] = [oldStart - 1, newStart - 1];
    const shown = lines
      .filter((line) => !line.startsWith('\\'))
      .map((line) => {
        const text = line.startsWith('-') ? old?.[oldLine]?.text : new_?.[newLine]?.text;
        if (!line.startsWith('+')) oldLine += 1;
        if (!line.startsWith('-')) newLine += 1;
        return `${line[0]} ${text ?? '…'}`.trimEnd();
      });
    return [`@ deployment.toml, line ${newStart}`, ...shown];
  });
}
