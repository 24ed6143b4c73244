import assert from "node:assert/strict";
import { it } from "node:test";
import { LeaseElector, type LeaseElectorOptions } from "../../../src/kube/lease-elector.ts";
import { LeaseKeeper } from "../../../src/kube/lease-keeper.ts";
import { LEASES } from "../../../src/kube/resources.ts";
import type { Arrival } from "./fault-proxy.ts";
import { type Backend, eventually, hastyClock, onStage, type Stage } from "./subject.ts";

const isLeaseWrite = ({ method, url }: Arrival): boolean => method !== "GET" && url.includes("leases");

/** Leases: who leads, and who is alive. */
export function leaseSuite(name: string, openBackend: () => Promise<Backend>): void {
  onStage(`elector against ${name}`, openBackend, electsOne);
  onStage(`lease keeper against ${name}`, openBackend, keepsAlive);
}

type Candidate = { readonly elector: LeaseElector; readonly said: string[]; stop(): Promise<void> };

function candidate(stage: Stage, identity: string, options: Partial<LeaseElectorOptions> = {}): Candidate {
  const said: string[] = [];
  const stop = new AbortController();
  const elector = new LeaseElector({
    client: stage.subject.client,
    ref: stage.subject.ref("lease"),
    identity,
    clock: hastyClock,
    onAcquired: () => said.push("acquired"),
    onLost: () => said.push("lost"),
    ...options,
  });
  const running = elector.run(stop.signal);
  const stopped = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  stage.cleanups.push(stopped);
  return { elector, said, stop: stopped };
}

function electsOne(stage: Stage): void {
  it("lets one of two lead, and the other as soon as the first has stopped", async () => {
    const first = candidate(stage, "first");
    await eventually(() => assert.ok(first.elector.leading));
    const second = candidate(stage, "second");
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual([first.elector.leading, second.elector.leading], [true, false]);
    await first.stop();
    const released = await stage.subject.direct.get(LEASES, stage.subject.ref("lease"));
    assert.ok(["", "second"].includes(released.spec?.holderIdentity ?? ""));
    await eventually(() => assert.ok(second.elector.leading));
    assert.deepEqual([first.said, second.said], [["acquired"], ["acquired"]]);
    const { spec } = await stage.subject.direct.get(LEASES, stage.subject.ref("lease"));
    assert.equal(spec?.leaseTransitions, 1);
  });

  it("takes over from a leader that is gone, but not before the lease has lain still for its duration", async () => {
    const spec = { holderIdentity: "gone", leaseDurationSeconds: 15, renewTime: "2001-01-01T00:00:00.000000Z" };
    await stage.subject.direct.create(LEASES, { metadata: stage.subject.ref("lease"), spec });
    const startedMs = performance.now();
    const { elector } = candidate(stage, "next");
    await eventually(() => assert.ok(elector.leading));
    assert.ok(performance.now() - startedMs >= 1_500, "15 s, ten times as fast");
  });

  it("stops leading when it cannot renew in time, and leads again once it can", async () => {
    const { elector, said } = candidate(stage, "only");
    await eventually(() => assert.ok(elector.leading));
    stage.subject.proxy.inject(isLeaseWrite, { kind: "refuse", code: 503, body: {} }, 100);
    await eventually(() => assert.deepEqual(said, ["acquired", "lost"]));
    assert.equal(elector.leading, false);
    stage.subject.proxy.calm();
    await eventually(() => assert.ok(elector.leading));
  });

  it("stops leading at once when it finds another's name in the lease", async () => {
    const { elector, said } = candidate(stage, "only", { renewDeadlineMs: 3_600_000 });
    await eventually(() => assert.ok(elector.leading));
    await stage.subject.direct.mergePatch(LEASES, stage.subject.ref("lease"), { spec: { holderIdentity: "usurper" } });
    await eventually(() => assert.deepEqual(said, ["acquired", "lost"]));
  });

  it("goes on leading when the answer to a renewal is lost", async () => {
    const { elector, said } = candidate(stage, "only");
    await eventually(() => assert.ok(elector.leading));
    stage.subject.proxy.inject(isLeaseWrite, { kind: "loseAnswer" });
    const sent = stage.subject.proxy.arrivals.filter(isLeaseWrite).length;
    await eventually(() => assert.ok(stage.subject.proxy.arrivals.filter(isLeaseWrite).length >= sent + 3));
    assert.deepEqual([elector.leading, said], [true, ["acquired"]]);
  });
}

function keeper(stage: Stage, failed: Error[] = []): { keeper: LeaseKeeper; stop(): Promise<void> } {
  const stop = new AbortController();
  const made = new LeaseKeeper({
    client: stage.subject.client,
    ref: stage.subject.ref("node"),
    holderIdentity: "agent",
    durationSeconds: 30,
    intervalMs: 10_000,
    annotations: { "herald.dev/boot": "1" },
    clock: hastyClock,
    onFailed: (error) => failed.push(error),
  });
  const running = made.run(stop.signal);
  const stopped = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  stage.cleanups.push(stopped);
  return { keeper: made, stop: stopped };
}

function keepsAlive(stage: Stage): void {
  const read = async () => stage.subject.direct.get(LEASES, stage.subject.ref("node"));
  const writes = (): number => stage.subject.proxy.arrivals.filter(isLeaseWrite).length;

  it("renews once an interval and gives the lease up when it stops", async () => {
    const { keeper: kept, stop } = keeper(stage);
    assert.equal(kept.lastRenewalStartMs, Number.NEGATIVE_INFINITY);
    await eventually(() => assert.ok(writes() >= 3));
    const { metadata, spec } = await read();
    assert.equal(metadata.annotations?.["herald.dev/boot"], "1");
    assert.equal(spec?.holderIdentity, "agent");
    assert.match(String(spec?.renewTime), /\.\d{6}Z$/);
    const times = stage.subject.proxy.arrivals.filter(isLeaseWrite).map(({ atMs }) => atMs);
    assert.ok((times[2] ?? 0) - (times[0] ?? 0) >= 2 * 940, "two intervals of 10 s, ten times as fast");
    assert.ok(kept.lastRenewalStartMs > 0);
    await stop();
    assert.equal((await read()).spec?.holderIdentity, "");
  });

  it("gives the lease up when it stops while a renewal is under way, and says there what it had to say", async () => {
    const { keeper: kept, stop } = keeper(stage);
    await eventually(() => assert.ok(kept.lastRenewalStartMs > 0));
    stage.subject.proxy.inject(isLeaseWrite, { kind: "loseAnswer" });
    kept.annotate({ "herald.dev/leaving": "true" });
    await eventually(() => assert.equal(writes(), 2));
    await stop();
    const { metadata, spec } = await read();
    assert.deepEqual([spec?.holderIdentity, metadata.annotations?.["herald.dev/leaving"]], ["", "true"]);
  });

  it("leaves the lease to a successor of the same name that has renewed it already", async () => {
    const first = keeper(stage);
    await eventually(() => assert.ok(first.keeper.lastRenewalStartMs > 0));
    const second = keeper(stage);
    await eventually(() => assert.ok(second.keeper.lastRenewalStartMs > 0));
    await first.stop();
    assert.equal((await read()).spec?.holderIdentity, "agent");
  });

  it("writes a new annotation at once, and keeps those of others", async () => {
    const failed: Error[] = [];
    const { keeper: kept } = keeper(stage, failed);
    await eventually(() => assert.equal(writes(), 1));
    await eventually(() => assert.ok(kept.lastRenewalStartMs > 0));
    await stage.subject.direct.mergePatch(LEASES, stage.subject.ref("node"), {
      metadata: { annotations: { other: "x" } },
    });
    kept.annotate({ "herald.dev/boot": "1" });
    kept.annotate({ "herald.dev/draining": "true" });
    await eventually(async () => {
      const expected = { "herald.dev/boot": "1", "herald.dev/draining": "true", other: "x" };
      assert.deepEqual((await read()).metadata.annotations, expected);
    });
    assert.equal(writes(), 3, "the first, the one that met the other's write, and its repetition");
    assert.deepEqual(failed, []);
  });

  it("makes its lease again when somebody deletes it, and tries on while the API fails", async () => {
    const failed: Error[] = [];
    keeper(stage, failed);
    await eventually(() => assert.equal(writes(), 1));
    await stage.subject.direct.delete(LEASES, stage.subject.ref("node"), {});
    stage.subject.proxy.inject(isLeaseWrite, { kind: "refuse", code: 500, body: {} }, 2);
    await eventually(async () => assert.equal((await read()).spec?.holderIdentity, "agent"));
    assert.equal(failed.length, 2);
  });
}
