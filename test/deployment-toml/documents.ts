import fc from 'fast-check';
import { parse } from 'smol-toml';
import { loadsOnServers } from './both-parsers.js';

/** A generated file, and whether the servers load it. */
export interface Generated {
  readonly text: string;
  readonly loads: boolean;
}

const NAMES = ['server', 'oauth', 'resource', 'event_listener', 'global_rbac_scope_issuer', 'x', 'a.b'];
const KEYS = [
  'legacy_mode',
  'offset',
  'enable',
  'authorize_all_scopes',
  'access_control',
  'id',
  'properties',
  'y',
  'a.b',
];

/** What can be at the place of a value; what looks like entries in it is none. */
const VALUES = [
  'true',
  'false',
  '"true"',
  '1',
  '"1"',
  '0x1',
  '1.5',
  '"x" # y',
  "'[server]'",
  '1979-05-27',
  '[]',
  '[1, 2]',
  '["a", \'b\',]',
  '[ # [oauth]\n  1, # offset = 1\n\n  2\n]',
  '"""\n[server]\noffset = 7\n"""',
  "'''\n[oauth]\nx = 1\n'''",
  '{}',
  '{ offset = 3 }',
  '{enable=false,y="z"}',
  '{ "y" = { x = 1 } }',
  '{ y.x = 1, y.z = [1] }',
  '[[1], ["a"]]',
  '[{ id = "r" }]',
  '[{ context = "(.*)", http_method = "all" }, { context = "/x" }]',
  '[\n  { context = "/x" }, # one\n  { context = "/y" } # two\n]',
  '[\n  { id = "x", properties = {} },\n]',
  '[{}, { context = "(.*)/scim2/Me", http_method = "GET", secure = "true" }]',
];

const ASIDE = ['', '', '# offset = 1', '#[oauth]\n#authorize_all_scopes = true', '  # é 😀', '\t'];

const bare = (name: string) => (/^[\w-]+$/.test(name) ? name : `"${name}"`);

function spelled(names: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const spellings = fc.constantFrom(
    bare,
    bare,
    bare,
    (name: string) => `"${name}"`,
    (name: string) => `'${name}'`,
  );
  return fc.tuple(names, spellings).map(([name, spell]) => spell(name));
}

function path(first: readonly string[], others: readonly string[], maxLength: number): fc.Arbitrary<string> {
  const dot = fc.constantFrom('.', '.', '.', ' . ', '. ');
  return fc
    .tuple(
      spelled(fc.constantFrom(...first)),
      fc.array(spelled(fc.constantFrom(...others)), { maxLength: maxLength - 1 }),
      dot,
    )
    .map(([head, tail, between]) => [head, ...tail].join(between));
}

const header = fc
  .tuple(
    path(NAMES, [...NAMES, ...KEYS], 3),
    fc.constantFrom('[P]', '[P]', '[P]', '[ P ] # c', '  [P]', '[[P]]', '[[ P ]]'),
  )
  .map(([key, form]) => form.replace('P', () => key));

const entry = fc
  .tuple(
    path([...KEYS, ...KEYS, ...NAMES], [...KEYS, ...NAMES], 3),
    fc.constantFrom(' = ', '=', '\t=  '),
    fc.constantFrom(...VALUES),
    fc.constantFrom('', '', '  '),
  )
  .map(([key, is, value, indentation]) => `${indentation}${key}${is}${value}`);

/** The blocks that recipes meet. */
const known = fc.constantFrom(
  '[server]\nhostname = "h"',
  '[oauth]\ny = 1',
  '[oauth.token_generation]\nx = true',
  '[[resource.access_control]]\ncontext = "(.*)/x"\nhttp_method="GET"',
  '[[resource.access_control]]\ncontext = "(.*)"\nhttp_method = "all"',
  '[[resource.access_control]]\ncontext="(.*)/scim2/Me"\nhttp_method="GET"\nsecure=false',
  '[[event_listener]]\nid = "x"\norder = 1',
  '[event_listener.properties]\nuser = "v"',
);

/**
 * Files of colliding tables and keys in every spelling. Statements that would keep the servers from loading the file are mostly left
 * out, one by one.
 */
export const documents: fc.Arbitrary<Generated> = fc
  .record({
    statements: fc.array(
      fc.oneof(
        { weight: 3, arbitrary: entry },
        { weight: 3, arbitrary: header },
        { weight: 2, arbitrary: known },
        { weight: 1, arbitrary: fc.constantFrom(...ASIDE) },
      ),
      { maxLength: 14 },
    ),
    keepsBroken: fc.integer({ min: 0, max: 7 }).map((draw) => draw === 0),
    newline: fc.constantFrom('\n', '\n', '\r\n'),
    ending: fc.constantFrom('', 'newline', 'blank line'),
  })
  .map(({ statements, keepsBroken, newline, ending }) => {
    const kept: string[] = [];
    for (const statement of statements) if (keepsBroken || loads([...kept, statement].join('\n'))) kept.push(statement);
    const end = { '': '', newline: '\n', 'blank line': '\n\n' }[ending] ?? '';
    const text = (kept.join('\n') + end).replaceAll('\n', newline);
    return { text, loads: loads(text) };
  });

/** smol-toml is asked first: what extends an empty inline table would leak into later files inside the servers' parser. */
function loads(text: string): boolean {
  try {
    parse(text);
  } catch {
    return false;
  }
  return loadsOnServers(text);
}
