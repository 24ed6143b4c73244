import type { BgpPeer } from "../api/bgp-peer.ts";
import { shortMessage } from "../api/cut-text.ts";
import { addressKey } from "../net/address.ts";
import { type Announcers, planAnnouncers } from "./bgp-announcers.ts";
import { audienceKey } from "./bgp-hearers.ts";
import type { SessionTimes } from "./bgp-standing.ts";
import { endpointRanks } from "./endpoint-rank.ts";
import type { FieldParts, Placeable } from "./field.ts";
import type { Misplacement } from "./reason.ts";
import { respectNothing, standingOf } from "./standing.ts";
import type { Placement } from "./staying.ts";

/** All that the choice of nodes depends on that announce addresses by BGP. */
export type RoutesView = Omit<FieldParts, "groups"> & {
  readonly addresses: readonly Placeable[];
  readonly peers: readonly BgpPeer[];
  /** Absent: nothing is known of how long sessions have been as they are. */
  readonly sessions?: SessionTimes;
};

/** Whether an address is announced on the LAN, so that a group votes for it. */
export function isOnLan({ announcement: { arp } }: Pick<Placeable, "announcement">): boolean {
  return arp !== undefined;
}

/**
 * The placements of what is announced on the LAN, by `addressKey`, and with them, or alone, the nodes that announce by BGP.
 * What is announced by BGP alone is in no group and on no node. An address is misplaced only if nobody can announce it in any
 * of its ways; if one of them works, the words on the other are in `besides`.
 */
export function withRoutes(
  placements: ReadonlyMap<string, Placement>,
  view: RoutesView,
): ReadonlyMap<string, Placement> {
  const routed = view.addresses.filter(({ announcement: { bgp } }) => bgp !== undefined);
  if (routed.length === 0) return placements;
  const announcersOf = announcersFor(routed, view);
  const all = new Map(placements);
  for (const placeable of routed) {
    const key = addressKey(placeable.address);
    const found = announcersOf(placeable, key);
    if (found !== undefined) all.set(key, joined(placements.get(key), found));
  }
  return all;
}

/** One that all eligible nodes announce stands for all others that are alike: there may be thousands of them. */
function announcersFor(
  routed: readonly Placeable[],
  view: RoutesView,
): (placeable: Placeable, key: string) => Announcers | undefined {
  const examples = new Map<string, string>();
  const chosen: Placeable[] = [];
  for (const placeable of routed) {
    const like = likeness(placeable);
    if (like !== undefined && examples.has(like)) continue;
    if (like !== undefined) examples.set(like, addressKey(placeable.address));
    chosen.push(placeable);
  }
  const candidates = candidatesOf(view);
  const ranks = endpointRanks(view.endpointSlices);
  const { peers, sessions } = view;
  const announcers = planAnnouncers({ vips: chosen, candidates, peers, ranks, ...(sessions && { sessions }) });
  return (placeable, key) => {
    const like = likeness(placeable);
    return announcers.get((like && examples.get(like)) ?? key);
  };
}

/** Equal for addresses that every eligible node announces, and of which the same nodes are eligible; undefined: it is chosen for each. */
function likeness(placeable: Placeable): string | undefined {
  const { announcement, trafficPolicy } = placeable;
  return trafficPolicy === "Local" || announcement.bgp?.nodes !== "All" ? undefined : audienceKey(placeable);
}

function candidatesOf({ vipNodes, nodes, liveness, respect = respectNothing }: RoutesView) {
  const nodeNamed = new Map(nodes.map((node) => [node.name, node]));
  return vipNodes
    .map((vipNode) =>
      standingOf(vipNode, nodeNamed.get(vipNode.name), liveness.get(vipNode.name) ?? "unknown", respect),
    )
    .toSorted((a, b) => (a.vipNode.name < b.vipNode.name ? -1 : 1));
}

const onNoNode: Placement = { group: "", node: "" };

function joined(onLan: Placement | undefined, { announcers, readySeen, misplaced }: Announcers): Placement {
  const routed = { ...(announcers && { announcers }), ...(readySeen && { readySeen }) };
  if (onLan === undefined && announcers === undefined && !readySeen && misplaced === undefined) return onNoNode;
  if (onLan === undefined) return { group: "", node: "", ...routed, ...(misplaced && { misplaced }) };
  const { misplaced: notOnLan, ...placement } = onLan;
  return { ...placement, ...routed, ...together(notOnLan, misplaced) };
}

function together(
  onLan: Misplacement | undefined,
  byBgp: Misplacement | undefined,
): Pick<Placement, "misplaced" | "besides"> {
  if (onLan === undefined) return byBgp === undefined ? {} : { besides: shortMessage(`not by BGP: ${byBgp.message}`) };
  if (byBgp === undefined) return { besides: shortMessage(`not on the LAN: ${onLan.message}`) };
  if (onLan.message === byBgp.message) return { misplaced: onLan };
  const message = shortMessage(`on the LAN: ${onLan.message}; by BGP: ${byBgp.message}`);
  return { misplaced: { reason: onLan.reason, message } };
}
