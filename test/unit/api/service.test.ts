import assert from "node:assert/strict";
import { it } from "node:test";
import { parseService } from "../../../src/api/service.ts";
import { reviewService } from "../../../src/api/service-review.ts";
import { addresses } from "../../support/builders.ts";

const condition = {
  type: "herald.dev/Allocated",
  status: "True",
  reason: "Allocated",
  message: "",
  lastTransitionTime: "2026-01-31T12:00:00Z",
} as const;

it("a Service is read as it is", () => {
  const service = parseService({
    metadata: {
      name: "web",
      namespace: "shop",
      uid: "u",
      resourceVersion: "7",
      creationTimestamp: "2026-01-31T12:00:00Z",
      deletionTimestamp: "2026-01-31T12:00:01Z",
      labels: { expose: "true" },
      annotations: { "herald.dev/pool": "public", "herald.dev/allocated": "2001:db8::7,192.0.2.7" },
    },
    spec: {
      type: "LoadBalancer",
      loadBalancerClass: "herald.dev/vip",
      loadBalancerIP: "192.0.2.7",
      ipFamilyPolicy: "RequireDualStack",
      ipFamilies: ["IPv6", "IPv4"],
      externalTrafficPolicy: "Local",
    },
    status: { loadBalancer: { ingress: [{ ip: "192.0.2.7", ipMode: "VIP" }] }, conditions: [condition] },
  });
  assert.deepEqual(service, {
    key: "shop/web",
    namespace: "shop",
    name: "web",
    uid: "u",
    resourceVersion: "7",
    createdMs: Date.UTC(2026, 0, 31, 12),
    terminating: true,
    type: "LoadBalancer",
    loadBalancerClass: "herald.dev/vip",
    labels: { expose: "true" },
    ipFamilyPolicy: "RequireDualStack",
    ipFamilies: [6, 4],
    trafficPolicy: "Local",
    loadBalancerIP: "192.0.2.7",
    asks: { pools: ["public"], problems: [] },
    allocated: addresses("2001:db8::7", "192.0.2.7"),
    ingress: [{ ip: "192.0.2.7", ipMode: "VIP" }],
    conditions: [condition],
  });
});

it("what a Service does not say is what Kubernetes' defaults say", () => {
  const service = parseService({ metadata: { name: "web", namespace: "shop" } });
  assert.deepEqual(service, {
    key: "shop/web",
    namespace: "shop",
    name: "web",
    uid: "",
    resourceVersion: "",
    createdMs: 0,
    terminating: false,
    type: "ClusterIP",
    labels: {},
    ipFamilyPolicy: "SingleStack",
    ipFamilies: [],
    trafficPolicy: "Cluster",
    loadBalancerIP: "",
    asks: { problems: [] },
    ingress: [],
    conditions: [],
  });
});

it("a Service that asks for a pool that is not there is let through with a warning", () => {
  const object = { metadata: { name: "web", annotations: { "herald.dev/pool": "a,b" } } };
  const { problems, warnings } = reviewService(object, new Set(["b"]));
  assert.deepEqual(problems, []);
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ["there is no pool a; the Service waits until there is one"],
  );
});

const shared = {
  metadata: {
    name: "web",
    namespace: "shop",
    annotations: { "herald.dev/sharing-key": "front", "herald.dev/share-with-namespaces": "blog" },
  },
  spec: { externalTrafficPolicy: "Local", ports: [{ port: 80 }], selector: { app: "web" } },
};

it("a Service with a sharing key has the terms on which it shares", () => {
  const { terms, asks } = parseService(shared);
  const want = { key: "front", namespaces: ["blog"], ports: ["TCP/80"], policy: "Local", selector: "app=web" };
  assert.deepEqual(terms, want);
  assert.deepEqual(asks, { problems: [] });
});

it("a Service that is too large to share is refused, and shares nothing", () => {
  const ports = Array.from({ length: 257 }, (_, i) => ({ port: i + 1 }));
  const object = { ...shared, spec: { ports } };
  const problems = [
    { path: "spec.ports", message: "has 257 ports, a Service with a sharing key may have at most 256" },
  ];
  assert.equal(parseService(object).terms, undefined);
  assert.deepEqual(parseService(object).asks.problems, problems);
  assert.deepEqual(reviewService(object, new Set()).problems, problems);
});

it("a Service without a sharing key may be as large as it likes", () => {
  const ports = Array.from({ length: 1000 }, (_, i) => ({ port: i + 1 }));
  const { terms, asks } = parseService({ metadata: { name: "web" }, spec: { ports } });
  assert.equal(terms, undefined);
  assert.deepEqual(asks, { problems: [] });
});
