import { isNotFound } from "../../kube/api-error.ts";
import { apiVersion, type Resource } from "../../kube/resource.ts";
import type { ClusterReader } from "../cluster.ts";
import { type Manifest, nameOf, namespaceOf } from "../manifest.ts";
import type { Note } from "./imported.ts";
import { CONFIG_MAPS, type System } from "./systems.ts";

/** What a cluster holds of a system; a note for each kind that it does not know. */
export type LiveObjects = { readonly objects: readonly Manifest[]; readonly notes: readonly Note[] };

/** Reads a system's objects, the Services, and those ConfigMaps that configure it, by `namespace/name`. */
export async function liveObjects(
  cluster: ClusterReader,
  { resources }: Pick<System, "resources">,
  configMaps: readonly string[],
): Promise<LiveObjects> {
  const lists = await Promise.all(resources.map((versions) => firstServed(cluster, versions)));
  const maps = configMaps.length === 0 ? [] : await listTyped(cluster, CONFIG_MAPS);
  const wanted = maps.filter((each) => configMaps.includes(`${namespaceOf(each)}/${nameOf(each)}`));
  return {
    objects: [...lists.flatMap(({ objects }) => objects), ...wanted],
    notes: lists.flatMap(({ notes }) => notes),
  };
}

async function firstServed(cluster: ClusterReader, versions: readonly Resource[]): Promise<LiveObjects> {
  for (const resource of versions) {
    try {
      return { objects: await listTyped(cluster, resource), notes: [] };
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  const [{ plural, group }] = versions as readonly [Resource];
  return {
    objects: [],
    notes: [{ object: "cluster", field: `${plural}.${group}`, message: "the cluster has no such resource" }],
  };
}

/** The items of a list carry neither kind nor apiVersion. */
async function listTyped(cluster: ClusterReader, resource: Resource): Promise<readonly Manifest[]> {
  const objects = await cluster.list(resource);
  return objects.map((object) => ({ ...object, apiVersion: apiVersion(resource), kind: resource.kind }));
}
