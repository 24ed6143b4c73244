import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { addresses, pool } from "../../support/builders.ts";
import { World } from "./world.ts";

const poolA = pool({ name: "pool-a", addresses: ["10.0.10.0/24"] });

describe("Checks of neighbours of Cilium", () => {
  it("Antrea H4: what is held is read back before anything is given, and a second claim of one address is not", () => {
    const world = new World(poolA).put("x/old", { ingress: [{ ip: "10.0.10.0" }] });
    world
      .put("x/copy", { allocated: addresses("10.0.10.0") })
      .put("x/new")
      .settle();
    assert.deepEqual(["x/old", "x/copy", "x/new"].flatMap((key) => world.addresses(key)).toSorted(), [
      "10.0.10.0",
      "10.0.10.1",
      "10.0.10.2",
    ]);
    assert.deepEqual(world.addresses("x/old"), ["10.0.10.0"]);
  });

  it("Calico H5: a Service of one family never has two, whatever it shows", () => {
    const world = new World(poolA).put("x/a", { ingress: [{ ip: "10.0.10.7" }, { ip: "10.0.10.8" }] }).settle();
    assert.deepEqual([world.addresses("x/a"), world.held()], [["10.0.10.7"], ["10.0.10.7"]]);
  });

  it("PureLB H8: what somebody writes into the annotation of a Service that has an address changes nothing", () => {
    const world = new World(poolA)
      .put("x/a")
      .settle()
      .put("x/a", { allocated: addresses("10.0.10.99") })
      .settle();
    assert.deepEqual(world.addresses("x/a"), ["10.0.10.0"]);
    assert.deepEqual(world.services.get("x/a")?.allocated, addresses("10.0.10.0"));
  });

  const pinned = (namespace: string, text: string): Pool =>
    pool({ name: namespace, addresses: [text], services: { namespaces: new Set([namespace]) } });

  for (const { by, asks, want } of [
    { by: "name", asks: { pools: ["tenant"] }, want: "False NamespaceNotSelected" },
    { by: "address", asks: { addresses: addresses("10.0.20.1") }, want: "False NamespaceNotSelected" },
  ])
    it(`PureLB H9: a Service outside the namespaces of a pool gets nothing of it by ${by}`, () => {
      const world = new World(pinned("tenant", "10.0.20.0/24"), pinned("other", "10.0.30.0/24"));
      assert.equal(world.put("other/a", { asks }).settle().reason("other/a"), want);
      assert.deepEqual(world.held(), []);
    });

  it("kube-router H11: RequireDualStack where only IPv4 is says which family is missing", () => {
    const world = new World(poolA);
    world.put("x/a", { ipFamilies: [4, 6], ipFamilyPolicy: "RequireDualStack" }).settle();
    assert.equal(world.message("x/a"), "pool pool-a has no IPv6 addresses");
  });

  it("whereabouts H12: 500 Services at once get 500 addresses, each with one object", () => {
    const world = new World(pool({ addresses: ["10.0.0.0/16"] }));
    for (let i = 0; i < 500; i++) world.put(`x/web-${i}`);
    world.step();
    const given = [...world.services.keys()].flatMap((key) => world.addresses(key));
    assert.deepEqual([new Set(given).size, world.ledger.size, world.held().length], [500, 500, 500]);
  });
});

describe("Checks of neighbours that Herald decides otherwise", () => {
  it("PureLB H10: of two pools for one namespace neither is ambiguous: priority, then name decides", () => {
    const [b, a] = ["b", "a"].map((name) =>
      pool({ name, addresses: [`10.0.${name.charCodeAt(0)}.0`], services: { namespaces: new Set(["x"]) } }),
    );
    assert.ok(a && b);
    assert.deepEqual(new World(b, a).put("x/a").settle().addresses("x/a"), ["10.0.97.0"]);
    assert.deepEqual(new World({ ...b, priority: 1 }, a).put("x/a").settle().addresses("x/a"), ["10.0.98.0"]);
  });
});
