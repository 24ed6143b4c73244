import { isGone, type Liveness } from "../announce/eligibility.ts";
import { isUnheard, viewOf, voterCount, votes } from "../announce/group-facts.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { GroupSpec } from "../api/vip-group.ts";
import type { NodeAnnouncement, NodeRefusal, VipNode } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import { addressName, addressText } from "./address-text.ts";

/** What one node says of the addresses, by the names of their objects, and whether it may be believed. */
export type NodeReport = {
  readonly of: VipNode;
  readonly liveness: Liveness;
  /** What it answers for on a LAN. */
  readonly announcing: ReadonlySet<string>;
  /** What routers were told of by BGP. */
  readonly routing: ReadonlySet<string>;
  readonly refusing: ReadonlyMap<string, NodeRefusal>;
};

/** Who holds an address, or why nobody does. */
export type AddressState = {
  /** The node that answers for it on the LAN, or, of an address that is announced by BGP alone, one of `routers`; empty: none. */
  readonly holder: string;
  /** The nodes that announce it by BGP, sorted by name; absent: it is not announced so. */
  readonly routers?: readonly string[];
  readonly reason: string;
  readonly message: string;
  /** The message without the nodes that announce it by BGP, who come and go; absent: it names none. */
  readonly gist?: string;
  /** Of one that is announced in one of its two ways: why not in the other. */
  readonly besides?: string;
  /** Where it is wanted is not where it is. */
  readonly elsewhere?: true;
  /** What its node says of another station that has the address too; undefined: nothing. */
  readonly conflict?: string;
};

/** Whether anybody announces the address, on the LAN or by BGP. */
export function isAnnounced({ holder, routers = [] }: Pick<AddressState, "holder" | "routers">): boolean {
  return holder !== "" || routers.length > 0;
}

/** The reason with which an agent refuses an address that another station answers for. */
export const conflictReason = "Conflict";

/** A VIPNode's status by address. */
export function nodeReport(node: VipNode, liveness: Liveness): NodeReport {
  return {
    of: node,
    liveness,
    announcing: namesBy(node, ({ protocol }) => protocol !== "BGP"),
    routing: namesBy(node, ({ protocol }) => protocol === "BGP"),
    refusing: new Map(node.refusing.map((refusal) => [addressName(refusal.address), refusal])),
  };
}

function namesBy({ announcing }: VipNode, by: (announcement: NodeAnnouncement) => boolean): ReadonlySet<string> {
  return new Set(announcing.filter(by).flatMap(({ addresses }) => addresses.map(addressName)));
}

/**
 * The nodes whose word counts for an address, each once: where it was, where it is wanted, and who votes for it. Where it was
 * comes first, because a node that comes back says for a moment what it said before it went.
 */
function knownTo({ node, status }: Advertisement, group: GroupSpec | undefined): readonly string[] {
  return [...new Set([status.holder, node, ...(group?.members ?? [])])].filter((name) => name !== "");
}

/**
 * The state of an address on the LAN. A node is believed where the ledger has placed the address, where it was during a planned move,
 * and, if it votes, as a member of the address's group: no node can pull an address to itself from outside. The report
 * of a dead node counts for nothing, and neither does that of one that those with a quorum do not hear.
 */
export function addressState(
  advertisement: Advertisement,
  reports: ReadonlyMap<string, NodeReport>,
  group?: GroupSpec,
): AddressState {
  const { name, address, node } = advertisement;
  const known = knownTo(advertisement, group);
  const refusal = reports.get(node)?.refusing.get(name);
  const conflict = conflictOf(name, known, reports);
  const holder = known.find((each) => answers(each, advertisement, { reports, group }));
  if (holder === undefined) return { holder: "", ...silence(advertisement, { reports, group, refusal }), ...conflict };
  const elsewhere = holder === node ? {} : ({ elsewhere: true } as const);
  return { holder, ...holding(holder, address, group), ...elsewhere, ...conflict };
}

/** What the first of these nodes says of another station that has the address. */
function conflictOf(
  name: string,
  nodes: readonly string[],
  reports: ReadonlyMap<string, NodeReport>,
): Pick<AddressState, "conflict"> {
  for (const node of nodes) {
    const report = reports.get(node);
    const refusal = report === undefined || isGone(report.liveness) ? undefined : report?.refusing.get(name);
    if (refusal?.reason === conflictReason) return { conflict: `${node}: ${refusal.message}` };
  }
  return {};
}

function answers(each: string, { name, node, status }: Advertisement, { reports, group }: Witnesses): boolean {
  const report = reports.get(each);
  if (report === undefined || isGone(report.liveness) || !report.announcing.has(name)) return false;
  if (group !== undefined && isOutvoted(each, group, reports)) return false;
  return each === node || each === status.holder || votes(report.of);
}

/** Whether a node has not been heard by those that have a quorum: what it last said holds no more. */
function isOutvoted(name: string, group: GroupSpec, reports: ReadonlyMap<string, NodeReport>): boolean {
  if (!group.members.includes(name)) return false;
  const members = group.members.flatMap((each) => reports.get(each) ?? []);
  return isUnheard(group, name, {
    vipNodes: new Map(members.map(({ of }) => [of.name, of])),
    liveness: new Map(members.map(({ of, liveness }) => [of.name, liveness])),
  });
}

function holding(
  holder: string,
  address: Address,
  group: GroupSpec | undefined,
): Pick<AddressState, "reason" | "message"> {
  const message = `${holder} answers for ${addressText(address)}`;
  if (group?.byLease !== true) return { reason: "Announced", message };
  const why = `the nodes on ${group.lan} do not hear each other's heartbeats (UDP 7474)`;
  return { reason: "HeartbeatsBlocked", message: `${message} by its Lease alone: ${why}` };
}

type Witnesses = { readonly reports: ReadonlyMap<string, NodeReport>; readonly group: GroupSpec | undefined };

type Silence = Witnesses & { readonly refusal: NodeRefusal | undefined };

function silence(
  { node }: Advertisement,
  { reports, group, refusal }: Silence,
): { readonly reason: string; readonly message: string } {
  if (node === "") return { reason: "NoEligibleNode", message: "no node may announce it at present" };
  const report = reports.get(node);
  if (report === undefined || isGone(report.liveness))
    return { reason: "NodeDown", message: `the agent on ${node} does not run` };
  if (refusal !== undefined) return { reason: refusal.reason, message: `${node}: ${refusal.message}` };
  const divided = group === undefined ? undefined : noQuorum(group, reports);
  if (divided !== undefined) return { reason: "NoQuorum", message: divided };
  return { reason: "NotYetAnnounced", message: `${node} has not announced it yet` };
}

/** What the members hear, if those that live all say that they have no quorum; undefined: one has, or none has said. */
function noQuorum(group: GroupSpec, reports: ReadonlyMap<string, NodeReport>): string | undefined {
  const views = group.members.flatMap((name) => {
    const report = reports.get(name);
    const view = report === undefined || isGone(report.liveness) ? undefined : viewOf(group, report?.of);
    return view === undefined ? [] : [{ ...view, name }];
  });
  if (views.length === 0 || views.some(({ quorum }) => quorum)) return undefined;
  const heard = views.map(({ name, hears }) => `${name} hears ${hears.length === 0 ? "nobody" : hears.join(" and ")}`);
  return `no member of group ${group.name} hears more than half of its ${voterCount(group)} voters: ${heard.join(", ")}`;
}
