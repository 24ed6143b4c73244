import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Collision, collision, type Rival } from "../../../../src/protocols/bgp/collision.ts";

const low = { identifier: 1, asn: 65_001 };
const high = { identifier: 2, asn: 65_002 };

const cases: readonly (readonly [
  name: string,
  rival: Partial<Rival>,
  newer: Rival["initiator"],
  us: typeof low,
  want: Collision,
])[] = [
  ["the peer's connection stays if its identifier is higher", { initiator: "us" }, "peer", low, "close-older"],
  ["our connection stays if our identifier is higher", { initiator: "us" }, "peer", high, "close-newer"],
  ["the order in which the OPENs came changes nothing", { initiator: "peer" }, "us", low, "close-newer"],
  ["the order changes nothing for the higher side either", { initiator: "peer" }, "us", high, "close-older"],
  ["one over which no OPEN came is left alone", { state: "OpenSent" }, "peer", low, "both-stay"],
  ["an Established one stays", { state: "Established" }, "peer", low, "close-newer"],
  [
    "an Established one stays whoever is higher",
    { state: "Established", initiator: "peer" },
    "us",
    high,
    "close-newer",
  ],
  [
    "an Established one is dead if a peer that restarts gracefully begins another",
    { state: "Established", gracefulRestart: true },
    "peer",
    high,
    "close-older-silently",
  ],
  [
    "our own second connection does not end an Established one",
    { state: "Established", gracefulRestart: true, initiator: "peer" },
    "us",
    high,
    "close-newer",
  ],
  ["of two that the peer began the later one stays", { initiator: "peer" }, "peer", high, "close-older"],
  [
    "an Established one with another router at the same address stays",
    { state: "Established", gracefulRestart: true, peerIdentifier: 7 },
    "peer",
    high,
    "close-newer",
  ],
  ["one with another router is left alone until one is Established", { peerIdentifier: 7 }, "peer", low, "both-stay"],
];

describe("Collision (RFC 4271, 6.8)", () => {
  for (const [name, rival, newer, us, want] of cases)
    it(name, () => {
      const peer = us === low ? high : low;
      const known = { peerIdentifier: peer.identifier, gracefulRestart: false };
      const older: Rival = { initiator: "us", state: "OpenConfirm", ...known, ...rival };
      assert.equal(collision(older, newer, us, peer), want);
    });

  it("is decided by the AS numbers if the identifiers are equal (RFC 6286)", () => {
    const peer = { identifier: low.identifier, asn: low.asn + 1 };
    const known = { peerIdentifier: peer.identifier, gracefulRestart: false };
    const older: Rival = { initiator: "us", state: "OpenConfirm", ...known };
    assert.equal(collision(older, "peer", low, peer), "close-older");
    assert.equal(collision(older, "peer", peer, low), "close-newer");
  });

  it("leaves the same connection on both sides", () => {
    const speaker = fc.record({ identifier: fc.nat(3), asn: fc.nat(3) });
    fc.assert(
      fc.property(speaker, speaker, fc.boolean(), fc.boolean(), (a, b, aOlder, bOlder) => {
        fc.pre(a.identifier !== b.identifier || a.asn !== b.asn);
        assert.notEqual(kept(a, b, aOlder), kept(b, a, bOlder));
      }),
    );
  });
});

/** Whose connection one side keeps. */
function kept(us: typeof low, peer: typeof low, oursIsOlder: boolean): "ours" | "theirs" {
  const [initiator, newer] = oursIsOlder ? (["us", "peer"] as const) : (["peer", "us"] as const);
  const older: Rival = { initiator, state: "OpenConfirm", peerIdentifier: peer.identifier, gracefulRestart: true };
  const end = collision(older, newer, us, peer);
  return (end === "close-newer") === oursIsOlder ? "ours" : "theirs";
}
