import type { Liveness } from "../announce/eligibility.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { NodeRefusal, VipNode } from "../api/vip-node.ts";
import { addressName, addressText } from "./address-text.ts";

/** What one node says of the addresses, by the names of their objects, and whether it may be believed. */
export type NodeReport = {
  readonly of: VipNode;
  readonly liveness: Liveness;
  readonly announcing: ReadonlySet<string>;
  readonly refusing: ReadonlyMap<string, NodeRefusal>;
};

/** Who holds an address, or why nobody does. */
export type AddressState = {
  /** The node that answers for it; empty: none. */
  readonly holder: string;
  readonly reason: string;
  readonly message: string;
  /** What its node says of another station that has the address too; undefined: nothing. */
  readonly conflict?: string;
};

/** The reason with which an agent refuses an address that another station answers for. */
export const conflictReason = "Conflict";

/** A VIPNode's status by address. */
export function nodeReport(node: VipNode, liveness: Liveness): NodeReport {
  return {
    of: node,
    liveness,
    announcing: new Set(node.announcing.flatMap(({ addresses }) => addresses.map(addressName))),
    refusing: new Map(node.refusing.map((refusal) => [addressName(refusal.address), refusal])),
  };
}

/**
 * The state of an address. A node is believed only where the ledger has placed the address, or, during a planned move, where
 * it was: so no node can pull an address to itself by saying that it has it. A dead node's report counts for nothing.
 */
export function addressState(
  { name, address, node, status }: Advertisement,
  reports: ReadonlyMap<string, NodeReport>,
): AddressState {
  const refusal = reports.get(node)?.refusing.get(name);
  const conflict = refusal?.reason === conflictReason ? { conflict: `${node}: ${refusal.message}` } : {};
  const holder = [node, status.holder].find((each) => answers(reports.get(each), name));
  if (holder !== undefined)
    return { holder, reason: "Announced", message: `${holder} answers for ${addressText(address)}`, ...conflict };
  return { holder: "", ...silence(node, reports.get(node), refusal), ...conflict };
}

function answers(report: NodeReport | undefined, name: string): boolean {
  return report !== undefined && report.liveness !== "dead" && report.announcing.has(name);
}

function silence(
  node: string,
  report: NodeReport | undefined,
  refusal: NodeRefusal | undefined,
): { readonly reason: string; readonly message: string } {
  if (node === "") return { reason: "NoEligibleNode", message: "no node may announce it at present" };
  if (report === undefined || report.liveness === "dead")
    return { reason: "NodeDown", message: `the agent on ${node} does not run` };
  if (refusal !== undefined) return { reason: refusal.reason, message: `${node}: ${refusal.message}` };
  return { reason: "NotYetAnnounced", message: `${node} has not announced it yet` };
}
