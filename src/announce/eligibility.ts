import type { Announcement } from "../api/announcement.ts";
import { selectorMatches } from "../api/label-selector.ts";
import { type ClusterNode, excludeLabel, outOfServiceTaint } from "../api/node.ts";
import type { NodeInterface, VipNode } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import { interfaceFor } from "./interface-for.ts";
import type { Ineligible } from "./reason.ts";
import { strictArpOff } from "./strict-arp.ts";

/**
 * What is known of a node's agent. Alive: its Lease moves. Unknown: it is too early to judge; it keeps what it has, and gets
 * something new only if it votes, because then a wrong guess does no harm. Dead and leaving: others take what it has. Stopped: as
 * dead, but a moment ago, and routers keep its routes for the next one.
 */
export type Liveness = "alive" | "unknown" | "leaving" | "stopped" | "dead";

/** Whether no agent runs there: its last words count for nothing, but those on the routes of one that is stopped. */
export function isGone(liveness: Liveness): boolean {
  return liveness === "dead" || liveness === "stopped";
}

/** A node as placement sees it; without `node` the Kubernetes Node is gone. */
export type Candidate = {
  readonly vipNode: Pick<VipNode, "name" | "interfaces" | "conditions" | "drain" | "groups" | "bgp">;
  readonly node: ClusterNode | undefined;
  readonly liveness: Liveness;
  /** A state of the Node that the options respect and that keeps addresses away. */
  readonly closed?: "Cordoned" | "OutOfService";
};

/** The address to announce and how. */
export type Vip = { readonly address: Address; readonly announcement: Announcement };

type Check = (candidate: Candidate, vip: Vip) => Ineligible | undefined;

const agent: Check = ({ liveness, vipNode: { name, groups } }) => {
  switch (liveness) {
    case "alive":
      return undefined;
    case "unknown":
      if (groups !== undefined) return undefined;
      return { reason: "AgentUnknown", message: `whether the agent on ${name} lives is not known yet` };
    case "dead":
      return { reason: "AgentDead", message: `the agent on ${name} does not renew its Lease` };
    case "leaving":
      return { reason: "AgentLeaving", message: `the agent on ${name} is stopping` };
    case "stopped":
      return { reason: "AgentLeaving", message: `the agent on ${name} has stopped, and another is to follow` };
  }
};

/** Whether the agent has said anything of its node: it has not since a VIPNode was made, also anew for a deleted one. */
export function hasReported({ interfaces, conditions }: Pick<VipNode, "interfaces" | "conditions">): boolean {
  return interfaces.length > 0 || conditions.length > 0;
}

const unreported: Check = ({ vipNode }) =>
  hasReported(vipNode)
    ? undefined
    : { reason: "AgentUnknown", message: `the agent on ${vipNode.name} has not said yet what it sees` };

const nodeGone: Check = ({ node, vipNode: { name } }) =>
  node === undefined ? { reason: "NodeGone", message: `node ${name} does not exist` } : undefined;

type LabelCheck = (
  candidate: Pick<Candidate, "node">,
  vip: { readonly announcement: Pick<Announcement, "nodeSelector"> },
) => Ineligible | undefined;

const excluded: LabelCheck = ({ node }) =>
  node !== undefined && excludeLabel in node.labels
    ? { reason: "NodeExcluded", message: `node ${node.name} has label ${excludeLabel}` }
    : undefined;

const networkUnavailable: Check = ({ node }) =>
  node?.networkUnavailable === true
    ? { reason: "NetworkUnavailable", message: `node ${node.name} has condition NetworkUnavailable` }
    : undefined;

const draining: Check = ({ vipNode: { drain, name } }) =>
  drain ? { reason: "Draining", message: `node ${name} is being drained` } : undefined;

const closed: Check = ({ closed: why, vipNode: { name } }) => {
  if (why === undefined) return undefined;
  const message = why === "Cordoned" ? `node ${name} is cordoned` : `node ${name} has taint ${outOfServiceTaint}`;
  return { reason: why, message };
};

const looseArp: Check = ({ vipNode: { conditions, name } }) => {
  const off = conditions.find(({ type, status }) => type === strictArpOff && status === "True");
  return off === undefined ? undefined : { reason: strictArpOff, message: `node ${name}: ${off.message}` };
};

const notSelected: LabelCheck = ({ node }, { announcement: { nodeSelector } }) =>
  node === undefined || nodeSelector === undefined || selectorMatches(nodeSelector, node.labels)
    ? undefined
    : { reason: "NodeNotSelected", message: `the pool's nodeSelector does not match node ${node.name}` };

/** In order of precedence: the first is the one that a person reads. */
const checks: readonly Check[] = [
  nodeGone,
  excluded,
  notSelected,
  networkUnavailable,
  draining,
  closed,
  agent,
  unreported,
];

/** Why labels keep a node from announcing; undefined: they do not. */
export function barredByLabels({
  node,
  announcement,
}: Pick<Candidate, "node"> & Pick<Vip, "announcement">): Ineligible | undefined {
  return excluded({ node }, { announcement }) ?? notSelected({ node }, { announcement });
}

/** What keeps a node from announcing the address in any way, or undefined; whether it has the means, each protocol asks itself. */
export function ineligibility(candidate: Candidate, vip: Vip): Ineligible | undefined {
  for (const check of checks) {
    const ineligible = check(candidate, vip);
    if (ineligible !== undefined) return ineligible;
  }
  return undefined;
}

/** The interface on which the node can announce the address on a LAN, or why it cannot. */
export function eligibility(candidate: Candidate, vip: Vip): { readonly interface: NodeInterface } | Ineligible {
  return ineligibility(candidate, vip) ?? looseArp(candidate, vip) ?? announcingInterface(candidate, vip);
}

function announcingInterface(
  { vipNode }: Candidate,
  { address, announcement: { arp } }: Vip,
): { readonly interface: NodeInterface } | Ineligible {
  if (arp === undefined) return { reason: "NoInterface", message: "the pool announces its addresses by BGP alone" };
  const place = interfaceFor(address, arp.interfaces, vipNode.interfaces);
  if ("reason" in place) return { reason: place.reason, message: `node ${vipNode.name}: ${place.message}` };
  const found = vipNode.interfaces.find(({ name }) => name === place.interface);
  if (found === undefined) throw new Error(`interface ${place.interface} of node ${vipNode.name} vanished`);
  return { interface: found };
}
