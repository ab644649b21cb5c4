import { BootstrapError } from '../errors.js';
import { isObject, type JsonObject, objectsIn, textOf } from './json.js';

/** What one server's connector asks for. It differs by version, so the server itself is asked (`GET /settings`). */
export interface Connector {
  readonly type: string;
  readonly keys: readonly ConnectorKey[];
  /** Stored names of the endpoints that must have a value: `token_endpoint`. */
  readonly requiredEndpoints: readonly string[];
  /** Whether the server knows `allowedOrganizations` (API Manager 4.5 and later). */
  readonly hasOrganizations: boolean;
}

export interface ConnectorKey {
  readonly name: string;
  readonly required: boolean;
  /** The server shows `*****` for it. */
  readonly masked: boolean;
  /** The key only counts when each of these choices is made: from 4.6, `Username` belongs to Authentication = BasicAuth. */
  readonly when: readonly Choice[];
}

export interface Choice {
  readonly key: string;
  readonly option: string;
  /** What an absent choice means. */
  readonly fallback: string | undefined;
}

/**
 * Reads the connector of a type out of the settings of an API Manager.
 *
 * @throws BootstrapError `CONNECTOR_MISSING`
 */
export function readConnector(settings: JsonObject, type: string, apimUrl: string): Connector {
  const known = objectsIn(settings['keyManagerConfiguration']);
  const found = known.find((candidate) => candidate['type'] === type);
  if (!found) throw connectorMissing(known, type, apimUrl);
  return {
    type,
    keys: [...keysIn(found['configurations'], []), ...keysIn(found['authConfigurations'], [])],
    requiredEndpoints: keysIn(found['endpointConfigurations'], [])
      .filter((key) => key.required)
      .map((key) => key.name),
    hasOrganizations: 'orgAccessControlEnabled' in settings,
  };
}

/** A choice holds its options as `values`, and an option the keys that belong to it likewise. */
function keysIn(items: unknown, when: readonly Choice[]): readonly ConnectorKey[] {
  return objectsIn(items).flatMap((item) => {
    const name = textOf(item, 'name');
    if (name === undefined) return [];
    const nested = objectsIn(item['values']).flatMap((option) => {
      const choice: Choice = { key: name, option: textOf(option, 'name') ?? '', fallback: textOf(item, 'default') };
      return keysIn(option['values'], [...when, choice]);
    });
    return [{ name, required: item['required'] === true, masked: item['mask'] === true, when }, ...nested];
  });
}

function connectorMissing(known: readonly JsonObject[], type: string, apimUrl: string): BootstrapError {
  const types = known.filter(isObject).map((candidate) => String(candidate['type']));
  return new BootstrapError(
    `API Manager at ${apimUrl} has no Key Manager connector of type ${type} (it has ${types.join(', ') || 'none'})`,
    {
      code: 'CONNECTOR_MISSING',
      hint: `Use API Manager 4.3 or later, which brings the connector for Identity Server 7; in an older one it cannot be added safely.`,
    },
  );
}
