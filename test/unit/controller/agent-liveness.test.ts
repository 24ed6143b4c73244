import assert from "node:assert/strict";
import { it } from "node:test";
import { AgentLiveness, type LeaseJudge } from "../../../src/controller/agent-liveness.ts";
import { LeaseObserver } from "../../../src/kube/lease-observer.ts";

type Lease = { readonly name: string; readonly state: "alive" | "released" | "dead" | "unknown" };

/** Says of each Lease what the Lease itself says. */
function judge(): LeaseJudge<Lease> & { gaps: number } {
  const known = new Map<string, Lease>();
  return {
    gaps: 0,
    observe: (lease) => void known.set(lease.name, lease),
    forget: (name) => void known.delete(name),
    gapBegan() {
      this.gaps++;
    },
    gapEnded: () => {},
    heard: () => {},
    state: (name) => known.get(name)?.state ?? "unknown",
    nextChangeMs: (nowMs) => nowMs + 100,
  };
}

const watched = { connected: true, heardMs: 0 };

let renewal = 0;

/** One that was renewed just now. */
function lease(node: string, state: Lease["state"], leaving = false) {
  const name = `herald-agent-${node}`;
  return { name, leaving, routesStay: false, mark: `${renewal++}`, lease: { name, state } };
}

it("an agent is what its Lease says, leaving if it says so, and dead without one", () => {
  const liveness = new AgentLiveness(judge());
  liveness.update(
    [lease("a", "alive"), lease("b", "alive", true), lease("c", "dead", true), lease("d", "unknown")],
    watched,
    0,
  );
  assert.deepEqual(
    ["a", "b", "c", "d", "e"].map((node) => liveness.of(node, 0)),
    ["alive", "leaving", "dead", "unknown", "dead"],
  );
});

it("an agent that gave its Lease up is dead, or stopped for as long as routers keep its routes", () => {
  const liveness = new AgentLiveness(new LeaseObserver());
  const leaseOf = (node: string, holderIdentity: string, routesStay = false) => {
    const metadata = { name: `herald-agent-${node}`, uid: node };
    const spec = { holderIdentity, leaseDurationSeconds: 30, renewTime: `${renewal++}` };
    return { name: metadata.name, leaving: true, routesStay, mark: spec.renewTime, lease: { metadata, spec } };
  };
  const heardAt = (heardMs: number) => ({ connected: true, heardMs });
  const both = (nowMs: number) => ["a", "b"].map((node) => liveness.of(node, nowMs));
  liveness.update([leaseOf("a", "a"), leaseOf("b", "b")], heardAt(0), 0);
  const ended = [leaseOf("a", "", true), leaseOf("b", "")];
  liveness.update(ended, heardAt(1_000), 1_000);
  assert.deepEqual(
    [both(1_000), both(30_999)],
    [
      ["stopped", "dead"],
      ["stopped", "dead"],
    ],
  );
  assert.equal(liveness.changesInMs(1_000), 30_000);
  assert.equal(liveness.update(ended, heardAt(31_000), 31_000), true);
  assert.deepEqual(both(31_000), ["dead", "dead"]);
  liveness.update([leaseOf("a", "a"), leaseOf("b", "")], heardAt(32_000), 32_000);
  assert.equal(liveness.forMs("a", 33_000), 1_000);
});

it("tells whether anything is judged otherwise than before", () => {
  const liveness = new AgentLiveness(judge());
  assert.equal(liveness.update([lease("a", "alive")], watched, 0), true);
  assert.equal(liveness.update([lease("a", "alive")], watched, 1), false);
  assert.equal(liveness.update([lease("a", "dead")], watched, 2), true);
  assert.equal(liveness.update([], watched, 3), true);
});

it("takes no notice of Leases that are no agent's", () => {
  const liveness = new AgentLiveness(judge());
  const other = {
    name: "herald-controller",
    leaving: false,
    routesStay: false,
    mark: "",
    lease: { name: "herald-controller", state: "alive" as const },
  };
  assert.equal(liveness.update([other], watched, 0), false);
});

it("looks again each second while the Leases cannot be watched", () => {
  const own = judge();
  const liveness = new AgentLiveness(own);
  liveness.update([lease("a", "alive")], watched, 0);
  assert.equal(liveness.changesInMs(0), 100);
  liveness.gapBegan();
  assert.equal(liveness.changesInMs(0), 1_000);
  assert.equal(own.gaps, 1);
});

it("an agent whose Lease was deleted is given 5 s to make it again before it counts as dead", () => {
  const liveness = new AgentLiveness(judge());
  liveness.update([lease("a", "alive")], watched, 0);
  liveness.update([], watched, 1_000);
  assert.equal(liveness.of("a", 1_000), "unknown");
  assert.equal(liveness.of("a", 5_999), "unknown");
  assert.equal(liveness.of("a", 6_000), "dead");
  liveness.update([lease("a", "alive")], watched, 6_500);
  assert.equal(liveness.of("a", 6_500), "alive");
});

it("a lone agent whose Lease stopped is dead once the server was heard after its end, and not before", () => {
  const liveness = new AgentLiveness(new LeaseObserver());
  const leaseOf = (renewTime: string) => ({
    name: "herald-agent-a",
    leaving: false,
    routesStay: false,
    mark: renewTime,
    lease: {
      metadata: { name: "herald-agent-a", uid: "1" },
      spec: { holderIdentity: "a", leaseDurationSeconds: 5, renewTime },
    },
  });
  const first = leaseOf("2026-01-01T00:00:00.000000Z");
  const second = leaseOf("2026-01-01T00:00:01.000000Z");
  liveness.update([first], { connected: true, heardMs: 0 }, 0);
  liveness.update([second], { connected: true, heardMs: 1_000 }, 1_000);
  assert.equal(liveness.of("a", 1_000), "alive");
  assert.equal(liveness.of("a", 6_500), "unknown");
  liveness.update([second], { connected: true, heardMs: 6_600 }, 6_600);
  assert.equal(liveness.of("a", 6_600), "dead");
});

it("tells for how long a Lease has moved or been still, as far as it was watched", () => {
  const liveness = new AgentLiveness(judge());
  liveness.update([lease("a", "alive"), lease("b", "alive")], watched, 1_000);
  liveness.update([lease("a", "alive"), lease("b", "alive")], watched, 4_000);
  assert.equal(liveness.forMs("a", 6_000), 5_000);
  const still = { ...lease("b", "dead"), mark: "b" };
  liveness.update([lease("a", "alive"), still], watched, 7_000);
  liveness.update([lease("a", "alive"), { ...still }], watched, 9_000);
  assert.equal(liveness.forMs("b", 9_000), 2_000);
  assert.equal(liveness.forMs("nobody", 9_000), 8_000);
  liveness.gapBegan();
  assert.equal(liveness.forMs("b", 60_000), 0);
  liveness.update([lease("a", "alive"), lease("b", "alive")], watched, 61_000);
  assert.equal(liveness.forMs("b", 62_000), 1_000);
});

it("one whose Lease ran out unheard is found dead by the next word of the server, though only others renew", () => {
  const liveness = new AgentLiveness(new LeaseObserver());
  const leaseOf = (node: string, renewTime: string) => {
    const name = `herald-agent-${node}`;
    const spec = { holderIdentity: node, leaseDurationSeconds: 5, renewTime };
    return { name, leaving: false, routesStay: false, mark: renewTime, lease: { metadata: { name, uid: node }, spec } };
  };
  const a = leaseOf("a", "1");
  const heardAt = (heardMs: number) => ({ connected: true, heardMs });
  liveness.update([leaseOf("a", "0"), leaseOf("b", "0")], heardAt(0), 0);
  liveness.update([a, leaseOf("b", "1")], heardAt(1_000), 1_000);
  assert.equal(liveness.of("a", 6_100), "unknown");
  assert.equal(liveness.update([a, leaseOf("b", "2")], heardAt(6_200), 6_200), true);
  assert.equal(liveness.of("a", 6_200), "dead");
});

it("a Lease that is made while the Leases are watched is a sign of life; one that was found need not be", () => {
  const liveness = new AgentLiveness(judge());
  const found = lease("a", "unknown");
  liveness.update([found], watched, 0);
  assert.equal(liveness.of("a", 0), "unknown");
  assert.equal(liveness.update([found, lease("b", "unknown")], watched, 1_000), true);
  assert.deepEqual(
    [liveness.of("b", 1_000), liveness.of("b", 15_999), liveness.of("b", 16_000)],
    ["alive", "alive", "unknown"],
  );
});
