import { type Announcement, defaultArp } from "./announcement.ts";
import { defaultBgp, type NodeCount } from "./bgp-announcement.ts";

/** How an address can be announced: ARP stands for NDP too. */
export type AnnouncingProtocol = "arp" | "bgp";

/** What of an announcement a Service may set by annotation, where the pool's `allowOverrides` names it. */
export type Override = "protocols" | "nodes";

/** What a Service sets of its pool's announcement. */
export type AnnouncementOverrides = {
  /** Each once; undefined: as the pool says. */
  readonly protocols?: readonly AnnouncingProtocol[];
  /** How many nodes announce it by BGP; undefined: as the pool says. */
  readonly nodes?: NodeCount;
};

/** The announcement of a Service's address, and what of its overrides the pool does not permit. */
export type Overridden = { readonly announcement: Announcement; readonly denied: readonly Override[] };

/**
 * A pool's announcement with a Service's overrides, as far as the pool permits them: a protocol that the pool does not
 * announce by is used with its defaults. The very same announcement if nothing is overridden.
 */
export function overriddenAnnouncement(
  announcement: Announcement,
  overrides: AnnouncementOverrides,
  allowed: ReadonlySet<Override>,
): Overridden {
  const { protocols, nodes } = overrides;
  const denied = (["protocols", "nodes"] as const).filter(
    (each) => overrides[each] !== undefined && !allowed.has(each),
  );
  let result = announcement;
  if (protocols !== undefined && allowed.has("protocols")) result = withProtocols(result, protocols);
  if (nodes !== undefined && allowed.has("nodes")) result = withNodes(result, nodes);
  return { announcement: result, denied };
}

function withProtocols(
  { nodeSelector, arp, bgp }: Announcement,
  protocols: readonly AnnouncingProtocol[],
): Announcement {
  return {
    ...(nodeSelector && { nodeSelector }),
    ...(protocols.includes("arp") && { arp: arp ?? defaultArp }),
    ...(protocols.includes("bgp") && { bgp: bgp ?? defaultBgp }),
  };
}

function withNodes(announcement: Announcement, nodes: NodeCount): Announcement {
  return announcement.bgp === undefined ? announcement : { ...announcement, bgp: { ...announcement.bgp, nodes } };
}
