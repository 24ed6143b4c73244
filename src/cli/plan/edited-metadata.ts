import type { ObjectMeta } from "../../api/object-meta.ts";
import { type Fields, fieldsOf, labelsOf, listOf, textOf } from "../manifest.ts";

type Texts = Readonly<Record<string, string>>;
type Part = "labels" | "annotations";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * The labels and annotations of a stored object once a manifest is applied to it: what the manifest says, and of the stored
 * ones all but those that were applied before and are not in the manifest any more. `kubectl apply` notes what it applied in an
 * annotation, or, with `--server-side`, in `managedFields`.
 */
export function appliedMetadata(manifest: Fields, stored: ObjectMeta | undefined): Pick<ObjectMeta, Part> {
  const { labels, annotations } = fieldsOf(manifest.metadata);
  return {
    labels: merged(labelsOf(labels), stored, "labels"),
    annotations: merged(labelsOf(annotations), stored, "annotations"),
  };
}

function merged(written: Texts, stored: ObjectMeta | undefined, part: Part): Texts {
  const before = Object.entries(stored?.[part] ?? {});
  const applied = new Set(stored === undefined ? [] : [...noted(stored, part), ...managed(stored, part)]);
  return { ...Object.fromEntries(before.filter(([key]) => !applied.has(key))), ...written };
}

function noted({ annotations = {} }: ObjectMeta, part: Part): readonly string[] {
  try {
    const configuration = fieldsOf(JSON.parse(annotations[lastApplied] ?? "{}"));
    return Object.keys(fieldsOf(fieldsOf(configuration.metadata)[part]));
  } catch {
    return [];
  }
}

function managed(stored: ObjectMeta, part: Part): readonly string[] {
  const entries = listOf((stored as Fields).managedFields).map(fieldsOf);
  const ofKubectl = entries.filter(({ operation, manager }) => operation === "Apply" && textOf(manager) === "kubectl");
  return ofKubectl.flatMap(({ fieldsV1 }) => {
    const fields = fieldsOf(fieldsOf(fieldsOf(fieldsV1)["f:metadata"])[`f:${part}`]);
    return Object.keys(fields).map((key) => key.replace(/^f:/, ""));
  });
}
