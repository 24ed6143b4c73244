import type { MemberObject } from "../api/object.ts";

type Pair = (one: MemberObject, other: MemberObject) => boolean;

const sameKey: Pair = (one, other) => (one.key ?? "") !== "" && one.key === other.key;

const consents: Pair = (one, other) =>
  one.namespace === other.namespace || (one.namespaces ?? []).some((each) => each === "*" || each === other.namespace);

const mutual: Pair = (one, other) => consents(one, other) && consents(other, one);

const apart: Pair = (one, other) => !(one.ports ?? []).some((port) => (other.ports ?? []).includes(port));

const samePolicy: Pair = (one, other) => one.policy === other.policy;

const sameSelector: Pair = (one, other) => one.policy !== "Local" || one.selector === other.selector;

/** Whether two members may have one address, by the terms that the ledger has of them. */
export function mayShare(one: MemberObject, other: MemberObject): boolean {
  return [sameKey, mutual, apart, samePolicy, sameSelector].every((agree) => agree(one, other));
}
