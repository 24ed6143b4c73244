import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { claimPriority, comesBefore, isCandidate, outranks, rank } from "../../../../src/announce/votes/order.ts";
import { wish } from "./views.ts";

const keys = Array.from({ length: 3_000 }, (_, i) => `4:${i.toString(16)}`);
const first = (key: string, nodes: readonly string[]): string =>
  [...nodes].sort((a, b) => (outranks({ node: a, priority: 0 }, { node: b, priority: 0 }, key) ? -1 : 1))[0] ?? "";

describe("Rules 6, 7: the order", () => {
  it("puts priority before rank", () => {
    for (const key of keys.slice(0, 50))
      assert.ok(outranks({ node: "a", priority: 2 }, { node: "b", priority: 1 }, key));
  });

  it("puts the node that the spec names before rank", () => {
    for (const key of keys.slice(0, 50)) {
      assert.ok(comesBefore("a", "b", { key, first: "a" }));
      assert.ok(!comesBefore("b", "a", { key, first: "a" }));
    }
  });

  it("is total: of two nodes exactly one is before the other", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (key, a, b) => {
        fc.pre(a !== b);
        const before = (one: string, other: string) =>
          outranks({ node: one, priority: 0 }, { node: other, priority: 0 }, key);
        assert.notEqual(before(a, b), before(b, a));
      }),
    );
  });

  it("moves only the addresses of a node that is taken away", () => {
    const nodes = ["n1", "n2", "n3", "n4"];
    for (const key of keys) {
      const before = first(key, nodes);
      if (before !== "n2")
        assert.equal(
          first(
            key,
            nodes.filter((node) => node !== "n2"),
          ),
          before,
        );
    }
  });

  it("gives each of three nodes a third of neighbouring addresses, give or take a tenth", () => {
    const counts = new Map<string, number>();
    for (const key of keys)
      counts.set(first(key, ["n1", "n2", "n3"]), (counts.get(first(key, ["n1", "n2", "n3"])) ?? 0) + 1);
    for (const count of counts.values()) assert.ok(Math.abs(count - 1_000) < 100, `${count}`);
  });

  it("ranks by 32 bits, the same on every node and in every release", () => {
    assert.deepEqual(
      [rank("4:a000001", "node1"), rank("4:a000001", "node2")],
      [rank("4:a000001", "node1"), rank("4:a000001", "node2")],
    );
    assert.ok(rank("4:a000001", "node1") >= 0 && rank("4:a000001", "node1") < 2 ** 32);
  });

  it("takes the spec's generation for the priority of the node that it names alone", () => {
    assert.equal(claimPriority("me", wish("me", { generation: 7 })), 7);
    assert.equal(claimPriority("x", wish("me", { generation: 7 })), 0);
  });

  it("knows candidates only where the spec names them", () => {
    assert.ok(isCandidate("x", wish("me")));
    assert.ok(!isCandidate("x", wish("me", { candidates: ["me"] })));
  });
});
