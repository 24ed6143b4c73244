import assert from "node:assert/strict";
import { it } from "node:test";
import { AgentLiveness, type LeaseJudge } from "../../../src/controller/agent-liveness.ts";

type Lease = { readonly name: string; readonly state: "alive" | "dead" | "unknown" };

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
    state: (name) => known.get(name)?.state ?? "unknown",
    nextChangeMs: (nowMs) => nowMs + 100,
  };
}

function lease(node: string, state: Lease["state"], leaving = false) {
  const name = `herald-agent-${node}`;
  return { name, leaving, lease: { name, state } };
}

it("an agent is what its Lease says, leaving if it says so, and dead without one", () => {
  const liveness = new AgentLiveness(judge());
  liveness.update(
    [lease("a", "alive"), lease("b", "alive", true), lease("c", "dead", true), lease("d", "unknown")],
    true,
    0,
  );
  assert.deepEqual(
    ["a", "b", "c", "d", "e"].map((node) => liveness.of(node, 0)),
    ["alive", "leaving", "dead", "unknown", "dead"],
  );
});

it("tells whether anything is judged otherwise than before", () => {
  const liveness = new AgentLiveness(judge());
  assert.equal(liveness.update([lease("a", "alive")], true, 0), true);
  assert.equal(liveness.update([lease("a", "alive")], true, 1), false);
  assert.equal(liveness.update([lease("a", "dead")], true, 2), true);
  assert.equal(liveness.update([], true, 3), true);
});

it("takes no notice of Leases that are no agent's", () => {
  const liveness = new AgentLiveness(judge());
  const other = {
    name: "herald-controller",
    leaving: false,
    lease: { name: "herald-controller", state: "alive" as const },
  };
  assert.equal(liveness.update([other], true, 0), false);
});

it("looks again each second while the Leases cannot be watched", () => {
  const own = judge();
  const liveness = new AgentLiveness(own);
  liveness.update([lease("a", "alive")], true, 0);
  assert.equal(liveness.changesInMs(0), 100);
  liveness.gapBegan();
  assert.equal(liveness.changesInMs(0), 1_000);
  assert.equal(own.gaps, 1);
});
