import type { Announcement } from "../api/announcement.ts";
import { selectorMatches } from "../api/label-selector.ts";
import { type ClusterNode, excludeLabel } from "../api/node.ts";
import type { NodeInterface, VipNode } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import { interfaceFor } from "./interface-for.ts";
import type { Ineligible } from "./reason.ts";

export { type CandidateInterface, interfaceFor } from "./interface-for.ts";
export type { IneligibilityReason, Ineligible } from "./reason.ts";

/**
 * What is known of a node's agent. Alive: its Lease moves. Unknown: it is too early to judge; it keeps what it has and
 * gets nothing new. Dead and leaving: it loses what it has to others that can take it.
 */
export type Liveness = "alive" | "unknown" | "dead" | "leaving";

/** A node as placement sees it; without `node` the Kubernetes Node is gone. */
export type Candidate = {
  readonly vipNode: VipNode;
  readonly node: ClusterNode | undefined;
  readonly liveness: Liveness;
};

/** The address to announce and how. */
export type Subject = { readonly address: Address; readonly announcement: Announcement };

type Check = (candidate: Candidate, subject: Subject) => Ineligible | undefined;

const agent: Check = ({ liveness, vipNode: { name } }) => {
  switch (liveness) {
    case "alive":
      return undefined;
    case "unknown":
      return { reason: "AgentUnknown", message: `whether the agent on ${name} lives is not known yet` };
    case "dead":
      return { reason: "AgentDead", message: `the agent on ${name} does not renew its Lease` };
    case "leaving":
      return { reason: "AgentLeaving", message: `the agent on ${name} is stopping` };
  }
};

const nodeGone: Check = ({ node, vipNode: { name } }) =>
  node === undefined ? { reason: "NodeGone", message: `node ${name} does not exist` } : undefined;

const excluded: Check = ({ node }) =>
  node !== undefined && excludeLabel in node.labels
    ? { reason: "NodeExcluded", message: `node ${node.name} has label ${excludeLabel}` }
    : undefined;

const networkUnavailable: Check = ({ node }) =>
  node?.networkUnavailable === true
    ? { reason: "NetworkUnavailable", message: `node ${node.name} has condition NetworkUnavailable` }
    : undefined;

const notSelected: Check = ({ node }, { announcement: { nodeSelector } }) =>
  node === undefined || nodeSelector === undefined || selectorMatches(nodeSelector, node.labels)
    ? undefined
    : { reason: "NodeNotSelected", message: `the pool's nodeSelector does not match node ${node.name}` };

/** In order of precedence: the first is the one that a person reads. */
const checks: readonly Check[] = [nodeGone, excluded, notSelected, networkUnavailable, agent];

/** The interface on which the node can announce the address, or why it cannot. */
export function eligibility(
  candidate: Candidate,
  subject: Subject,
): { readonly interface: NodeInterface } | Ineligible {
  for (const check of checks) {
    const ineligible = check(candidate, subject);
    if (ineligible !== undefined) return ineligible;
  }
  return announcingInterface(candidate, subject);
}

function announcingInterface(
  { vipNode }: Candidate,
  { address, announcement }: Subject,
): { readonly interface: NodeInterface } | Ineligible {
  const place = interfaceFor(address, announcement.arp.interfaces, vipNode.interfaces);
  if ("reason" in place) return { reason: place.reason, message: `node ${vipNode.name}: ${place.message}` };
  const found = vipNode.interfaces.find(({ name }) => name === place.interface);
  if (found === undefined) throw new Error(`interface ${place.interface} of node ${vipNode.name} vanished`);
  return { interface: found };
}
