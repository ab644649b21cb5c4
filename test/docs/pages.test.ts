import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { COMMANDS, OPTION_NAMES } from '../../src/cli/options.js';
import { EXIT_CODE_OF } from '../../src/codes.js';
import { KEY_MANAGER_KEYS, TENANT_KEYS } from '../../src/config/key-manager.js';
import { environmentName, SETTING_KEYS, settingDefinition } from '../../src/config/settings.js';
import { NOTICES } from '../../src/explain/catalogue.js';
import { pages } from '../../src/explain/docs/pages.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

for (const [path, text] of pages()) {
  test(`${path} is what the source says: else \`npm run docs\` writes it anew`, () => {
    assert.ok(readFileSync(join(ROOT, path), 'utf8') === text, `${path} is stale: npm run docs`);
  });
}

test('every code has its entry', () => {
  const page = pages().get('docs/errors.md') ?? '';
  for (const code of [...Object.keys(EXIT_CODE_OF), ...Object.keys(NOTICES)]) assert.match(page, `### \`${code}\`\n`);
});

test('every setting has its row, and every key of a Key Manager and a tenant', () => {
  const page = pages().get('docs/configuration.md') ?? '';
  const rows = page.split('\n');
  for (const key of SETTING_KEYS) {
    const ends = `| \`${environmentName(key)}\` | ${settingDefinition(key).readBy} |`;
    assert.is(rows.filter((row) => row.startsWith(`| \`${key}\` |`) && row.endsWith(ends)).length, 1, key);
  }
  for (const key of [...Object.keys(KEY_MANAGER_KEYS), ...Object.keys(TENANT_KEYS)])
    assert.match(page, `\n| \`${key}\` |`);
});

test('every row of a table has as many cells as its head', () => {
  const page = pages().get('docs/configuration.md') ?? '';
  for (const table of page.match(/(?:^\|.*\n)+/gm) ?? []) {
    const counts = table
      .trimEnd()
      .split('\n')
      .map((line) => line.replaceAll('\\|', '').split('|').length);
    assert.is(new Set(counts).size, 1, table);
  }
});

test('the man page has every command and every option', () => {
  const page = pages().get('man/km-bootstrap.1') ?? '';
  const plain = page.replaceAll('\\-', '-');
  for (const command of COMMANDS) assert.match(plain, `\n\\fB${command}`);
  for (const option of OPTION_NAMES) assert.match(plain, `--${option}`);
});

test('the man page is roff without a warning', async () => {
  const file = join(ROOT, 'man', 'km-bootstrap.1');
  const mandoc = await execa('mandoc', ['-T', 'lint', '-W', 'warning', file], { reject: false });
  const man = await execa('man', ['--warnings', '-l', file], { reject: false, env: { MAN_KEEP_FORMATTING: '' } });
  if (mandoc.failed && mandoc.exitCode === undefined && man.exitCode === undefined) {
    process.stdout.write('skipped: the man page as roff: neither man nor mandoc is installed\n');
    return;
  }
  if (mandoc.exitCode !== undefined) assert.is(mandoc.stdout, '');
  if (man.exitCode !== undefined) assert.equal([man.exitCode, man.stderr], [0, '']);
});

test.run();
