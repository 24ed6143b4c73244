import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keepalive, peerOpen, Rig, settings } from "./session-rig.ts";

/** Established with a hold time of 90 s and KEEPALIVEs every 30 s, and everything that was sent forgotten. */
function up(): Rig {
  const rig = new Rig().establish();
  rig.kinds();
  return rig;
}

/** When KEEPALIVEs are sent from now on, in seconds; the peer is there all the time. */
function keepalivesAt(rig: Rig, forSeconds: number): readonly number[] {
  const at: number[] = [];
  for (let second = 1; second <= forSeconds; second++) {
    rig.advance(1_000).receive(keepalive);
    for (const _ of rig.kinds()) at.push(second);
  }
  return at;
}

describe("Another keepalive time", () => {
  for (const [keepaliveSeconds, what, want] of [
    [10, "it", [30, 40, 50, 60]],
    [45, "a third of the hold time, which is less,", [30, 60]],
  ] as const)
    it(`of ${keepaliveSeconds} s: ${what} holds from the next KEEPALIVE on, and nothing else is sent`, () => {
      const rig = up();
      rig.session.configure({ ...settings(), keepaliveSeconds });
      rig.settle();
      assert.deepEqual([keepalivesAt(rig, 60), rig.state], [want, "Established"]);
      assert.equal(rig.session.describe(rig.nowMs).agreed?.keepaliveSeconds, Math.min(keepaliveSeconds, 30));
    });

  it("starts none where both agreed on no hold time", () => {
    const rig = new Rig().establish(peerOpen({ holdTimeSeconds: 0 }));
    rig.session.configure({ ...settings(), keepaliveSeconds: 1 });
    rig.settle();
    assert.equal(rig.session.wakeAtMs(), Number.POSITIVE_INFINITY);
  });
});

describe("Another connect retry time", () => {
  it("holds from the next retry on", () => {
    const rig = new Rig().start();
    rig.session.configure({ ...settings(), connectRetrySeconds: 60 });
    rig.settle();
    rig.advance(4_999);
    assert.equal(rig.links.size, 1);
    rig.advance(1);
    assert.equal(rig.links.size, 2);
    rig.advance(59_999);
    assert.equal(rig.links.size, 2);
    rig.advance(1);
    assert.equal(rig.links.size, 3);
  });

  it("is nothing to a session that is up", () => {
    const rig = up();
    rig.session.configure({ ...settings(), connectRetrySeconds: 1 });
    rig.settle();
    assert.deepEqual([rig.advance(29_999).kinds(), rig.state, rig.links.size], [[], "Established", 1]);
  });
});
