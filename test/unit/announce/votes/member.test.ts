import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Wish } from "../../../../src/announce/votes/member.ts";
import { type Address, formatAddress } from "../../../../src/net/address.ts";
import { Network } from "./network.ts";

const addresses: readonly Address[] = [1, 2, 3, 4, 5, 6].map((last) => ({
  family: 4,
  value: 0x0a000000n + BigInt(last),
}));

/** Each address wanted on one of the nodes in turn. */
function wishes(nodes: readonly string[], values: Partial<Wish> = {}): readonly Wish[] {
  return addresses.map((address, i) => ({
    address,
    node: nodes[i % nodes.length] ?? "",
    generation: 1,
    willing: true,
    ...values,
  }));
}

/** A group whose addresses are held where they are wanted. */
function settled(names: readonly string[], witness = false): Network {
  const network = new Network({ names, witness });
  network.wish(wishes(names));
  network.run(1_500);
  assert.deepEqual(holders(network), names.length === 0 ? [] : wishes(names).map(({ node }) => [node]));
  return network;
}

function holders(network: Network): readonly (readonly string[])[] {
  return addresses.map((address) => network.answering(address));
}

/** For how many milliseconds nobody answered for some address, and more than one. */
function watched(network: Network, ms: number): { readonly nobodyMs: number; readonly twoMs: number } {
  let nobodyMs = 0;
  let twoMs = 0;
  network.run(ms, () => {
    const counts = holders(network).map(({ length }) => length);
    if (counts.includes(0)) nobodyMs += 1;
    if (counts.some((count) => count > 1)) twoMs += 1;
  });
  return { nobodyMs, twoMs };
}

function causes(network: Network, name: string, kind: "began" | "ended"): readonly string[] {
  return network
    .node(name)
    .news.flatMap((news) =>
      news.kind === kind && "cause" in news ? [`${formatAddress(news.address)} ${news.cause}`] : [],
    );
}

describe("a group of three", () => {
  it("comes to one holder an address, each where it is wanted, and then is at rest", () => {
    const network = settled(["a", "b", "c"]);
    assert.deepEqual(causes(network, "a", "began"), ["10.0.0.1 Free", "10.0.0.4 Free"]);
    let entries = 0;
    network.heard = ({ table }) => {
      entries += table.entries.length;
    };
    const before = network.node("a").member.memoryVersion();
    network.run(5_000);
    assert.equal(entries, 0);
    assert.equal(network.node("a").member.memoryVersion(), before);
    assert.ok(network.node("a").news.every(({ kind }) => kind !== "ended"));
  });

  it("S40: Given a network without multicast, When heartbeats go to each peer alone, Then fail-over still works", () => {
    const network = settled(["a", "b", "c"]);
    assert.deepEqual(network.receivers.get("a"), new Set(["b", "c"]));
    network.kill("a");
    network.run(1_000);
    assert.ok(holders(network).every(([holder, ...others]) => holder !== "a" && others.length === 0));
  });

  it("S83: Given a holder dies, Then its addresses move to live nodes, 5 intervals after its last word, and no other moves", () => {
    const network = settled(["a", "b", "c"]);
    network.kill("a");
    const { nobodyMs, twoMs } = watched(network, 2_000);
    assert.ok(nobodyMs >= 390 && nobodyMs <= 620, `${nobodyMs} ms`);
    assert.equal(twoMs, 0);
    for (const [i, holder] of holders(network).entries()) assert.notEqual(holder[0], "a", `${i}`);
    assert.deepEqual([...causes(network, "b", "ended"), ...causes(network, "c", "ended")], []);
    const moved = [...causes(network, "b", "began"), ...causes(network, "c", "began")].filter((text) =>
      text.endsWith("Failover"),
    );
    assert.deepEqual(moved.sort(), ["10.0.0.1 Failover", "10.0.0.4 Failover"]);
  });

  it("S96, S97: Given ARP, When another node is up, Then exactly one node holds the address, and the other takes nothing", () => {
    const network = settled(["a", "b", "c"]);
    assert.deepEqual(watched(network, 5_000), { nobodyMs: 0, twoMs: 0 });
  });

  for (const forgets of [false, true]) {
    it(`takes nothing back when a node returns ${forgets ? "without" : "with"} its memory (rule 11)`, () => {
      const network = settled(["a", "b", "c"]);
      network.kill("a");
      network.run(2_000);
      const before = holders(network);
      network.start("a", { forgets });
      assert.deepEqual(watched(network, 3_000), { nobodyMs: 0, twoMs: 0 });
      assert.deepEqual(holders(network), before);
    });
  }
});

describe("a group of three, when asked to move addresses,", () => {
  it("moves an address to where a newer generation wants it, without a gap, two answering a few milliseconds", () => {
    const network = settled(["a", "b", "c"]);
    network.wish(wishes(["b", "c", "a"], { generation: 2 }));
    const { nobodyMs, twoMs } = watched(network, 1_000);
    assert.equal(nobodyMs, 0);
    assert.ok(twoMs <= 10, `${twoMs} ms`);
    assert.deepEqual(
      holders(network),
      wishes(["b", "c", "a"]).map(({ node }) => [node]),
    );
    assert.deepEqual(causes(network, "a", "ended"), ["10.0.0.1 Given", "10.0.0.4 Given"]);
    assert.deepEqual(causes(network, "b", "began").filter((text) => text.endsWith("PlannedMove")).length, 2);
  });

  it("goes on as it is while some copies of the spec are stale, and ends with one holder (rule 7)", () => {
    const network = new Network({ names: ["a", "b", "c"] });
    network.node("a").member.setWishes(wishes(["b"]), network.nowMs);
    network.node("b").member.setWishes(wishes(["c"]), network.nowMs);
    network.node("c").member.setWishes(wishes(["a"]), network.nowMs);
    network.run(2_500);
    assert.ok(holders(network).every(({ length }) => length === 1));
  });

  it("has the heirs answer before a leaving member is silent (rule 12)", () => {
    const network = settled(["a", "b", "c"]);
    network.node("a").member.leave(network.nowMs);
    const { nobodyMs } = watched(network, 200);
    assert.equal(nobodyMs, 0);
    assert.equal(network.node("a").member.describe(network.nowMs).held, 0);
    network.kill("a");
    assert.deepEqual(watched(network, 2_000), { nobodyMs: 0, twoMs: 0 });
  });

  it("has a drained member give all it holds, and take nothing", () => {
    const network = settled(["a", "b", "c"]);
    network.node("a").member.setWishes(wishes(["a", "b", "c"], { willing: false }), network.nowMs);
    assert.equal(watched(network, 1_000).nobodyMs, 0);
    assert.ok(holders(network).every(([holder]) => holder !== "a"));
  });

  it("drops an address that is no more", () => {
    const network = settled(["a", "b", "c"]);
    network.wish(wishes(["a", "b", "c"]).slice(1));
    network.run(100);
    assert.deepEqual(holders(network)[0], []);
    assert.deepEqual(causes(network, "a", "ended"), ["10.0.0.1 Withdrawn"]);
  });

  it("obeys a new object of the same address, whose generations begin anew", () => {
    const network = settled(["a", "b", "c"]);
    network.wish(wishes(["b"], { generation: 9 }));
    network.run(1_000);
    network.wish(wishes(["b"], { generation: 1 }));
    network.run(200);
    network.wish(wishes(["c"], { generation: 2 }));
    network.run(1_000);
    assert.deepEqual(holders(network)[0], ["c"]);
  });
});

describe("a restart", () => {
  it("has a member with memory hold again at once after a restart, with no address moved (rule 13)", () => {
    const network = settled(["a", "b", "c"]);
    network.kill("a");
    network.run(50);
    network.start("a");
    network.run(100);
    assert.deepEqual(
      holders(network),
      wishes(["a", "b", "c"]).map(({ node }) => [node]),
    );
    assert.ok(causes(network, "a", "began").includes("10.0.0.1 Restart"));
  });

  it("gives the API's addresses 2 s to come, and then ends what is not among them", () => {
    const network = settled(["a", "b", "c"]);
    network.kill("a");
    network.node("a").wishes = wishes(["a", "b", "c"]).slice(1);
    network.start("a");
    network.run(1_900);
    assert.deepEqual(holders(network)[0], ["a"]);
    network.run(200);
    assert.notDeepEqual(holders(network)[0], ["a"]);
    assert.deepEqual(causes(network, "a", "ended"), ["10.0.0.1 Withdrawn"]);
  });

  it("has a member that forgot its votes vote for nobody for 5 intervals (rule 13)", () => {
    const network = settled(["a", "b", "c"]);
    network.kill("c");
    network.start("c", { forgets: true });
    let votesUntilMs = 0;
    network.heard = ({ boot, table }) => {
      if (boot === 4n && table.entries.some(({ vote }) => vote !== undefined)) votesUntilMs ||= network.nowMs;
    };
    const startedAtMs = network.nowMs;
    network.run(2_000);
    assert.ok(votesUntilMs - startedAtMs >= 500, `${votesUntilMs - startedAtMs} ms`);
  });
});

describe("a group of one", () => {
  it("holds at once, and sends nothing", () => {
    const network = new Network({ names: ["a"] });
    network.run(600);
    network.wish(wishes(["a"]));
    network.run(2);
    assert.deepEqual(
      holders(network),
      wishes(["a"]).map(({ node }) => [node]),
    );
    assert.equal(network.receivers.size, 0);
  });
});

describe("a process that stood still", () => {
  it("answers nothing when it wakes: its authority is over by the clock, whatever it hears first (rules 2, 9)", () => {
    const network = settled(["a", "b", "c"]);
    network.stop("a");
    network.run(2_000);
    const { member } = network.node("a");
    for (const address of addresses) assert.ok(member.answersUntilMs(address) < network.nowMs);
    network.resume("a");
    assert.deepEqual(watched(network, 2_000), { nobodyMs: 0, twoMs: 0 });
  });
});
