import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { answers, type HoldEvent, type HoldStep, startHold, stepHold, wakeAtMs } from "../../../src/announce/hold.ts";
import { nextSpread } from "../../../src/announce/hold-schedule.ts";

const mac = Uint8Array.of(2, 0, 0, 0, 0, 9);
const address = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value) => ({ family: 4 as const, value }));
const event: fc.Arbitrary<HoldEvent> = fc.oneof(
  fc.constant<HoldEvent>({ kind: "time" }),
  fc.constantFrom<HoldEvent>({ kind: "probeLeft" }, { kind: "probeFailed" }),
  fc.constant<HoldEvent>({ kind: "claim", mac }),
  fc.boolean().map((has): HoldEvent => ({ kind: "quorum", has })),
);
const history = fc.array(fc.record({ event, waitMs: fc.nat(5_000), onTime: fc.boolean() }), { maxLength: 60 });
const start = fc.record({ address, probe: fc.boolean(), retake: fc.boolean(), quorum: fc.boolean() });

/** Plays a history, with all wake-ups in between where `onTime`, and shows each step with the one before and its time. */
function play(
  begin: Parameters<typeof startHold>[0],
  events: readonly { event: HoldEvent; waitMs: number; onTime: boolean }[],
  look: (step: HoldStep, before: HoldStep, nowMs: number) => void,
): void {
  let nowMs = 0;
  let step = startHold(begin, nowMs);
  const take = (next: HoldEvent): void => {
    const before = step;
    step = stepHold(before.hold, next, nowMs);
    look(step, before, nowMs);
  };
  for (const { event: next, waitMs, onTime } of events) {
    const untilMs = nowMs + waitMs;
    while (onTime && wakeAtMs(step.hold) <= untilMs) {
      nowMs = Math.max(nowMs, wakeAtMs(step.hold));
      take({ kind: "time" });
    }
    nowMs = untilMs;
    take(next);
  }
}

const property = (look: Parameters<typeof play>[2]): void =>
  fc.assert(
    fc.property(start, history, (begin, events) => play(begin, events, look)),
    { numRuns: 500 },
  );

it("after a step at its time, however late, nothing is due before a later time", () => {
  property(({ hold }, _, nowMs) => assert.ok(wakeAtMs(stepHold(hold, { kind: "time" }, nowMs).hold) > nowMs));
});

it("announcements and defences are only sent while the address is answered for, and with a quorum", () => {
  property(({ hold, outputs }) => {
    for (const output of outputs)
      if (output.kind === "send" && output.frame !== "probe") {
        assert.ok(answers(hold));
        assert.ok(hold.quorum || output.frame === "takeOver");
      }
  });
});

it("what is answered for stays answered for, whatever happens", () => {
  property(({ hold }, { hold: before }) => assert.ok(answers(hold) || !answers(before)));
});

it("without a quorum a claim changes nothing of what is answered for", () => {
  property(({ hold }, _, nowMs) => {
    if (hold.quorum || !answers(hold)) return;
    assert.deepEqual(stepHold(hold, { kind: "claim", mac }, nowMs), { hold, outputs: [] });
  });
});

it("answering begins with an announcement of it", () => {
  property(({ hold, outputs }, { hold: before }) => {
    if (answers(hold) && !answers(before)) assert.ok(outputs.some(({ kind }) => kind === "announced"));
  });
});

it("the spread rhythm keeps its period and lies in the future", () => {
  fc.assert(
    fc.property(address, fc.nat(10_000_000), (vip, nowMs) => {
      const next = nextSpread(vip, 60_000, nowMs);
      assert.ok(next > nowMs && next <= nowMs + 60_000);
      assert.equal(nextSpread(vip, 60_000, next), next + 60_000);
    }),
  );
});

it("the refreshes of 1,000 neighbouring addresses are spread over the minute", () => {
  const seconds = new Map<number, number>();
  for (let i = 0n; i < 1_000n; i++) {
    const second = Math.floor(nextSpread({ family: 4, value: 0xc0000200n + i }, 60_000, 0) / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  assert.ok(Math.max(...seconds.values()) <= 50, `${Math.max(...seconds.values())} in one second`);
});
