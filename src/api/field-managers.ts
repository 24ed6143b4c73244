/** One entry of `metadata.managedFields`, as far as Herald reads it. */
export type ManagedFieldsEntry = { readonly manager?: string; readonly fieldsV1?: unknown };

/** By this name the API server knows the controller's writes: it is what its client calls itself. */
export const controllerManager = "herald-controller";

/** The list is atomic, so whoever changed it last owns it alone. */
const ingressPath = ["f:status", "f:loadBalancer", "f:ingress"];

/**
 * Who else than Herald's controller wrote `status.loadBalancer.ingress` as it is, by the name of his field manager; undefined
 * if that was Herald, if the list is absent (nobody owns what is not there), or if the API server does not say.
 */
export function ingressManager(entries: readonly ManagedFieldsEntry[]): string | undefined {
  const owner = entries.find(({ manager, fieldsV1 }) => manager !== controllerManager && owns(fieldsV1, ingressPath));
  return owner?.manager || undefined;
}

function owns(fields: unknown, path: readonly string[]): boolean {
  let set = fields;
  for (const name of path) {
    if (typeof set !== "object" || set === null || !(name in set)) return false;
    set = (set as Readonly<Record<string, unknown>>)[name];
  }
  return true;
}
