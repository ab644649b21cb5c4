import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { helpText, optionLabel } from '../../src/cli/help.js';
import { COMMAND_DEFINITIONS, COMMANDS, OPTION_NAMES, optionDefinition } from '../../src/cli/options.js';
import { EXIT_CODE_OF } from '../../src/codes.js';

test('the help of all is one screen, and names every command', () => {
  const lines = helpText().split('\n');
  assert.ok(lines.length <= 60, `${lines.length} lines`);
  for (const name of COMMANDS) assert.match(helpText(), `  ${name} `);
});

test('no line of any help is wider than a hundred columns', () => {
  const lines = [undefined, ...COMMANDS].flatMap((topic) => helpText(topic).split('\n'));
  assert.equal(
    lines.filter((line) => line.length > 100),
    [],
  );
});

test('the help of a command has every option that it takes, and none that it does not', () => {
  for (const command of COMMANDS) {
    const text = helpText(command);
    assert.match(text, COMMAND_DEFINITIONS[command].help);
    for (const name of OPTION_NAMES) {
      const isTaken = optionDefinition(name).commands.includes(command);
      assert.is(text.includes(optionLabel(name)), isTaken, `--${name} of ${command}`);
    }
  }
});

test('two options that are for the same share a line', () => {
  assert.match(helpText('plan'), '  --is7-home DIR, --apim-home DIR   the homes');
});

test('every exit code of a failure is explained', () => {
  for (const code of new Set(Object.values(EXIT_CODE_OF))) assert.match(helpText(), new RegExp(`\\b${code} \\w`));
});

test.run();
