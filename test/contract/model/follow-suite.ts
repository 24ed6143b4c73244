import assert from "node:assert/strict";
import { it } from "node:test";
import type { Live } from "../../../src/kube/resource.ts";
import { LEASES } from "../../../src/kube/resources.ts";
import type { WatchEvent } from "../../../src/kube/watch-stream.ts";
import { LineSplitter } from "../../../src/kube/watch-stream.ts";
import { type Any, refused, type Stage, VIPS, vip } from "./stage.ts";

type Event = WatchEvent<Live<Any>>;

/** Lists in pages, watches from a version on, and Leases. */
export function followSuite(stage: Stage): void {
  it("lists in pages that are all of one version", async () => {
    const { controller } = stage;
    for (let host = 1; host <= 5; host++) await controller.create(VIPS, vip(`198.51.100.${host}`));
    const first = await controller.list(VIPS, { limit: 2 });
    assert.equal(first.items.length, 2);
    assert.ok(first.continue);
    await controller.create(VIPS, vip("198.51.100.6"));
    const names = first.items.map(({ metadata }) => metadata.name);
    let page = first;
    while (page.continue !== undefined) {
      page = await controller.list(VIPS, { limit: 2, continue: page.continue });
      names.push(...page.items.map(({ metadata }) => metadata.name));
      assert.equal(page.resourceVersion, first.resourceVersion);
    }
    const whole = await controller.list(VIPS);
    assert.ok(Number(whole.resourceVersion) > Number(first.resourceVersion));
    const listed = whole.items.map(({ metadata }) => metadata.name).filter((name) => name !== "198-51-100-6");
    assert.deepEqual([...names].sort(), [...listed].sort());
    const one = await controller.list(VIPS, { fieldSelector: "metadata.name=198-51-100-3" });
    assert.deepEqual(
      one.items.map(({ metadata }) => metadata.name),
      ["198-51-100-3"],
    );
  });

  it("tells a watcher everything after its version, in order, then how far it has come, and ends", async () => {
    const { controller } = stage;
    const { resourceVersion } = await controller.list(VIPS);
    const made = await controller.create(VIPS, vip("203.0.113.1"));
    const query = { resourceVersion, timeoutSeconds: 4 };
    const chunks = await controller.watch(VIPS, query, new AbortController().signal);
    const changed = await controller.replace(VIPS, { ...made, spec: { ...made.spec, pool: "other" } });
    const { uid } = changed.metadata;
    await controller.delete(VIPS, { name: "203-0-113-1" }, { uid });
    const events = await eventsOf(chunks);
    const told = events.filter(({ type }) => type !== "BOOKMARK");
    assert.deepEqual(
      told.map(({ type }) => type),
      ["ADDED", "MODIFIED", "DELETED"],
    );
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    assert.deepEqual(
      versions,
      versions.toSorted((a, b) => a - b),
    );
    assert.equal(versions[1], Number(changed.metadata.resourceVersion));
    assert.ok((versions[2] ?? 0) > (versions[1] ?? 0), "a deletion has a version of its own");
    assert.ok(events.some(({ type }) => type === "BOOKMARK"));
  });

  it("tells a watcher with a selector of what enters and leaves it", async () => {
    const { controller } = stage;
    const { resourceVersion } = await controller.list(VIPS);
    const labelled = (object: Any, lan: string): Any => ({
      ...object,
      metadata: { ...object.metadata, labels: { lan } },
    });
    const made = await controller.create(VIPS, labelled(vip("203.0.113.2"), "one"));
    const away = await controller.replace(VIPS, labelled(made, "two"));
    await controller.replace(VIPS, labelled(away, "one"));
    const query = { resourceVersion, timeoutSeconds: 3, labelSelector: "lan=one" };
    const events = await eventsOf(await controller.watch(VIPS, query, new AbortController().signal));
    const told = events.filter(({ type }) => type !== "BOOKMARK");
    assert.deepEqual(
      told.map(({ type }) => type),
      ["ADDED", "DELETED", "ADDED"],
    );
  });

  it("lets one of two take a Lease that both have seen", async () => {
    const { user } = stage;
    const ref = { namespace: "herald-system", name: "contract" };
    const spec = { holderIdentity: "a", leaseDurationSeconds: 15, renewTime: "2026-01-05T00:00:00.000000Z" };
    const made = await user.create(LEASES, { metadata: ref, spec });
    const renewed = await user.replace(LEASES, { ...made, spec: { ...spec, holderIdentity: "b" } });
    assert.equal(renewed.spec?.holderIdentity, "b");
    await refused(user.replace(LEASES, { ...made, spec: { ...spec, holderIdentity: "c" } }), 409, "Conflict");
    await refused(user.create(LEASES, { metadata: ref, spec }), 409, "AlreadyExists");
  });
}

async function eventsOf(chunks: AsyncIterable<Uint8Array>): Promise<readonly Event[]> {
  const lines = new LineSplitter();
  const events: Event[] = [];
  for await (const chunk of chunks) events.push(...lines.push(chunk).map((line) => JSON.parse(line) as Event));
  return events;
}
