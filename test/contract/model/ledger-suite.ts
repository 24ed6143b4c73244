import assert from "node:assert/strict";
import { it } from "node:test";
import { member, refused, type Stage, VIPS, versionOf, vip } from "./stage.ts";

/** What the ledger relies on: one object a name, guarded writes, generations, a status of its own, and policies. */
export function ledgerSuite(stage: Stage): void {
  it("creates an object once, and says by whom the name is taken", async () => {
    const { controller } = stage;
    const made = await controller.create(VIPS, { ...vip("192.0.2.1"), status: { holder: "node1" } });
    assert.equal(made.metadata.generation, 1);
    assert.ok(made.metadata.uid && made.metadata.creationTimestamp);
    assert.equal(made.status?.holder, undefined, "the status of a POST counts for nothing");
    await refused(controller.create(VIPS, vip("192.0.2.1")), 409, "AlreadyExists");
    assert.deepEqual((await controller.get(VIPS, { name: "192-0-2-1" })).metadata, made.metadata);
    await refused(controller.get(VIPS, { name: "192-0-2-250" }), 404, "NotFound");
  });

  it("replaces only what was seen", async () => {
    const { controller } = stage;
    const first = await controller.create(VIPS, vip("192.0.2.2"));
    const second = await controller.replace(VIPS, { ...first, spec: { ...first.spec, services: [member] } });
    assert.ok(versionOf(second) > versionOf(first));
    assert.equal(second.metadata.generation, 2);
    await refused(controller.replace(VIPS, { ...first, spec: { ...first.spec, pool: "other" } }), 409, "Conflict");
    const { resourceVersion: _, ...loose } = second.metadata;
    const other = { ...loose, uid: "00000000-0000-4000-8000-0000000000ff" };
    await refused(controller.replace(VIPS, { ...second, metadata: other }), 409, "Conflict");
    const absent = vip("192.0.2.251");
    await refused(controller.replace(VIPS, { ...absent, metadata: { ...second.metadata, name: "192-0-2-251" } }), 404);
    const same = await controller.replace(VIPS, second);
    assert.equal(same.metadata.resourceVersion, second.metadata.resourceVersion, "nothing changes, nothing is written");
  });

  it("keeps spec and status apart", async () => {
    const { controller } = stage;
    const made = await controller.create(VIPS, vip("192.0.2.3"));
    const spoken = { ...made, spec: { ...made.spec, pool: "ignored" }, status: { holder: "node1" } };
    const told = await controller.replace(VIPS, spoken, { subresource: "status" });
    assert.deepEqual([told.spec?.pool, told.status?.holder], ["public", "node1"]);
    assert.equal(told.metadata.generation, 1);
    const moved = await controller.replace(VIPS, { ...told, spec: { ...told.spec, node: "node2" }, status: {} });
    assert.deepEqual([moved.spec?.node, moved.status?.holder], ["node2", "node1"]);
    await refused(controller.replace(VIPS, told, { subresource: "status" }), 409, "Conflict");
  });

  it("deletes only what was meant, and nothing that a Service holds", async () => {
    const { controller } = stage;
    const ref = { name: "192-0-2-4" };
    const made = await controller.create(VIPS, vip("192.0.2.4", [member]));
    await refused(controller.delete(VIPS, ref, { uid: made.metadata.uid }), 422);
    const empty = await controller.replace(VIPS, { ...made, spec: { ...made.spec, services: [] } });
    const { uid, resourceVersion } = empty.metadata;
    await refused(controller.delete(VIPS, ref, { uid: "00000000-0000-4000-8000-0000000000ff" }), 409, "Conflict");
    await refused(
      controller.delete(VIPS, ref, { uid, resourceVersion: made.metadata.resourceVersion }),
      409,
      "Conflict",
    );
    assert.equal(await controller.delete(VIPS, ref, { uid, resourceVersion }), undefined);
    await refused(controller.delete(VIPS, ref, { uid, resourceVersion }), 404);
  });

  it("takes no address but the one that the name says, and nobody's but the controller's word", async () => {
    const { controller, user } = stage;
    const misnamed = { ...vip("192.0.2.5"), metadata: { name: "192-0-2-6" } };
    await refused(controller.create(VIPS, misnamed), 422);
    await refused(controller.create(VIPS, { ...vip("2001:db8::5"), spec: { address: "2001:DB8::5" } }), 422);
    const made = await controller.create(VIPS, vip("192.0.2.5"));
    const moved = { ...made, spec: { ...made.spec, address: "192.0.2.6" } };
    await refused(controller.replace(VIPS, moved), 422);
    await refused(user.create(VIPS, vip("192.0.2.7")), 422);
    await refused(user.strategicMergePatch(VIPS, { name: "192-0-2-5" }, {}), 415);
  });
}
