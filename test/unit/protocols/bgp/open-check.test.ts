import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Capabilities, Open } from "../../../../src/protocols/bgp/message.ts";
import { openProblem } from "../../../../src/protocols/bgp/open-check.ts";
import { ownOpen } from "../../../../src/protocols/bgp/session-open.ts";
import type { SessionSettings } from "../../../../src/protocols/bgp/session-settings.ts";
import { address, peerCapabilities, settings } from "./session-rig.ts";

type Case = {
  readonly name: string;
  readonly own?: Partial<SessionSettings>;
  readonly open?: Partial<Open>;
  readonly can?: Partial<Capabilities>;
  /** Subcode, data and words. */
  readonly want?: readonly [number, readonly number[], string];
};

const sameSystem = { localAsn: 64_500, peerAsn: 64_500 };
const multiprotocol = (family: 1 | 2) => [1, 4, 0, family, 0, 1];

const cases: readonly Case[] = [
  { name: "the expected peer" },
  { name: "another AS", open: { asn: 64_499 }, want: [2, [], "the peer is AS 64499, not AS 64500"] },
  { name: "a four-octet AS", own: { peerAsn: 4_200_000_000 }, open: { asn: 4_200_000_000 } },
  {
    name: "AS_TRANS without a number behind it",
    own: { peerAsn: 4_200_000_000 },
    open: { asn: 23_456 },
    can: { fourOctetAs: false },
    want: [2, [], "the peer is AS 23456, not AS 4200000000"],
  },
  { name: "a two-octet AS of a peer that knows no others", can: { fourOctetAs: false } },
  { name: "our own identifier over eBGP (RFC 6286)", open: { routerId: address("10.0.0.1") } },
  { name: "iBGP", own: sameSystem },
  {
    name: "our own identifier over iBGP",
    own: sameSystem,
    open: { routerId: address("10.0.0.1") },
    want: [3, [], "the peer has this node's router id"],
  },
  {
    name: "our own AS where another was expected",
    open: { asn: 64_512 },
    want: [2, [], "the peer is AS 64512, not AS 64500"],
  },
  { name: "one common family", can: { families: [6] } },
  { name: "no families, which is IPv4 (RFC 4760)", own: { families: [4] }, can: { families: [] } },
  {
    name: "no families, for IPv6",
    own: { families: [6] },
    can: { families: [] },
    want: [7, multiprotocol(2), "the peer does not speak IPv6 unicast"],
  },
  {
    name: "only families of other kinds",
    can: { families: [], other: [{ code: 1, value: Uint8Array.of(0, 25, 0, 70) }] },
    want: [7, [...multiprotocol(1), ...multiprotocol(2)], "the peer does not speak IPv4 and IPv6 unicast"],
  },
  {
    name: "missing capabilities",
    own: { required: ["fourOctetAs", "extendedNextHop", "routeRefresh", "gracefulRestart", "extendedMessage"] },
    can: { fourOctetAs: false },
    want: [
      7,
      [65, 4, 0, 0, 252, 0, 5, 6, 0, 1, 0, 1, 0, 2, 64, 2, 0, 0, 6, 0],
      "the peer lacks four-octet AS numbers, IPv4 routes with IPv6 next hops, graceful restart, extended messages",
    ],
  },
  {
    name: "a missing route refresh",
    own: { required: ["routeRefresh"] },
    can: { routeRefresh: false },
    want: [7, [2, 0], "the peer lacks route refresh"],
  },
  { name: "required capabilities that are there", own: { required: ["fourOctetAs", "routeRefresh"] } },
  {
    name: "a wrong AS and no common family: the AS first",
    open: { asn: 1 },
    can: { families: [] },
    own: { families: [6] },
    want: [2, [], "the peer is AS 1, not AS 64500"],
  },
];

describe("An OPEN of", () => {
  for (const { name, own, open, can, want } of cases)
    it(`${name} is ${want === undefined ? "accepted" : `refused with 2/${want[0]}`}`, () => {
      const mine = settings(own);
      const peer: Open = {
        kind: "open",
        asn: mine.peerAsn,
        holdTimeSeconds: 90,
        routerId: address("10.0.0.2"),
        capabilities: { ...peerCapabilities, ...can },
        ...open,
      };
      const problem = openProblem(peer, ownOpen(mine, { restarting: false, bare: false }), mine);
      const found = problem && [problem.notification.subcode, [...problem.notification.data], problem.message];
      assert.deepEqual(found, want);
      if (problem !== undefined) assert.equal(problem.notification.code, 2);
    });
});
