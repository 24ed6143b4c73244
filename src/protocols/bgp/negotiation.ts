import type { Family } from "../../net/address.ts";
import { capabilityCode } from "./capabilities.ts";
import type { Capabilities, Negotiated, Open } from "./message.ts";

/** What two OPENs agree on: what both sides said that they can do. */
export function negotiated(ours: Open, theirs: Open): Negotiated {
  const [mine, peers] = [ours.capabilities, theirs.capabilities];
  const peersFamilies = spokenFamilies(peers);
  return {
    internal: ours.asn === theirs.asn,
    families: spokenFamilies(mine).filter((family) => peersFamilies.includes(family)),
    routeRefresh: mine.routeRefresh && peers.routeRefresh,
    fourOctetAs: mine.fourOctetAs && peers.fourOctetAs,
    extendedMessage: mine.extendedMessage && peers.extendedMessage,
    extendedNextHop: mine.extendedNextHop && peers.extendedNextHop,
  };
}

/** Who names no family at all speaks IPv4 unicast, as all did before RFC 4760. */
function spokenFamilies({ families, other }: Capabilities): readonly Family[] {
  const namesOthers = other.some(({ code }) => code === capabilityCode.multiprotocol);
  return families.length > 0 || namesOthers ? families : [4];
}
