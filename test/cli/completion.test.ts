import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Shell } from '../../src/cli/command.js';
import { COMMANDS, OPTION_NAMES, optionDefinition } from '../../src/cli/options.js';
import { STEP_PATTERNS } from '../../src/cli/step-ids.js';
import { completionText } from '../../src/commands/completion.js';
import { makeBareHomes } from '../support/bare-homes.js';
import { km } from '../support/cli.js';
import { patient } from '../support/patience.js';
import { withTempFolder } from '../support/temp-folder.js';

/** What is typed, and what each shell must offer. */
const cases: readonly [line: string, expected: readonly string[]][] = [
  ['km-bootstrap pl', ['plan']],
  ['km-bootstrap plan --ph', ['--phase']],
  ['km-bootstrap plan --phase o', ['offline', 'online']],
  ['km-bootstrap verify --proof ', ['gateway', 'keys', 'off', 'token']],
  ['km-bootstrap plan --only health/', ['health/*', 'health/apim', 'health/is7']],
  ['km-bootstrap plan --is7-home wso2', ['wso2am-4.5.0', 'wso2is-7.2.0']],
  ['km-bootstrap plan --config km', ['km file.toml']],
  ['km-bootstrap explain DATABASE_IN', ['DATABASE_IN_USE']],
  ['km-bootstrap explain is7.u', ['is7.url', 'is7.username']],
  ['km-bootstrap explain key_manager.connector.id', ['key_manager.connector.identity_user']],
  ['km-bootstrap completion f', ['fish']],
];

const SHELL_DRIVERS: Readonly<Record<Shell, (line: string, folder: string) => Promise<readonly string[]>>> = {
  bash: completeInBash,
  zsh: completeInZsh,
  fish: completeInFish,
};

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`${shell} completes commands, options, values, paths, settings and codes`, async () => {
    if (!isInstalled(shell)) return skipped(`${shell} is not installed`);
    return withTempFolder(async (folder) => {
      await mkdir(join(folder, 'wso2is-7.2.0'));
      await mkdir(join(folder, 'wso2am-4.5.0'));
      await writeFile(join(folder, 'km file.toml'), '');
      await writeFile(join(folder, 'script'), completionText({ shell }));
      await Promise.all(
        cases.map(async ([line, expected], index) => {
          await mkdir(join(folder, `.${index}`));
          assert.equal([...(await SHELL_DRIVERS[shell](line, folder))].toSorted(), expected, `${shell}: ${line}`);
        }),
      );
    });
  });

  test(`every option of every command is in the script for ${shell}`, () => {
    const script = completionText({ shell });
    for (const name of OPTION_NAMES) assert.match(script, shell === 'fish' ? ` -l ${name} ` : `--${name}`);
    for (const command of COMMANDS) assert.match(script, command);
  });
}

test('bash completes an option that is written with =', async () => {
  await withTempFolder(async (folder) => {
    await writeFile(join(folder, 'script'), completionText({ shell: 'bash' }));
    assert.equal(await completeWords(['km-bootstrap', 'plan', '--phase', '='], folder), ['offline', 'online']);
    assert.equal(await completeWords(['km-bootstrap', 'plan', '--phase', '=', 'of'], folder), ['offline']);
  });
});

test('an option takes its own choices alone, and only where it belongs', async () => {
  await withTempFolder(async (folder) => {
    await writeFile(join(folder, 'script'), completionText({ shell: 'bash' }));
    const offered = await completeWords(['km-bootstrap', 'verify', '--'], folder);
    const taken = OPTION_NAMES.filter((name) => optionDefinition(name).commands.includes('verify'));
    assert.equal(
      offered,
      taken.map((name) => `--${name}`),
    );
    assert.equal(await completeWords(['km-bootstrap', 'plan', '--timeout', ''], folder), []);
  });
});

test('the steps that are offered are those that there are', () =>
  withTempFolder(async (folder) => {
    const { is7, apim } = await makeBareHomes(folder);
    const everything = { KMB_RECIPE: 'current', KMB_REVOCATION: 'true', KMB_TLS_GENERATE: 'true' };
    const { stderr } = await km(['plan', '--is7-home', is7, '--apim-home', apim, '--only', 'none'], everything, folder);
    const [, list = ''] = /The steps of this run are (.*)\./.exec(stderr.replace(/\s+/g, ' ')) ?? [];
    const ids = STEP_PATTERNS.filter((pattern) => !pattern.endsWith('/*'));
    assert.equal(list.split(', ').toSorted(), [...ids].toSorted());
    const folders = new Set(ids.map((id) => `${id.split('/')[0]}/*`));
    assert.equal(
      STEP_PATTERNS.filter((pattern) => pattern.endsWith('/*') && !folders.has(pattern)),
      [],
    );
  }));

/** As readline does it: the words, and the last one is being typed. */
function completeInBash(line: string, folder: string): Promise<readonly string[]> {
  return completeWords(line.split(' '), folder);
}

async function completeWords(words: readonly string[], folder: string): Promise<readonly string[]> {
  const driver =
    'source ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _km_bootstrap; ((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout } = await execa('bash', ['--norc', '-c', driver, 'driver', ...words], { cwd: folder });
  return stdout.split('\n').filter(Boolean);
}

/** A zsh in a terminal of its own, in which the tab key is pressed; what is offered is what reaches `compadd`. */
async function completeInZsh(line: string, folder: string): Promise<readonly string[]> {
  const offers = join(folder, `.${cases.findIndex(([typed]) => typed === line)}`, 'offers');
  await writeFile(offers, '');
  const driver = `zmodload zsh/zpty
zpty t zsh -f -i
zpty -w t "PS1=; autoload -Uz compinit; compinit -u -D; source ./script"
zpty -w t 'compadd () { typeset -a found; builtin compadd -O found "$@"; (( $#found )) && print -l -- $found >> "'$2'"; builtin compadd "$@" }'
zpty -w t 'print REA""DY'
zpty -r t out '*READY*'
zpty -n -w t "$1"$'\\t'
for ((i = 0; i < $3; i++)) do sleep 0.1; [[ -s $2 ]] && sleep 0.3 && break; done
zpty -d t`;
  await execa('zsh', ['-f', '-c', driver, 'driver', line, offers, String(patient(50))], {
    cwd: folder,
    timeout: patient(30_000),
    stdin: 'ignore',
  });
  return [...new Set((await readFile(offers, 'utf8')).split('\n').filter(Boolean))];
}

async function completeInFish(line: string, folder: string): Promise<readonly string[]> {
  const driver = 'source ./script; complete -C $argv[1]';
  const { stdout } = await execa('fish', ['--no-config', '-c', driver, line], { cwd: folder, env: { HOME: folder } });
  return stdout
    .split('\n')
    .map((offer) => offer.replace(/\t.*/, '').replace(/\/$/, '').replaceAll('\\', ''))
    .filter(Boolean);
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function skipped(why: string): void {
  process.stdout.write(`skipped: ${why}\n`);
}

test.run();
