import { announcedLength, type BgpAnnouncement } from "../api/bgp-announcement.ts";
import type { TrafficPolicy } from "../api/vip-advertisement.ts";
import { type Address, addressKey, bitLength } from "../net/address.ts";
import { maskedPrefix, type Prefix } from "../net/prefix.ts";

/** The prefix in which an address is announced: itself, or the aggregate that it lies in. */
function announcedPrefix(address: Address, bgp: Pick<BgpAnnouncement, "aggregate">): Prefix {
  return maskedPrefix({ address, length: announcedLength(bgp, address.family) });
}

/**
 * The prefix of an address's route: as `announcedPrefix`, except that one of policy Local has a route of its own beside its
 * pool's aggregate. That one is longer, so its traffic goes to the nodes with an endpoint, whatever the aggregate says.
 */
export function routePrefix(
  { address, trafficPolicy }: { readonly address: Address; readonly trafficPolicy: TrafficPolicy },
  bgp: Pick<BgpAnnouncement, "aggregate">,
): Prefix {
  return trafficPolicy === "Local" ? { address, length: bitLength(address.family) } : announcedPrefix(address, bgp);
}

/** A key for maps and sets, equal exactly for equal prefixes without host bits; not for people. */
export function prefixKey({ address, length }: Prefix): string {
  return `${addressKey(address)}/${length}`;
}
