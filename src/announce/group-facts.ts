import type { Group, GroupSpec } from "../api/vip-group.ts";
import type { NodeGroup, VipNode } from "../api/vip-node.ts";
import { hasReported, isGone, type Liveness } from "./eligibility.ts";

/** What only time tells of the groups, by the groups' names; a planner is given it, and keeps no time itself. */
export type GroupFacts = {
  /** More than half of the voters have used the present epoch for long enough: the next voter may change. */
  readonly settled: ReadonlySet<string>;
  /** Members, as `group node`, that are dead for so long, and heard by so few, that they are voters no longer. */
  readonly lost: ReadonlySet<string>;
  /** So few of the members live, for so long, that nobody can have a majority: they alone shall vote. */
  readonly short: ReadonlySet<string>;
  /** The members live, and none has heard any other for long enough. */
  readonly deaf: ReadonlySet<string>;
  /** Most members say that they have a quorum, for long enough. */
  readonly hearing: ReadonlySet<string>;
};

/** The Lease that is one more voter of a group. */
export type Witness = {
  readonly group: string;
  /** Who may hold it. */
  readonly members: readonly string[];
};

/** The nodes as the rules for groups see them, by name; a node without liveness is unknown. */
export type Nodes = {
  readonly vipNodes: ReadonlyMap<string, VipNode>;
  readonly liveness: ReadonlyMap<string, Liveness>;
};

/** How many votes there are in a group. */
export function voterCount({ members, witness }: Pick<GroupSpec, "members" | "witness">): number {
  return members.length + Number(witness);
}

/** What a node says of a group; undefined: nothing. */
export function viewOf(group: Pick<GroupSpec, "name">, node: VipNode | undefined): NodeGroup | undefined {
  return node?.groups?.find(({ name }) => name === group.name);
}

/**
 * Whether the agent of a node votes; one of an older version, which reports no groups, goes by `spec.node` alone. Of an agent
 * that has not reported yet it is believed.
 */
export function votes(node: Pick<VipNode, "groups" | "interfaces" | "conditions"> | undefined): boolean {
  return node !== undefined && (node.groups !== undefined || !hasReported(node));
}

/** What was seen of a list, since when; times are ms of one monotonic clock. */
export type ListSight = {
  /** Since when each member has been seen to use the list, by name; absent: it was not. */
  readonly usedSinceMs: ReadonlyMap<string, number>;
  /** Since when nobody but the members could take the witness; undefined: somebody else can. */
  readonly witnessSinceMs: number | undefined;
};

/** Rule 19: a voter must have used a list for so long before the next change, in ms. */
export const usedMs = 1_000;

/** A holder may count the witness for 2.4 s after its last renewal; so long after nobody else can take it, in ms, nobody else has it. */
export const witnessMs = 4_000;

/**
 * Rule 19: whether more than half of the voters have used a list for long enough for the next voter to change. The witness
 * counts once all the members do and nobody else can have it: without that a list of one node and the witness could never
 * change again.
 */
export function isInUse(
  list: Pick<GroupSpec, "members" | "witness">,
  { usedSinceMs, witnessSinceMs }: ListSight,
  nowMs: number,
): boolean {
  const using = list.members.filter((name) => hasLasted(usedSinceMs.get(name), usedMs, nowMs)).length;
  const theirs = using === list.members.length && hasLasted(witnessSinceMs, witnessMs, nowMs);
  return using + Number(list.witness && theirs) > voterCount(list) / 2;
}

function hasLasted(sinceMs: number | undefined, longEnoughMs: number, nowMs: number): boolean {
  return sinceMs !== undefined && nowMs - sinceMs >= longEnoughMs;
}

/** Whether a member is seen to use the present epoch of a list; an agent that does not vote cannot vote by an old one. */
export function usesList(group: Group, node: VipNode | undefined): boolean {
  if (node === undefined) return false;
  return votes(node) ? viewOf(group, node)?.epoch === group.epoch : true;
}

/** Whether more than half of the other members that live say that they hear the node. */
export function isHeard(group: GroupSpec, name: string, nodes: Nodes): boolean {
  const others = group.members.filter((each) => each !== name && lives(each, nodes));
  const hearing = others.filter((each) => viewOf(group, nodes.vipNodes.get(each))?.hears.includes(name));
  return hearing.length > others.length / 2;
}

/** Rule 21: some members live, but with the witness they are no majority, and none of them says that it has one. */
export function isShort(group: GroupSpec, nodes: Nodes): boolean {
  const living = group.members.filter((name) => lives(name, nodes));
  if (living.length === 0 || living.length === group.members.length) return false;
  if (living.length + Number(group.witness) > voterCount(group) / 2) return false;
  return !living.some((name) => viewOf(group, nodes.vipNodes.get(name))?.quorum);
}

/** Whether at least two members live and vote, and of those that do nobody hears anybody or has a quorum. */
export function isDeaf(group: GroupSpec, nodes: Nodes): boolean {
  const views = group.members
    .filter((name) => nodes.liveness.get(name) === "alive")
    .flatMap((name) => viewOf(group, nodes.vipNodes.get(name)) ?? []);
  return views.length > 1 && views.every(({ hears, quorum }) => hears.length === 0 && !quorum);
}

/** Whether more than half of the members live and say that they have a quorum. */
export function hasQuorum(group: GroupSpec, nodes: Nodes): boolean {
  const having = group.members.filter(
    (name) => lives(name, nodes) && viewOf(group, nodes.vipNodes.get(name))?.quorum === true,
  );
  return having.length > group.members.length / 2;
}

/** Whether a node's agent is not known to be gone. */
export function lives(name: string, { liveness }: Pick<Nodes, "liveness">): boolean {
  return !isGone(liveness.get(name) ?? "unknown");
}

/**
 * Members, as `group node`, that cannot hold an address while another may: they say that they have no quorum, or none of those
 * that have one hears them, as after a crash, long before their Lease tells.
 */
export function lonelyMembers(groups: readonly GroupSpec[], nodes: Nodes): ReadonlySet<string> {
  const lonely = groups.flatMap((group) => {
    const better = group.members.some((name) => lives(name, nodes) && mayHold(group, nodes.vipNodes.get(name)));
    const without = group.members.filter(
      (name) => isUnheard(group, name, nodes) || (better && viewOf(group, nodes.vipNodes.get(name))?.quorum === false),
    );
    return without.map((name) => `${group.name} ${name}`);
  });
  return new Set(lonely);
}

/** Whether others have a quorum and none of them hears the node, though it votes. */
export function isUnheard(group: GroupSpec, name: string, nodes: Nodes): boolean {
  if (!votes(nodes.vipNodes.get(name))) return false;
  const others = group.members.filter((each) => each !== name && lives(each, nodes));
  const views = others.flatMap((each) => viewOf(group, nodes.vipNodes.get(each)) ?? []);
  const having = views.filter(({ quorum }) => quorum);
  return having.length > 0 && !having.some(({ hears }) => hears.includes(name));
}

function mayHold(group: GroupSpec, node: VipNode | undefined): boolean {
  if (node === undefined) return false;
  return votes(node) ? viewOf(group, node)?.quorum === true : true;
}
