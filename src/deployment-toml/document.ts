import { parse, TomlError } from 'smol-toml';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { refusedAt, TomlRefusal } from './refusal.js';
import { refuseForeignDialect } from './server-dialect.js';
import { buildTables, type Table } from './server-tables.js';
import { type Block, scanToml } from './syntax.js';

/** A deployment.toml that the servers load: what it means, and where everything stands. */
export interface TomlDocument {
  readonly text: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
  readonly root: Table;
}

/**
 * Reads a deployment.toml, and refuses what the servers could not load: they exit at once, or die of a stack overflow.
 *
 * @throws BootstrapError `TOML_INVALID` with line and column, and both lines where two clash
 */
export function readDocument(text: string): TomlDocument {
  refuseByteOrderMark(text);
  const values = parseToml(text);
  try {
    return { text, values, ...readPlaces(text) };
  } catch (refusal) {
    throw refusal instanceof TomlRefusal ? refusedAt(text, refusal) : refusal;
  }
}

function refuseByteOrderMark(text: string): void {
  if (!text.startsWith('\ufeff')) return;
  throw new BootstrapError(MESSAGES.TOML_INVALID.byteOrderMark());
}

function parseToml(text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw refuseTemplate(text, error) ?? refuseClash(text, error) ?? refuseSyntax(error);
  }
}

const TEMPLATE_MARK = /\{\{|\{%|\{#|<%/;
const LANGUAGES: readonly [mark: RegExp, language: string][] = [
  [/\{\{-|-\}\}|\{\{\s*(\.Values|\.Release|include|tpl|if|range|with|end|toYaml|\$)/, 'a Helm'],
  [/<%/, 'a Puppet or ERB'],
  [TEMPLATE_MARK, 'an Ansible or Jinja'],
];

/** A template is no TOML at the line of one of its marks. (Marks inside strings and comments hinder nobody.) */
function refuseTemplate(text: string, { line, column, message }: TomlError): BootstrapError | undefined {
  if (!TEMPLATE_MARK.test(text.split('\n')[line - 1] ?? '')) return undefined;
  const [, language] = LANGUAGES.find(([mark]) => mark.test(text)) ?? [];
  return new BootstrapError(MESSAGES.TOML_INVALID.template(line, column, language, firstLine(message)));
}

/** smol-toml names one place of a clash; this finds both. */
function refuseClash(text: string, { message }: TomlError): BootstrapError | undefined {
  if (!/already defined|redefine/.test(message)) return undefined;
  try {
    buildTables(scanToml(text));
    return undefined;
  } catch (error) {
    return error instanceof TomlRefusal ? refusedAt(text, error) : undefined;
  }
}

function refuseSyntax({ line, column, message }: TomlError): BootstrapError {
  return new BootstrapError(MESSAGES.TOML_INVALID.syntax(line, column, firstLine(message)));
}

/** The rest of the message quotes lines of the file, which may hold a password. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '');
}

function readPlaces(text: string): Pick<TomlDocument, 'blocks' | 'root'> {
  const blocks = scanToml(text);
  refuseForeignDialect(text, blocks);
  return { blocks, root: buildTables(blocks) };
}
