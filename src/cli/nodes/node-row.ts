import { isGone, type Liveness } from "../../announce/eligibility.ts";
import { formatProblems } from "../../api/problem.ts";
import {
  drainedCondition,
  type NodeBgpSession,
  parseVipNode,
  type VipNode,
  type VipNodeObject,
} from "../../api/vip-node.ts";
import { formatAddress } from "../../net/address.ts";
import { agentOf } from "../agent-lease.ts";
import type { NodeObjects } from "../node-objects.ts";
import { sightOf, type Votes, type Voting, votesFor } from "../votes.ts";

/** One node as the list shows it; also what `-o json` prints. */
export type NodeRow = {
  readonly name: string;
  /** By its agent's Lease. What a dead one last said of itself counts for nothing, and is not shown. */
  readonly agent: Liveness;
  /** When the Lease was last renewed, RFC 3339; empty: never. */
  readonly renewed: string;
  readonly groups: readonly GroupOfNode[];
  /** What it answers for on a LAN or announces by BGP, each once. */
  readonly addresses: readonly string[];
  /** Its BGP sessions; absent: no router is named for it, or it is not to be believed. */
  readonly sessions?: Sessions;
  readonly drain: "no" | "draining" | "drained";
  /** What is not as it should be, in words. */
  readonly remarks: readonly string[];
  readonly createdAt: string;
};

/** How many of a node's BGP sessions are established. */
export type Sessions = { readonly established: number; readonly wanted: number };

/** A VIPGroup that a node is a member of. */
export type GroupOfNode = {
  readonly name: string;
  readonly lan: string;
  /** The generation of the list that the node goes by; absent: it has not said. */
  readonly epoch?: number;
  readonly quorum: boolean;
  /** The other members whose heartbeats it hears. */
  readonly hears: readonly string[];
  /** How many other members there are. */
  readonly others: number;
  /** The voters that it can count on; absent: it does not vote. */
  readonly votes?: Votes;
};

/** The rows of all VIPNodes, by name; `nowMs` is since the epoch. */
export function nodeRows(objects: NodeObjects, voting: Voting, nowMs: number): readonly NodeRow[] {
  return objects.vipNodes
    .map((object) => nodeRow(object, objects, voting, nowMs))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function nodeRow(object: VipNodeObject, { leases }: NodeObjects, voting: Voting, nowMs: number): NodeRow {
  const { name, creationTimestamp: createdAt = "" } = object.metadata;
  const { liveness: agent, renewed } = agentOf(leases, name, nowMs);
  const parsed = parseVipNode(object);
  const seen = { name, agent, renewed, createdAt };
  if ("problems" in parsed)
    return { ...seen, groups: [], addresses: [], drain: "no", remarks: [formatProblems(parsed.problems)] };
  const node = parsed.value;
  const believed = !isGone(agent);
  const groups = groupsOf(name, voting, believed);
  const { bgp = [] } = believed ? node : {};
  return {
    ...seen,
    groups,
    addresses: believed ? addressesOf(node) : [],
    ...(bgp.length > 0 && { sessions: countOf(bgp) }),
    drain: drainOf(node, believed),
    remarks: [
      ...agentRemarks(seen),
      ...(believed ? groups.flatMap((group) => groupRemarks(name, group, voting)) : []),
      ...bgp.flatMap(sessionRemarks),
      ...troubles(node),
    ],
  };
}

function groupsOf(node: string, voting: Voting, believed: boolean): readonly GroupOfNode[] {
  const lists = [...voting.groups.values()].filter(({ members }) => members.includes(node));
  return lists.map(({ name, lan, members }) => {
    const others = members.length - 1;
    const sight = believed ? sightOf(node, name, voting) : undefined;
    if (sight === undefined) return { name, lan, quorum: false, hears: [], others };
    const votes = votesFor(node, name, voting);
    const { epoch, quorum, hears } = sight;
    return { name, lan, epoch, quorum, hears, others, ...(votes && { votes }) };
  });
}

function addressesOf({ announcing }: VipNode): readonly string[] {
  return [...new Set(announcing.flatMap(({ addresses }) => addresses.map(formatAddress)))];
}

function countOf(sessions: readonly NodeBgpSession[]): Sessions {
  const established = sessions.filter(({ state }) => state === "Established").length;
  return { established, wanted: sessions.length };
}

function sessionRemarks({ peer, state, message }: NodeBgpSession): readonly string[] {
  return state === "Established" ? [] : [`NoSession: ${peer}: ${message}`];
}

function drainOf({ drain, conditions, announcing }: VipNode, believed: boolean): NodeRow["drain"] {
  if (!drain) return "no";
  const said = conditions.find(({ type }) => type === drainedCondition)?.status === "True";
  const holds = believed && announcing.some(({ addresses }) => addresses.length > 0);
  return !holds && (said || !believed) ? "drained" : "draining";
}

function agentRemarks({ name, agent, renewed }: Pick<NodeRow, "name" | "agent" | "renewed">): readonly string[] {
  if (agent === "leaving") return [`AgentLeaving: the agent on ${name} is stopping`];
  if (agent === "stopped") return [`AgentLeaving: the agent on ${name} has stopped, and another is to follow`];
  if (agent !== "dead") return [];
  return [renewed === "" ? "AgentDead: no agent runs" : `AgentDead: the agent on ${name} does not renew its Lease`];
}

function groupRemarks(name: string, group: GroupOfNode, voting: Voting): readonly string[] {
  const list = voting.groups.get(group.name);
  if (list === undefined) return [];
  if (group.epoch === undefined) return [`its agent has not said yet whether it votes in group ${group.name}`];
  return [
    ...(group.quorum ? [] : [`NoQuorum: node ${name} hears too few members of group ${group.name}`]),
    ...(group.epoch < list.epoch
      ? [`goes by epoch ${group.epoch} of group ${group.name}, which is at ${list.epoch}`]
      : []),
    ...(list.byLease
      ? [`HeartbeatsBlocked: the nodes on ${list.lan} do not hear each other's heartbeats (UDP 7474)`]
      : []),
  ];
}

/** Ready is fine while True; of draining the list has a column of its own; all others tell of trouble while they are True. */
function troubles({ conditions }: VipNode): readonly string[] {
  return conditions
    .filter(
      ({ type, status }) => type !== drainedCondition && (type === "Ready" ? status !== "True" : status === "True"),
    )
    .map(({ reason, message }) => `${reason}: ${message}`);
}
