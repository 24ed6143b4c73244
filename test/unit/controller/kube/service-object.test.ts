import assert from "node:assert/strict";
import { it } from "node:test";
import { serviceFieldsObject, serviceStatusObject } from "../../../../src/controller/kube/service-object.ts";
import { service } from "../../../support/builders.ts";

const given = service({ uid: "u", resourceVersion: "7" });
const metadata = { uid: "u", resourceVersion: "7" };
const condition = {
  type: "t",
  status: "True",
  reason: "R",
  message: "",
  lastTransitionTime: "2026-01-31T12:00:00Z",
} as const;

it("guards a patch of the fields by uid and resourceVersion, and names only what changes", () => {
  assert.deepEqual(serviceFieldsObject(given, { allocated: "192.0.2.1", loadBalancerIP: "192.0.2.1" }), {
    metadata: { ...metadata, annotations: { "herald.dev/allocated": "192.0.2.1" } },
    spec: { loadBalancerIP: "192.0.2.1" },
  });
  assert.deepEqual(serviceFieldsObject(given, { allocated: null }), {
    metadata: { ...metadata, annotations: { "herald.dev/allocated": null } },
  });
});

it("replaces the ingress as a whole, merges conditions by type, and takes some out", () => {
  const ingress = [{ ip: "192.0.2.1", ipMode: "VIP" }];
  assert.deepEqual(serviceStatusObject(given, { ingress, conditions: [condition], removed: ["gone"] }), {
    metadata,
    status: { loadBalancer: { ingress }, conditions: [condition, { $patch: "delete", type: "gone" }] },
  });
});

it("says null where no entry is left, and nothing about what stays", () => {
  assert.deepEqual(serviceStatusObject(given, { ingress: [], conditions: [], removed: [] }), {
    metadata,
    status: { loadBalancer: { ingress: null } },
  });
  assert.deepEqual(serviceStatusObject(given, { conditions: [condition], removed: [] }), {
    metadata,
    status: { conditions: [condition] },
  });
});
