import assert from "node:assert/strict";
import { it } from "node:test";
import { ANY_SERVICES, refused, type Stage, service } from "./stage.ts";

const status = { subresource: "status" } as const;

function condition(type: string, reason: string): object {
  return { type, status: "True", reason, message: "", lastTransitionTime: "2026-01-05T00:00:00Z" };
}

/** What Herald writes into Services, and what the API server makes of them. */
export function serviceSuite(stage: Stage): void {
  it("patches fields that are guarded by what was seen; null takes them away", async () => {
    const { controller, user } = stage;
    const made = await user.create(ANY_SERVICES, service("fields"));
    const { uid, resourceVersion } = made.metadata;
    const ref = { namespace: "default", name: "fields" };
    const annotations = { "herald.dev/allocated": "192.0.2.1" };
    const patch = { metadata: { uid, resourceVersion, annotations }, spec: { loadBalancerIP: "192.0.2.1" } };
    const patched = await controller.mergePatch(ANY_SERVICES, ref, patch);
    assert.equal(patched.metadata.annotations?.["herald.dev/allocated"], "192.0.2.1");
    assert.equal(patched.spec?.loadBalancerIP, "192.0.2.1");
    await refused(controller.mergePatch(ANY_SERVICES, ref, patch), 409, "Conflict");
    const other = { metadata: { uid: "00000000-0000-4000-8000-0000000000ff" } };
    await refused(controller.mergePatch(ANY_SERVICES, ref, other), 422);
    const nothing = { metadata: { annotations: { "herald.dev/allocated": null } }, spec: { loadBalancerIP: null } };
    const bare = await controller.mergePatch(ANY_SERVICES, ref, nothing);
    assert.equal(bare.metadata.annotations?.["herald.dev/allocated"], undefined);
    assert.equal(bare.spec?.loadBalancerIP, undefined);
    assert.equal(bare.metadata.generation, made.metadata.generation, "Services do not count generations");
  });

  it("merges conditions by type and replaces the ingress whole", async () => {
    const { controller, user } = stage;
    await user.create(ANY_SERVICES, service("status"));
    const ref = { namespace: "default", name: "status" };
    const write = (part: object) => controller.strategicMergePatch(ANY_SERVICES, ref, { status: part }, status);
    const ingress = [
      { ip: "192.0.2.1", ipMode: "VIP" },
      { ip: "2001:db8::1", ipMode: "VIP" },
    ];
    await write({ loadBalancer: { ingress }, conditions: [condition("a", "One"), condition("b", "Two")] });
    const second = await write({ loadBalancer: { ingress: ingress.slice(1) }, conditions: [condition("b", "Three")] });
    const conditions = second.status?.conditions as readonly { type: string; reason: string }[];
    assert.deepEqual(conditions.map(({ type, reason }) => `${type} ${reason}`).sort(), ["a One", "b Three"]);
    assert.deepEqual(second.status?.loadBalancer, { ingress: ingress.slice(1) });
    const third = await write({ loadBalancer: { ingress: null }, conditions: [{ $patch: "delete", type: "a" }] });
    const left = third.status?.conditions as readonly { type: string }[];
    assert.deepEqual(
      left.map(({ type }) => type),
      ["b"],
    );
    assert.deepEqual(third.status?.loadBalancer, {});
  });

  it("keeps nothing of a LoadBalancer in a Service that is none any more", async () => {
    const { controller, user } = stage;
    const ref = { namespace: "default", name: "turned" };
    const made = await user.create(ANY_SERVICES, service("turned", { loadBalancerClass: "herald.dev/vip" }));
    assert.equal(made.spec?.externalTrafficPolicy, "Cluster");
    await refused(user.mergePatch(ANY_SERVICES, ref, { spec: { loadBalancerClass: "example.com/other" } }), 422);
    const ingress = { status: { loadBalancer: { ingress: [{ ip: "192.0.2.9", ipMode: "VIP" }] } } };
    await controller.strategicMergePatch(ANY_SERVICES, ref, ingress, status);
    const turned = await user.mergePatch(ANY_SERVICES, ref, { spec: { type: "ClusterIP" } });
    assert.deepEqual(turned.status?.loadBalancer, {});
    assert.equal(turned.spec?.loadBalancerClass, undefined);
    assert.equal(turned.spec?.externalTrafficPolicy, undefined);
    await refused(controller.strategicMergePatch(ANY_SERVICES, ref, ingress, status), 422);
  });

  it("keeps a Service that a finalizer holds until the last one is gone", async () => {
    const { user } = stage;
    const ref = { namespace: "default", name: "held" };
    const held = service("held");
    await user.create(ANY_SERVICES, { ...held, metadata: { ...held.metadata, finalizers: ["example.com/slow"] } });
    const leaving = await user.delete(ANY_SERVICES, ref, {});
    assert.ok(leaving?.metadata.deletionTimestamp);
    await user.mergePatch(ANY_SERVICES, ref, { metadata: { finalizers: null } });
    await refused(user.get(ANY_SERVICES, ref), 404);
  });
}
