import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseAllocated, parseAsks } from "../../../src/api/annotations.ts";
import { addresses } from "../../support/builders.ts";

describe("what annotations ask for", () => {
  const asks = [
    { name: "nothing is asked without annotations", annotations: undefined, want: {} },
    { name: "annotations of others ask for nothing", annotations: { "example.com/pool": "x" }, want: {} },
    { name: "what Herald wrote itself asks for nothing", annotations: { "herald.dev/allocated": "x" }, want: {} },
    { name: "one pool", annotations: { "herald.dev/pool": "public" }, want: { pools: ["public"] } },
    {
      name: "pools in order of preference, each once",
      annotations: { "herald.dev/pool": "v6, v4,v6" },
      want: { pools: ["v6", "v4"] },
    },
    {
      name: "addresses of both families, each once",
      annotations: { "herald.dev/addresses": "192.0.2.7, 2001:db8::7,192.0.2.7" },
      want: { addresses: addresses("192.0.2.7", "2001:db8::7") },
    },
    {
      name: "what kube-vip reads",
      annotations: { "kube-vip.io/loadbalancerIPs": "192.0.2.7,2001:db8::7" },
      want: { addresses: addresses("192.0.2.7", "2001:db8::7") },
    },
    {
      name: "what MetalLB reads",
      annotations: { "metallb.io/address-pool": "prod", "metallb.io/loadBalancerIPs": "192.0.2.7" },
      want: { pools: ["prod"], addresses: addresses("192.0.2.7") },
    },
    {
      name: "what MetalLB read before",
      annotations: {
        "metallb.universe.tf/address-pool": "prod",
        "metallb.universe.tf/loadBalancerIPs": "192.0.2.7",
      },
      want: {
        pools: ["prod"],
        addresses: addresses("192.0.2.7"),
      },
    },
    {
      name: "what Cilium reads",
      annotations: { "lbipam.cilium.io/ips": "192.0.2.7" },
      want: { addresses: addresses("192.0.2.7") },
    },
    {
      name: "what Cilium read before",
      annotations: { "io.cilium/lb-ipam-ips": "192.0.2.7" },
      want: { addresses: addresses("192.0.2.7") },
    },
    {
      name: "what PureLB reads",
      annotations: { "purelb.io/service-group": "prod", "purelb.io/addresses": "192.0.2.7" },
      want: { pools: ["prod"], addresses: addresses("192.0.2.7") },
    },
    {
      name: "Herald's own wins over others of the same meaning",
      annotations: { "kube-vip.io/loadbalancerIPs": "0.0.0.0", "herald.dev/addresses": "192.0.2.7" },
      want: { addresses: addresses("192.0.2.7") },
    },
    {
      name: "others may say the same twice, in any order",
      annotations: {
        "kube-vip.io/loadbalancerIPs": "192.0.2.7,192.0.2.8",
        "metallb.io/loadBalancerIPs": "192.0.2.8,192.0.2.7",
      },
      want: { addresses: addresses("192.0.2.7", "192.0.2.8") },
    },
  ];
  for (const { name, annotations, want } of asks) {
    it(name, () => assert.deepEqual(parseAsks(annotations), { ...want, problems: [] }));
  }
});

describe("annotations that cannot be followed", () => {
  const wrong = [
    {
      name: "an unknown key of Herald's is told the known ones",
      annotations: { "herald.dev/adresses": "192.0.2.7" },
      path: "metadata.annotations[herald.dev/adresses]",
      message:
        /not known, expected one of herald\.dev\/pool, herald\.dev\/addresses, herald\.dev\/sharing-key, herald\.dev\/share-with-namespaces, herald\.dev\/protocols, herald\.dev\/nodes$/,
    },
    { name: "an unparsable address", key: "herald.dev/addresses", value: "web", message: /"web" is no IP address/ },
    { name: "an empty address", key: "herald.dev/addresses", value: "", message: /"" is no IP address/ },
    { name: "leading zeros", key: "herald.dev/addresses", value: "192.0.2.007", message: /without leading zeros/ },
    { name: "an IPv4-mapped address", key: "herald.dev/addresses", value: "::ffff:192.0.2.7", message: /IPv4-mapped/ },
    { name: "a zone", key: "herald.dev/addresses", value: "fe80::1%eth0", message: /zone/ },
    { name: "a CIDR", key: "herald.dev/addresses", value: "192.0.2.0/24", message: /no IP address/ },
    { name: "kube-vip's DHCP", key: "kube-vip.io/loadbalancerIPs", value: "0.0.0.0", message: /by DHCP/ },
    { name: "kube-vip's DHCPv6", key: "kube-vip.io/loadbalancerIPs", value: "::", message: /by DHCPv6/ },
    { name: "a name that no pool can have", key: "herald.dev/pool", value: "Pub lic", message: /"Pub lic" is no name/ },
    { name: "an empty name in a list", key: "herald.dev/pool", value: "a,,b", message: /"" is no name/ },
  ];
  for (const { name, annotations, key = "", value = "", path, message } of wrong) {
    it(`${name} is a problem, and nothing is asked for`, () => {
      const { problems, ...asks } = parseAsks(annotations ?? { [key]: value });
      assert.deepEqual(asks, {});
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path ?? `metadata.annotations[${key}]`],
      );
      assert.match(problems[0]?.message ?? "", message);
    });
  }

  it("every problem is told at once", () => {
    const { problems } = parseAsks({ "herald.dev/pool": "A,b", "herald.dev/addresses": "x,y", "herald.dev/z": "" });
    assert.equal(problems.length, 4);
  });

  it("others that contradict one another are a problem", () => {
    const { problems } = parseAsks({
      "metallb.io/loadBalancerIPs": "192.0.2.7",
      "kube-vip.io/loadbalancerIPs": "192.0.2.8",
    });
    assert.deepEqual(problems, [
      {
        path: "metadata.annotations[metallb.io/loadBalancerIPs]",
        message: "contradicts annotation kube-vip.io/loadbalancerIPs",
      },
    ]);
  });
});

describe("annotations that ask for too much", () => {
  const many = (count: number): string => Array.from({ length: count }, (_, i) => `192.0.2.${i}`).join();

  for (const key of ["herald.dev/addresses", "herald.dev/pool"])
    it(`${key}: 16 are read, 17 are one problem`, () => {
      assert.deepEqual(parseAsks({ [key]: many(16) }).problems, []);
      assert.deepEqual(parseAsks({ [key]: many(17) }), {
        problems: [{ path: `metadata.annotations[${key}]`, message: "lists more than 16" }],
      });
    });

  it("do not become a long message", () => {
    const long = "x".repeat(200_000);
    const keys = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`herald.dev/${i}`, ""]));
    const { problems } = parseAsks({ ...keys, "herald.dev/addresses": long, "herald.dev/pool": long });
    assert.equal(problems.length, 18);
    assert.ok(problems.every(({ message }) => message.length < 400));
  });

  it("are no address if they are the name of something that every object has", () => {
    const { problems } = parseAsks({ "kube-vip.io/loadbalancerIPs": "constructor" });
    assert.match(problems[0]?.message ?? "", /^"constructor" is no IP address/);
  });
});

describe("the annotation that Herald writes", () => {
  it("is read in its order", () => {
    const allocated = parseAllocated({ "herald.dev/allocated": "2001:db8::7,192.0.2.7" });
    assert.deepEqual(allocated, addresses("2001:db8::7", "192.0.2.7"));
  });

  it("counts as absent if somebody made nonsense of it", () => {
    assert.equal(parseAllocated({ "herald.dev/allocated": "192.0.2.7,nonsense" }), undefined);
    assert.equal(parseAllocated({}), undefined);
  });

  it("counts as absent if it lists more than Herald ever gives: 16 that were asked for, and one of the other family", () => {
    const texts = Array.from({ length: 18 }, (_, i) => `192.0.2.${i}`);
    assert.equal(parseAllocated({ "herald.dev/allocated": texts.slice(1).join() })?.length, 17);
    assert.equal(parseAllocated({ "herald.dev/allocated": texts.join() }), undefined);
  });
});
