import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Imported } from "../../../../src/cli/import/imported.ts";
import { importMetalLB } from "../../../../src/cli/import/metallb.ts";
import { noted, objects, putObject, specs, worldOf } from "./world-of.ts";

const addresses = "addresses: [192.0.2.0/28]";

function pool(spec: string, name = "first", labels = "{}"): string {
  return `
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: ${name}, namespace: metallb-system, labels: ${labels}}
spec:
  ${spec.trim().replaceAll("\n", "\n  ")}
`;
}

function advertisement(spec: string, name = "lan", kind = "L2Advertisement"): string {
  return `
---
apiVersion: metallb.io/v1beta1
kind: ${kind}
metadata: {name: ${name}, namespace: metallb-system}
spec: ${spec}
`;
}

function imported(...texts: readonly string[]): Imported {
  return importMetalLB(objects(texts.join("")));
}

const everywhere = advertisement("{}");

describe("an IPAddressPool becomes an IPPool of its name", () => {
  const allocation = (text: string): string => `${addresses}\nserviceAllocation:\n  ${text}`;
  const cases: readonly (readonly [what: string, spec: string, wanted: object])[] = [
    [
      "with its addresses as they stand",
      "addresses: [192.0.2.0/28, 198.51.100.1-198.51.100.9, 'fc00::/124']",
      { addresses: ["192.0.2.0/28", "198.51.100.1-198.51.100.9", "fc00::/124"] },
    ],
    ["that must be asked for", `${addresses}\nautoAssign: false`, { automatic: false }],
    ["that anybody may use", `${addresses}\nautoAssign: true\navoidBuggyIPs: false`, {}],
    ["without .0 and .255", `${addresses}\navoidBuggyIPs: true`, { avoidBuggyIPs: true }],
    ["of some namespaces", allocation("namespaces: [b, a, b]"), { services: { namespaces: ["a", "b"] } }],
    ["of one namespace", allocation("namespaces: [a]"), { services: { namespaces: ["a"] } }],
    [
      "of namespaces by label",
      allocation("namespaceSelectors: [{matchLabels: {tier: public}}]"),
      { services: { namespaceSelector: { matchLabels: { tier: "public" } } } },
    ],
    [
      "of namespaces by either value of one label",
      allocation(
        "namespaceSelectors: [{matchLabels: {tier: b, x: z}}, {matchLabels: {x: z}, matchExpressions: [{key: tier, operator: In, values: [a]}]}]",
      ),
      {
        services: {
          namespaceSelector: {
            matchLabels: { x: "z" },
            matchExpressions: [{ key: "tier", operator: "In", values: ["a", "b"] }],
          },
        },
      },
    ],
    [
      "of namespaces by name or by the label of their name",
      allocation("namespaces: [b]\n  namespaceSelectors: [{matchLabels: {kubernetes.io/metadata.name: a}}]"),
      { services: { namespaces: ["a", "b"] } },
    ],
    [
      "of Services by label",
      allocation("serviceSelectors: [{matchExpressions: [{key: app, operator: Exists}]}]"),
      { services: { serviceSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } } },
    ],
    [
      "of all Services, where one of the selectors is empty",
      allocation("serviceSelectors: [{matchLabels: {app: x}}, {}]"),
      {},
    ],
    [
      "of both",
      allocation("namespaces: [a]\n  serviceSelectors: [{matchLabels: {app: x}}]"),
      { services: { namespaces: ["a"], serviceSelector: { matchLabels: { app: "x" } } } },
    ],
  ];
  for (const [what, spec, wanted] of cases)
    it(what, () => {
      const result = imported(pool(spec), everywhere);
      assert.deepEqual(specs(result), { first: { addresses: ["192.0.2.0/28"], ...wanted } });
      assert.deepEqual(result.notes, []);
    });

  it("that is paused, and open to nobody else, where no one selector says whom it is for", () => {
    const result = imported(
      pool(`${addresses}\nserviceAllocation: {namespaces: [a], namespaceSelectors: [{matchLabels: {x: z}}]}`),
      everywhere,
    );
    assert.deepEqual(specs(result), { first: { addresses: ["192.0.2.0/28"], paused: true } });
    assert.deepEqual(noted(result), ["IPAddressPool metallb-system/first: spec.serviceAllocation"]);
  });

  it("without the addresses that are none, which are said", () => {
    const result = imported(pool("addresses: [192.0.2.1, 192.0.2.300/32, 192.0.2.9-192.0.2.1]"), everywhere);
    assert.deepEqual(specs(result), { first: { addresses: ["192.0.2.1"] } });
    assert.equal(result.notes.length, 2);
    assert.match(result.notes[0]?.message ?? "", /192\.0\.2\.300/);
  });

  it("whose unknown fields are said", () =>
    assert.deepEqual(noted(imported(pool(`${addresses}\nfoo: bar`), everywhere)), [
      "IPAddressPool metallb-system/first: spec.foo",
    ]));
});

describe("the order in which pools are asked stays", () => {
  it("a lower number is asked first, pools that select before others, no number last", () => {
    const selecting = (number: string, name: string): string =>
      pool(`addresses: [192.0.2.${name}]\nserviceAllocation: {${number}namespaces: [shop]}`, `n${name}`);
    const result = imported(
      pool("addresses: [192.0.2.9]", "n9"),
      selecting("", "3"),
      selecting("priority: 50, ", "2"),
      selecting("priority: 10, ", "1"),
      selecting("priority: 0, ", "4"),
      everywhere,
    );
    const world = worldOf(result, "shop/a", "shop/b", "shop/c", "shop/d", "shop/e").settle();
    const given = ["a", "b", "c", "d", "e"].map((name) => world.addresses(`shop/${name}`)[0]);
    assert.deepEqual(given, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.9"]);
  });
});

describe("an L2Advertisement becomes the announcement of the pools that it names", () => {
  const nodes =
    "nodeSelectors: [{matchLabels: {kubernetes.io/hostname: a}}, {matchLabels: {kubernetes.io/hostname: b}}]";
  const eitherNode = {
    nodeSelector: { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["a", "b"] }] },
  };
  const cases: readonly (readonly [
    what: string,
    ads: readonly string[],
    announcement: object | undefined,
    notes: number,
  ])[] = [
    ["all pools, where it names none", ["{interfaces: [eth0]}"], { arp: { interfaces: ["eth0"] } }, 0],
    ["by name", ["{ipAddressPools: [first], interfaces: [eth0]}"], { arp: { interfaces: ["eth0"] } }, 0],
    [
      "by label",
      ["{ipAddressPoolSelectors: [{matchLabels: {zone: a}}], interfaces: [eth0]}"],
      { arp: { interfaces: ["eth0"] } },
      0,
    ],
    ["on some nodes", [`{${nodes}}`], eitherNode, 0],
    [
      "on the interfaces of several together",
      ["{interfaces: [eth0]}", "{interfaces: [eth1, eth0]}"],
      { arp: { interfaces: ["eth0", "eth1"] } },
      0,
    ],
    ["on all interfaces, where one of several says none", ["{interfaces: [eth0]}", "{}"], undefined, 0],
    [
      "on any interface of any node, where several say both; which is said",
      [`{interfaces: [eth0], ${nodes}}`, `{interfaces: [eth1], ${nodes}}`],
      { ...eitherNode, arp: { interfaces: ["eth0", "eth1"] } },
      1,
    ],
    [
      "on any node, where no one selector says which; which is said",
      ["{nodeSelectors: [{matchLabels: {a: b}}, {matchLabels: {c: d}}]}"],
      undefined,
      1,
    ],
    ["by default, where none names the pool; which is said", ["{ipAddressPools: [other]}"], undefined, 1],
  ];
  for (const [what, ads, announcement, notes] of cases)
    it(what, () => {
      const result = imported(
        pool(addresses, "first", "{zone: a}"),
        ...ads.map((ad, i) => advertisement(ad, `ad${i}`)),
      );
      const plain = { addresses: ["192.0.2.0/28"] };
      assert.deepEqual(specs(result), { first: announcement === undefined ? plain : { ...plain, announcement } });
      assert.equal(result.notes.length, notes);
    });

  it("what it says besides is not carried over, and said", () => {
    const ad = advertisement("{serviceSelectors: [{matchLabels: {a: b}}], preferredNodeSelectors: [{weight: 1}]}");
    assert.deepEqual(noted(imported(pool(addresses), ad)), [
      "L2Advertisement metallb-system/lan: spec.serviceSelectors",
      "L2Advertisement metallb-system/lan: spec.preferredNodeSelectors",
    ]);
  });
});

describe("Services of MetalLB", () => {
  const service = (name: string, namespace: string, ip: string, port: number): string => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}, annotations: {metallb.io/allow-shared-ip: k}}
spec: {type: LoadBalancer, ipFamilies: [IPv4], ports: [{port: ${port}, protocol: TCP}]}
status: {loadBalancer: {ingress: [{ip: ${ip}}]}}
`;
  const text = [
    pool(addresses),
    everywhere,
    service("web", "shop", "192.0.2.3", 80),
    service("api", "blog", "192.0.2.3", 81),
  ];

  it("that share across namespaces need consent, and keep their address with it", () => {
    const result = imported(...text);
    assert.deepEqual(result.annotations, [
      {
        namespace: "shop",
        name: "web",
        annotations: { "herald.dev/sharing-key": "k", "herald.dev/share-with-namespaces": "blog" },
      },
      {
        namespace: "blog",
        name: "api",
        annotations: { "herald.dev/sharing-key": "k", "herald.dev/share-with-namespaces": "shop" },
      },
    ]);
    const world = worldOf(result);
    const keys = objects(text.join(""))
      .filter(({ kind }) => kind === "Service")
      .map((each) => putObject(world, each, result));
    world.settle();
    assert.deepEqual(
      keys.map((key) => world.addresses(key)),
      [["192.0.2.3"], ["192.0.2.3"]],
    );
  });

  it("that share within a namespace need nothing", () =>
    assert.deepEqual(
      imported(pool(addresses), service("a", "shop", "192.0.2.3", 80), service("b", "shop", "192.0.2.3", 81))
        .annotations,
      [],
    ));
});

it("of two pools of one name the second is named apart, and said", () => {
  const twin = pool("addresses: [198.51.100.0/28]").replace("metallb-system", "other");
  const result = imported(pool(addresses), twin, everywhere);
  assert.deepEqual(Object.keys(specs(result)), ["first", "first-2"]);
  assert.deepEqual(noted(result), ["pool first: metadata.name"]);
});
