import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HelpCommand, SandboxCommand, StepCommand, WatchCommand } from '../../src/cli/command.js';
import { parseCommandLine } from '../../src/cli/parse.js';
import type { BootstrapError } from '../../src/errors.js';

test('options become settings that remember which option they came from', () => {
  const command = parseCommandLine(['plan', '--is7-home', '/is7', '--recipe=current']) as StepCommand;
  assert.is(command.name, 'plan');
  assert.equal(Object.fromEntries(command.settings), {
    'is7.home': { raw: '/is7', source: '--is7-home' },
    recipe: { raw: 'current', source: '--recipe' },
  });
});

test('--only may be repeated, --phase picks a part, and proof and secrets have their defaults', () => {
  const command = parseCommandLine([
    'verify',
    '--only',
    'trust/*',
    '--only=health/is7',
    '--phase',
    'online',
  ]) as StepCommand;
  assert.equal(command.only, ['trust/*', 'health/is7']);
  assert.is(command.phase, 'online');
  assert.is(command.proof, 'token');
  assert.is(command.resend, 'changed');
});

test('watch has options of its own, and looks at what one tells it to', () => {
  const command = parseCommandLine(['watch', '--only', 'trust/*', '--interval', '5s', '--reconcile']) as WatchCommand;
  assert.is(command.name, 'watch');
  assert.equal(command.only, ['trust/*']);
  assert.equal(Object.fromEntries(command.settings), {
    'watch.interval': { raw: '5s', source: '--interval' },
    'watch.reconcile': { raw: true, source: '--reconcile' },
  });
});

test('-v may be repeated, and -q is quieter than nothing', () => {
  assert.is(parseCommandLine(['plan', '-vv']).output.verbosity, 2);
  assert.is(parseCommandLine(['plan', '-q']).output.verbosity, -1);
});

test('the sandbox serves both servers, one of them, or none', () => {
  const serve = (...words: string[]) => (parseCommandLine(['sandbox', ...words]) as SandboxCommand).serve;
  assert.equal(serve(), ['is7', 'apim']);
  assert.equal(serve('--server', 'apim'), ['apim']);
  assert.equal(serve('--create-only'), []);
});

test('help and version also come as options', () => {
  assert.is(parseCommandLine(['plan', '--help']).name, 'help');
  assert.is(parseCommandLine(['--version']).name, 'version');
  assert.is((parseCommandLine(['plan', '--help']) as HelpCommand).topic, 'plan');
  assert.is((parseCommandLine(['help', 'plan']) as HelpCommand).topic, 'plan');
  assert.is((parseCommandLine(['-h']) as HelpCommand).topic, undefined);
});

const refused: readonly [title: string, argv: readonly string[], message: RegExp][] = [
  ['no command', [], /no command given/],
  ['a mistyped command names the nearest', ['aply'], /no command aply \(did you mean apply\?\)/],
  ['a mistyped option names the nearest', ['plan', '--is7-hom', 'x'], /--is7-hom'.*did you mean is7-home\?/],
  ['an option of another command', ['plan', '--proof', 'off'], /--proof is an option of verify, up, not of plan/],
  ['a phase there is not', ['plan', '--phase', 'later'], /--phase must be offline or online, not later/],
  ['words too many', ['plan', 'now'], /takes no further words, but got: now/],
  ['a topic of help that is no command', ['help', 'aply'], /there is no command aply/],
  ['an offset that is no number', ['sandbox', '--is7-offset', 'one'], /--is7-offset must be a whole number, not one/],
];

for (const [title, argv, message] of refused) {
  test(`${title} is a usage error`, () => {
    try {
      parseCommandLine(argv);
      assert.unreachable();
    } catch (error) {
      assert.is((error as BootstrapError).code, 'USAGE');
      assert.match((error as BootstrapError).message, message);
    }
  });
}

test('up takes what its steps take, or makes the homes itself', () => {
  const up = parseCommandLine(['up', '--is7-home', 'a', '--detach', '--proof', 'off']);
  assert.ok(up.name === 'up' && up.sandbox === undefined);
  assert.is(up.afterwards, 'detach');
  assert.is(up.steps.proof, 'off');
  assert.is(up.steps.settings.get('is7.home')?.raw, 'a');
  const made = parseCommandLine(['up', '--sandbox', '--is7-version', '7.0']);
  assert.ok(made.name === 'up');
  assert.equal(made.sandbox, { dir: 'sandbox', is7Version: '7.0', apimVersion: '4.5', certificates: 'valid' });
  const refuse = (words: string[]) => () => parseCommandLine(words);
  assert.throws(refuse(['up', '--sandbox', '--is7-home', 'a']), /--sandbox makes the homes/);
  assert.throws(refuse(['down', '--dir', 'a']), /--dir is about the homes that --sandbox makes/);
  assert.throws(refuse(['down', '--detach']), /--detach is an option of up, not of down/);
});

test.run();
