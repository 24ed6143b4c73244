import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Imported } from "../../../../src/cli/import/imported.ts";
import { importPureLB } from "../../../../src/cli/import/purelb.ts";
import { noted, objects, specs } from "./world-of.ts";

const v4 = "v4pools: [{subnet: 192.0.2.0/24, pool: 192.0.2.0/28, aggregation: default}]";

function group(spec: string, name = "default", version = "v2"): string {
  return `
---
apiVersion: purelb.io/${version}
kind: ServiceGroup
metadata: {name: ${name}, namespace: purelb-system}
spec: ${spec}
`;
}

function agent(spec: string, name = "default"): string {
  return `\n---\n{apiVersion: purelb.io/v1, kind: LBNodeAgent, metadata: {name: ${name}, namespace: purelb-system}, spec: ${spec}}\n`;
}

function imported(...texts: readonly string[]): Imported {
  return importPureLB(objects(texts.join("")));
}

describe("a ServiceGroup becomes an IPPool of its name", () => {
  const cases: readonly (readonly [what: string, spec: string, addresses: readonly string[]])[] = [
    [
      "with several pools of both families",
      "{local: {v4pools: [{pool: 192.0.2.0/28}, {pool: 192.0.2.64-192.0.2.79}], v6pools: [{pool: 'fd00::-fd00::3'}]}}",
      ["192.0.2.0/28", "192.0.2.64-192.0.2.79", "fd00::-fd00::3"],
    ],
    [
      "with one of each",
      "{local: {v4pool: {subnet: 192.0.2.0/24, pool: 192.0.2.0/28}, v6pool: {subnet: 'fd00::/64', pool: 'fd00::/120'}}}",
      ["192.0.2.0/28", "fd00::/120"],
    ],
    [
      "of the oldest form",
      "{local: {subnet: 192.0.2.0/24, pool: 192.0.2.0/28, aggregation: default}}",
      ["192.0.2.0/28"],
    ],
  ];
  for (const [what, spec, addresses] of cases)
    it(what, () => {
      const result = imported(group(spec, "default", "v1"));
      assert.deepEqual(specs(result), { default: { addresses } });
      assert.deepEqual(result.notes, []);
    });

  it("that must be asked for, unless it is the default", () => {
    const result = imported(group(`{local: {${v4}}}`), group("{local: {v4pool: {pool: 198.51.100.0/28}}}", "other"));
    assert.deepEqual(specs(result), {
      default: { addresses: ["192.0.2.0/28"] },
      other: { addresses: ["198.51.100.0/28"], automatic: false },
    });
  });

  const other = group(
    "{local: {v4pool: {pool: 198.51.100.0/28}}, namespaces: [shop, blog], enforceNamespaces: true}",
    "rival",
  );
  const namespaced: readonly (readonly [what: string, spec: string, rival: string, wanted: object])[] = [
    ["of the only group for its namespaces, unasked", "enforceNamespaces: true", "", {}],
    ["of one of several, when it is asked for", "enforceNamespaces: true", other, { automatic: false }],
    [
      "of the one of several that is the default, unasked",
      "enforceNamespaces: true, namespaceDefault: true",
      other,
      {},
    ],
  ];
  for (const [what, spec, rival, wanted] of namespaced)
    it(what, () => {
      const result = imported(group(`{local: {${v4}}, namespaces: [shop], ${spec}}`, "tenant"), rival);
      const services = { namespaces: ["shop"] };
      assert.deepEqual(specs(result).tenant, { addresses: ["192.0.2.0/28"], ...wanted, services });
      assert.ok(noted(result).includes("ServiceGroup purelb-system/tenant: spec.enforceNamespaces"));
    });

  it("that is narrower than before, where others could ask for it; Services that did are named", () => {
    const service = (namespace: string): string =>
      `\n---\n{apiVersion: v1, kind: Service, metadata: {name: web, namespace: ${namespace}, annotations: {purelb.io/service-group: tenant}}, spec: {type: LoadBalancer}}\n`;
    const result = imported(group(`{local: {${v4}}, namespaces: [shop]}`, "tenant"), service("shop"), service("blog"));
    assert.deepEqual(noted(result), [
      "ServiceGroup purelb-system/tenant: spec.namespaces",
      "Service blog/web: metadata.annotations[purelb.io/service-group]",
    ]);
  });

  const lost: readonly (readonly [spec: string, pools: readonly string[], fields: readonly string[]])[] = [
    ["{netbox: {url: https://netbox, tenant: t}}", [], ["spec.netbox"]],
    ["{external: {provider: x, announce: local}}", [], ["spec.external"]],
    [`{remote: {${v4}}}`, ["default"], ["spec.remote"]],
    [`{local: {${v4}}, remote: {v6pools: [{pool: "fd00::/120"}]}}`, ["default"], ["spec.remote"]],
    ["{local: {v4pool: {pool: 192.0.2.0/28, gateway: 192.0.2.1}}}", ["default"], ["spec.local.v4pool.gateway"]],
    [`{local: {${v4}, multiPool: true, skipIPv6DAD: false}}`, ["default"], ["spec.local.multiPool"]],
    [
      "{local: {v4pools: [{pool: 192.0.2.0/28, aggregation: /32}]}}",
      ["default"],
      ["spec.local.v4pools[0].aggregation"],
    ],
    ["{local: {v4pools: [{pool: 192.0.2.0/28}, {pool: 192.0.2.300/32}]}}", ["default"], ["spec.local.v4pools[1].pool"]],
  ];
  for (const [spec, pools, fields] of lost)
    it(`${spec} loses ${fields.join(", ")}, which is said`, () => {
      const result = imported(group(spec));
      assert.deepEqual(Object.keys(specs(result)), pools);
      assert.deepEqual(
        noted(result),
        fields.map((field) => `ServiceGroup purelb-system/default: ${field}`),
      );
    });
});

describe("one LBNodeAgent becomes the announcement of local pools", () => {
  const cases: readonly (readonly [spec: string, announcement: object | undefined, fields: readonly string[]])[] = [
    [
      "{local: {localint: default, extlbint: kube-lb0, sendgarp: true}}",
      undefined,
      ["spec.local.extlbint", "spec.local.sendgarp"],
    ],
    ["{local: {localint: 'enp0s.*'}}", { arp: { interfaces: ["/enp0s.*/"] } }, []],
    [
      "{local: {localInterface: '^eth1$', garpConfig: {count: 3}}}",
      { arp: { interfaces: ["eth1"] } },
      ["spec.local.garpConfig"],
    ],
    ["{nodeSelector: {matchLabels: {edge: 'true'}}}", { nodeSelector: { matchLabels: { edge: "true" } } }, []],
    ["{local: {addressGuard: {mode: enforce}}}", undefined, ["spec.local.addressGuard"]],
  ];
  for (const [spec, announcement, fields] of cases)
    it(spec, () => {
      const result = imported(group(`{local: {${v4}}}`), agent(spec));
      const plain = { addresses: ["192.0.2.0/28"] };
      assert.deepEqual(specs(result), { default: announcement === undefined ? plain : { ...plain, announcement } });
      assert.deepEqual(
        noted(result),
        fields.map((field) => `LBNodeAgent purelb-system/default: ${field}`),
      );
    });

  it("not of remote pools", () => {
    const result = imported(group(`{remote: {${v4}}}`), agent("{local: {localint: eth1}}"));
    assert.deepEqual(specs(result), { default: { addresses: ["192.0.2.0/28"] } });
  });

  it("of several nothing is taken, and each is said", () =>
    assert.deepEqual(
      noted(imported(group(`{local: {${v4}}}`), agent("{local: {localint: eth1}}"), agent("{}", "two"))),
      ["LBNodeAgent purelb-system/default: spec", "LBNodeAgent purelb-system/two: spec"],
    ));
});
