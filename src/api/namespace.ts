import type { Labels } from "./label-selector.ts";
import type { ObjectMeta } from "./object-meta.ts";

/** A namespace, reduced to what pools select by. */
export type Namespace = { readonly name: string; readonly labels: Labels };

/** A Namespace as the API server has it, as far as Herald reads it. */
export type NamespaceObject = { readonly metadata: ObjectMeta };

/** The namespace that an object describes. */
export function parseNamespace({ metadata: { name, labels = {} } }: NamespaceObject): Namespace {
  return { name, labels };
}
