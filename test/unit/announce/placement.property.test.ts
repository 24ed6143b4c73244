import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import type { Placeable } from "../../../src/announce/field.ts";
import { type Placement, type PlacementView, planPlacements } from "../../../src/announce/placement.ts";
import { addressKey } from "../../../src/net/address.ts";
import { advertisement, clusterNode, group, service, vipNode } from "../../support/builders.ts";

const names = ["node1", "node2", "node3"];

function view(addresses: readonly Placeable[], live: Readonly<Record<string, Liveness>>): PlacementView {
  return {
    addresses,
    vipNodes: names.map((name) => vipNode(name)),
    nodes: names.map((name) => clusterNode(name)),
    liveness: new Map(Object.entries(live)),
    groups: [group(names)],
    endpointSlices: [],
  };
}

const vip = (host: number, node = ""): Placeable => ({
  ...advertisement(`192.168.50.${host}`, { owner: service() }),
  ...(node !== "" && { node, group: group(names).name }),
});

function of(placeable: Placeable, placements: ReadonlyMap<string, Placement>): Placement {
  const placement = placements.get(addressKey(placeable.address));
  assert.ok(placement);
  return placement;
}

const many = (count: number): readonly Placeable[] => Array.from({ length: count }, (_, i) => vip(100 + i));

describe("any cluster", () => {
  const anyLiveness = fc.constantFrom<Liveness>("alive", "alive", "unknown", "dead", "leaving");
  const anyLive = fc.record({ node1: anyLiveness, node2: anyLiveness, node3: anyLiveness });
  const anyAddresses = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 254 }), fc.constantFrom("", ...names)), {
      selector: ([host]) => host,
    })
    .map((pairs) => pairs.map(([host, node]) => vip(host, node)));

  it("keeps what is on a live node there, places nothing new on others, and does not depend on order", () => {
    const check = (addresses: readonly Placeable[], live: Record<string, Liveness>): void => {
      const all = planPlacements(view(addresses, live));
      assert.deepEqual(planPlacements(view(addresses.toReversed(), live)), all);
      for (const each of addresses) {
        const { node } = of(each, all);
        const keeps = ["alive", "unknown"].includes(live[each.node] ?? "");
        assert.ok(node === each.node || (!keeps && live[node] === "alive") || node === "");
        assert.ok(!keeps || node === each.node);
      }
    };
    fc.assert(fc.property(anyAddresses, anyLive, check), { numRuns: 200 });
  });

  it("moves nothing when it is placed again as it was placed", () => {
    const check = (addresses: readonly Placeable[], live: Record<string, Liveness>): void => {
      const first = planPlacements(view(addresses, live));
      const again = addresses.map((each) => ({ ...each, node: of(each, first).node, group: of(each, first).group }));
      assert.deepEqual(planPlacements(view(again, live)), first);
    };
    fc.assert(fc.property(anyAddresses, anyLive, check), { numRuns: 200 });
  });

  it("spreads new addresses over live nodes to a difference of one", () => {
    const check = (count: number, live: Record<string, Liveness>): void => {
      const all = [...planPlacements(view(many(count), live)).values()];
      const alive = names.filter((name) => live[name] === "alive");
      const counts = alive.map((name) => all.filter(({ node }) => node === name).length);
      if (alive.length > 0) assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
    };
    fc.assert(fc.property(fc.integer({ min: 0, max: 40 }), anyLive, check));
  });
});
