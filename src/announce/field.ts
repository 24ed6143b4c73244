import type { EndpointSlice } from "../api/endpoint-slice.ts";
import type { ClusterNode } from "../api/node.ts";
import type { AdvertisementSpec } from "../api/vip-advertisement.ts";
import type { VipNode } from "../api/vip-node.ts";
import { type Candidate, eligibility, type Liveness } from "./eligibility.ts";
import { type EndpointRanks, endpointRank, endpointRanks, rankOf } from "./endpoint-rank.ts";
import type { GroupSpec } from "./groups.ts";
import { lanNames } from "./lan.ts";
import type { Ineligible } from "./reason.ts";

/** An address that some node shall announce: an advertisement, or a claim with empty `group` and `node`. */
export type Placeable = Pick<
  AdvertisementSpec,
  "address" | "announcement" | "trafficPolicy" | "services" | "group" | "node"
>;

/** A node that can announce an address, as a member of a group. */
export type Fit = { readonly node: string; readonly group: string };

/** The nodes, groups and endpoints of one moment, by what placement asks of them. */
export type Field = {
  /** In order of name. */
  readonly candidates: ReadonlyMap<string, Candidate>;
  /** As `candidates`, of the Nodes that have no VIPNode. */
  readonly withoutVipNode: ReadonlyMap<string, Candidate>;
  readonly groups: readonly GroupSpec[];
  /** The group of a node on a LAN, by `lan node`. */
  readonly groupOf: ReadonlyMap<string, string>;
  readonly ranks: EndpointRanks;
};

/** What a field is made of; a node that `liveness` does not name is of unknown liveness. */
export type FieldParts = {
  readonly vipNodes: readonly VipNode[];
  readonly nodes: readonly ClusterNode[];
  readonly liveness: ReadonlyMap<string, Liveness>;
  readonly groups: readonly GroupSpec[];
  readonly endpointSlices: readonly EndpointSlice[];
};

/** The field of these parts. */
export function fieldOf({ vipNodes, nodes, liveness, groups, endpointSlices }: FieldParts): Field {
  const nodeNamed = new Map(nodes.map((node) => [node.name, node]));
  const candidate = (vipNode: Candidate["vipNode"]): [string, Candidate] => {
    const { name } = vipNode;
    return [name, { vipNode, node: nodeNamed.get(name), liveness: liveness.get(name) ?? "unknown" }];
  };
  const candidates = new Map(vipNodes.map(candidate).sort(([a], [b]) => (a < b ? -1 : 1)));
  const others = nodes.filter(({ name }) => !candidates.has(name));
  return {
    candidates,
    withoutVipNode: new Map(others.map(({ name }) => candidate({ name, interfaces: [], conditions: [] }))),
    groups,
    groupOf: new Map(groups.flatMap(({ name, lan, members }) => members.map((node) => [`${lan} ${node}`, name]))),
    ranks: endpointRanks(endpointSlices),
  };
}

/** How each node fits the address, in order of name. */
export function fits(placeable: Placeable, field: Field): readonly (Fit | Ineligible)[] {
  return [...field.candidates.values()].map((candidate) => fitOf(candidate, placeable, field));
}

type Remembered = {
  readonly candidate: Candidate;
  readonly groups: readonly GroupSpec[];
  readonly fit: Fit | Ineligible;
};

const remembered = new WeakMap<Placeable, Remembered>();

/** How the node of this name fits the address; remembered while the very same objects are seen. */
export function fitOn(name: string, placeable: Placeable, field: Field): Fit | Ineligible {
  const candidate = field.candidates.get(name) ?? field.withoutVipNode.get(name);
  if (candidate === undefined) return { reason: "NodeGone", message: `node ${name} does not exist` };
  const before = remembered.get(placeable);
  if (before?.groups === field.groups && sameCandidate(before.candidate, candidate)) return before.fit;
  const fit = fitOf(candidate, placeable, field);
  remembered.set(placeable, { candidate, groups: field.groups, fit });
  return fit;
}

function sameCandidate(a: Candidate, b: Candidate): boolean {
  return a.vipNode === b.vipNode && a.node === b.node && a.liveness === b.liveness;
}

function fitOf(candidate: Candidate, placeable: Placeable, { groupOf }: Field): Fit | Ineligible {
  const eligible = eligibility(candidate, placeable);
  if ("reason" in eligible) return eligible;
  const node = candidate.vipNode.name;
  const lans = lanNames(eligible.interface);
  if (lans.length === 0)
    return { reason: "NoInterface", message: `node ${node}: interface ${eligible.interface.name} has no subnet` };
  for (const lan of lans) {
    const group = groupOf.get(`${lan} ${node}`);
    if (group !== undefined) return { node, group };
  }
  return { reason: "NoGroup", message: `node ${node} is in no group of LAN ${lans[0]} yet` };
}

/** The endpoint rank of a node for an address of policy Local; lower is better. */
export function rankOn(node: string, { services }: Placeable, { ranks }: Field): number {
  return rankOf(node, services, ranks);
}

/** The best rank that any eligible node has for the address. Only nodes with endpoints are looked at. */
export function bestRank(placeable: Placeable, field: Field): number {
  const nodes = placeable.services.flatMap(({ namespace, name }) => [
    ...(field.ranks.get(`${namespace}/${name}`)?.keys() ?? []),
  ]);
  const eligible = nodes.filter((node) => {
    const candidate = field.candidates.get(node);
    return candidate !== undefined && !("reason" in fitOf(candidate, placeable, field));
  });
  return Math.min(endpointRank.none, ...eligible.map((node) => rankOn(node, placeable, field)));
}
