import assert from "node:assert/strict";
import { it } from "node:test";
import { storedLease } from "../../../../src/controller/kube/stored.ts";
import { witnessObject } from "../../../../src/controller/witness-lease.ts";

const lease = (name: string, renewTime: string, annotations: Readonly<Record<string, string>> = {}) => ({
  metadata: { name, uid: "u", resourceVersion: "7", annotations },
  spec: { holderIdentity: "node1", renewTime },
});

it("an agent's Lease says whether it leaves, and its mark changes with each renewal alone", () => {
  const [first, same, next] = ["1", "1", "2"].map((time) => storedLease(lease("herald-agent-node1", time)));
  assert.deepEqual([first?.leaving, first?.witness], [false, undefined]);
  assert.equal(first?.mark, same?.mark);
  assert.notEqual(first?.mark, next?.mark);
  const leaving = storedLease(lease("herald-agent-node1", "1", { "herald.dev/leaving": "true" }));
  assert.deepEqual([leaving.leaving, leaving.mark], [true, first?.mark]);
  const stopped = storedLease(lease("herald-agent-node1", "1", { "herald.dev/routes-stay": "true" }));
  assert.deepEqual([first?.routesStay, stopped.routesStay], [false, true]);
});

it("a witness Lease says of which group it is and who may hold it", () => {
  const { metadata } = witnessObject("lan-1", ["node1", "node2"], "herald-system");
  const { witness } = storedLease({
    ...lease(metadata.name, "1"),
    metadata: { ...metadata, uid: "u", resourceVersion: "7" },
  });
  const seen = { name: "herald-witness-lan-1", uid: "u", resourceVersion: "7" };
  assert.deepEqual(witness, { ...seen, group: "lan-1", members: ["node1", "node2"] });
  assert.deepEqual(storedLease(lease("herald-witness-lan-1", "1")).witness?.members, []);
});
