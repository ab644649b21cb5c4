import { SERVER_IDS, type ServerId } from '../servers/server.js';
import { type FoundTable, parseTable, tell } from './key-manager.js';
import type { JsonSchema } from './shape.js';
import { choice, key, narrowed, table, text } from './shape.js';

/** It becomes a part of step ids and of aliases in truststores. */
const nodeName = narrowed(
  text({ max: 40 }),
  { pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', not: { const: 'client' } },
  (name) => {
    if (name === 'client') return 'cannot be client: wso2apim-client is an alias of its own';
    if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)) return undefined;
    return `must be of small letters, digits, dots and dashes, not ${JSON.stringify(name)}`;
  },
);

/** The keys of a `[[node]]`. */
export const NODE_KEYS = {
  server: key(choice(SERVER_IDS), 'whose further node it is'),
  name: key(nodeName, 'a name of its own; its steps are trust/apim/<name> and so on'),
  home: key(text(), 'its home folder'),
  overlay: key(text(), 'folder that is copied over its home at each start'),
};

const NODE_TABLE = table(NODE_KEYS, ['server', 'name', 'home']);

/** One `[[node]]`: a further home of one of the two servers, prepared as the first is. */
export interface NodeSettings {
  readonly server: ServerId;
  readonly name: string;
  readonly home: string;
  readonly overlay?: string;
}

/** Checks every declared node; what is wrong is added to `problems`, one sentence each with its place. */
export function parseNodes(found: readonly FoundTable[], problems: string[]): readonly NodeSettings[] {
  const seen = new Set<string>();
  return found.flatMap((node) => {
    const { server, name, home, overlay } = parseTable(NODE_TABLE, node, problems);
    if (server === undefined || name === undefined || home === undefined) return [];
    if (seen.has(name)) problems.push(tell(node, `${node.path}.name:`, `${name} is there twice`));
    seen.add(name);
    return [{ server, name, home, ...(overlay !== undefined && { overlay }) }];
  });
}

/** JSON Schema of one `[[node]]`. */
export function nodeSchema(): JsonSchema {
  return NODE_TABLE.schema;
}
