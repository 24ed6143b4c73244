import type { BgpPeer } from "../../../src/api/bgp-peer.ts";
import { peer } from "../../support/bgp-builders.ts";
import { address } from "../../support/builders.ts";
import type { Random } from "../random.ts";
import type { RouterConfig } from "./router.ts";

const OWN_ASN = 4_200_000_013;
const holdTimes = [9, 30, 90];

/** The BGPPeer of the router of this number, as it may be. */
export function anyPeer(name: string, place: number, random: Random): BgpPeer {
  const holdTimeSeconds = random.pick(holdTimes);
  return {
    ...plainPeer(name, place),
    asn: random.chance(0.7) ? 64_512 : OWN_ASN,
    labels: { uplink: random.pick(["a", "b"]) },
    holdTimeSeconds,
    keepaliveTimeSeconds: holdTimeSeconds / 3,
    gracefulRestart: random.chance(0.7),
  };
}

/** A router of another AS, 90 s, with graceful restart. */
export function plainPeer(name: string, place: number): BgpPeer {
  return peer({
    name,
    localAsn: OWN_ASN,
    remote: { kind: "address", address: address(`10.0.1.${place}`) },
    labels: { uplink: "a" },
  });
}

/** How the router may be set up towards a node. Its identifier is higher or lower than the node's. */
export function anyConfig(told: BgpPeer, place: number, random: Random): RouterConfig {
  return {
    ...plainConfig(told, place),
    routerId: random.pick([`10.0.1.${place}`, `9.0.1.${place}`]),
    holdTimeSeconds: random.pick(holdTimes),
    families: random.pick([[4, 6], [4, 6], [4, 6], [4]] as const),
    gracefulRestart: random.chance(0.7) ? { notification: random.chance(0.5) } : undefined,
    dialsMs: random.chance(0.5) ? random.between(5_000, 30_000) : undefined,
  };
}

/** It can all that Herald can, and waits. */
export function plainConfig({ asn }: BgpPeer, place: number): RouterConfig {
  return {
    asn,
    routerId: `10.0.1.${place}`,
    holdTimeSeconds: 90,
    families: [4, 6],
    gracefulRestart: { notification: true },
    dialsMs: undefined,
    refuses: "nothing",
    mostPrefixes: Number.POSITIVE_INFINITY,
  };
}
