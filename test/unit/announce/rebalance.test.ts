import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Placeable } from "../../../src/announce/field.ts";
import { nextRebalanceMove, Rebalancing } from "../../../src/announce/rebalance.ts";
import { addressKey, formatAddress } from "../../../src/net/address.ts";
import { voter } from "../../support/builders.ts";
import { type Changes, names, placed, view } from "./placement-view.ts";

const voters: Changes = { vipNodes: names.map((name) => voter(name)) };

function move(addresses: readonly Placeable[], changes: Changes = voters, only?: string): string {
  const found = nextRebalanceMove(view(addresses, changes), only === undefined ? undefined : (node) => node === only);
  return found === undefined ? "nothing" : `${formatAddress(found.address)} ${found.from} → ${found.to}`;
}

const heap = [1, 2, 3, 4].map((host) => placed(host, "node1"));

describe("the next move for balance", () => {
  const drained = { vipNodes: names.map((name) => voter(name, { drain: name === "node2" })) };
  const rows = [
    { name: "is from the fullest to the emptiest, the lowest address", want: "192.168.50.1 node1 → node2", all: heap },
    {
      name: "is none where nodes differ by one",
      want: "nothing",
      all: [placed(1, "node1"), placed(2, "node1"), placed(3, "node2"), placed(4, "node3")],
    },
    {
      name: "goes to no node that may not hold the address",
      want: "192.168.50.1 node1 → node3",
      all: heap,
      changes: drained,
    },
    { name: "goes to the node that may get something", want: "192.168.50.1 node1 → node3", all: heap, only: "node3" },
    {
      name: "is none while the address is where it may not be",
      want: "nothing",
      all: heap.map((each) => ({ ...each, node: "node2" })),
      changes: drained,
    },
    { name: "is none between nodes that do not vote", want: "nothing", all: heap, changes: {} },
  ];
  for (const { name, want, all, changes, only } of rows) it(name, () => assert.equal(move(all, changes, only), want));

  it("goes under policy Local to a ready endpoint only", () => {
    const local = heap.map((each): Placeable => ({ ...each, trafficPolicy: "Local" }));
    const ready = (...nodes: readonly string[]): Changes => ({
      ...voters,
      endpointSlices: [
        { service: "shop/web", endpoints: nodes.map((node) => ({ node, ready: true, servingTerminating: false })) },
      ],
    });
    assert.equal(move(local, ready("node1")), "nothing");
    assert.equal(move(local, ready("node1", "node3")), "192.168.50.1 node1 → node3");
  });
});

it("S82: Given any distribution, When one address after the other moves, Then counts differ by one at most", () => {
  const check = (where: readonly number[]): void => {
    let addresses = where.map((node, i) => placed(i + 1, names[node] ?? ""));
    const all = new Rebalancing(view(addresses, voters));
    for (let moves = 0; ; moves++) {
      const found = nextRebalanceMove(view(addresses, voters));
      assert.deepEqual(all.next(), found, "whoever goes on finds what a new look does");
      if (found === undefined) break;
      all.made(found);
      assert.ok(moves < where.length);
      const key = addressKey(found.address);
      addresses = addresses.map((each) => (addressKey(each.address) === key ? { ...each, node: found.to } : each));
    }
    const counts = names.map((name) => addresses.filter(({ node }) => node === name).length);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
  };
  fc.assert(fc.property(fc.array(fc.nat(2), { maxLength: 40 }), check));
});
