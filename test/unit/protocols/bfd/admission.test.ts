import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BfdArrival, type BfdPath, BfdSessions, samePath } from "../../../../src/protocols/bfd/admission.ts";
import { address } from "../../../support/builders.ts";
import { packet } from "./packets.ts";

const [peer, other, local] = [address("10.9.0.2"), address("10.9.0.3"), address("10.9.0.1")];
const [linkLocal, ours] = [address("fe80::2"), address("fe80::1")];

const arrival = (said: Partial<BfdArrival> = {}): BfdArrival => ({
  kind: "singleHop",
  source: peer,
  destination: local,
  hops: 255,
  ...said,
});

function sessions(): BfdSessions<string> {
  const paths: readonly (readonly [number, BfdPath])[] = [
    [1, { kind: "singleHop", peer, local }],
    [2, { kind: "singleHop", peer: linkLocal, local: ours, deviceIndex: 7 }],
    [3, { kind: "singleHop", peer: linkLocal, local: ours, deviceIndex: 8 }],
    [4, { kind: "multihop", peer, local, leastHops: 250 }],
    [5, { kind: "multihop", peer, local: other, leastHops: 1 }],
    [6, { kind: "singleHop", peer, local: other }],
  ];
  const all = new BfdSessions<string>();
  for (const [discriminator, path] of paths) all.add({ discriminator, path, session: `session ${discriminator}` });
  return all;
}

const multihop = { kind: "multihop", hops: 250 } as const;
const onCable = { source: linkLocal, destination: ours };
const first = { state: "down", yourDiscriminator: 0 } as const;

describe("which session a packet is for (RFC 5880, 6.3 and 6.8.6)", () => {
  const rows: readonly (readonly [string, Parameters<typeof packet>[0], Partial<BfdArrival>, string])[] = [
    ["by our discriminator", { yourDiscriminator: 1 }, {}, "session 1"],
    ["the first of a session, by both addresses", first, {}, "session 1"],
    ["the first of another with the same peer, to our other address", first, { destination: other }, "session 6"],
    ["one link-local peer on one interface", first, { ...onCable, deviceIndex: 7 }, "session 2"],
    ["its like on another interface", first, { ...onCable, deviceIndex: 8 }, "session 3"],
    ["multihop by both addresses", first, multihop, "session 4"],
    ["multihop to our other address", first, { ...multihop, destination: other, hops: 1 }, "session 5"],
    ["multihop by our discriminator", { yourDiscriminator: 4 }, multihop, "session 4"],
    ["B5.56: a discriminator that nobody has", { yourDiscriminator: 7 }, {}, "UnknownDiscriminator"],
    ["B5.56: TTL 254 on one hop", {}, { hops: 254 }, "Forwarded"],
    ["B5.56: TTL 0 on one hop", first, { hops: 0 }, "Forwarded"],
    ["multihop with less TTL than asked for", { yourDiscriminator: 4 }, { ...multihop, hops: 249 }, "Forwarded"],
    ["the first of a peer that has no session", first, { source: other }, "UnknownPeer"],
    ["the first to an address without one", first, { destination: peer }, "UnknownPeer"],
    ["the first on an interface without one", first, { deviceIndex: 8 }, "UnknownPeer"],
    ["multihop to an address without one", first, { ...multihop, destination: peer }, "UnknownPeer"],
    ["our discriminator, guessed by another station", { yourDiscriminator: 1 }, { source: other }, "OtherPath"],
    ["our discriminator of another address", { yourDiscriminator: 1 }, { destination: other }, "OtherPath"],
    ["our discriminator on another interface", { yourDiscriminator: 1 }, { deviceIndex: 8 }, "OtherPath"],
    ["one hop's discriminator on multihop's port", { yourDiscriminator: 1 }, multihop, "OtherPath"],
  ];
  for (const [name, said, came, want] of rows)
    it(`${name}: ${want}`, () => {
      const admitted = sessions().admit(packet(said), arrival(came));
      assert.equal("session" in admitted ? admitted.session : admitted.reason, want);
    });
});

describe("the sessions of a host", () => {
  it("a discriminator is free if nobody has it and it is not 0", () => {
    const all = sessions();
    assert.deepEqual(
      [0, 1, 7].map((each) => all.isFree(each)),
      [false, false, true],
    );
    all.remove(1);
    assert.equal(all.isFree(1), true);
  });

  it("a session that was removed gets no packets", () => {
    const all = sessions();
    all.remove(1);
    const refused = all.admit(packet({ yourDiscriminator: 1 }), arrival());
    assert.ok("reason" in refused && refused.reason === "UnknownDiscriminator");
  });

  it("no discriminator is given twice", () => {
    const again = {
      discriminator: 1,
      path: { kind: "singleHop", peer, local, deviceIndex: 9 },
      session: "",
    } as const;
    assert.throws(() => sessions().add(again), new RangeError("BFD: discriminator 1 twice"));
  });
});

describe("two paths", () => {
  const onLink: BfdPath = { kind: "singleHop", peer, local, deviceIndex: 7 };
  const distant: BfdPath = { kind: "multihop", peer, local, leastHops: 250 };
  const rows: readonly (readonly [string, BfdPath, BfdPath, boolean])[] = [
    ["of one peer on one interface", onLink, { ...onLink }, true],
    ["of one peer on an interface that was made anew", onLink, { ...onLink, deviceIndex: 8 }, false],
    ["of two peers", onLink, { ...onLink, peer: other }, false],
    ["of one peer with two addresses of ours", onLink, { ...onLink, local: other }, false],
    ["of one hop and of several", onLink, distant, false],
    ["between the same addresses", distant, { ...distant }, true],
    ["from two addresses", distant, { ...distant, local: other }, false],
    ["that take other TTLs", distant, { ...distant, leastHops: 1 }, false],
  ];
  for (const [name, one, two, want] of rows)
    it(`${name} are ${want ? "one" : "two"}`, () => {
      assert.deepEqual([samePath(one, two), samePath(two, one)], [want, want]);
    });
});
