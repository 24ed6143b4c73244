import { type Fields, fieldsOf, groupOf, type Manifest, nameOf, namespaceOf, textOf } from "../manifest.ts";

/** The kinds that an edit may put or delete: those that an allocation is decided from and that people write. */
export const editedKinds = ["IPPool", "Namespace", "Service"] as const;

/** One of them. */
export type EditedKind = (typeof editedKinds)[number];

/** Which object; `namespace` is empty for kinds that have none. */
export type ObjectRef = { readonly kind: EditedKind; readonly namespace: string; readonly name: string };

/** An object as it shall be, of a manifest or as the API server answers it. */
export type Put = ObjectRef & {
  readonly object: Fields;
  /** Whether the API server has set everything: then nothing of the stored object is to be kept. */
  readonly whole: boolean;
};

/** What happens to a cluster, all at once; of two puts of one object the later counts. */
export type Edit = { readonly puts: readonly Put[]; readonly deletions: readonly ObjectRef[] };

const groups: Readonly<Record<EditedKind, string>> = { IPPool: "herald.dev", Namespace: "", Service: "" };

/** Which of the edited kinds a manifest is of, if any. */
export function editedKind(manifest: Manifest): EditedKind | undefined {
  const kind = editedKinds.find((each) => each === textOf(manifest.kind));
  return kind !== undefined && groups[kind] === groupOf(manifest) ? kind : undefined;
}

/** The put of a manifest; a Service without a namespace goes into the one given. */
export function putOf(kind: EditedKind, object: Manifest, namespace: string): Put {
  const own = kind === "Service" ? namespaceOf(object) || namespace : "";
  return { kind, namespace: own, name: nameOf(object), object: fieldsOf(object), whole: false };
}

/** `Service/shop/web` or `IPPool/public`: the same for every mention of one object. */
export function refText({ kind, namespace, name }: ObjectRef): string {
  return namespace === "" ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
