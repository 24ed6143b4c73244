import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { announce, elsewhere, here, holding, memberMac, probe, stranger } from "./holding-machine.ts";

describe("another station that has the address", () => {
  it("is told to the votes, and, if it is no member, defended against", () => {
    const machine = holding();
    machine.claim(10);
    assert.deepEqual(machine.done(), ["votes told"]);
    machine.holdings.tick(1_010);
    assert.ok(machine.done().includes("send defence"));
  });

  it("that is a member is the votes' business alone", () => {
    const machine = holding();
    for (let ms = 0; ms <= 3_000; ms += 100) machine.claim(ms, memberMac);
    assert.deepEqual(new Set(machine.done()), new Set(["votes told"]));
    const probing = holding({ probe: true });
    probing.claim(5, memberMac);
    assert.deepEqual(probing.done(), ["votes told"]);
    probe(probing);
    assert.ok(probing.done().includes("report announced: placed"));
  });

  it("is asked after each second without a quorum, in the groups that have none alone", () => {
    const machine = holding();
    machine.holdings.quorum("another", false, 0);
    machine.holdings.tick(49);
    assert.deepEqual(machine.done(), []);
    machine.holdings.quorum("lan", false, 4_000);
    machine.holdings.tick(5_000);
    assert.deepEqual(machine.done(), ["send probe"]);
  });
});

describe("a machine on two LANs", () => {
  it("answers on the address's own only, also after the address has moved to the other", () => {
    const machine = holding();
    const answered = (): readonly boolean[] => [here, elsewhere].map((where) => machine.holdings.answersFor(where, 0));
    assert.deepEqual(answered(), [true, false]);
    machine.holdings.announce(announce({ interface: "eth1" }), 10);
    assert.deepEqual(answered(), [false, true]);
  });

  it("is not told of another station that has the address on the other LAN", () => {
    const machine = holding();
    for (let ms = 0; ms <= 5_000; ms += 100) machine.claim(ms, stranger, elsewhere);
    assert.deepEqual(machine.done(), []);
    assert.equal(machine.holdings.answersFor(here, 5_000), true);
  });

  it("does not count what left on the other LAN as a probe", () => {
    const machine = holding({ probe: true });
    for (const ms of [0, 15, 30]) machine.holdings.happened(elsewhere, { kind: "probeLeft" }, ms);
    machine.holdings.tick(100);
    assert.deepEqual(machine.done(), []);
  });
});
