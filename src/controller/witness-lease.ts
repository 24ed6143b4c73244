/** The name of a group's witness Lease is this and the group's name. */
export const witnessPrefix = "herald-witness-";

/** The annotation that names the nodes whose agents may hold a witness Lease, with commas between them. */
export const membersAnnotation = "herald.dev/members";

/** A witness Lease to create, held by nobody, or, with what a plan saw, one whose voters change and all else stays. */
export type WitnessObject = {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly holderIdentity: string };
};

/** The witness Lease of a group whose members these are. */
export function witnessObject(group: string, members: readonly string[], namespace: string): WitnessObject {
  const annotations = { [membersAnnotation]: members.join(",") };
  return { metadata: { name: witnessPrefix + group, namespace, annotations }, spec: { holderIdentity: "" } };
}
