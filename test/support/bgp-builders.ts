import type { Announceable } from "../../src/announce/bgp-announcers.ts";
import { type BgpAnnouncement, defaultBgp } from "../../src/api/bgp-announcement.ts";
import type { BgpPeer } from "../../src/api/bgp-peer.ts";
import { defaultTimers } from "../../src/api/bgp-timers.ts";
import { address } from "./builders.ts";

/** A router `tor` at 192.0.2.1 of AS 64512, to which every node of AS 64513 announces both families. */
export function peer(changes: Partial<BgpPeer> = {}): BgpPeer {
  return {
    name: "tor",
    uid: "",
    resourceVersion: "1",
    generation: 1,
    labels: {},
    remote: { kind: "address", address: address("192.0.2.1") },
    asn: 64_512,
    localAsn: 64_513,
    port: 179,
    ...defaultTimers,
    gracefulRestart: true,
    families: [4, 6],
    status: { down: [], conditions: [] },
    ...changes,
  };
}

/** An address of `shop/web` that is announced by BGP alone; `bgp` changes how. */
export function routedVip(
  text: string,
  { bgp, ...changes }: Partial<Announceable> & { readonly bgp?: Partial<BgpAnnouncement> } = {},
): Announceable {
  return {
    address: address(text),
    announcement: { bgp: { ...defaultBgp, ...bgp } },
    trafficPolicy: "Cluster",
    services: [{ namespace: "shop", name: "web", uid: "u" }],
    ...changes,
  };
}
