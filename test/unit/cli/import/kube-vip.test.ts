import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Imported } from "../../../../src/cli/import/imported.ts";
import { importKubeVip } from "../../../../src/cli/import/kube-vip.ts";
import type { Manifest } from "../../../../src/cli/manifest.ts";
import { formatRange } from "../../../../src/net/range.ts";
import { noted, poolsOf, putObject, specs, worldOf } from "./world-of.ts";

function configMap(data: Readonly<Record<string, string>>, name = "kubevip") {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "kube-system" }, data };
}

function imported(data: Readonly<Record<string, string>>, name?: string): Imported {
  return importKubeVip([configMap(data, name)]);
}

/** What each pool may give. */
function ranges(result: Imported): Readonly<Record<string, string>> {
  return Object.fromEntries(poolsOf(result).map((pool) => [pool.name, pool.ranges.map(formatRange).join(" ")]));
}

/** So many Services in a namespace, and what they got, in order. */
function given(result: Imported, namespace: string, count: number): readonly (string | undefined)[] {
  const keys = Array.from({ length: count }, (_, i) => `${namespace}/s${i}`);
  const world = worldOf(result, ...keys).settle();
  return keys.map((key) => world.addresses(key)[0]);
}

const octets = (first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `192.168.0.${first + i}`);

describe("the statements of the seeds", () => {
  it("S13: Given cidr-global=192.168.0.200/29, When a Service in default comes, Then its address lies in 192.168.0.200–207", () =>
    assert.deepEqual(given(imported({ "cidr-global": "192.168.0.200/29" }), "default", 8), octets(200, 207)));

  it("S14: Given cidr-default and cidr-global, When Services come, Then default gets its own block and every other namespace the global one", () => {
    const result = imported({ "cidr-default": "192.168.0.200/29", "cidr-global": "192.168.0.210/29" });
    assert.deepEqual(given(result, "default", 8), octets(200, 207));
    assert.deepEqual(given(result, "shop", 8), octets(208, 215));
  });

  it("S60: Given CIDRs that overlap, When Services come, Then each address is given once", () =>
    assert.deepEqual(
      given(imported({ "cidr-shop": "192.168.0.200/30,192.168.0.200/29" }), "shop", 8),
      octets(200, 207),
    ));

  it("S61: Given ranges that overlap, When Services come, Then each address is given once", () => {
    const result = imported({ "range-shop": "192.168.0.10-192.168.0.11,192.168.0.10-192.168.0.13" });
    assert.deepEqual(given(result, "shop", 5), [...octets(10, 13), undefined]);
  });

  it("S64: Given a CIDR for each of four namespaces, When Services come, Then each namespace gets its own block", () => {
    const blocks = { default: 200, development: 210, finance: 220, testing: 230 };
    const data = Object.entries(blocks).map(([name, octet]) => [`cidr-${name}`, `192.168.0.${octet}/29`]);
    const result = imported(Object.fromEntries(data));
    assert.deepEqual(
      Object.keys(blocks).map((name) => given(result, name, 1)[0]),
      ["192.168.0.200", "192.168.0.208", "192.168.0.216", "192.168.0.224"],
    );
    assert.deepEqual(given(result, "elsewhere", 1), [undefined]);
  });

  const running = (name: string, status: boolean) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "shop", annotations: { "kube-vip.io/loadbalancerIPs": "192.168.0.204" } },
    spec: { type: "LoadBalancer", ipFamilies: ["IPv4"], loadBalancerIP: "192.168.0.204" },
    ...(status && { status: { loadBalancer: { ingress: [{ ip: "192.168.0.204" }] } } }),
  });
  for (const map of ["kubevip", "plndr"])
    it(`S16: Given ConfigMap ${map}, When migrated, Then running Services keep their address and new ones get the next`, () => {
      const result = imported({ "cidr-global": "192.168.0.200/29" }, map);
      const world = worldOf(result, "shop/new");
      const key = putObject(world, running("old", true), result);
      world.settle();
      assert.deepEqual(world.addresses(key), ["192.168.0.204"]);
      assert.deepEqual(world.addresses("shop/new"), [map === "plndr" ? "192.168.0.201" : "192.168.0.200"]);
    });
});

describe("the keys of the ConfigMap", () => {
  const cases: readonly (readonly [
    what: string,
    data: Readonly<Record<string, string>>,
    wanted: object,
    notes: readonly string[],
  ])[] = [
    [
      "what a value looks like decides, not its key",
      { "cidr-a": "10.0.0.8-10.0.0.15", "range-b": "10.0.1.0/30" },
      { a: "10.0.0.8/29", b: "10.0.1.0/30" },
      [],
    ],
    ["both families in one value", { "cidr-a": "10.0.0.8/30,fd00::/126" }, { a: "10.0.0.8/30 fd00::/126" }, []],
    [
      "of one namespace the CIDRs alone are used",
      { "cidr-a": "10.0.0.8/30", "range-a": "10.0.1.1-10.0.1.2" },
      { a: "10.0.0.8/30" },
      ["data.range-a"],
    ],
    [
      "a range beside cidr-global is its namespace's from now on",
      { "cidr-global": "10.0.0.8/30", "range-a": "10.0.1.1-10.0.1.2" },
      { global: "10.0.0.8/30", a: "10.0.1.1-10.0.1.2" },
      ["data.range-a", "data"],
    ],
    [
      "range-global beside cidr-global was never used",
      { "cidr-global": "10.0.0.8/30", "range-global": "10.0.1.1-10.0.1.2" },
      { global: "10.0.0.8/30" },
      ["data.range-global"],
    ],
    ["an empty value is no pool", { "cidr-a": "", "cidr-b": "10.0.0.8/30" }, { b: "10.0.0.8/30" }, ["data.cidr-a"]],
    [
      "what is no address is left out",
      { "cidr-a": "10.0.0.8/30,10.0.0.300/30" },
      { a: "10.0.0.8/30" },
      ["data.cidr-a"],
    ],
    ["DHCP is left out", { "cidr-a": "0.0.0.0/32", "cidr-b": "10.0.0.8/30" }, { b: "10.0.0.8/30" }, ["data.cidr-a"]],
    [
      "the ends of joined CIDRs are skipped",
      { "cidr-a": "10.0.0.8/30,10.0.0.8/29", "skip-end-ips-in-cidr": "true" },
      { a: "10.0.0.9-10.0.0.14" },
      [],
    ],
    [
      "the ends of ranges are not",
      { "range-a": "10.0.0.8-10.0.0.15", "skip-end-ips-in-cidr": "true" },
      { a: "10.0.0.8/29" },
      [],
    ],
    [
      "nor those of a /31 and of a /32",
      { "cidr-a": "10.0.0.8/31,10.0.1.1/32", "skip-end-ips-in-cidr": "true" },
      { a: "10.0.0.8/31 10.0.1.1" },
      [],
    ],
    [
      "sharing is said, for a key is needed",
      { "cidr-a": "10.0.0.8/30", "allow-share-a": "T" },
      { a: "10.0.0.8/30" },
      ["data.allow-share-a"],
    ],
    ["sharing that is off is nothing", { "cidr-a": "10.0.0.8/30", "allow-share-a": "false" }, { a: "10.0.0.8/30" }, []],
    [
      "an interface without a pool is said",
      { "cidr-a": "10.0.0.8/30", "interface-b": "eth1" },
      { a: "10.0.0.8/30" },
      ["data.interface-b"],
    ],
  ];
  for (const [what, data, wanted, notes] of cases)
    it(what, () => {
      const result = imported(data);
      assert.deepEqual(ranges(result), wanted);
      assert.deepEqual(
        noted(result),
        notes.map((field) => `ConfigMap kube-system/kubevip: ${field}`),
      );
    });
});

describe("the settings of the ConfigMap", () => {
  it("no address that ends in .0 or .255 is given, as before", () =>
    assert.deepEqual(given(imported({ "range-a": "192.168.0.254-192.168.1.1" }), "a", 3), [
      "192.168.0.254",
      "192.168.1.1",
      undefined,
    ]));

  it("search-order desc gives the highest first", () =>
    assert.deepEqual(given(imported({ "cidr-a": "192.168.0.200/30", "search-order": "desc" }), "a", 2), [
      "192.168.0.203",
      "192.168.0.202",
    ]));

  it("an interface is its namespace's, else the global one; auto is what Herald does anyway", () => {
    const pools = { "cidr-a": "10.0.0.8/30", "cidr-b": "10.0.1.8/30", "cidr-c": "10.0.2.8/30" };
    const result = imported({ ...pools, "interface-a": "eth1", "interface-global": "eth0", "interface-c": "auto" });
    const announcements = Object.values(specs(result)).map((spec) => (spec as { announcement?: object }).announcement);
    assert.deepEqual(announcements, [{ arp: { interfaces: ["eth1"] } }, { arp: { interfaces: ["eth0"] } }, undefined]);
  });

  it("kubevip counts beside plndr, and that is said", () => {
    const maps = [configMap({ "cidr-a": "10.0.0.8/30" }, "plndr"), configMap({ "cidr-b": "10.0.1.8/30" })];
    const result = importKubeVip(maps);
    assert.deepEqual(Object.keys(specs(result)), ["b"]);
    assert.deepEqual(noted(result), ["ConfigMap kube-system/plndr: data"]);
  });

  it("other ConfigMaps are passed over", () =>
    assert.deepEqual(imported({ config: "x" }), { pools: [], annotations: [], notes: [] }));
});

describe("Services of kube-vip", () => {
  const service = (name: string, namespace: string, ips: string, changes: object = {}) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, annotations: { "kube-vip.io/loadbalancerIPs": ips, ...changes } },
    spec: { type: "LoadBalancer", ipFamilies: ["IPv4"], ports: [{ port: name.length, protocol: "TCP" }] },
  });
  const map = configMap({ "cidr-global": "192.168.0.200/29", "allow-share-global": "true" });

  it("that share an address go on sharing it with the annotations that are named", () => {
    const services = [
      service("a", "shop", "192.168.0.203"),
      service("bb", "shop", "192.168.0.203"),
      service("ccc", "blog", "192.168.0.203"),
    ];
    const result = importKubeVip([map, ...services]);
    const key = "kube-vip-192.168.0.203";
    assert.deepEqual(result.annotations[0]?.annotations, {
      "herald.dev/sharing-key": key,
      "herald.dev/share-with-namespaces": "blog",
    });
    assert.deepEqual(result.annotations[2]?.annotations, {
      "herald.dev/sharing-key": key,
      "herald.dev/share-with-namespaces": "shop",
    });
    const world = worldOf(result);
    const keys = services.map((each) => putObject(world, each, result));
    world.settle();
    assert.deepEqual(
      keys.map((each) => world.addresses(each)),
      [["192.168.0.203"], ["192.168.0.203"], ["192.168.0.203"]],
    );
  });

  it("that have an address alone need nothing", () =>
    assert.deepEqual(importKubeVip([map, service("a", "shop", "192.168.0.203")]).annotations, []));

  const lost: readonly (readonly [what: string, object: Manifest, field: string])[] = [
    ["DHCP", service("a", "shop", "0.0.0.0"), "metadata.annotations[kube-vip.io/loadbalancerIPs]"],
    [
      "a VLAN",
      service("a", "shop", "192.168.0.203", { "kube-vip.io/serviceVLAN": "eth0.2" }),
      "metadata.annotations[kube-vip.io/serviceVLAN]",
    ],
    [
      "egress",
      service("a", "shop", "192.168.0.203", { "kube-vip.io/egress": "true" }),
      "metadata.annotations[kube-vip.io/egress]",
    ],
    [
      "a class of kube-vip",
      { ...service("a", "shop", ""), spec: { type: "LoadBalancer", loadBalancerClass: "kube-vip.io/kube-vip-class" } },
      "spec.loadBalancerClass",
    ],
  ];
  for (const [what, object, field] of lost)
    it(`${what} is said to be lost`, () => {
      const { notes } = importKubeVip([configMap({ "cidr-global": "192.168.0.200/29" }), object]);
      assert.deepEqual(noted({ notes }), [`Service shop/a: ${field}`]);
    });
});

it("a key that means nothing to the import is named", () =>
  assert.deepEqual(noted(imported({ "cidr-global": "192.168.0.200/29", "cdir-shop": "x", "cidr-": "y" })), [
    "ConfigMap kube-system/kubevip: data.cdir-shop",
    "ConfigMap kube-system/kubevip: data.cidr-",
  ]));
