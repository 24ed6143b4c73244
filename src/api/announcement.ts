import type { Announcement as AnnouncementObject } from "./generated/ippool-v1beta1.ts";
import { parseInterfacePattern } from "./interface-pattern.ts";
import { type LabelSelector, selectorObject } from "./label-selector.ts";
import type { Problem } from "./problem.ts";

/** How a pool's addresses are made reachable; every advertisement carries a copy, so that an agent needs no pool. */
export type Announcement = {
  /** Which nodes may announce; absent: all. */
  readonly nodeSelector?: LabelSelector;
  readonly arp: ArpAnnouncement;
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

/** How an address is announced where nothing is said: by ARP and NDP, from any node, on the interface that suits it. */
export const defaultAnnouncement: Announcement = { arp: { interfaces: [], mode: "Responder", conflictCheck: "On" } };

/** The value of `spec.announcement` at a path, with the defaults of the schema; a pattern that parseInterfacePattern does not read is a problem. */
export function parseAnnouncement(
  object: AnnouncementObject | undefined,
  path: string,
): { readonly announcement: Announcement; readonly problems: readonly Problem[] } {
  const arp: ArpAnnouncement = { ...defaultAnnouncement.arp, ...object?.arp };
  const announcement = object?.nodeSelector === undefined ? { arp } : { nodeSelector: object.nodeSelector, arp };
  const problems = arp.interfaces.flatMap((text, i) => interfaceProblem(text, `${path}.arp.interfaces[${i}]`));
  return { announcement, problems };
}

/** The `announcement` to write: the inverse of parseAnnouncement. */
export function announcementObject({ nodeSelector, arp }: Announcement): AnnouncementObject {
  const object: AnnouncementObject = { arp: { ...arp, interfaces: [...arp.interfaces] } };
  return nodeSelector === undefined ? object : { ...object, nodeSelector: selectorObject(nodeSelector) };
}

function interfaceProblem(text: string, path: string): readonly Problem[] {
  if (!text.startsWith("/")) return [];
  const parsed = parseInterfacePattern(text.slice(1, -1));
  return "problem" in parsed ? [{ path, message: `${text} is no regular expression: ${parsed.problem}` }] : [];
}
