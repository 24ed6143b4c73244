import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Member, type Memory } from "../../../../src/announce/votes/member.ts";
import { soundMemory } from "../../../../src/announce/votes/memory.ts";
import type { Address } from "../../../../src/net/address.ts";
import { Network } from "./network.ts";
import { heartbeat } from "./views.ts";

const address: Address = { family: 4, value: 0x0a000001n };
const vote = { node: "x", boot: "2", claim: 1, priority: 0 };
const entry = { address: "10.0.0.1", term: 1, generation: 1, vote };
const memory = (members: readonly string[]): Memory => ({
  list: { epoch: 2, members, witness: false, forced: false },
  addresses: [entry],
});
const wishes = [{ address, node: "me", generation: 1, willing: true }];

/** A member that remembers this since 0, is linked to y, and wants the address. */
function restarted(remembered: Memory | undefined): { readonly member: Member; readonly run: (toMs: number) => void } {
  const options = { node: "me", boot: 9n, intervalMs: 100, withoutQuorum: "Keep", memory: remembered } as const;
  const member = new Member(options, 0);
  member.setList({ epoch: 2, members: ["me", "y"], witness: false, forced: false }, 0);
  member.setWishes(wishes, 0);
  let nowMs = 0;
  let seq = 0;
  const run = (toMs: number): void => {
    for (; nowMs <= toMs; nowMs += 10) {
      const sent = member.outbox(nowMs).filter(({ to }) => to === "y");
      const ack = { boot: 9n, seq: sent.at(-1)?.heartbeat.seq ?? 0 };
      if (ack.seq > 0) member.heard("y", heartbeat({ boot: 3n, seq: ++seq, ack, epoch: 2 }), nowMs);
      member.tick(nowMs);
    }
  };
  return { member, run };
}

describe("Rules 5, 13: a vote that was remembered", () => {
  it("for somebody who has left the list meanwhile goes on for 5 intervals: he may count it still", () => {
    const { member, run } = restarted(memory(["me", "y"]));
    run(490);
    assert.equal(member.stateOf(address), undefined);
    run(520);
    assert.equal(member.stateOf(address), "claims");
  });

  it("keeps members that all restart just after the list lost the holder from having a second one beside it", () => {
    const network = new Network({ names: ["a", "b", "c"] });
    network.wish(wishes.map((wish) => ({ ...wish, node: "a" })));
    network.run(1_500);
    network.list({ epoch: 2, members: ["b", "c"], witness: false, forced: false }, ["b", "c"]);
    network.run(230);
    for (const name of ["b", "c"]) {
      network.kill(name);
      network.start(name);
    }
    let two = 0;
    network.run(2_000, () => {
      if (network.answering(address).length > 1) two += 1;
    });
    assert.equal(two, 0);
    assert.equal(network.answering(address).length, 1);
  });

  it("leaves an address with its owner when all restart, though it comes 1.5 s after the others", () => {
    const network = new Network({ names: ["a", "b", "c"] });
    network.wish(wishes.map((wish) => ({ ...wish, node: "a" })));
    network.run(1_500);
    assert.deepEqual(network.answering(address), ["a"]);
    for (const name of ["a", "b", "c"]) network.kill(name);
    for (const name of ["b", "c"]) network.start(name);
    network.run(1_500);
    assert.deepEqual(network.answering(address), []);
    network.start("a");
    network.run(1_000);
    assert.deepEqual(network.answering(address), ["a"]);
  });

  it("for a member goes on for 5 intervals", () => {
    const { member, run } = restarted({ ...memory(["me", "x", "y"]) });
    run(490);
    assert.equal(member.stateOf(address), undefined);
  });
});

describe("Rule 13: what was stored", () => {
  it("is taken up as it is if all of it can be understood", () => {
    const all = { ...memory(["me", "x"]), forcedEpoch: 2 };
    assert.equal(soundMemory(all), all);
    assert.ok(soundMemory({ list: undefined, addresses: [] }));
  });

  const damaged: readonly (readonly [string, unknown])[] = [
    ["an address", { ...entry, address: "10.0.0.256" }],
    ["no address", { ...entry, address: undefined }],
    ["a term", { ...entry, term: "1" }],
    ["a negative generation", { ...entry, generation: -1 }],
    ["a process", { ...entry, vote: { ...vote, boot: "x" } }],
    ["no claim", { ...entry, vote: { node: "x", boot: "2", priority: 0 } }],
  ];
  for (const [what, addresses] of damaged)
    it(`counts as lost if ${what} of it cannot be understood, so that nobody votes before 5 intervals are over`, () => {
      const broken = { ...memory(["me", "y"]), addresses: [entry, addresses] } as unknown as Memory;
      assert.equal(soundMemory(broken), undefined);
      const { member, run } = restarted(broken);
      run(490);
      assert.equal(member.stateOf(address), undefined);
    });

  it("counts as lost if it is something else altogether", () => {
    for (const broken of [{}, { addresses: "none" }, { list: { epoch: "1" }, addresses: [] }])
      assert.equal(soundMemory(broken as unknown as Memory), undefined);
  });
});
