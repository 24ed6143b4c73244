import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GroupList, Wish } from "../../../../src/announce/votes/member.ts";
import type { Address } from "../../../../src/net/address.ts";
import { Network, type NetworkOptions } from "./network.ts";

const address: Address = { family: 4, value: 0x0a000001n };

const wanted = (node: string): readonly Wish[] => [{ address, node, generation: 1, willing: true }];

/** A group that holds the address on `a`. */
function settled(options: NetworkOptions): Network {
  const network = new Network(options);
  network.wish(wanted("a"));
  network.run(5_000);
  assert.deepEqual(network.answering(address), ["a"]);
  return network;
}

/** Who ever answered together within this time, and the longest that nobody did. */
function watched(
  network: Network,
  ms: number,
): { readonly together: ReadonlySet<string>; readonly longestGapMs: number } {
  const together = new Set<string>();
  let gapMs = 0;
  let longestGapMs = 0;
  network.run(ms, () => {
    const answering = network.answering(address);
    if (answering.length > 1) together.add(answering.join("+"));
    gapMs = answering.length === 0 ? gapMs + 1 : 0;
    longestGapMs = Math.max(longestGapMs, gapMs);
  });
  return { together, longestGapMs };
}

const alone = (name: string) => (from: string, to: string) => from !== name && to !== name;

describe("two members with a witness", () => {
  for (const withoutQuorum of ["Keep", "Yield"] as const) {
    it(`come to one holder when one dies, under ${withoutQuorum}`, () => {
      const network = settled({ names: ["a", "b"], witness: true, withoutQuorum });
      network.kill("a");
      const { together, longestGapMs } = watched(network, 2_000);
      assert.deepEqual(network.answering(address), ["b"]);
      assert.deepEqual([...together], []);
      assert.ok(longestGapMs <= 700, `${longestGapMs} ms`);
    });
  }

  it("the survivor never loses what it has itself", () => {
    const network = settled({ names: ["a", "b"], witness: true, withoutQuorum: "Yield" });
    network.kill("b");
    assert.equal(watched(network, 10_000).longestGapMs, 0);
  });

  it("of which the one that has the witness holds, when they cannot hear each other and the API lives", () => {
    const network = settled({ names: ["a", "b"], witness: true });
    network.passes = alone("a");
    const { together, longestGapMs } = watched(network, 5_000);
    assert.equal(network.answering(address).length, 1);
    assert.deepEqual([...together], []);
    assert.ok(longestGapMs <= 700, `${longestGapMs} ms`);
  });

  it("give the Lease back once they hear each other again", () => {
    const network = settled({ names: ["a", "b"], witness: true });
    network.passes = alone("a");
    network.run(3_000);
    assert.notEqual(network.lease.holder, "");
    network.passes = () => true;
    network.run(4_000);
    assert.equal(network.lease.holder, "");
  });

  it("lose nothing when the API goes after the witness was taken (rule 17)", () => {
    const network = settled({ names: ["a", "b"], witness: true });
    network.kill("b");
    network.run(2_000);
    network.apiAway = true;
    assert.equal(watched(network, 10_000).longestGapMs, 0);
    assert.equal(network.node("a").member.stateOf(address), "keeps");
  });
});

describe("without a quorum and without the API", () => {
  it("Keep goes on answering, and takes nothing", () => {
    const network = settled({ names: ["a", "b", "c"] });
    network.apiAway = true;
    network.passes = () => false;
    watched(network, 5_000);
    assert.deepEqual(network.answering(address), ["a"]);
    assert.equal(network.node("a").member.stateOf(address), "keeps");
    network.passes = () => true;
    assert.equal(watched(network, 2_000).longestGapMs, 0);
    assert.equal(network.node("a").member.stateOf(address), "holds");
  });

  it("Yield answers no more 4 intervals after the last word", () => {
    const network = settled({ names: ["a", "b", "c"], withoutQuorum: "Yield" });
    network.apiAway = true;
    network.passes = () => false;
    network.run(401);
    assert.deepEqual(network.answering(address), []);
  });

  it("Keep ends when the one cut off hears a hold again (rule 17)", () => {
    const network = settled({ names: ["a", "b", "c"] });
    network.apiAway = true;
    network.passes = alone("a");
    network.run(3_000);
    assert.equal(network.answering(address).length, 2);
    network.passes = () => true;
    network.run(110);
    assert.equal(network.answering(address).length, 1);
    assert.ok(!network.answering(address).includes("a"));
  });

  it("Keep ends when another station is seen with the address", () => {
    const network = settled({ names: ["a", "b", "c"] });
    network.apiAway = true;
    network.passes = () => false;
    network.run(1_000);
    const { member } = network.node("a");
    member.foreign(address, network.nowMs);
    assert.equal(member.answersUntilMs(address), Number.NEGATIVE_INFINITY);
    assert.deepEqual(member.takeNews().at(-1), { kind: "ended", address, cause: "ForeignStation" });
  });

  it("Keep ends when the API answers without bringing a quorum", () => {
    const network = settled({ names: ["a", "b", "c"] });
    network.apiAway = true;
    network.passes = () => false;
    network.run(1_000);
    network.apiAway = false;
    network.run(600);
    assert.deepEqual(network.answering(address), []);
  });
});

describe("heartbeats that pass one way only", () => {
  it("leave nobody who thinks it holds while the others took over (rules 2, 3)", () => {
    const network = settled({ names: ["a", "b", "c"] });
    network.passes = (from) => from !== "a";
    const { together } = watched(network, 3_000);
    assert.deepEqual([...together], []);
    assert.equal(network.answering(address).length, 1);
    assert.ok(!network.answering(address).includes("a"));
  });

  it("leave one holder in a chain of three whose ends do not hear each other (rules 5, 7, 9)", () => {
    const network = settled({ names: ["a", "b", "c"] });
    network.passes = (from, to) => from === "b" || to === "b";
    const { together, longestGapMs } = watched(network, 3_000);
    assert.deepEqual([...together], []);
    assert.equal(longestGapMs, 0);
  });

  it("leave the minority of a cut with nothing while the API lives (rule 18)", () => {
    const network = settled({ names: ["a", "b", "c"] });
    network.passes = alone("a");
    const { together, longestGapMs } = watched(network, 3_000);
    assert.deepEqual([...together], []);
    assert.ok(!network.answering(address).includes("a"));
    assert.ok(longestGapMs <= 700, `${longestGapMs} ms`);
  });
});

describe("a replayed heartbeat", () => {
  it("of an earlier process that does not know this one replaces no peer (rule 1)", () => {
    const network = new Network({ names: ["a", "b", "c"] });
    const first = network
      .node("b")
      .member.outbox(network.nowMs)
      .find(({ to }) => to === "a");
    network.kill("b");
    network.start("b", { forgets: true });
    network.wish(wanted("a"));
    network.run(2_000);
    assert.ok(first !== undefined);
    for (let i = 0; i < 20; i++) {
      network.node("a").member.heard("b", first.heartbeat, network.nowMs);
      network.run(50);
    }
    assert.ok(network.node("a").member.describe(network.nowMs).linked.includes("b"));
    assert.ok(network.node("a").news.every(({ kind }) => kind !== "ended"));
  });
});

describe("a list", () => {
  const list = (epoch: number, members: readonly string[], values: Partial<GroupList> = {}): GroupList => ({
    epoch,
    members,
    witness: false,
    forced: false,
    ...values,
  });

  it("that grows from one to two loses nothing", () => {
    const network = new Network({ names: ["a", "b"], list: list(1, ["a"]) });
    network.wish(wanted("a"));
    network.run(1_000);
    network.list(list(2, ["a", "b"]));
    const { together, longestGapMs } = watched(network, 3_000);
    assert.deepEqual([[...together], longestGapMs], [[], 0]);
    assert.equal(network.node("a").member.describe(network.nowMs).epoch, 2);
    assert.deepEqual(network.node("a").member.describe(network.nowMs).linked, ["b"]);
  });

  it("that one member hears of half a second later than the others takes nothing from it", () => {
    const network = settled({ names: ["a", "b", "c", "d"], list: list(1, ["a", "b", "c"]) });
    for (const name of ["b", "c", "d"]) network.node(name).member.setList(list(2, ["a", "b", "c", "d"]), network.nowMs);
    assert.equal(watched(network, 450).longestGapMs, 0);
    network.list(list(2, ["a", "b", "c", "d"]));
    assert.equal(watched(network, 3_000).longestGapMs, 0);
  });

  it("that a member does not know takes the votes of those who know it from it, and is read (rules 9, 20)", () => {
    const network = settled({ names: ["a", "b", "c"] });
    for (const name of ["b", "c"]) network.node(name).member.setList(list(2, ["a", "b", "c"]), network.nowMs);
    network.run(3_000);
    assert.ok(!network.answering(address).includes("a"));
    assert.ok(network.node("a").news.some(({ kind }) => kind === "readList"));
  });

  it("without this member ends what it holds at once", () => {
    const network = settled({ names: ["a", "b", "c"] });
    network.list(list(2, ["b", "c"]));
    network.run(1);
    assert.ok(!network.answering(address).includes("a"));
    network.run(2_000);
    assert.equal(network.answering(address).length, 1);
  });

  it("that is forced ends what its epoch finds kept elsewhere (rule 21)", () => {
    const network = settled({ names: ["a", "b", "c"] });
    network.apiAway = true;
    network.passes = () => false;
    network.run(1_000);
    network.kill("c");
    assert.deepEqual(network.answering(address), ["a"]);
    network.node("b").member.setList(list(2, ["b"], { forced: true }), network.nowMs);
    network.run(500);
    network.passes = () => true;
    network.run(150);
    assert.deepEqual(network.answering(address), ["b"]);
  });

  it("that is forced leaves an address alone that another station was seen with", () => {
    const network = settled({ names: ["a", "b", "c"] });
    for (const name of ["b", "c"]) network.kill(name);
    network.node("a").member.setList(list(2, ["a"], { forced: true }), network.nowMs);
    network.run(500);
    const { member } = network.node("a");
    member.foreign(address, network.nowMs);
    network.run(2_900);
    assert.deepEqual(network.answering(address), []);
    network.run(200);
    assert.deepEqual(network.answering(address), ["a"]);
  });
});
