import { type NodeObject, parseNode, whyGoing } from "../api/node.ts";
import type { KnownNode } from "./bgp-ports.ts";

/** Reads the own Node; gives the same value for objects that do not differ in what matters, such as a Node's heartbeats. */
export class KnownNodes {
  readonly #prefix: string;
  #known: { readonly text: string; readonly value: KnownNode } | undefined;

  /** `prefix`: of the annotations that may name routers; empty: none does. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  read(object: NodeObject): KnownNode {
    const pruned = prunedNode(object, this.#prefix);
    const going = whyGoing(object);
    const text = JSON.stringify([pruned, going]);
    if (this.#known?.text === text) return this.#known.value;
    const value = { ...knownNode(pruned), ...(going !== undefined && { going }) };
    this.#known = { text, value };
    return value;
  }
}

/** The Node that an object describes, which was pruned. */
export function knownNode(object: NodeObject): KnownNode {
  return { node: parseNode(object), annotations: object.metadata.annotations ?? {}, object };
}

/** Of a Node what sessions and routes depend on, in an order of its own. */
function prunedNode({ metadata, spec = {}, status = {} }: NodeObject, prefix: string): NodeObject {
  const { name, uid, labels = {}, annotations = {} } = metadata;
  const named = Object.entries(annotations).filter(([key]) => prefix !== "" && key.startsWith(`${prefix}/`));
  return {
    metadata: { name, ...(uid !== undefined && { uid }), labels: sorted(labels), annotations: sorted(named) },
    spec: { ...(spec.taints && { taints: spec.taints.map(({ key }) => ({ key })) }) },
    status: {
      addresses: (status.addresses ?? []).map(({ type, address }) => ({ type, address })),
      conditions: (status.conditions ?? [])
        .filter(({ type }) => type === "NetworkUnavailable")
        .map(({ type, status: now }) => ({ type, status: now })),
    },
  };
}

function sorted(texts: Readonly<Record<string, string>> | readonly (readonly [string, string])[]) {
  const entries = Array.isArray(texts) ? texts : Object.entries(texts);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
