import { BootstrapError } from '../errors.js';
import { isAtLeast } from '../servers/server.js';
import { MESSAGES } from './errors.js';
import { type JsonObject, objectsIn, textField } from './json.js';

/** What one server's connector asks for. It differs by version, so the server itself is asked (`GET /settings`). */
export interface Connector {
  readonly type: string;
  readonly keys: readonly ConnectorKey[];
  /** Stored names of the endpoints that must have a value: `token_endpoint`. */
  readonly requiredEndpoints: readonly string[];
  /** Top-level fields of the Admin API that this server does not have: it refuses a body that holds one whole. */
  readonly unknownFields: readonly string[];
}

export interface ConnectorKey {
  readonly name: string;
  readonly required: boolean;
  /** The server shows `*****` for it. */
  readonly masked: boolean;
  /** A JSON boolean: the connector takes a text for false. */
  readonly isSwitch: boolean;
  /** The key only counts when each of these choices is made: from 4.6, `Username` belongs to Authentication = BasicAuth. */
  readonly when: readonly Choice[];
}

export interface Choice {
  readonly key: string;
  readonly option: string;
  /** What an absent choice means. */
  readonly fallback: string | undefined;
}

/** An API Manager, for messages and for what its settings do not say. */
export interface ApimRelease {
  readonly url: string;
  /** From its home or the setting `apim.version`: `4.5`, `4.5.0`; undefined when neither says it. */
  readonly version: string | undefined;
}

/** Top-level fields that not every release has, and the first one that does. */
export const FIELDS_SINCE = { allowedOrganizations: '4.5' } as const;

/**
 * Reads the connector of a type out of the settings of an API Manager.
 *
 * @throws BootstrapError `CONNECTOR_MISSING`
 */
export function readConnector(settings: JsonObject, type: string, apim: ApimRelease): Connector {
  const known = objectsIn(settings['keyManagerConfiguration']);
  const connector = known.find((candidate) => candidate['type'] === type);
  if (!connector) throw connectorMissing(known, type, apim.url);
  const keys = [...keysIn(connector['configurations'], []), ...keysIn(connector['authConfigurations'], [])];
  return {
    type,
    keys,
    requiredEndpoints: keysIn(connector['endpointConfigurations'], [])
      .filter((key) => key.required)
      .map((key) => key.name),
    unknownFields: Object.entries(FIELDS_SINCE).flatMap(([field, since]) =>
      isAtLeast(apim.version ?? releaseToldBy(settings, keys), since) ? [] : [field],
    ),
  };
}

/**
 * The release by what it can do: a choice of authentication came with 4.6, control of organizations with 4.5. Role creation is no sign
 * of 4.5, since updates brought it to 4.4.
 */
function releaseToldBy(settings: JsonObject, keys: readonly ConnectorKey[]): string {
  if (keys.some(({ name }) => name === 'Authentication')) return '4.6';
  return 'orgAccessControlEnabled' in settings ? '4.5' : '4.4';
}

/** A choice holds its options as `values`, and an option the keys that belong to it likewise. */
function keysIn(items: unknown, when: readonly Choice[]): readonly ConnectorKey[] {
  return objectsIn(items).flatMap((item) => {
    const name = textField(item, 'name');
    if (name === undefined) return [];
    const nested = objectsIn(item['values']).flatMap((option) => {
      const choice: Choice = {
        key: name,
        option: textField(option, 'name') ?? '',
        fallback: textField(item, 'default'),
      };
      return keysIn(option['values'], [...when, choice]);
    });
    return [
      {
        name,
        required: item['required'] === true,
        masked: item['mask'] === true,
        isSwitch: item['type'] === 'checkbox',
        when,
      },
      ...nested,
    ];
  });
}

function connectorMissing(known: readonly JsonObject[], type: string, apimUrl: string): BootstrapError {
  const types = known.flatMap((candidate) => textField(candidate, 'type') ?? []);
  return new BootstrapError(MESSAGES.CONNECTOR_MISSING(apimUrl, type, types));
}
