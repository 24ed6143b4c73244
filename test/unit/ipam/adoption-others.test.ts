import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pool } from "../../../src/api/ip-pool.ts";
import { parseService, type ServiceObject } from "../../../src/api/service.ts";
import { addresses, pool } from "../../support/builders.ts";
import { World } from "./world.ts";

type Parts = {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: NonNullable<ServiceObject["spec"]>;
  /** The addresses in its status. */
  readonly shows?: readonly string[];
};

/** A Service as the API server has it, with what another system has written into it. */
function served(key: string, { annotations = {}, spec = {}, shows = [] }: Parts): ReturnType<typeof parseService> {
  const [namespace = "", name = ""] = key.split("/");
  return parseService({
    metadata: { name, namespace, uid: `uid-${key}`, resourceVersion: "1", generation: 1, annotations },
    spec: { type: "LoadBalancer", ipFamilies: ["IPv4"], ports: [{ port: 80 }], selector: { app: name }, ...spec },
    status: { loadBalancer: { ingress: shows.map((ip) => ({ ip, ipMode: "VIP" })) } },
  });
}

/** Puts Services that another system serves beside a new one that is older than all of them and asks for nothing. */
function migrated(pools: readonly Pool[], services: Readonly<Record<string, Parts>>): World {
  const world = new World(...pools);
  world.announced = true;
  world.put("new/older", { createdMs: -1 });
  for (const [key, parts] of Object.entries(services)) world.put(key, served(key, parts));
  return world;
}

const dual: Parts["spec"] = { ipFamilies: ["IPv4", "IPv6"], ipFamilyPolicy: "PreferDualStack" };
const v4v6 = pool({ addresses: ["192.0.2.0/24", "2001:db8::/112"] });

/** As each system leaves a Service that it serves. */
const systems: readonly { readonly name: string; readonly parts: Parts; readonly want: readonly string[] }[] = [
  {
    name: "MetalLB, by its choice",
    parts: { annotations: { "metallb.io/ip-allocated-from-pool": "first" }, shows: ["192.0.2.77"] },
    want: ["192.0.2.77"],
  },
  {
    name: "MetalLB, by spec.loadBalancerIP",
    parts: { spec: { loadBalancerIP: "192.0.2.77" }, shows: ["192.0.2.77"] },
    want: ["192.0.2.77"],
  },
  {
    name: "MetalLB, by its annotation of both families",
    parts: {
      annotations: { "metallb.io/loadBalancerIPs": "192.0.2.77,2001:db8::77" },
      spec: dual,
      shows: ["192.0.2.77", "2001:db8::77"],
    },
    want: ["192.0.2.77", "2001:db8::77"],
  },
  {
    name: "MetalLB, by the prefix that it had before",
    parts: { annotations: { "metallb.universe.tf/loadBalancerIPs": "192.0.2.77" }, shows: ["192.0.2.77"] },
    want: ["192.0.2.77"],
  },
  {
    name: "MetalLB, out of a pool that is called as here",
    parts: { annotations: { "metallb.io/address-pool": "public" }, shows: ["192.0.2.77"] },
    want: ["192.0.2.77"],
  },
  {
    name: "kube-vip's cloud provider, by field and annotation",
    parts: {
      annotations: { "kube-vip.io/loadbalancerIPs": "192.0.2.77" },
      spec: { loadBalancerIP: "192.0.2.77" },
      shows: ["192.0.2.77"],
    },
    want: ["192.0.2.77"],
  },
  {
    name: "kube-vip, IPv6 first",
    parts: {
      annotations: { "kube-vip.io/loadbalancerIPs": "2001:db8::77,192.0.2.77" },
      spec: { ...dual, ipFamilies: ["IPv6", "IPv4"], loadBalancerIP: "2001:db8::77" },
      shows: ["2001:db8::77", "192.0.2.77"],
    },
    want: ["2001:db8::77", "192.0.2.77"],
  },
  {
    name: "Cilium, by its choice",
    parts: { spec: dual, shows: ["192.0.2.77", "2001:db8::77"] },
    want: ["192.0.2.77", "2001:db8::77"],
  },
  {
    name: "Cilium, two of one family by its annotation",
    parts: {
      annotations: { "lbipam.cilium.io/ips": "192.0.2.77,192.0.2.78" },
      shows: ["192.0.2.77", "192.0.2.78"],
    },
    want: ["192.0.2.77", "192.0.2.78"],
  },
  {
    name: "Cilium, by the prefix that it had before",
    parts: { annotations: { "io.cilium/lb-ipam-ips": "192.0.2.77" }, shows: ["192.0.2.77"] },
    want: ["192.0.2.77"],
  },
  {
    name: "PureLB, by its annotations",
    parts: {
      annotations: { "purelb.io/service-group": "public", "purelb.io/addresses": "192.0.2.77" },
      shows: ["192.0.2.77"],
    },
    want: ["192.0.2.77"],
  },
  {
    name: "PureLB, by its choice",
    parts: { annotations: { "purelb.io/allocated-by": "PureLB" }, spec: dual, shows: ["2001:db8::77", "192.0.2.77"] },
    want: ["192.0.2.77", "2001:db8::77"],
  },
  {
    name: "none any more, but asks by field",
    parts: { spec: { loadBalancerIP: "192.0.2.77" } },
    want: ["192.0.2.77"],
  },
];

describe("a Service that is served by", () => {
  for (const { name, parts, want } of systems)
    it(`${name}, keeps its addresses`, () => {
      const world = migrated([v4v6], { "shop/web": parts });
      world.step();
      assert.deepEqual(world.addresses("shop/web"), want);
      assert.equal(world.settle().reason("shop/web"), "True Allocated");
      assert.deepEqual(world.addresses("shop/web"), want);
      assert.deepEqual(
        world.services.get("shop/web")?.ingress.map(({ ip }) => ip),
        want,
      );
      assert.deepEqual(world.addresses("new/older"), ["192.0.2.0"]);
    });

  it("another system under a class of its own is left alone", () => {
    const parts = { spec: { loadBalancerClass: "io.cilium/l2-announcer" }, shows: ["192.0.2.77"] };
    const world = migrated([v4v6], { "shop/web": parts }).settle();
    assert.equal(world.plan.outcomes.has("shop/web"), false);
    assert.deepEqual(world.held(), ["192.0.2.0"]);
  });
});

const sharingKeys: readonly { readonly name: string; readonly annotations: Readonly<Record<string, string>> }[] = [
  { name: "MetalLB", annotations: { "metallb.io/allow-shared-ip": "front" } },
  { name: "MetalLB with the prefix of before", annotations: { "metallb.universe.tf/allow-shared-ip": "front" } },
  { name: "Cilium", annotations: { "lbipam.cilium.io/sharing-key": "front" } },
  { name: "Cilium with the prefix of before", annotations: { "io.cilium/lb-ipam-sharing-key": "front" } },
  { name: "PureLB", annotations: { "purelb.io/allow-shared-ip": "front" } },
];

const at = (port: number): NonNullable<Parts["spec"]> => ({ ports: [{ port }], selector: { app: "web" } });

describe("an address that Services share by the annotation of", () => {
  for (const { name, annotations } of sharingKeys)
    it(`${name} stays shared`, () => {
      const shows = ["192.0.2.77"];
      const world = migrated([v4v6], {
        "shop/web": { annotations, spec: at(80), shows },
        "shop/tls": { annotations, spec: at(443), shows },
      }).settle();
      assert.deepEqual([world.addresses("shop/web"), world.addresses("shop/tls")], [shows, shows]);
      assert.deepEqual([...world.ledger.values()].map(({ services }) => services.length).sort(), [1, 2]);
    });

  it("Cilium, across namespaces that both agree, stays shared", () => {
    const agreed = (other: string) => ({
      "lbipam.cilium.io/sharing-key": "front",
      "lbipam.cilium.io/sharing-cross-namespace": other,
    });
    const world = migrated([v4v6], {
      "shop/web": { annotations: agreed("blog"), spec: at(80), shows: ["192.0.2.77"] },
      "blog/web": { annotations: agreed("*"), spec: at(443), shows: ["192.0.2.77"] },
    }).settle();
    assert.deepEqual([world.addresses("shop/web"), world.addresses("blog/web")], [["192.0.2.77"], ["192.0.2.77"]]);
  });
});

describe("an address that two Services show and may not share", () => {
  const key = { "metallb.io/allow-shared-ip": "front" };
  const rivals: readonly { readonly name: string; readonly web: Parts; readonly api: Parts }[] = [
    { name: "without a key", web: {}, api: {} },
    { name: "with a key on one side", web: { annotations: key }, api: {} },
    { name: "with one port", web: { annotations: key, spec: at(80) }, api: { annotations: key, spec: at(80) } },
    {
      name: "with two policies",
      web: { annotations: key, spec: at(80) },
      api: { annotations: key, spec: { ...at(443), externalTrafficPolicy: "Local" } },
    },
  ];
  for (const { name, web, api } of rivals)
    it(`${name}, is nobody's: both are told of each other, and neither is changed`, () => {
      const shows = ["192.0.2.77"];
      const world = migrated([v4v6], { "shop/web": { ...web, shows }, "shop/api": { ...api, shows } });
      const before = [world.services.get("shop/web"), world.services.get("shop/api")];
      world.settle();
      for (const [one, other] of [
        ["shop/web", "shop/api"],
        ["shop/api", "shop/web"],
      ] as const) {
        assert.equal(world.reason(one), "False AdoptionRefused");
        assert.match(world.message(one), new RegExp(`192\\.0\\.2\\.77 belongs to ${other}, which shows it$`));
      }
      assert.deepEqual([world.services.get("shop/web"), world.services.get("shop/api")], before);
      assert.equal(world.held().includes("192.0.2.77"), false);
    });

  const disputed = (texts: readonly string[] = ["192.0.2.0-192.0.2.1"]): World =>
    migrated([pool({ addresses: texts })], {
      "shop/web": { shows: ["192.0.2.0"] },
      "shop/api": { shows: ["192.0.2.0"] },
    });

  it("is not given to a third by choice, ask or memory", () => {
    const world = disputed()
      .put("blog/asks", { asks: { addresses: addresses("192.0.2.0") } })
      .settle();
    assert.deepEqual(world.addresses("new/older"), ["192.0.2.1"]);
    assert.equal(world.reason("blog/asks"), "False AddressTaken");
    const full = disputed(["192.0.2.0"]).settle();
    assert.equal(full.reason("new/older"), "False PoolExhausted");
  });

  it("is the other's as soon as one of them is gone or shows it no more", () => {
    const gone = disputed().settle().remove("shop/web").settle();
    assert.deepEqual(gone.addresses("shop/api"), ["192.0.2.0"]);
    const cleared = disputed().settle().put("shop/api", { ingress: [] }).settle();
    assert.deepEqual(cleared.addresses("shop/web"), ["192.0.2.0"]);
  });

  it("is the one's at once if the other could not have it anyway", () => {
    const selecting = pool({ services: { namespaces: new Set(["shop", "new"]) } });
    const shows = ["192.0.2.77"];
    const world = migrated([selecting], { "shop/web": { shows }, "evil/web": { shows } }).settle();
    assert.deepEqual(world.addresses("shop/web"), shows);
    assert.equal(world.reason("evil/web"), "False AdoptionRefused");
  });
});
