import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { jittered, type TimerName, Timers, timerNames } from "../../../../src/protocols/bgp/timers.ts";

describe("Timers", () => {
  it("expire once, at their time and not before", () => {
    const timers = new Timers();
    timers.set("hold", 100);
    assert.equal(timers.takeDue(99), undefined);
    assert.equal(timers.takeDue(100), "hold");
    assert.equal(timers.takeDue(200), undefined);
  });

  it("expire with the hold timer first if several are due", () => {
    const timers = new Timers();
    for (const name of ["keepalive", "connectRetry", "hold"] as const) timers.set(name, 5);
    assert.deepEqual([timers.takeDue(5), timers.takeDue(5), timers.takeDue(5)], ["hold", "connectRetry", "keepalive"]);
  });

  it("can be started anew and stopped", () => {
    const timers = new Timers();
    timers.set("hold", 5);
    timers.set("hold", 50);
    timers.set("keepalive", 7);
    assert.equal(timers.takeDue(6), undefined);
    timers.stop("keepalive");
    assert.equal(timers.nextAtMs(), 50);
    timers.stopAll();
    assert.equal(timers.nextAtMs(), Number.POSITIVE_INFINITY);
  });

  it("say when the first of them expires", () => {
    const set = fc.record({ name: fc.constantFrom(...timerNames), atMs: fc.nat() });
    fc.assert(
      fc.property(fc.array(set), (sets) => {
        const timers = new Timers();
        const model = new Map<TimerName, number>();
        for (const { name, atMs } of sets) {
          timers.set(name, atMs);
          model.set(name, atMs);
        }
        assert.equal(timers.nextAtMs(), Math.min(...model.values()));
      }),
    );
  });
});

describe("Jitter (RFC 4271, section 10)", () => {
  const cases = [
    { random: 0, want: 30_000 },
    { random: 0.5, want: 26_250 },
    { random: 1, want: 22_500 },
  ];
  for (const { random, want } of cases)
    it(`makes ${want} of 30,000 ms by the number ${random}`, () => assert.equal(jittered(30_000, random), want));
});
