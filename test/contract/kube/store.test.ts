import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Live } from "../../../src/kube/resource.ts";
import { Store } from "../../../src/kube/store.ts";
import { CONFIG_MAPS, type ConfigMap } from "./subject.ts";

type Seen = { readonly at: string };

function sight(version: number, { name = "a", uid = "u1" } = {}): Live<ConfigMap> {
  const metadata = {
    name,
    namespace: "ns",
    uid,
    resourceVersion: `${version}`,
    creationTimestamp: "2026-01-01T00:00:00Z",
  };
  return { metadata };
}

function openStore(projected: string[] = []): Store<Seen, ConfigMap> {
  return new Store<Seen, ConfigMap>({
    resource: CONFIG_MAPS,
    project: ({ metadata }) => {
      projected.push(metadata.resourceVersion);
      return { at: metadata.resourceVersion };
    },
  });
}

function listed(store: Store<Seen, ConfigMap>, version: number, items: readonly Live<ConfigMap>[]): boolean {
  return store.replaceAll(
    items.map((item) => store.entry(item)),
    BigInt(version),
  );
}

describe("a store", () => {
  it("is synced by its first list, an empty one too", () => {
    const store = openStore();
    assert.equal(store.synced, false);
    assert.equal(listed(store, 5, []), false);
    assert.equal(store.synced, true);
  });

  it("projects an object once for each version, whoever shows it", () => {
    const projected: string[] = [];
    const store = openStore(projected);
    store.observe(sight(7));
    store.accept(sight(7));
    listed(store, 8, [sight(7)]);
    assert.deepEqual(projected, ["7"]);
  });

  it("keeps its array over a list that changes nothing", () => {
    const store = openStore();
    listed(store, 8, [sight(7)]);
    const before = store.values();
    assert.equal(listed(store, 9, [sight(7)]), false);
    assert.equal(store.values(), before);
  });

  it("hands out objects without managedFields, with their kind", () => {
    const store = new Store<object, ConfigMap>({ resource: CONFIG_MAPS, project: (raw) => raw });
    const raw = sight(3);
    store.accept({ ...raw, metadata: { ...raw.metadata, managedFields: [{ manager: "x" }] } } as Live<ConfigMap>);
    assert.deepEqual(store.get("ns/a"), { apiVersion: "v1", kind: "ConfigMap", ...sight(3) });
  });

  it("compares versions as numbers", () => {
    const store = openStore();
    store.accept(sight(99));
    assert.equal(store.accept(sight(100)), true);
    assert.equal(store.accept(sight(99)), false);
    assert.deepEqual(store.get("ns/a"), { at: "100" });
  });

  it("does not let an older event undo an own write", () => {
    const store = openStore();
    listed(store, 10, [sight(10)]);
    assert.equal(store.observe(sight(20)), true);
    assert.equal(store.accept(sight(15)), false);
    assert.deepEqual(store.get("ns/a"), { at: "20" });
  });

  it("keeps an own write that is newer than a list which lacks it, and drops one that is older", () => {
    const store = openStore();
    listed(store, 10, []);
    store.observe(sight(20));
    listed(store, 15, []);
    assert.equal(store.size, 1);
    listed(store, 25, []);
    assert.equal(store.size, 0);
  });

  it("does not bring back what is known to be deleted, by a late answer to a write", () => {
    const store = openStore();
    listed(store, 10, [sight(10)]);
    store.drop(sight(30));
    assert.equal(store.observe(sight(20)), false);
    assert.equal(store.size, 0);
  });

  it("does not bring back what it deleted itself, by late events or by a list that began before", () => {
    const store = openStore();
    listed(store, 10, [sight(10)]);
    assert.equal(store.forget("ns/a", "u1"), true);
    assert.equal(store.accept(sight(12)), false);
    assert.equal(listed(store, 13, [sight(12)]), false);
    assert.equal(store.size, 0);
    store.drop(sight(14));
    assert.equal(store.size, 0);
  });

  it("takes the same name with another uid for another object", () => {
    const store = openStore();
    listed(store, 10, [sight(10)]);
    assert.equal(store.accept(sight(20, { uid: "u2" })), true);
    assert.deepEqual(store.identity("ns/a"), { uid: "u2", resourceVersion: "20" });
    assert.equal(store.drop(sight(19)), false, "the first one's end, told late");
    assert.equal(store.forget("ns/a", "u1"), false);
    assert.equal(store.size, 1);
  });

  it("believes a list from before what it has seen, for then a backup was restored", () => {
    const store = openStore();
    listed(store, 100, [sight(90), sight(95, { name: "b", uid: "u2" })]);
    listed(store, 50, [sight(40)]);
    assert.deepEqual(store.values(), [{ at: "40" }]);
    assert.equal(store.accept(sight(51)), true);
  });

  it("says when a bookmark goes back in history", () => {
    const store = openStore();
    listed(store, 100, []);
    assert.equal(store.advance(101n), true);
    assert.equal(store.advance(99n), false);
  });
});
