import { configurationSchema } from '../config/schema.js';

/** The JSON Schema of km-bootstrap.toml, for an editor. */
export function schemaText(): string {
  return `${JSON.stringify(configurationSchema(), null, 2)}\n`;
}
