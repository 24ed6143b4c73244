import type { Service } from "../api/service.ts";
import { type Address, addressKey } from "../net/address.ts";
import { type Draft, holdersOf } from "./draft.ts";

/** The addresses that one Service was the first to hold. */
export type SharedSet = readonly Address[];

/** What is held under one key, by the namespace of whoever was first, one set each; as of so many decisions about the key. */
export type SharedSets = {
  readonly decisions: number;
  readonly byNamespace: ReadonlyMap<string, readonly SharedSet[]>;
};

/** So many sets of its own namespace are tried, and so many of all others: who may share none of these hardly shares the next. */
const mostTried = 32;

/**
 * The sets that a Service might join by its key, its own namespace's first, then those of the namespaces that it agrees to, in
 * the order of age. They are made anew only after something was decided about the key.
 */
export function setsFor({ namespace, terms }: Service, draft: Draft): readonly SharedSet[] {
  if (terms === undefined) return [];
  const { byNamespace } = setsOf(terms.key, draft);
  const others = terms.namespaces.includes("*")
    ? [...byNamespace.keys()]
    : terms.namespaces.filter((each) => byNamespace.has(each));
  const own = (byNamespace.get(namespace) ?? []).slice(0, mostTried);
  const foreign = others.filter((each) => each !== namespace).flatMap((each) => byNamespace.get(each) ?? []);
  return [...own, ...foreign.slice(0, mostTried)];
}

function setsOf(key: string, draft: Draft): SharedSets {
  const decisions = draft.departures + (draft.keyed.get(key)?.length ?? 0);
  const known = draft.sets.get(key);
  if (known?.decisions === decisions) return known;
  const made = { decisions, byNamespace: namespacesOf(key, draft) };
  draft.sets.set(key, made);
  return made;
}

function namespacesOf(key: string, draft: Draft): ReadonlyMap<string, readonly SharedSet[]> {
  const stored = (draft.ledger.bySharingKey().get(key) ?? []).map(({ address }) => address);
  const all = new Map([...stored, ...(draft.keyed.get(key) ?? [])].map((address) => [addressKey(address), address]));
  const sets = new Map<string, { readonly namespace: string; readonly addresses: Address[] }>();
  for (const address of all.values()) {
    const [first] = holdersOf(draft, address);
    if (first === undefined) continue;
    const set = sets.get(first.uid);
    if (set === undefined) sets.set(first.uid, { namespace: first.namespace, addresses: [address] });
    else set.addresses.push(address);
  }
  const byNamespace = Map.groupBy(sets.values(), ({ namespace }) => namespace);
  return new Map([...byNamespace].map(([namespace, each]) => [namespace, each.map(({ addresses }) => addresses)]));
}
