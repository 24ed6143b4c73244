import type { ClusterNode } from "../api/node.ts";
import { drainedCondition, type VipNode } from "../api/vip-node.ts";
import { ownSessions } from "./bgp-hearers.ts";
import type { Candidate, Liveness } from "./eligibility.ts";
import { strictArpOff } from "./strict-arp.ts";

/** Which states of a Node, besides those that always do, keep addresses away from it. */
export type Respect = { readonly cordon: boolean; readonly outOfService: boolean };

/** None of them. */
export const respectNothing: Respect = { cordon: false, outOfService: false };

type Known = { readonly vipNode: VipNode; readonly text: string; readonly candidate: Candidate };

const known = new WeakMap<ClusterNode, Known>();

/**
 * A node as a candidate for addresses. It is the very same value while nothing has changed that decides where addresses go:
 * what a node announces changes often, and must not make everything be judged again.
 */
export function standingOf(
  vipNode: VipNode,
  node: ClusterNode | undefined,
  liveness: Liveness,
  respect: Respect,
): Candidate {
  if (node === undefined) return { vipNode, node, liveness };
  const before = known.get(node);
  const closed = closedBy(node, respect);
  const stays = before?.candidate.liveness === liveness && before.candidate.closed === closed;
  if (stays && before.vipNode === vipNode) return before.candidate;
  const text = standingText(vipNode);
  const candidate =
    stays && before.text === text ? before.candidate : { vipNode, node, liveness, ...(closed && { closed }) };
  known.set(node, { vipNode, text, candidate });
  return candidate;
}

function closedBy(node: ClusterNode, { cordon, outOfService }: Respect): Candidate["closed"] {
  if (outOfService && node.outOfService) return "OutOfService";
  return cordon && node.cordoned ? "Cordoned" : undefined;
}

/** Whether the node has sessions with routers that its own annotations name, besides those of BGPPeers. */
export function hasOwnPeers(vipNode: Pick<VipNode, "bgp">): boolean {
  return ownSessions(vipNode).length > 0;
}

/** All that decides of a VIPNode where addresses go. */
function standingText({ interfaces, conditions, drain, groups, bgp }: VipNode): string {
  const loose = conditions.find(({ type }) => type === strictArpOff);
  const sessions = bgp?.map(({ peer }) => peer);
  const drained = conditions.some(({ type, status }) => type === drainedCondition && status === "True");
  const facts = [interfaces, conditions.length > 0, loose, drain, drained, groups !== undefined, sessions];
  return JSON.stringify(facts, (_, value) => (typeof value === "bigint" ? String(value) : value));
}
