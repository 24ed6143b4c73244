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
