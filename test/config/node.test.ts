import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseNodes } from '../../src/config/node.js';

const GATEWAY = { server: 'apim', name: 'gw-1', home: '/opt/gw' };

test('a node has a server, a name and a home, and may have an overlay', () => {
  const second = { server: 'is7', name: 'is2', home: '/opt/is2', overlay: '/work/is2' };
  assert.equal(parse([GATEWAY, second]), { nodes: [GATEWAY, second], problems: [] });
});

const REFUSED: readonly (readonly [title: string, raw: object, problem: string])[] = [
  ['no home', { server: 'apim', name: 'gw' }, 'file: node[0].home is missing'],
  ['no name', { server: 'apim', home: '/x' }, 'file: node[0].name is missing'],
  ['no server', { name: 'gw', home: '/x' }, 'file: node[0].server is missing'],
  ['another server', { ...GATEWAY, server: 'gateway' }, 'file: node[0].server must be is7 or apim, not "gateway"'],
  [
    'a name that is no part of an id',
    { ...GATEWAY, name: 'GW/1' },
    'file: node[0].name must be of small letters, digits, dots and dashes, not "GW/1"',
  ],
  [
    'the name of an alias that is taken',
    { ...GATEWAY, name: 'client' },
    'file: node[0].name cannot be client: wso2apim-client is an alias of its own',
  ],
  ['a key that is none', { ...GATEWAY, hom: 'x' }, 'file: node[0].hom there is no such key (did you mean home?)'],
];

for (const [title, raw, problem] of REFUSED) {
  test(`${title} is refused, once`, () => {
    assert.equal(parse([raw]).problems, [problem]);
  });
}

test('two nodes of one name are refused, whatever their servers', () => {
  const { problems } = parse([GATEWAY, { ...GATEWAY, server: 'is7' }]);
  assert.equal(problems, ['file: node[1].name: gw-1 is there twice']);
});

function parse(tables: readonly object[]) {
  const problems: string[] = [];
  const found = tables.map((raw, index) => ({ raw, path: `node[${index}]`, place: () => ({ source: 'file' }) }));
  return { nodes: parseNodes(found, problems), problems };
}

test.run();
