import type { Advertisement } from "../../api/vip-advertisement.ts";
import { drainedCondition, type VipNodeObject } from "../../api/vip-node.ts";
import { formatAddress } from "../../net/address.ts";

/** What a node's agent says; nothing of it if the agent is dead. */
export type Holding = {
  readonly node: string;
  /** The addresses that it answers for or announces by BGP, as text. */
  readonly announced: ReadonlySet<string>;
  /** Why it has not left its routers yet; absent: it has, or has none. */
  readonly inSession?: string;
};

/** Those of them that a node answers for on a LAN, or announces by BGP. */
export function heldBy(holding: Holding, advertisements: readonly Advertisement[]): readonly Advertisement[] {
  return advertisements.filter((each) => isHeldBy(holding, each));
}

/** Whether a node answers for an address on a LAN, or announces it by BGP; of many that do the claim names only the first. */
export function isHeldBy(
  { node, announced }: Holding,
  { address, status: { holder, holders = [] } }: Pick<Advertisement, "address" | "status">,
): boolean {
  return holder === node || holders.includes(node) || announced.has(formatAddress(address));
}

/** Whether it is announced by BGP alone, so that it does not move: other nodes go on, this one withdraws its routes. */
export function isRouted({ announcement: { arp } }: Pick<Advertisement, "announcement">): boolean {
  return arp === undefined;
}

/** Who has an address now: `node2`, or the nodes that announce it by BGP; empty: nobody. */
export function holdersOf({ status: { holder, holders = [] } }: Pick<Advertisement, "status">): string {
  return holders.length > 0 ? holders.join(", ") : holder;
}

/** Why an address is still on a node that is drained, in the words of its condition where there are some. */
export function whyStill(advertisement: Advertisement, node: string): string {
  const { node: wanted, status } = advertisement;
  const { holder, conditions } = status;
  const said = conditions.find(({ type, status }) => type === "Announced" && status === "False");
  if (said !== undefined) return `${said.reason}: ${said.message}`;
  if (wanted !== node && wanted !== "") return `wanted on ${wanted}, which does not hold it yet`;
  if (isRouted(advertisement))
    return holdersOf(advertisement) === "" ? "no other announces it" : "routers still have it";
  return holder === node ? "no other node is given it" : "nobody answers for it";
}

/** What a node's agent says that it answers for; while it lives, it is the first to know. */
export function announcedBy({ status }: VipNodeObject): ReadonlySet<string> {
  return new Set((status?.announcing ?? []).flatMap(({ addresses }) => addresses));
}

/** Why a node that is drained has not left its routers yet, in the words of its agent; undefined: it has, or has none. */
export function whyInSession({ status }: VipNodeObject): string | undefined {
  if ((status?.bgp ?? []).length === 0) return undefined;
  const drained = status?.conditions?.find(({ type }) => type === drainedCondition);
  return drained?.status === "True"
    ? undefined
    : (drained?.message ?? "its agent has not said that it left its routers");
}
