import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Wish } from "../../../../src/announce/votes/member.ts";
import type { Address } from "../../../../src/net/address.ts";
import { Network } from "./network.ts";

const addresses: readonly Address[] = [1, 2, 3, 4].map((last) => ({ family: 4, value: 0x0a000000n + BigInt(last) }));
const wishes = (nodes: readonly string[], generation = 1): readonly Wish[] =>
  addresses.map((address, i) => ({ address, node: nodes[i % nodes.length] ?? "", generation, willing: true }));

/** Members with a witness, who hold what they shall. */
function settled(names: readonly string[]): Network {
  const network = new Network({ names, witness: true });
  network.wish(wishes(names));
  network.run(1_500);
  assert.ok(addresses.every((address) => network.answering(address).length === 1));
  return network;
}

/** For how many milliseconds somebody's address was answered for by nobody. */
function nobodyMs(network: Network, ms: number, each?: () => void): number {
  let sum = 0;
  network.run(ms, () => {
    each?.();
    if (addresses.some((address) => network.answering(address).length === 0)) sum += 1;
  });
  return sum;
}

/** For how many milliseconds two answered for an address. */
function twoMs(network: Network, ms: number): number {
  let sum = 0;
  network.run(ms, () => {
    if (addresses.some((address) => network.answering(address).length > 1)) sum += 1;
  });
  return sum;
}

/** The holder of the witness leaves; it ends when it may, 2 s after at the latest. Gives when it ended, and how long nobody answered. */
function leaves(network: Network): { readonly endedAfterMs: number; readonly nobodyMs: number } {
  const leaver = network.lease.holder;
  const fromMs = network.nowMs;
  let endedAfterMs = Number.POSITIVE_INFINITY;
  network.leave(leaver);
  const sum = nobodyMs(network, 4_000, () => {
    const { running, member } = network.node(leaver);
    if (!running || !(member.describe(network.nowMs).mayEnd || network.nowMs - fromMs >= 2_000)) return;
    endedAfterMs = network.nowMs - fromMs;
    network.kill(leaver);
  });
  return { endedAfterMs, nobodyMs: sum };
}

/** One of them has the witness, because the others were not heard for a moment. */
function withWitness(names: readonly string[]): Network {
  const network = settled(names);
  const half = names.slice(0, names.length / 2);
  network.passes = (from, to) => half.includes(from) === half.includes(to);
  network.run(700);
  network.passes = () => true;
  network.run(400);
  assert.notEqual(network.lease.holder, "");
  return network;
}

describe("A survivor that holds by the witness", () => {
  for (const eachMs of [300, 700, 1_900])
    it(`goes on without a gap though the controller writes to the Lease each ${eachMs} ms`, () => {
      const network = settled(["a", "b"]);
      network.kill("b");
      network.run(1_500);
      const gapMs = nobodyMs(network, 20_000, () => {
        if (network.nowMs % eachMs === 0) network.lease.version += 1;
      });
      assert.equal(gapMs, 0);
    });

  it("loses it when the Lease names somebody else", () => {
    const network = settled(["a", "b"]);
    network.kill("b");
    network.run(1_500);
    Object.assign(network.lease, { holder: "c", version: network.lease.version + 1 });
    network.run(2_400);
    assert.ok(addresses.every((address) => network.answering(address).length === 0));
  });
});

describe("Rule 12: the holder of the witness that leaves", () => {
  it("of two, empties the Lease as soon as it holds nothing, and ends when the other has it", () => {
    const network = withWitness(["a", "b"]);
    const leaver = network.lease.holder;
    const { endedAfterMs, nobodyMs: gapMs } = leaves(network);
    assert.equal(gapMs, 0);
    assert.ok(endedAfterMs < 1_000, `${endedAfterMs} ms`);
    assert.notEqual(network.lease.holder, leaver);
  });

  it("of four, waits until nobody counts it any more", () => {
    const { endedAfterMs, nobodyMs: gapMs } = leaves(withWitness(["a", "b", "c", "d"]));
    assert.equal(gapMs, 0);
    assert.ok(endedAfterMs >= 600 && endedAfterMs < 2_000, `${endedAfterMs} ms`);
  });

  it("has nobody to wait for when it is alone", () => {
    const network = settled(["a", "b"]);
    network.kill("b");
    network.run(1_500);
    assert.ok(leaves(network).endedAfterMs <= 10);
    assert.equal(network.lease.holder, "");
  });

  it("ends all the same when the API server is away", () => {
    const network = withWitness(["a", "b"]);
    network.apiAway = true;
    assert.ok(leaves(network).endedAfterMs < 1_000);
  });
});

describe("Members with unlike intervals, while the option is being changed,", () => {
  for (const intervals of [{ a: 500 }, { b: 50 }, { a: 1_000, c: 50 }] as const)
    it(`never have two holders: ${JSON.stringify(intervals)}`, () => {
      const names = ["a", "b", "c"];
      const network = new Network({ names, intervals });
      let generation = 1;
      network.wish(wishes(names));
      network.run(6_000);
      for (const cut of names) {
        generation += 1;
        network.wish(wishes(names, generation));
        network.run(4_000);
        assert.deepEqual(network.answering(addresses[names.indexOf(cut)] as Address), [cut]);
        network.passes = (from, to) => from !== cut && to !== cut;
        assert.equal(twoMs(network, 7_000), 0);
        assert.ok(addresses.every((address) => network.answering(address).length === 1));
        network.passes = () => true;
      }
    });
});
