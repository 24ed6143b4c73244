import { viewOf, voterCount } from "../announce/group-facts.ts";
import type { Group } from "../api/vip-group.ts";
import type { NodeGroup, VipNode } from "../api/vip-node.ts";
import type { Agent } from "./agent-lease.ts";

/** Who votes with whom, as the nodes and groups say. */
export type Voting = {
  readonly nodes: ReadonlyMap<string, VipNode>;
  readonly groups: ReadonlyMap<string, Group>;
  /** By node name. */
  readonly agents: ReadonlyMap<string, Agent>;
  /** The node that holds a group's witness, by the group's name; empty: none. */
  readonly witnesses: ReadonlyMap<string, string>;
};

/** The votes that a holder can count on: `hear` of `of` voters. */
export type Votes = { readonly hear: number; readonly of: number };

/**
 * The voters of its group that a node can count on: itself, the members that it hears and that hear it, and the witness while
 * it has that. Undefined: it is in no such group, or its agent does not vote. What agents say here is some seconds old.
 */
export function votesFor(node: string, groupName: string, voting: Voting): Votes | undefined {
  const group = voting.groups.get(groupName);
  const own = sightOf(node, groupName, voting);
  if (group === undefined || own === undefined || !group.members.includes(node)) return undefined;
  const linked = group.members.filter((each) => each !== node && areLinked(node, each, groupName, voting));
  const witness = group.witness && voting.witnesses.get(groupName) === node;
  return { hear: 1 + linked.length + Number(witness), of: voterCount(group) };
}

/** Whether two members say that they hear each other. */
export function areLinked(a: string, b: string, groupName: string, voting: Voting): boolean {
  const hears = (one: string, other: string): boolean =>
    sightOf(one, groupName, voting)?.hears.includes(other) ?? false;
  return hears(a, b) && hears(b, a);
}

/** What a node says of its group; undefined: nothing, because it does not vote in it. */
export function sightOf(node: string, groupName: string, { nodes }: Voting): NodeGroup | undefined {
  return viewOf({ name: groupName }, nodes.get(node));
}

/** More than half of the voters. */
export function isMajority({ hear, of }: Votes): boolean {
  return 2 * hear > of;
}
