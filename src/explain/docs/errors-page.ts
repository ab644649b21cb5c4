import { RANKING } from '../../report/exit-code.js';
import { CHAPTERS, type ExplainedCode, explainCode } from '../catalogue.js';
import { exampleText } from '../text.js';

/** docs/errors.md: every code with what happened, why, what to do and an example. */
export function errorsPage(): string {
  const chapters = CHAPTERS.map(({ title, codes }) => {
    const entries = codes.flatMap((code) => explainCode(code) ?? []);
    return `## ${title}\n\n${entries.map(entry).join('\n')}`;
  });
  return `# Errors and notes

<!-- Made by \`npm run docs\` from src/explain/codes. -->

Every failure of km-bootstrap has a code word that stays the same in every release; so has every note, which is worth reading and no
failure. \`km-bootstrap explain CODE\` prints what stands here. With \`--json\` the code is \`error.code\`, or \`code\` in \`notices\`.
Of several failures in one run the exit code is that of the first of ${RANKING.join(', ')}.

${chapters.join('\n')}`;
}

function entry(explained: ExplainedCode): string {
  const { code, kind, exitCode, what, why, remedy } = explained;
  return `### \`${code}\`

${kind === 'error' ? `Error, exit code ${exitCode}.` : 'Note.'} ${what}

**Why.** ${why}

**What to do.** ${remedy}

\`\`\`text
${exampleText(explained)}
\`\`\`
`;
}
