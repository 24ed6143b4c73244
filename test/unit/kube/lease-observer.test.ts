import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Lease } from "../../../src/kube/lease.ts";
import { LeaseObserver } from "../../../src/kube/lease-observer.ts";

function lease(renewal: number, changes: Partial<NonNullable<Lease["spec"]>> = {}): Lease {
  return {
    metadata: { name: "node1", uid: "u1" },
    spec: { holderIdentity: "agent", leaseDurationSeconds: 30, renewTime: `renewal ${renewal}`, ...changes },
  };
}

function watching(sinceMs = 0): LeaseObserver {
  const observer = new LeaseObserver();
  observer.gapEnded(sinceMs);
  return observer;
}

function stateAt(observer: LeaseObserver, nowMs: number): string {
  observer.heard(nowMs);
  return observer.state("node1", nowMs);
}

describe("the lease observer", () => {
  it("knows nothing of a lease it has never seen", () => {
    assert.equal(watching().state("node1", 1e9), "unknown");
  });

  it("does not take a lease for alive before it has moved, whatever time is written in it", () => {
    const observer = watching();
    observer.observe(lease(1), 1_000);
    assert.equal(stateAt(observer, 1_000), "unknown");
    observer.observe(lease(1), 2_000);
    assert.equal(stateAt(observer, 2_000), "unknown");
    observer.observe(lease(2), 3_000);
    assert.equal(stateAt(observer, 3_000), "alive");
  });

  it("takes it for dead once it has lain still for its duration", () => {
    const observer = watching();
    observer.observe(lease(1), 0);
    observer.observe(lease(2), 10_000);
    assert.equal(observer.nextChangeMs(10_000), 40_000);
    assert.equal(stateAt(observer, 39_999), "alive");
    assert.equal(stateAt(observer, 40_000), "dead");
    assert.equal(observer.nextChangeMs(40_000), undefined);
    observer.observe(lease(3), 50_000);
    assert.equal(stateAt(observer, 50_000), "alive");
  });

  it("waits one duration after its own start before it says dead", () => {
    const observer = watching(5_000);
    observer.observe(lease(1), 5_000);
    assert.equal(stateAt(observer, 34_999), "unknown");
    assert.equal(stateAt(observer, 35_000), "dead");
    assert.equal(observer.nextChangeMs(5_000), 35_000);
  });

  it("says released of a lease that nobody holds, and dead once it has lain so for its duration", () => {
    const observer = watching();
    observer.observe(lease(1), 0);
    observer.observe(lease(2, { holderIdentity: "" }), 1_000);
    assert.equal(observer.nextChangeMs(1_000), 31_000);
    assert.deepEqual([stateAt(observer, 1_000), stateAt(observer, 30_999)], ["released", "released"]);
    assert.equal(stateAt(observer, 31_000), "dead");
    observer.observe(lease(3), 40_000);
    assert.equal(stateAt(observer, 40_000), "alive");
  });

  it("judges nobody dead while the API is away, nor until one duration after it is back", () => {
    const observer = watching();
    observer.observe(lease(1), 0);
    observer.observe(lease(2), 1_000);
    observer.gapBegan();
    assert.equal(stateAt(observer, 30_999), "alive");
    assert.equal(observer.nextChangeMs(2_000), 31_000);
    assert.equal(stateAt(observer, 900_000), "unknown");
    observer.gapEnded(1_000_000);
    assert.equal(observer.nextChangeMs(1_000_000), 1_030_000);
    assert.equal(stateAt(observer, 1_029_999), "unknown");
    assert.equal(stateAt(observer, 1_030_000), "dead");
  });

  it("does not take the list after a gap, told twice, for a second gap", () => {
    const observer = watching(0);
    observer.gapEnded(50_000);
    observer.observe(lease(1), 0);
    assert.equal(stateAt(observer, 30_000), "dead");
  });

  it("takes silence of the server for its own blindness, not for a death", () => {
    const observer = watching();
    observer.observe(lease(1), 0);
    observer.observe(lease(2), 1_000);
    observer.heard(30_999);
    assert.equal(observer.state("node1", 60_000), "unknown");
    observer.heard(60_001);
    assert.equal(observer.state("node1", 60_001), "dead");
  });

  it("hears the server by every other lease that moves", () => {
    const observer = watching();
    const other = (renewal: number): Lease => ({ ...lease(renewal), metadata: { name: "node2", uid: "u2" } });
    observer.observe(lease(1), 0);
    observer.observe(other(1), 0);
    observer.observe(lease(1), 31_000);
    observer.observe(other(2), 31_000);
    assert.deepEqual([observer.state("node1", 31_000), observer.state("node2", 31_000)], ["dead", "alive"]);
  });

  it("forgets a lease that was deleted", () => {
    const observer = watching();
    observer.observe(lease(1), 0);
    observer.forget("node1");
    assert.equal(stateAt(observer, 1e6), "unknown");
    assert.equal(observer.nextChangeMs(0), undefined);
  });
});
