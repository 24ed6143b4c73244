import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  answers,
  type Hold,
  type HoldEvent,
  type HoldStart,
  type HoldStep,
  startHold,
  stepHold,
  wakeAtMs,
} from "../../../src/announce/hold.ts";
import type { HoldOutput } from "../../../src/announce/hold-output.ts";
import { address } from "../../support/builders.ts";

const vip = address("192.0.2.7");
const mac = Uint8Array.of(2, 0, 0, 0, 0, 9);

/** A hold with a clock that is set by hand and a network that takes each probe at once, and a protocol of what it did: `3500 send repeat`. */
class Run {
  nowMs = 0;
  probesLeave = true;
  #hold: Hold;
  readonly #done: string[] = [];

  constructor(options: Partial<HoldStart> = {}) {
    const step = startHold({ address: vip, probe: false, retake: false, fresh: true, ...options }, 0);
    this.#hold = step.hold;
    this.#note(step);
  }

  get phase(): string {
    return this.#hold.phase.kind;
  }

  get answering(): boolean {
    return answers(this.#hold);
  }

  /** What was done since the last call. */
  done(): readonly string[] {
    return this.#done.splice(0);
  }

  /** Lets the time pass, with every wake-up that the hold asks for. */
  until(ms: number): this {
    for (let wake = wakeAtMs(this.#hold); wake <= ms; wake = wakeAtMs(this.#hold)) {
      this.nowMs = Math.max(this.nowMs, wake);
      this.event({ kind: "time" });
      assert.ok(wakeAtMs(this.#hold) > this.nowMs, "a step at its time must move the time on");
    }
    this.nowMs = ms;
    return this;
  }

  event(event: HoldEvent): this {
    const step = stepHold(this.#hold, event, this.nowMs);
    this.#hold = step.hold;
    this.#note(step);
    return this;
  }

  claim(): this {
    return this.event({ kind: "claim", mac });
  }

  #note({ outputs }: HoldStep): void {
    const text = (output: HoldOutput): string => (output.kind === "send" ? `send ${output.frame}` : output.kind);
    this.#done.push(...outputs.map((output) => `${this.nowMs} ${text(output)}`));
    if (this.probesLeave && outputs.some((output) => output.kind === "send" && output.frame === "probe"))
      this.event({ kind: "probeLeft" });
  }
}

const stale: HoldEvent = { kind: "authority", fresh: false };
const fresh: HoldEvent = { kind: "authority", fresh: true };

/** A run that is through with its take-over at 4 s. */
function held(): Run {
  const run = new Run().until(4_000);
  run.done();
  return run;
}

describe("first use", () => {
  it("asks twice, then takes the address and announces it", () => {
    const run = new Run({ probe: true });
    assert.equal(run.answering, false);
    run.until(30);
    assert.deepEqual(run.done(), ["0 send probe", "15 send probe", "30 send takeOver", "30 announced"]);
    assert.equal(run.answering, true);
  });

  it("waits for its probes to leave, however long that takes, and orders one anew that is lost", () => {
    const run = new Run({ probe: true });
    run.probesLeave = false;
    run.until(15).done();
    run.until(5_000);
    assert.equal(run.phase, "Probing");
    run.event({ kind: "probeLeft" }).until(5_015);
    assert.equal(run.phase, "Held");
    assert.deepEqual(run.done(), ["5015 send takeOver", "5015 announced"]);

    const unlucky = new Run({ probe: true });
    unlucky.probesLeave = false;
    unlucky.until(15).done();
    unlucky.until(10_015);
    assert.deepEqual(unlucky.done(), ["10015 send probe"]);
  });

  it("a foreign answer makes it wait: three times for a second, then for ten", () => {
    const run = new Run({ probe: true });
    for (const ms of [5, 1_010, 2_020, 3_030, 13_040]) {
      run.until(ms).claim();
      assert.equal(run.phase, "Conflict");
    }
    assert.deepEqual(run.done(), [
      "0 send probe",
      "5 conflict",
      "1005 send probe",
      "2010 send probe",
      "3020 send probe",
      "13030 send probe",
    ]);
  });

  it("takes the address when nobody answers any more", () => {
    const run = new Run({ probe: true }).until(5).claim();
    run.done();
    run.until(1_035);
    assert.deepEqual(run.done().slice(2), ["1035 conflictOver", "1035 send takeOver", "1035 announced"]);
  });

  it("is not tried again on stale authority, but at once when it is fresh", () => {
    const run = new Run({ probe: true }).claim().event(stale).until(60_000);
    assert.deepEqual(run.done(), ["0 send probe", "0 conflict"]);
    run.event(fresh).until(60_000);
    assert.equal(run.phase, "Probing");
  });

  it("waits while authority is stale, however much of it was done, and begins again when it is fresh", () => {
    const run = new Run({ probe: true }).until(20).event(stale).until(60_000);
    assert.deepEqual(run.done(), ["0 send probe", "15 send probe"]);
    assert.equal(run.answering, false);
    run.event(fresh).until(60_030);
    assert.deepEqual(run.done().slice(1), ["60015 send probe", "60030 send takeOver", "60030 announced"]);
  });

  it("does not begin on stale authority, with or without asking", () => {
    for (const probe of [true, false]) {
      const run = new Run({ probe, fresh: false }).until(60_000).claim();
      assert.deepEqual([run.phase, run.done()], ["Waiting", []]);
      run.event(fresh).until(60_030);
      assert.equal(run.done().includes("60000 send probe"), probe);
      assert.equal(run.phase, "Held");
    }
  });

  it("a probe that cannot be sent is sent again soon", () => {
    const run = new Run({ probe: true });
    run.probesLeave = false;
    run.until(15).done();
    run.event({ kind: "probeFailed" }).until(115);
    assert.deepEqual(run.done(), ["115 send probe"]);
    run.event({ kind: "probeLeft" }).until(130);
    assert.deepEqual(run.done(), ["130 send takeOver", "130 announced"]);
  });

  it("a yield before it is held ends it", () => {
    assert.deepEqual(new Run({ probe: true }).event({ kind: "yield" }).done(), ["0 send probe", "0 withdrawn"]);
  });
});

describe("taking again what was held before", () => {
  it("asks on stale authority alone, and takes it when nobody answers", () => {
    assert.deepEqual(new Run({ probe: true, retake: true }).done(), ["0 send takeOver", "0 announced"]);
    const run = new Run({ retake: true, fresh: false }).until(30);
    assert.deepEqual(run.done(), ["0 send probe", "15 send probe", "30 send takeOver", "30 announced"]);
  });

  it("a foreign answer on stale authority ends it", () => {
    const run = new Run({ retake: true, fresh: false }).claim();
    assert.deepEqual(run.done(), ["0 send probe", "0 superseded"]);
    assert.equal(run.phase, "Gone");
  });
});

describe("held on fresh authority", () => {
  it("is announced at once, four times more, and then once a minute", () => {
    const run = new Run().until(200_000);
    const [first, news, ...rest] = run.done();
    assert.deepEqual([first, news], ["0 send takeOver", "0 announced"]);
    assert.deepEqual(rest.slice(0, 4), ["50 send repeat", "200 send repeat", "1000 send repeat", "3500 send repeat"]);
    const refreshes = rest.slice(4).map((line) => Number.parseInt(line, 10));
    assert.ok(refreshes.length >= 3);
    for (const [i, ms] of refreshes.entries()) if (i > 0) assert.equal(ms - (refreshes[i - 1] ?? 0), 60_000);
  });

  it("a claim is asked after and defended against a second later, and told if it lasts", () => {
    const run = held().claim().until(5_000);
    assert.deepEqual(run.done(), ["5000 send probe", "5000 send defence"]);
    run.claim();
    assert.deepEqual(run.done(), ["5000 conflict"]);
    assert.equal(run.answering, true);
  });

  it("claims every 100 ms are told once, and defended against at most once in 10 s", () => {
    const run = held();
    for (let ms = 4_000; ms < 44_000; ms += 100) run.until(ms).claim();
    const done = run.done();
    assert.equal(done.filter((line) => line.endsWith(" conflict")).length, 1);
    const defences = done.filter((line) => line.endsWith(" defence")).map((line) => Number.parseInt(line, 10));
    assert.deepEqual(defences, [5_000, 15_000, 25_000, 35_000]);
  });

  it("a conflict is over when the other station is silent, though asked", () => {
    const run = held().claim().until(5_000).claim();
    run.done();
    run.until(60_000);
    const done = run.done().filter((line) => !line.endsWith("repeat"));
    assert.deepEqual(done, ["15000 send probe", "15000 send defence", "25000 send probe", "30000 conflictOver"]);
  });

  it("a single claim that is never heard again is no news", () => {
    const done = held().claim().until(60_000).done();
    assert.ok(!done.some((line) => line.includes("conflict")), done.join());
  });
});

describe("a planned move", () => {
  it("goes on answering until the heir is heard", () => {
    const run = held().event({ kind: "yield" }).until(4_100);
    assert.equal(run.answering, true);
    assert.deepEqual(run.claim().done(), ["4100 withdrawn"]);
    assert.equal(run.answering, false);
  });

  it("goes on answering for 250 ms if no heir is heard", () => {
    const run = held().event({ kind: "yield" }).until(4_249);
    assert.equal(run.answering, true);
    assert.deepEqual(run.until(4_250).done(), ["4250 withdrawn"]);
  });

  it("of which the heir knows first is no conflict", () => {
    const run = held().claim().until(4_800).event({ kind: "yield" }).claim();
    assert.deepEqual(run.done(), ["4800 withdrawn"]);
  });

  it("is taken back by asking for the address again", () => {
    const run = held().event({ kind: "yield" }).event({ kind: "keep" }).until(10_000);
    assert.equal(run.phase, "Held");
    assert.deepEqual(run.done(), ["4000 announced"]);
  });
});

describe("held on stale authority", () => {
  it("is answered for and asked after each second, and not announced", () => {
    const run = held().event(stale).until(100_000);
    const done = run.done();
    assert.equal(run.answering, true);
    assert.ok(done.every((line) => line.endsWith("send probe")));
    assert.equal(done.length, 96);
  });

  it("is given up at the first sign of another holder", () => {
    const run = held().event(stale).until(4_400).claim();
    assert.ok(run.done().includes("4400 superseded"));
    assert.equal(run.answering, false);
    assert.deepEqual(run.until(100_000).done(), []);
  });

  it("goes on as before when authority is fresh again", () => {
    const run = held().event(stale).until(100_000).event(fresh);
    run.done();
    const done = run.until(280_000).done();
    assert.deepEqual(
      done.map((line) => line.replace(/^\d+ /, "")),
      ["send repeat", "send repeat", "send repeat"],
    );
  });
});

describe("asking again", () => {
  const cases: readonly (readonly [string, Run, readonly string[]])[] = [
    ["for what is held is told that it is", held(), ["4000 announced"]],
    ["for what is being probed is told nothing yet", new Run({ probe: true }), []],
  ];
  for (const [name, run, want] of cases)
    it(name, () => {
      run.done();
      assert.deepEqual(run.event({ kind: "keep" }).done(), want);
    });

  it("for what another station has is told of the conflict", () => {
    const run = new Run({ probe: true }).claim();
    run.done();
    assert.deepEqual(run.event({ kind: "keep" }).done(), ["0 conflict"]);
  });
});
