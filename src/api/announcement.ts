import { type BgpAnnouncement, bgpObject, parseBgpAnnouncement } from "./bgp-announcement.ts";
import type { Announcement as AnnouncementObject } from "./generated/ippool-v1beta1.ts";
import { parseInterfacePattern } from "./interface-pattern.ts";
import { type LabelSelector, selectorObject } from "./label-selector.ts";
import type { Problem } from "./problem.ts";

/** How a pool's addresses are made reachable, in at least one way; every advertisement carries a copy, so that an agent needs no pool. */
export type Announcement = {
  /** Which nodes may announce; absent: all. */
  readonly nodeSelector?: LabelSelector;
  /** Absent: not on the LAN. */
  readonly arp?: ArpAnnouncement;
  /** Absent: not to routers. */
  readonly bgp?: BgpAnnouncement;
};

/** Announcing on a LAN: ARP for IPv4, NDP for IPv6. */
export type ArpAnnouncement = {
  /** Names or `/regular expressions/`; empty: the interface whose subnet holds the address, else the default route's. */
  readonly interfaces: readonly string[];
  readonly mode: ArpMode;
  /** On: before the cluster uses an address for the first time, the LAN is asked whether somebody has it. */
  readonly conflictCheck: "On" | "Off";
};

/** Responder: Herald answers itself, nothing is put on the interface. Address: the address is put on the interface. */
export type ArpMode = "Responder" | "Address";

/** How an address is announced on a LAN where nothing is said: on the interface that suits it. */
export const defaultArp: ArpAnnouncement = { interfaces: [], mode: "Responder", conflictCheck: "On" };

/** How an address is announced where nothing is said: by ARP and NDP, from any node, on the interface that suits it. */
export const defaultAnnouncement = { arp: defaultArp } as const satisfies Announcement;

/**
 * The value of `spec.announcement` at a path, with the defaults of the schema: by ARP and NDP, unless only BGP is given. A pattern
 * that parseInterfacePattern does not read, and whatever parseBgpAnnouncement cannot read, is a problem each.
 */
export function parseAnnouncement(
  object: AnnouncementObject | undefined,
  path: string,
): { readonly announcement: Announcement; readonly problems: readonly Problem[] } {
  const { nodeSelector, bgp: routed } = object ?? {};
  const onLan = object?.arp !== undefined || routed === undefined;
  const arp = onLan ? { ...defaultArp, ...object?.arp } : undefined;
  const { bgp, problems = [] } = routed === undefined ? {} : parseBgpAnnouncement(routed, `${path}.bgp`);
  const patterns = arp?.interfaces.flatMap((text, i) => interfaceProblem(text, `${path}.arp.interfaces[${i}]`));
  return {
    announcement: { ...(nodeSelector && { nodeSelector }), ...(arp && { arp }), ...(bgp && { bgp }) },
    problems: [...(patterns ?? []), ...problems],
  };
}

/** The `announcement` to write: the inverse of parseAnnouncement. */
export function announcementObject({ nodeSelector, arp, bgp }: Announcement): AnnouncementObject {
  return {
    ...(arp && { arp: { ...arp, interfaces: [...arp.interfaces] } }),
    ...(bgp && { bgp: bgpObject(bgp) }),
    ...(nodeSelector && { nodeSelector: selectorObject(nodeSelector) }),
  };
}

function interfaceProblem(text: string, path: string): readonly Problem[] {
  if (!text.startsWith("/")) return [];
  const parsed = parseInterfacePattern(text.slice(1, -1));
  return "problem" in parsed ? [{ path, message: `${text} is no regular expression: ${parsed.problem}` }] : [];
}
