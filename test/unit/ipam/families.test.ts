import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { demandOf } from "../../../src/ipam/demand.ts";
import { addresses, pool, service } from "../../support/builders.ts";
import { World } from "./world.ts";

const v4 = pool({ name: "v4", addresses: ["192.0.2.0/30"] });
const v6 = pool({ name: "v6", addresses: ["2001:db8::/126"] });
const dual = pool({ name: "zdual", addresses: ["198.51.100.0/30", "2001:db8:1::/126"] });

describe("demand", () => {
  const rows = [
    { policy: "SingleStack", listed: [], want: [4] },
    { policy: "SingleStack", listed: [6], want: [6] },
    { policy: "SingleStack", listed: [6, 4], want: [6] },
    { policy: "PreferDualStack", listed: [4], want: [4] },
    { policy: "PreferDualStack", listed: [6, 4], want: [6, 4] },
    { policy: "RequireDualStack", listed: [6, 4], want: [6, 4] },
    { policy: "RequireDualStack", listed: [6], want: [6, 4] },
  ] as const;
  for (const { policy, listed, want } of rows)
    it(`of ${policy} with [${listed}] is [${want}]`, () => {
      const changes = { ipFamilyPolicy: policy, ipFamilies: listed };
      assert.deepEqual(demandOf(service(changes), 4).families, want);
    });

  it("of a Service that lists no family is the cluster's", () => {
    assert.deepEqual(demandOf(service({ ipFamilies: [] }), 6).families, [6]);
  });
});

const both = { ipFamilies: [4, 6] } as const;

describe("dual stack", () => {
  const rows: readonly {
    name: string;
    pools: readonly Pool[];
    policy: "PreferDualStack" | "RequireDualStack";
    want: readonly string[];
    says: string;
  }[] = [
    {
      name: "MetalLB L16: one pool that serves both beats a pair",
      pools: [v4, v6, dual],
      policy: "PreferDualStack",
      want: ["198.51.100.0", "2001:db8:1::"],
      says: "True Allocated",
    },
    {
      name: "MetalLB L17 (differs): a pair of pools serves both",
      pools: [v4, v6],
      policy: "PreferDualStack",
      want: ["192.0.2.0", "2001:db8::"],
      says: "True Allocated",
    },
    {
      name: "MetalLB B59: PreferDualStack takes the one family that there is",
      pools: [v4],
      policy: "PreferDualStack",
      want: ["192.0.2.0"],
      says: "True Allocated",
    },
    {
      name: "MetalLB B60: and the other one as well",
      pools: [v6],
      policy: "PreferDualStack",
      want: ["2001:db8::"],
      says: "True Allocated",
    },
    {
      name: "PreferDualStack without any pool of either family gets nothing",
      pools: [],
      policy: "PreferDualStack",
      want: [],
      says: "False NoPool",
    },
    {
      name: "kube-router H11: RequireDualStack with only IPv4 gets nothing, not half a pair",
      pools: [v4],
      policy: "RequireDualStack",
      want: [],
      says: "False FamilyUnavailable",
    },
    {
      name: "RequireDualStack takes a pair of pools",
      pools: [v4, v6],
      policy: "RequireDualStack",
      want: ["192.0.2.0", "2001:db8::"],
      says: "True Allocated",
    },
  ];
  for (const { name, pools, policy, want, says } of rows)
    it(name, () => {
      const world = new World(...pools).put("shop/web", { ...both, ipFamilyPolicy: policy }).settle();
      assert.deepEqual(world.addresses("shop/web"), want);
      assert.equal(world.reason("shop/web"), says);
      assert.equal(world.ledger.size, want.length);
    });
});

describe("dual stack with wishes", () => {
  it("comes in the order in which the Service lists the families", () => {
    const world = new World(dual).put("shop/web", { ipFamilies: [6, 4], ipFamilyPolicy: "RequireDualStack" }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["2001:db8:1::", "198.51.100.0"]);
  });

  it("is served from two named pools, one a family", () => {
    const world = new World(v4, v6, dual);
    world.put("shop/web", { ...both, ipFamilyPolicy: "RequireDualStack", asks: { pools: ["v4", "v6"] } }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.0", "2001:db8::"]);
  });

  it("with one address asked for is completed by choice", () => {
    const world = new World(dual);
    const asks = { addresses: addresses("2001:db8:1::2") };
    world.put("shop/web", { ...both, ipFamilyPolicy: "RequireDualStack", asks }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["198.51.100.0", "2001:db8:1::2"]);
  });

  it("with one address asked for that cannot be completed claims nothing", () => {
    const asks = { addresses: addresses("192.0.2.1") };
    const world = new World(v4).put("shop/web", { ...both, ipFamilyPolicy: "RequireDualStack", asks }).settle();
    assert.equal(world.ledger.size, 0);
  });
});

describe("dual stack that comes and goes", () => {
  it("Cilium C11 (differs): RequireDualStack keeps the half that it had and stays unsatisfied", () => {
    const world = new World(v4).put("shop/web").settle();
    world.put("shop/web", { ...both, ipFamilyPolicy: "RequireDualStack" }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["192.0.2.0"]);
    assert.equal(world.reason("shop/web"), "False FamilyUnavailable");
    assert.equal(world.message("shop/web"), "pool v4 has no IPv6 addresses; keeps 192.0.2.0 from pool v4");
  });

  it("undoes half a pair that the Service was never told of", () => {
    const world = new World(dual).put("shop/web", { ...both, ipFamilyPolicy: "RequireDualStack" }).settle();
    const { allocated, ...untold } = world.services.get("shop/web") ?? service();
    assert.equal(allocated?.length, 2);
    world.services.set("shop/web", { ...untold, loadBalancerIP: "" });
    const [kept] = [...world.ledger.entries()].filter(([, { address }]) => address.family === 4);
    world.ledger.clear();
    if (kept) world.ledger.set(...kept);
    world.pools = [v4];
    world.settle();
    assert.equal(world.ledger.size, 0);
    assert.deepEqual(world.addresses("shop/web"), []);
  });

  it("MetalLB L19: a pool that gains IPv6 completes PreferDualStack, and IPv4 stays", () => {
    const world = new World(v4, v6).put("shop/web", {
      ...both,
      ipFamilyPolicy: "PreferDualStack",
      asks: { pools: ["v4"] },
    });
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.0"]);
    world.pools = [pool({ name: "v4", addresses: ["192.0.2.0/29", "2001:db8:7::/64"] }), v6];
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.0", "2001:db8:7::"]);
  });

  it("prefers the pool that the other address came from", () => {
    const world = new World(v4, v6).put("shop/web", {
      ...both,
      ipFamilyPolicy: "PreferDualStack",
      asks: { pools: ["v4"] },
    });
    world.settle().put("shop/web", { asks: {} });
    world.pools = [pool({ name: "v4", addresses: ["192.0.2.0/30", "2001:db8:7::/64"] }), { ...v6, priority: 9 }];
    assert.deepEqual(world.settle().addresses("shop/web"), ["192.0.2.0", "2001:db8:7::"]);
  });

  it("MetalLB L21: does not jump to a dual-stack pool that appears", () => {
    const world = new World(v4).put("shop/web", { ...both, ipFamilyPolicy: "PreferDualStack" }).settle();
    world.pools = [v4, dual];
    assert.equal(world.settle().addresses("shop/web")[0], "192.0.2.0");
  });

  it("Calico H6: a Service that becomes dual-stack keeps IPv4 and gets IPv6; back again it gives it up", () => {
    const world = new World(dual).put("shop/web").settle();
    world.put("shop/web", { ...both, ipFamilyPolicy: "RequireDualStack" }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["198.51.100.0", "2001:db8:1::"]);
    world.put("shop/web", { ipFamilies: [4], ipFamilyPolicy: "SingleStack" }).settle();
    assert.deepEqual(world.addresses("shop/web"), ["198.51.100.0"]);
    assert.deepEqual(world.held(), ["198.51.100.0"]);
  });
});
