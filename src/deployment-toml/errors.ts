import { type Message, messages } from '../errors.js';

export const MESSAGES = messages({
  TOML_INVALID: {
    byteOrderMark: () => ({
      message: 'line 1, column 1: the file starts with a byte order mark, which the servers refuse',
      hint: 'Save the file as UTF-8 without BOM.',
    }),
    template: (line: number, column: number, language: string | undefined, problem: string) => ({
      message: `line ${line}, column ${column}: this is ${language} template, not a deployment.toml yet: ${problem}`,
      hint: 'Run km-bootstrap on the rendered file, or add the entries to the template’s own values.',
    }),
    syntax: (line: number, column: number, problem: string) => ({
      message: `line ${line}, column ${column}: ${problem}`,
      hint: 'Correct the place that is named; this is no TOML.',
    }),
    server: (where: string, clash: string | undefined, problem: string, remedy: string) => ({
      message: `${where}: ${clash ?? problem}`,
      hint: remedy,
    }),
    encoding: (file: string) => ({
      message: `${file} is not UTF-8`,
      hint: 'Save the file as UTF-8 without BOM, which is what the servers read.',
    }),
  },
  RECIPE_CURRENT_FITS: (reasons: readonly string[]) => ({
    message: `the recipe current fits better than legacy: ${reasons.join(', ')}, and legacy mode brings SHA-1 and MD5 signatures back and turns tenant-qualified URLs off`,
    hint: 'Set recipe = "current" (--recipe current), before there are users and tenants if you can.',
  }),
  RECIPE_LEFTOVER: (name: string, other: 'legacy' | 'current', effect: string, isOurs: boolean) => ({
    message: `\`${name}\` is left from the recipe ${other}: ${effect}`,
    hint: isOurs
      ? 'Set recipe_cleanup = true to have it removed, or leave it if you want it.'
      : 'Remove it by hand if you do not want it: it holds more than km-bootstrap writes.',
  }),
  TOML_CONFLICT: {
    kind: (line: number, path: string, found: string, needed: string) => ({
      message: `line ${line}: ${path} is ${found}, where ${needed} is needed`,
      hint: `Remove line ${line} or correct it; the server itself would not read ${needed} there.`,
    }),
    emptyList: (line: number, path: string) => ({
      message: `line ${line}: ${path} must be [], which the servers’ parser cannot read in an inline table`,
      hint: `Write the table of line ${line} as a [table] with a line for each key.`,
    }),
  },
  TOML_EDIT_UNPROVEN: {
    edit: (path: string) => ({
      message: `the edit for ${path} would not give exactly what is wanted`,
      hint: 'Nothing was written. Set it by hand, and report this as a defect of km-bootstrap, with the file.',
    }),
    removal: (path: string) => ({
      message: `to remove ${path} would take along more or less than that`,
      hint: 'Nothing was written. Remove it by hand, and report this as a defect of km-bootstrap, with the file.',
    }),
  },
  FILE_UNREADABLE: (file: string, reason: string) => ({
    message: `cannot read ${file}: ${reason}`,
    hint: 'Give the home of the server, and the user that runs km-bootstrap the right to read this file.',
  }),
});

/** Most are found in a text; which file that is, its step adds. */
export function inFile<C extends Message['code']>(file: string, { code, message, hint }: Message<C>): Message<C> {
  return { code, message: `${file}, ${message}`, hint };
}
