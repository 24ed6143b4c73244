import { sameAddress } from "../../net/address.ts";
import { addressFamilyNumber, type Notification, type Open, SAFI_UNICAST } from "./message.ts";
import { negotiated } from "./negotiation.ts";
import { notificationOf } from "./notification-codes.ts";
import { isInternal, type RequiredCapability, type SessionSettings } from "./session-settings.ts";

/** Why an OPEN is not accepted: what to answer, and what to say to people. */
export type OpenProblem = { readonly notification: Notification; readonly message: string };

type Check = (peer: Open, ours: Open, settings: SessionSettings) => OpenProblem | undefined;

type Reason = "badPeerAs" | "badIdentifier" | "unsupportedCapability";

const problem = (reason: Reason, message: string, data: readonly number[] = []): OpenProblem => ({
  notification: notificationOf(reason, Uint8Array.from(data)),
  message,
});

const otherSystem: Check = ({ asn }, _, { peerAsn }) =>
  asn === peerAsn ? undefined : problem("badPeerAs", `the peer is AS ${asn}, not AS ${peerAsn}`);

/** RFC 6286, 2.2: only within an autonomous system must the identifiers differ. */
const ownIdentifier: Check = (peer, ours, settings) =>
  isInternal(settings) && sameAddress(peer.routerId, ours.routerId)
    ? problem("badIdentifier", "the peer has this node's router id")
    : undefined;

const capabilityMissing: Check = ({ capabilities }, _, { required, ...settings }) => {
  const missing = required.filter((name) => !capabilities[name]);
  if (missing.length === 0) return undefined;
  const data = missing.flatMap((name) => wanted[name](settings));
  return problem("unsupportedCapability", `the peer lacks ${missing.map((name) => words[name]).join(", ")}`, data);
};

const noCommonFamily: Check = (peer, ours, { families }) => {
  if (negotiated(ours, peer).families.length > 0) return undefined;
  const data = families.flatMap((family) => [1, 4, 0, addressFamilyNumber[family], 0, SAFI_UNICAST]);
  const names = families.map((family) => `IPv${family}`).join(" and ");
  return problem("unsupportedCapability", `the peer does not speak ${names} unicast`, data);
};

/** In order of precedence; what can be seen without knowing the peer, the decoder has already refused. */
const checks: readonly Check[] = [otherSystem, ownIdentifier, capabilityMissing, noCommonFamily];

/** The first reason for which the peer's OPEN is not accepted (RFC 4271, 6.2; RFC 5492, section 5), or undefined. */
export function openProblem(peer: Open, ours: Open, settings: SessionSettings): OpenProblem | undefined {
  for (const check of checks) {
    const found = check(peer, ours, settings);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Wanted = (settings: Omit<SessionSettings, "required">) => readonly number[];

/** The capability as it would stand in an OPEN: RFC 5492 wants those that are missed in the NOTIFICATION. */
const wanted: Readonly<Record<RequiredCapability, Wanted>> = {
  routeRefresh: () => [2, 0],
  extendedNextHop: () => [5, 6, 0, 1, 0, 1, 0, 2],
  extendedMessage: () => [6, 0],
  gracefulRestart: () => [64, 2, 0, 0],
  fourOctetAs: ({ localAsn }) => [
    65,
    4,
    localAsn >>> 24,
    (localAsn >>> 16) & 255,
    (localAsn >>> 8) & 255,
    localAsn & 255,
  ],
};

const words: Readonly<Record<RequiredCapability, string>> = {
  routeRefresh: "route refresh",
  extendedNextHop: "IPv4 routes with IPv6 next hops",
  extendedMessage: "extended messages",
  gracefulRestart: "graceful restart",
  fourOctetAs: "four-octet AS numbers",
};
