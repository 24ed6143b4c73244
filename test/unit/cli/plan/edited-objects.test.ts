import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ServiceObject } from "../../../../src/api/service.ts";
import { type Edit, putOf } from "../../../../src/cli/plan/edit.ts";
import { editedObjects } from "../../../../src/cli/plan/edited-objects.ts";
import type { ClusterObjects } from "../../../../src/controller/cluster-objects.ts";
import { noonMs, prefix } from "../../../support/builders.ts";

const nothing: ClusterObjects = {
  services: [],
  pools: [],
  advertisements: [],
  namespaces: [],
  nodes: [],
  vipNodes: [],
  serviceNetworks: [prefix("10.96.0.0/16"), prefix("fd96::/108")],
  apiServers: [],
};

const serviceEdit = (spec: object, metadata: object = {}): Edit => ({
  puts: [putOf("Service", { kind: "Service", metadata: { name: "web", ...metadata }, spec }, "shop")],
  deletions: [],
});

/** What a stored Service becomes once a manifest with this spec is applied. */
function applied(stored: ServiceObject | undefined, edit: Edit): ServiceObject {
  const { services } = editedObjects({ ...nothing, services: stored ? [stored] : [] }, edit, noonMs);
  const [service, ...others] = services;
  assert.equal(others.length, 0);
  return service ?? assert.fail("no service");
}

const live: ServiceObject = {
  metadata: { namespace: "shop", name: "web", uid: "u1", creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: {
    type: "LoadBalancer",
    loadBalancerClass: "herald.dev/vip",
    ipFamilyPolicy: "SingleStack",
    ipFamilies: ["IPv6"],
  },
  status: { loadBalancer: { ingress: [{ ip: "2001:db8::1" }] } },
};

describe("a new Service", () => {
  it("is made in the namespace that is meant, after those before it in the files", () => {
    const { puts } = serviceEdit({ type: "LoadBalancer" });
    const [first] = puts;
    assert.ok(first);
    const twin = { ...first, name: "api" };
    const { services } = editedObjects(nothing, { puts: [first, twin], deletions: [] }, noonMs);
    assert.deepEqual(
      services.map(({ metadata }) => [metadata.namespace, metadata.name, Date.parse(metadata.creationTimestamp ?? "")]),
      [
        ["shop", "web", noonMs],
        ["shop", "api", noonMs + 1],
      ],
    );
    assert.equal(new Set(services.map(({ metadata }) => metadata.uid)).size, 2);
  });

  const families = [
    { name: "without a wish has the cluster's first family", spec: {}, want: ["SingleStack", "IPv4"] },
    { name: "has the family it lists", spec: { ipFamilies: ["IPv6"] }, want: ["SingleStack", "IPv6"] },
    {
      name: "that prefers both has both",
      spec: { ipFamilyPolicy: "PreferDualStack" },
      want: ["PreferDualStack", "IPv4", "IPv6"],
    },
    {
      name: "that prefers both has its own first",
      spec: { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv6"] },
      want: ["PreferDualStack", "IPv6", "IPv4"],
    },
    {
      name: "that lists two requires them",
      spec: { ipFamilies: ["IPv6", "IPv4"] },
      want: ["RequireDualStack", "IPv6", "IPv4"],
    },
  ];
  for (const { name, spec, want } of families)
    it(name, () => {
      const { ipFamilyPolicy, ipFamilies = [] } =
        applied(undefined, serviceEdit({ type: "LoadBalancer", ...spec })).spec ?? {};
      assert.deepEqual([ipFamilyPolicy, ...ipFamilies], want);
    });

  it("with fields of the wrong form is read as far as it can be", () => {
    const { spec } = applied(undefined, serviceEdit({ type: 7, ports: "80", ipFamilies: "IPv4", selector: [] }));
    assert.deepEqual(spec, { ports: [], selector: {}, ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] });
  });
});

describe("a stored Service", () => {
  it("keeps its identity, its status, its class and its families", () => {
    const { metadata, spec, status } = applied(live, serviceEdit({ type: "LoadBalancer" }));
    assert.deepEqual([metadata.uid, metadata.creationTimestamp], ["u1", "2026-01-01T00:00:00Z"]);
    assert.deepEqual(status, live.status);
    assert.deepEqual([spec?.loadBalancerClass, spec?.ipFamilies], ["herald.dev/vip", ["IPv6"]]);
  });

  const withFields = (loadBalancerIP: string, allocated: string): ServiceObject => ({
    ...live,
    metadata: { ...live.metadata, annotations: { "herald.dev/allocated": allocated } },
    spec: { ...live.spec, loadBalancerIP },
  });

  it("keeps what Herald wrote into it, and loses an ask that its manifest does not have any more", () => {
    const ours = applied(withFields("2001:db8::1", "2001:db8::1"), serviceEdit({ type: "LoadBalancer" }));
    assert.equal(ours.spec?.loadBalancerIP, "2001:db8::1");
    assert.equal(ours.metadata.annotations?.["herald.dev/allocated"], "2001:db8::1");
    const theirs = applied(withFields("2001:db8::9", "2001:db8::1"), serviceEdit({ type: "LoadBalancer" }));
    assert.equal(theirs.spec?.loadBalancerIP, undefined);
  });

  const remembering = {
    "kubectl apply": {
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({
          metadata: { annotations: { "herald.dev/pool": "a" } },
        }),
      },
    },
    "kubectl apply --server-side": {
      managedFields: [
        {
          manager: "kubectl",
          operation: "Apply",
          fieldsV1: { "f:metadata": { "f:annotations": { "f:herald.dev/pool": {} } } },
        },
      ],
    },
  };
  for (const [how, memory] of Object.entries(remembering))
    it(`loses an annotation that ${how} had set and the manifest does not have any more, and keeps others`, () => {
      const annotations = { ...("annotations" in memory && memory.annotations), "herald.dev/pool": "a", other: "b" };
      const stored = { ...live, metadata: { ...live.metadata, ...memory, annotations } };
      const kept = applied(stored, serviceEdit({}, { annotations: { new: "c" } })).metadata.annotations ?? {};
      assert.deepEqual([kept["herald.dev/pool"], kept.other, kept.new], [undefined, "b", "c"]);
    });

  it("is gone once it is deleted, and only it", () => {
    const ref = { kind: "Service", namespace: "shop", name: "web" } as const;
    const other = { ...live, metadata: { ...live.metadata, namespace: "blog" } };
    const { services } = editedObjects({ ...nothing, services: [live, other] }, { puts: [], deletions: [ref] }, noonMs);
    assert.deepEqual(services, [other]);
  });
});

it("a pool's spec is replaced as a whole, and its status stays", () => {
  const status = { conditions: [], addresses: {} };
  const stored = {
    metadata: { name: "public", uid: "p1" },
    spec: { addresses: ["192.0.2.0/24"], paused: true },
    status,
  };
  const put = putOf(
    "IPPool",
    { kind: "IPPool", metadata: { name: "public" }, spec: { addresses: ["192.0.2.1"] } },
    "shop",
  );
  const { pools } = editedObjects({ ...nothing, pools: [stored] }, { puts: [put], deletions: [] }, noonMs);
  assert.deepEqual(
    pools.map(({ spec, metadata, ...rest }) => [spec, metadata.uid, rest.status]),
    [[{ addresses: ["192.0.2.1"] }, "p1", status]],
  );
});

it("a namespace has the label of its name, whatever its manifest says", () => {
  const put = putOf("Namespace", { kind: "Namespace", metadata: { name: "shop", labels: { tier: "gold" } } }, "shop");
  const { namespaces } = editedObjects(nothing, { puts: [put], deletions: [] }, noonMs);
  assert.deepEqual(namespaces[0]?.metadata.labels, { tier: "gold", "kubernetes.io/metadata.name": "shop" });
});
