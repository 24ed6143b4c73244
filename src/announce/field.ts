import type { EndpointSlice } from "../api/endpoint-slice.ts";
import type { ClusterNode } from "../api/node.ts";
import type { AdvertisementSpec } from "../api/vip-advertisement.ts";
import type { GroupSpec } from "../api/vip-group.ts";
import type { VipNode } from "../api/vip-node.ts";
import { type Candidate, eligibility, type Liveness } from "./eligibility.ts";
import { type EndpointRanks, endpointRank, endpointRanks, rankOf } from "./endpoint-rank.ts";
import { lonelyMembers } from "./group-facts.ts";
import { lanNames } from "./lan.ts";
import type { Ineligible } from "./reason.ts";
import { type Respect, respectNothing, standingOf } from "./standing.ts";

/** An address that some node shall announce: an advertisement, or a claim with empty `group` and `node`. */
export type Placeable = Pick<
  AdvertisementSpec,
  | "address"
  | "announcement"
  | "trafficPolicy"
  | "services"
  | "group"
  | "node"
  | "candidates"
  | "announcers"
  | "readySeen"
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
  readonly groupNamed: ReadonlyMap<string, GroupSpec>;
  /** The group of a node on a LAN, by `lan node`. */
  readonly groupOf: ReadonlyMap<string, string>;
  /** The members of each group as candidates: the very same company while none of them is another. */
  readonly companyOf: (group: GroupSpec) => Company;
  /** See `lonelyMembers`. */
  readonly lonely: ReadonlySet<string>;
  readonly ranks: EndpointRanks;
};

/** A group, and its members as candidates in its order; undefined: there is neither a Node nor a VIPNode. */
export type Company = {
  readonly group: GroupSpec;
  readonly members: readonly (Candidate | undefined)[];
  /** Whether any member has said that it votes. */
  readonly votes: boolean;
};

/** What a field is made of; a node that `liveness` does not name is of unknown liveness. */
export type FieldParts = {
  readonly vipNodes: readonly VipNode[];
  readonly nodes: readonly ClusterNode[];
  readonly liveness: ReadonlyMap<string, Liveness>;
  readonly groups: readonly GroupSpec[];
  readonly endpointSlices: readonly EndpointSlice[];
  /** Absent: nothing. */
  readonly respect?: Respect;
};

/** The field of these parts. */
export function fieldOf({ vipNodes, nodes, liveness, groups, endpointSlices, respect }: FieldParts): Field {
  const nodeNamed = new Map(nodes.map((node) => [node.name, node]));
  const of = (name: string): Liveness => liveness.get(name) ?? "unknown";
  const candidate = (vipNode: VipNode): [string, Candidate] => {
    const { name } = vipNode;
    return [name, standingOf(vipNode, nodeNamed.get(name), of(name), respect ?? respectNothing)];
  };
  const candidates = new Map(vipNodes.map(candidate).sort(([a], [b]) => (a < b ? -1 : 1)));
  const others = nodes.filter(({ name }) => !candidates.has(name));
  const withoutVipNode = new Map(others.map((node) => [node.name, unreported(node, of(node.name))]));
  const byLeaseLast = groups.toSorted((a, b) => Number(a.byLease) - Number(b.byLease));
  return {
    candidates,
    withoutVipNode,
    companyOf: companies({ candidates, withoutVipNode }),
    groups,
    groupNamed: new Map(groups.map((group) => [group.name, group])),
    groupOf: new Map(byLeaseLast.flatMap(({ name, lan, members }) => members.map((node) => [`${lan} ${node}`, name]))),
    lonely: lonelyMembers(groups, { vipNodes: new Map(vipNodes.map((node) => [node.name, node])), liveness }),
    ranks: endpointRanks(endpointSlices),
  };
}

const remains = new WeakMap<GroupSpec, Company>();

function companies(field: Pick<Field, "candidates" | "withoutVipNode">): Field["companyOf"] {
  const found = new Map<GroupSpec, Company>();
  return (group) => {
    const known = found.get(group);
    if (known !== undefined) return known;
    const members = group.members.map((name) => candidateNamed(name, field));
    const before = remains.get(group);
    const same = before?.members.every((member, i) => member === members[i]);
    const votes = members.some((member) => member?.vipNode.groups !== undefined);
    const company = before !== undefined && same ? before : { group, members, votes };
    remains.set(group, company);
    found.set(group, company);
    return company;
  };
}

function unreported(node: ClusterNode, liveness: Liveness): Candidate {
  return { vipNode: { name: node.name, interfaces: [], conditions: [], drain: false }, node, liveness };
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
  const candidate = candidateNamed(name, field);
  if (candidate === undefined) return { reason: "NodeGone", message: `node ${name} does not exist` };
  const before = remembered.get(placeable);
  if (before?.groups === field.groups && sameCandidate(before.candidate, candidate))
    return inCompany(before.fit, field);
  const fit = placeOf(candidate, placeable, field);
  remembered.set(placeable, { candidate, groups: field.groups, fit });
  return inCompany(fit, field);
}

/** The node of this name as a candidate; undefined: there is neither a Node nor a VIPNode. */
export function candidateNamed(
  name: string,
  { candidates, withoutVipNode }: Pick<Field, "candidates" | "withoutVipNode">,
): Candidate | undefined {
  return candidates.get(name) ?? withoutVipNode.get(name);
}

function sameCandidate(a: Candidate, b: Candidate): boolean {
  return (
    a === b || (a.vipNode === b.vipNode && a.node === b.node && a.liveness === b.liveness && a.closed === b.closed)
  );
}

function fitOf(candidate: Candidate, placeable: Placeable, field: Field): Fit | Ineligible {
  return inCompany(placeOf(candidate, placeable, field), field);
}

/** What changes too often to be remembered. */
function inCompany(fit: Fit | Ineligible, { lonely }: Field): Fit | Ineligible {
  if (lonely.size === 0 || "reason" in fit || !lonely.has(`${fit.group} ${fit.node}`)) return fit;
  return { reason: "NoQuorum", message: `node ${fit.node} has too few links in group ${fit.group}` };
}

function placeOf(candidate: Candidate, placeable: Placeable, { groupOf }: Field): Fit | Ineligible {
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
