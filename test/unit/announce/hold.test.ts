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
    const step = startHold({ address: vip, probe: false, retake: false, quorum: true, ...options }, 0);
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

const lost: HoldEvent = { kind: "quorum", has: false };
const regained: HoldEvent = { kind: "quorum", has: true };

/** A run that is through with its take-over at 4 s. */
function held(): Run {
  const run = new Run().until(4_000);
  run.done();
  return run;
}

describe("announcing again", () => {
  it("begins the announcements anew, for the way to the node has changed", () => {
    const run = held();
    run.until(10_000).done();
    run.event({ kind: "announceAgain" }).until(14_000);
    assert.deepEqual(run.done(), [
      "10000 send takeOver",
      "10050 send repeat",
      "10200 send repeat",
      "11000 send repeat",
      "13500 send repeat",
    ]);
  });

  it("reminds who is back, not at once and at most each ten seconds, however often that is", () => {
    const run = held().until(20_000);
    run.done();
    for (let ms = 20_000; ms < 40_000; ms += 500) run.event({ kind: "memberBack" }).until(ms + 500);
    const sent = run.done().map((line) => Number.parseInt(line, 10));
    assert.equal(sent.length, 2);
    assert.ok((sent[0] ?? 0) > 20_500 && (sent[0] ?? 0) <= 21_500, sent.join());
    assert.ok((sent[1] ?? 0) >= (sent[0] ?? 0) + 10_000, sent.join());
  });

  it("is silent without a quorum, and while the address is not held", () => {
    const lonely = held().event(lost);
    lonely.done();
    assert.deepEqual(lonely.event({ kind: "announceAgain" }).done(), []);
    const probing = new Run({ probe: true });
    probing.done();
    assert.deepEqual(probing.event({ kind: "announceAgain" }).done(), []);
  });
});

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

  it("goes on without a quorum, because the votes gave the address before it was lost", () => {
    const run = new Run({ probe: true }).until(5).event(lost).until(30);
    assert.deepEqual(run.done(), ["0 send probe", "15 send probe", "30 send takeOver", "30 announced"]);
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
});

describe("taking again what was held before", () => {
  it("asks without a quorum alone, and takes it when nobody answers", () => {
    assert.deepEqual(new Run({ probe: true, retake: true }).done(), ["0 send takeOver", "0 announced"]);
    const run = new Run({ retake: true, quorum: false }).until(30);
    assert.deepEqual(run.done(), ["0 send probe", "15 send probe", "30 send takeOver", "30 announced"]);
  });

  it("a foreign answer without a quorum keeps it silent", () => {
    const run = new Run({ retake: true, quorum: false }).claim();
    assert.deepEqual(run.done(), ["0 send probe", "0 conflict"]);
    assert.deepEqual([run.phase, run.answering], ["Conflict", false]);
  });
});

describe("held with a quorum", () => {
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

describe("kept without a quorum", () => {
  it("is answered for and asked after each second, and not announced", () => {
    const run = held().event(lost).until(100_000);
    const done = run.done();
    assert.equal(run.answering, true);
    assert.ok(done.every((line) => line.endsWith("send probe")));
    assert.equal(done.length, 96);
  });

  it("leaves it to the votes what another holder means", () => {
    const run = held().event(lost).until(4_400);
    run.done();
    assert.deepEqual(run.claim().until(4_900).done(), []);
    assert.equal(run.answering, true);
  });

  it("is announced soon after the quorum is back: another may have been believed meanwhile", () => {
    const run = held().event(lost).until(100_000);
    run.done();
    assert.deepEqual(run.event(regained).until(100_500).done(), []);
    assert.equal(run.until(101_600).done().length, 1);
  });
});
