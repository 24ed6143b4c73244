import type { BgpAnnouncement } from "../api/bgp-announcement.ts";
import { type BgpPeer, isInternal } from "../api/bgp-peer.ts";
import { type Community, gracefulShutdown, type LargeCommunity } from "../api/community.ts";

/** The attributes of a route as a peer is told them; the next hop is the session's to add. */
export type RouteAttributes = {
  readonly origin: "igp";
  /** One AS_SEQUENCE of the own number; empty over iBGP. */
  readonly asPath: readonly number[];
  /** MULTI_EXIT_DISC */
  readonly med?: number;
  /** LOCAL_PREF; only over iBGP (RFC 4271, section 5.1.5). */
  readonly localPref?: number;
  /** Sorted, each once. */
  readonly communities: readonly Community[];
  /** Sorted, each once. */
  readonly largeCommunities: readonly LargeCommunity[];
};

/** Gives the attributes for an announcement, the very same object for equal ones. */
export type AttributeSource = (bgp: BgpAnnouncement) => RouteAttributes;

/**
 * What one peer is told with the routes. While the node is shutting down every route carries GRACEFUL_SHUTDOWN, and over iBGP
 * the least LOCAL_PREF, so that routers turn to other nodes before it is gone (RFC 8326, section 4).
 */
export function attributesFor(peer: Pick<BgpPeer, "asn" | "localAsn">, shutting: boolean): AttributeSource {
  const byText = new Map<string, RouteAttributes>();
  const byObject = new Map<BgpAnnouncement, RouteAttributes>();
  return (bgp) => {
    const known = byObject.get(bgp);
    if (known !== undefined) return known;
    const made = attributes(bgp, peer, shutting);
    const text = JSON.stringify(made);
    const same = byText.get(text) ?? made;
    byText.set(text, same);
    byObject.set(bgp, same);
    return same;
  };
}

function attributes(bgp: BgpAnnouncement, peer: Pick<BgpPeer, "asn" | "localAsn">, shutting: boolean): RouteAttributes {
  const internal = isInternal(peer);
  const communities = shutting ? [...bgp.communities, gracefulShutdown] : bgp.communities;
  return {
    origin: "igp",
    asPath: internal ? [] : Array<number>(1 + bgp.prepend).fill(peer.localAsn),
    ...(bgp.med !== undefined && { med: bgp.med }),
    ...(internal && { localPref: shutting ? 0 : bgp.localPreference }),
    communities: [...new Set(communities)].sort((a, b) => a - b),
    largeCommunities: sortedOnce(bgp.largeCommunities),
  };
}

function sortedOnce(communities: readonly LargeCommunity[]): readonly LargeCommunity[] {
  return [...new Map(communities.map((each) => [each.join(":"), each])).values()].sort(
    (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2],
  );
}
