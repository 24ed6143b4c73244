import assert from "node:assert/strict";
import { it } from "node:test";
import { writer } from "../../../../src/controller/kube/object-writer.ts";
import type { ApiClient } from "../../../../src/kube/api-client.ts";
import { ApiError } from "../../../../src/kube/api-error.ts";
import type { KubeObject, Live, Resource } from "../../../../src/kube/resource.ts";
import { Store } from "../../../../src/kube/store.ts";

const resource: Resource = { group: "", version: "v1", plural: "things", kind: "Thing", namespaced: false };

function thing(uid: string, resourceVersion: string): Live<KubeObject> {
  return { metadata: { name: "web", uid, resourceVersion, creationTimestamp: "2026-01-31T12:00:00Z" } };
}

/** A store with one object, and a client that says it is gone once `meanwhile` has happened. */
function world(meanwhile: (store: Store<string>) => void) {
  const store = new Store<string>({ resource, project: ({ metadata }) => metadata.uid });
  store.accept(thing("first", "1"));
  const get = async (): Promise<never> => {
    meanwhile(store);
    throw new ApiError("get things web", 404, { reason: "NotFound" });
  };
  return { store, things: writer({ get } as unknown as ApiClient, resource, store) };
}

it("what a read finds gone is gone from the view", async () => {
  const { store, things } = world(() => {});
  assert.equal(await things.read({ name: "web" }), undefined);
  assert.deepEqual(store.values(), []);
});

it("what came by that name while the answer was on its way stays, and goes on being followed", async () => {
  const { store, things } = world((each) => each.accept(thing("second", "3")));
  assert.equal(await things.read({ name: "web" }), "second");
  store.accept(thing("second", "4"));
  assert.deepEqual(store.identity("web"), { uid: "second", resourceVersion: "4" });
});
