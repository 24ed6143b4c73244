import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importCilium } from "../../../../src/cli/import/cilium.ts";
import type { Imported } from "../../../../src/cli/import/imported.ts";
import { noted, objects, specs, worldOf } from "./world-of.ts";

const blocks = 'blocks: [{cidr: "192.0.2.0/28"}]';

function pool(spec: string, version = "v2"): string {
  return `
---
apiVersion: cilium.io/${version}
kind: CiliumLoadBalancerIPPool
metadata: {name: blue}
spec:
  ${spec.trim().replaceAll("\n", "\n  ")}
`;
}

function policy(spec: string, kind = "CiliumL2AnnouncementPolicy", name = "lan"): string {
  return `\n---\n{apiVersion: cilium.io/v2alpha1, kind: ${kind}, metadata: {name: ${name}}, spec: ${spec}}\n`;
}

const announced = policy("{loadBalancerIPs: true}");

function imported(...texts: readonly string[]): Imported {
  return importCilium(objects(texts.join("")));
}

describe("a CiliumLoadBalancerIPPool becomes an IPPool of its name", () => {
  const selector = (text: string): string => `${blocks}\nserviceSelector: {${text}}`;
  const own = "io.kubernetes.service";
  const cases: readonly (readonly [what: string, spec: string, wanted: object])[] = [
    [
      "with CIDRs, ranges and single addresses",
      'blocks: [{cidr: "192.0.2.0/28"}, {cidr: "2001:db8::/64"}, {start: "198.51.100.1", stop: "198.51.100.9"}, {start: "198.51.100.20"}]',
      { addresses: ["192.0.2.0/28", "2001:db8::/64", "198.51.100.1-198.51.100.9", "198.51.100.20"] },
    ],
    ["of an older release", 'cidrs: [{cidr: "192.0.2.0/28"}]', {}],
    ["that is disabled", `${blocks}\ndisabled: true`, { paused: true }],
    ["whose ends are in use", `${blocks}\nallowFirstLastIPs: "No"`, { skipEnds: true }],
    ["whose ends are given", `${blocks}\nallowFirstLastIPs: "Yes"`, {}],
    [
      "for Services by label",
      selector("matchLabels: {color: blue}"),
      { services: { serviceSelector: { matchLabels: { color: "blue" } } } },
    ],
    ["for one namespace", selector(`matchLabels: {${own}.namespace: shop}`), { services: { namespaces: ["shop"] } }],
    [
      "for several namespaces, and by label in them",
      selector(
        `matchLabels: {color: blue}, matchExpressions: [{key: ${own}.namespace, operator: In, values: [shop, blog]}]`,
      ),
      { services: { namespaces: ["blog", "shop"], serviceSelector: { matchLabels: { color: "blue" } } } },
    ],
    [
      "for all namespaces but some",
      selector(`matchExpressions: [{key: ${own}.namespace, operator: NotIn, values: [shop]}]`),
      {
        services: {
          namespaceSelector: {
            matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["shop"] }],
          },
        },
      },
    ],
    ["for all, as every Service has a name", selector(`matchExpressions: [{key: ${own}.name, operator: Exists}]`), {}],
    ["for all, by an empty selector", `${blocks}\nserviceSelector: {}`, {}],
  ];
  for (const [what, spec, wanted] of cases)
    it(what, () => {
      const result = imported(pool(spec, what.includes("older") ? "v2alpha1" : "v2"), announced);
      assert.deepEqual(specs(result), { blue: { addresses: ["192.0.2.0/28"], ...wanted } });
      assert.deepEqual(result.notes, []);
    });

  const paused: readonly (readonly [what: string, text: string])[] = [
    ["a Service's name", `matchLabels: {${own}.name: web}`],
    ["an operator that there is not", "matchExpressions: [{key: a, operator: Like, values: [b]}]"],
  ];
  for (const [what, text] of paused)
    it(`that is paused, and open to nobody else, where it selects by ${what}`, () => {
      const result = imported(pool(selector(text)), announced);
      assert.deepEqual(specs(result), { blue: { addresses: ["192.0.2.0/28"], paused: true } });
      assert.deepEqual(noted(result), ["CiliumLoadBalancerIPPool blue: spec.serviceSelector"]);
    });

  it("a namespace that is not selected gets nothing of it", () => {
    const text = selector(`matchExpressions: [{key: ${own}.namespace, operator: NotIn, values: [shop]}]`);
    const world = worldOf(imported(pool(text), announced), "shop/web", "blog/web").settle();
    assert.deepEqual([world.addresses("shop/web"), world.addresses("blog/web")], [[], ["192.0.2.0"]]);
  });

  it("the ends of IPv6 blocks, which Herald may give, are said", () => {
    const result = imported(pool('blocks: [{cidr: "2001:db8::/64"}]\nallowFirstLastIPs: "No"'), announced);
    assert.deepEqual(noted(result), ["CiliumLoadBalancerIPPool blue: spec.allowFirstLastIPs"]);
  });

  it("what is no block and what is unknown is said", () => {
    const result = imported(
      pool('blocks: [{cidr: "192.0.2.0/28"}, {stop: "192.0.2.99"}, {start: "192.0.2.9", stop: "192.0.2.1"}]\nfoo: 1'),
      announced,
    );
    assert.deepEqual(specs(result), { blue: { addresses: ["192.0.2.0/28"] } });
    const name = "CiliumLoadBalancerIPPool blue: spec";
    assert.deepEqual(noted(result), [`${name}.blocks`, `${name}.blocks`, `${name}.foo`]);
  });
});

describe("one CiliumL2AnnouncementPolicy becomes the announcement of the pools", () => {
  const cases: readonly (readonly [spec: string, announcement: object | undefined, notes: readonly string[]])[] = [
    ["{loadBalancerIPs: true}", undefined, []],
    ["{loadBalancerIPs: true, interfaces: [^eth0$]}", { arp: { interfaces: ["eth0"] } }, []],
    ["{loadBalancerIPs: true, interfaces: ['^eth[0-9]+']}", { arp: { interfaces: ["/^eth[0-9]+/"] } }, []],
    ["{loadBalancerIPs: true, interfaces: ['(eth)+']}", undefined, ["spec.interfaces"]],
    [
      "{loadBalancerIPs: true, nodeSelector: {matchExpressions: [{key: node-role.kubernetes.io/control-plane, operator: DoesNotExist}]}}",
      {
        nodeSelector: {
          matchExpressions: [{ key: "node-role.kubernetes.io/control-plane", operator: "DoesNotExist" }],
        },
      },
      [],
    ],
    [
      "{externalIPs: true, serviceSelector: {matchLabels: {a: b}}}",
      undefined,
      ["spec.loadBalancerIPs", "spec.externalIPs", "spec.serviceSelector"],
    ],
  ];
  for (const [spec, announcement, notes] of cases)
    it(spec, () => {
      const result = imported(pool(blocks), policy(spec));
      const plain = { addresses: ["192.0.2.0/28"] };
      assert.deepEqual(specs(result), { blue: announcement === undefined ? plain : { ...plain, announcement } });
      assert.deepEqual(
        noted(result),
        notes.map((field) => `CiliumL2AnnouncementPolicy lan: ${field}`),
      );
    });

  it("of several nothing is taken, and each is said", () => {
    const result = imported(
      pool(blocks),
      announced,
      policy("{interfaces: [eth0]}", "CiliumL2AnnouncementPolicy", "two"),
    );
    assert.deepEqual(noted(result), ["CiliumL2AnnouncementPolicy lan: spec", "CiliumL2AnnouncementPolicy two: spec"]);
  });

  it("without any it is said that the pools are announced from now on", () =>
    assert.deepEqual(noted(imported(pool(blocks))), ["CiliumLoadBalancerIPPool blue: spec.announcement"]));
});

it("BGP and a class of Cilium are said to be lost", () => {
  const service =
    "\n---\n{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {type: LoadBalancer, loadBalancerClass: io.cilium/l2-announcer}}\n";
  const result = imported(pool(blocks), announced, policy("{}", "CiliumBGPClusterConfig"), service);
  assert.deepEqual(noted(result), ["CiliumBGPClusterConfig lan: spec", "Service shop/web: spec.loadBalancerClass"]);
});
