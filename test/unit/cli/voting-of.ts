import type { Group } from "../../../src/api/vip-group.ts";
import type { VipNode } from "../../../src/api/vip-node.ts";
import type { Agent } from "../../../src/cli/agent-lease.ts";
import type { Voting } from "../../../src/cli/votes.ts";
import { group, vipNode } from "../../support/builders.ts";

/** The name of the group that `votingOf` makes. */
export const groupName = "192-168-50-0-24-1";

/** What differs from a group whose members all live and hear whom `hears` says. */
export type VotingParts = {
  readonly list?: Partial<Group>;
  /** The node that holds the witness. */
  readonly witness?: string;
  readonly nodes?: Readonly<Record<string, Partial<VipNode>>>;
  readonly agents?: Readonly<Record<string, Partial<Agent>>>;
};

/** Who votes with whom in one group: each member with those that it hears, in words: `{ node1: "node2 node3" }`. */
export function voting(hears: Readonly<Record<string, string>>, parts: VotingParts = {}): Voting {
  const names = Object.keys(hears);
  const list = group(names, { epoch: 4, ...parts.list });
  const needed = Math.floor((list.members.length + Number(list.witness)) / 2) + 1;
  const node = (name: string): VipNode => {
    const heard = (hears[name] ?? "").split(" ").filter(Boolean);
    const votes = 1 + heard.length + Number(parts.witness === name);
    const sight = { name: groupName, epoch: 4, quorum: votes >= needed, hears: heard };
    return vipNode(name, { groups: [sight], ...parts.nodes?.[name] });
  };
  const agent = (name: string): Agent => ({
    liveness: "alive",
    renewed: "2026-01-31T11:59:55Z",
    ...parts.agents?.[name],
  });
  return {
    nodes: new Map(names.map((name) => [name, node(name)])),
    groups: new Map([[groupName, list]]),
    agents: new Map(names.map((name) => [name, agent(name)])),
    witnesses: new Map([[groupName, parts.witness ?? ""]]),
  };
}

/** Three nodes that hear each other. */
export const allHear = { node1: "node2 node3", node2: "node1 node3", node3: "node1 node2" };
