import assert from "node:assert/strict";
import { type Pool, parsePool } from "../../../../src/api/ip-pool.ts";
import { parseService, type ServiceObject } from "../../../../src/api/service.ts";
import type { Imported } from "../../../../src/cli/import/imported.ts";
import type { Manifest } from "../../../../src/cli/manifest.ts";
import { objectsIn, readDocuments } from "../../../../src/cli/yaml-documents.ts";
import { World } from "../../ipam/world.ts";

/** The objects of a YAML text; throws if it is none, because then the test itself is wrong. */
export function objects(text: string): readonly Manifest[] {
  const { documents, problems } = readDocuments(text);
  assert.deepEqual(problems, []);
  return documents.flatMap(({ value }) => objectsIn(value).map((each) => each.value as Manifest));
}

/** The imported pools as the planner sees them. */
export function poolsOf({ pools }: Imported): readonly Pool[] {
  return pools.map(({ name, spec }) => {
    const parsed = parsePool({ metadata: { name, uid: `uid-${name}`, resourceVersion: "1" }, spec });
    return "value" in parsed ? parsed.value : assert.fail(JSON.stringify(parsed));
  });
}

/** A cluster with the imported pools; the name of a namespace is its label, as the API server sets it. */
export function worldOf(imported: Imported, ...keys: readonly string[]): World {
  const world = new World(...poolsOf(imported));
  for (const key of keys) {
    const [namespace = ""] = key.split("/");
    world.put(key);
    world.namespaces.set(namespace, { "kubernetes.io/metadata.name": namespace });
  }
  return world;
}

/** Puts a Service into a cluster as it stands in a manifest, with what the import would annotate. */
export function putObject(world: World, object: Manifest, { annotations }: Pick<Imported, "annotations">): string {
  const raw = object as unknown as ServiceObject;
  const { namespace = "", name } = raw.metadata;
  const added = annotations.find((each) => each.namespace === namespace && each.name === name)?.annotations ?? {};
  const metadata = { ...raw.metadata, uid: `uid-${name}`, annotations: { ...raw.metadata.annotations, ...added } };
  const { key, ...service } = parseService({ ...raw, metadata });
  world.put(key, service);
  world.services.set(key, { ...service, key });
  return key;
}

/** The specs by the names of their pools. */
export function specs({ pools }: Imported): Readonly<Record<string, object>> {
  return Object.fromEntries(pools.map(({ name, spec }) => [name, spec]));
}

/** The notes as `object: field`. */
export function noted({ notes }: Pick<Imported, "notes">): readonly string[] {
  return notes.map(({ object, field }) => `${object}: ${field}`);
}
