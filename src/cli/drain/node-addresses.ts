import type { Advertisement } from "../../api/vip-advertisement.ts";
import type { VipNodeObject } from "../../api/vip-node.ts";

/** Those of them that a node answers for. */
export function heldBy(node: string, advertisements: readonly Advertisement[]): readonly Advertisement[] {
  return advertisements.filter(({ status }) => status.holder === node);
}

/** Why an address is still on a node that is drained, in the words of its condition where there are some. */
export function whyStill({ node: wanted, status: { holder, conditions } }: Advertisement, node: string): string {
  const said = conditions.find(({ type, status }) => type === "Announced" && status === "False");
  if (said !== undefined) return `${said.reason}: ${said.message}`;
  if (wanted !== node && wanted !== "") return `wanted on ${wanted}, which does not hold it yet`;
  return holder === node ? "no other node is given it" : "nobody answers for it";
}

/** What a node's agent says that it answers for; while it lives, it is the first to know. */
export function announcedBy({ status }: VipNodeObject): readonly string[] {
  return (status?.announcing ?? []).flatMap(({ addresses }) => addresses);
}
