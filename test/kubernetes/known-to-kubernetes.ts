import { createRequire } from 'node:module';
import * as assert from 'uvu/assert';

/** A manifest as it stands in its file. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface Model {
  validate(): void;
}

const require = createRequire(import.meta.url);

/** Holds a manifest against Kubernetes' own schema, and its fields against those that the schema knows, so that a slip of the pen is found, too. */
export function assertKnownToKubernetes(manifest: Manifest): void {
  const { apiVersion, kind, metadata } = manifest;
  const place = `${kind} ${metadata.name}`;
  const models = require(`kubernetes-models/${apiVersion}`) as Record<string, new (manifest: object) => Model>;
  const SchemaOf = models[kind];
  assert.ok(SchemaOf, `there is a ${kind} in ${apiVersion}`);
  const untouched = new Set<string>();
  const model = new SchemaOf(watched(manifest, place, untouched) as object);
  try {
    model.validate();
  } catch (error) {
    assert.unreachable(`${place}: ${(error as Error).message}`);
  }
  assert.equal([...untouched], [], `${place} has fields that Kubernetes does not know`);
}

/** The validator reads every field that its schema names: a field that it never asks for is unknown. */
function watched(value: unknown, path: string, untouched: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const pathOf = (key: string) => `${path}.${key}`;
  const inner = new Map(Object.entries(value).map(([key, child]) => [key, watched(child, pathOf(key), untouched)]));
  if (!Array.isArray(value)) for (const key of inner.keys()) untouched.add(pathOf(key));
  return new Proxy(value, {
    get(target, key) {
      if (typeof key !== 'string' || !inner.has(key)) return Reflect.get(target, key);
      untouched.delete(pathOf(key));
      return inner.get(key);
    },
  });
}
