import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WitnessAnswer, WitnessRequest } from "../../../../src/announce/votes/inputs.ts";
import { timing } from "../../../../src/announce/votes/timing.ts";
import { isAnswerTo, Witness, type WitnessNeed, witnessIsFree } from "../../../../src/announce/votes/witness.ts";

const need = (nowMs: number, values: Partial<WitnessNeed> = {}): WitnessNeed => ({
  node: "me",
  nowMs,
  intervalMs: 100,
  timing,
  suspicion: true,
  wanted: true,
  hurries: false,
  ...values,
});

type Answer =
  | { kind: "found"; holder: string; resourceVersion: string }
  | { kind: "written"; resourceVersion: string }
  | { kind: "conflict" | "failed" };

/** A witness that is evaluated and answered step by step. */
function witness(): {
  readonly at: (nowMs: number, values?: Partial<WitnessNeed>) => WitnessRequest | undefined;
  readonly answer: (nowMs: number, id: number, answer: Answer) => boolean;
  readonly untilMs: () => number;
} {
  const tested = new Witness({ isFree: witnessIsFree, isAnswer: isAnswerTo });
  return {
    at: (nowMs, values) => {
      tested.evaluate(need(nowMs, values));
      return tested.request();
    },
    answer: (nowMs, id, answer) => tested.answered({ id, ...answer } as WitnessAnswer, need(nowMs)),
    untilMs: () => tested.untilMs,
  };
}

const free: Answer = { kind: "found", holder: "", resourceVersion: "7" };
const theirs: Answer = { kind: "found", holder: "other", resourceVersion: "7" };

/** One that has taken the witness by a write begun at 1,000 ms and answered at 1,020. */
function taken(): ReturnType<typeof witness> {
  const tested = witness();
  tested.at(1_000);
  tested.answer(1_000, 1, free);
  tested.at(1_000);
  tested.answer(1_020, 2, { kind: "written", resourceVersion: "8" });
  return tested;
}

/** One whose second renewal is refused because somebody wrote meanwhile, and who asks what; counted until 3,400 ms. */
function conflicted(): ReturnType<typeof witness> {
  const tested = taken();
  tested.at(2_000);
  tested.answer(2_350, 3, { kind: "failed" });
  tested.at(2_500);
  tested.answer(2_510, 4, { kind: "conflict" });
  assert.equal(tested.at(2_520)?.id, 5);
  return tested;
}

describe("Rule 14: the witness", () => {
  it("is taken when nobody has it, with the version that was seen", () => {
    const tested = witness();
    assert.deepEqual(tested.at(1_000), { id: 1, kind: "get" });
    tested.answer(1_010, 1, free);
    assert.deepEqual(tested.at(1_010), { id: 2, kind: "take", resourceVersion: "7" });
  });

  it("is not tried again sooner than half a second after it failed, however quickly that was", () => {
    const tested = witness();
    tested.at(1_000);
    tested.answer(1_010, 1, free);
    tested.at(1_010);
    tested.answer(1_015, 2, { kind: "failed" });
    for (let nowMs = 1_015; nowMs < 1_510; nowMs++) assert.equal(tested.at(nowMs), undefined);
    // Another look would only say that the API server is back: who goes on without it would give up for nothing.
    assert.equal(tested.at(1_510)?.kind, "take");
  });

  it("counts until 2.4 s after the start of the write, however late the answer", () => {
    assert.equal(taken().untilMs(), 3_400);
  });

  it("is not taken from another before its version stood still for 3 s", () => {
    const tested = witness();
    tested.at(1_000);
    tested.answer(1_010, 1, theirs);
    for (let nowMs = 1_500, id = 2; nowMs <= 4_000; nowMs += 500, id++) {
      assert.deepEqual(tested.at(nowMs), { id, kind: "get" });
      tested.answer(nowMs, id, theirs);
    }
    assert.deepEqual(tested.at(4_010), { id: 8, kind: "take", resourceVersion: "7" });
  });

  it("is waited for anew when the version moves", () => {
    const tested = witness();
    tested.at(1_000);
    tested.answer(1_010, 1, theirs);
    tested.at(3_900);
    tested.answer(3_910, 2, { kind: "found", holder: "other", resourceVersion: "8" });
    assert.deepEqual(tested.at(4_410), { id: 3, kind: "get" });
    tested.answer(4_420, 3, { kind: "found", holder: "other", resourceVersion: "8" });
    assert.deepEqual(tested.at(6_920), { id: 4, kind: "take", resourceVersion: "8" });
  });

  it("is not taken while the gateway is silent, nor without suspicion: the API alone is asked", () => {
    const tested = witness();
    tested.at(1_000, { wanted: false });
    tested.answer(1_010, 1, free);
    assert.equal(tested.at(1_020, { wanted: false }), undefined);
    assert.deepEqual(tested.at(1_500, { wanted: false }), { id: 2, kind: "get" });
    assert.equal(tested.at(2_100, { suspicion: false })?.kind, "get");
  });
});

describe("Rule 15: suspicion", () => {
  it("has the witness renewed each second, with the version of the own last write", () => {
    const tested = taken();
    assert.equal(tested.at(1_400), undefined);
    assert.deepEqual(tested.at(2_000), { id: 3, kind: "renew", resourceVersion: "8" });
    tested.answer(2_030, 3, { kind: "written", resourceVersion: "9" });
    assert.equal(tested.untilMs(), 4_400);
  });

  it("once over for 1 s has it uncounted, and emptied 6 intervals later", () => {
    const tested = taken();
    for (let nowMs = 1_100; nowMs < 2_100; nowMs += 100) {
      const request = tested.at(nowMs, { suspicion: false });
      if (request !== undefined) tested.answer(nowMs, request.id, { kind: "written", resourceVersion: "9" });
    }
    assert.ok(tested.untilMs() > 2_100);
    assert.equal(tested.at(2_100, { suspicion: false }), undefined);
    assert.equal(tested.untilMs(), Number.NEGATIVE_INFINITY);
    assert.equal(tested.at(2_699, { suspicion: false }), undefined);
    assert.deepEqual(tested.at(2_700, { suspicion: false }), { id: 4, kind: "empty", resourceVersion: "9" });
  });

  it("that comes back after the Lease was ordered to be emptied counts it no more", () => {
    const tested = taken();
    tested.at(1_100, { suspicion: false });
    tested.at(2_100, { suspicion: false });
    assert.equal(tested.at(2_700, { suspicion: false })?.kind, "empty");
    tested.at(2_750);
    assert.equal(tested.untilMs(), Number.NEGATIVE_INFINITY);
  });
});

describe("While all is well the Lease", () => {
  const calm = { suspicion: false };
  it("is looked at once if nobody has it", () => {
    const tested = witness();
    assert.deepEqual(tested.at(1_000, calm), { id: 1, kind: "get" });
    tested.answer(1_010, 1, free);
    for (let nowMs = 1_500; nowMs < 30_000; nowMs += 500) assert.equal(tested.at(nowMs, calm), undefined);
    assert.deepEqual(tested.at(30_000), { id: 2, kind: "take", resourceVersion: "7" });
  });

  it("of somebody who died with it is looked at twice, and taken at once at the next loss", () => {
    const tested = witness();
    assert.equal(tested.at(1_000, calm)?.kind, "get");
    tested.answer(1_010, 1, theirs);
    assert.equal(tested.at(3_900, calm), undefined);
    assert.equal(tested.at(4_010, calm)?.kind, "get");
    tested.answer(4_020, 2, theirs);
    for (let nowMs = 4_500; nowMs < 30_000; nowMs += 500) assert.equal(tested.at(nowMs, calm), undefined);
    assert.deepEqual(tested.at(30_000), { id: 3, kind: "take", resourceVersion: "7" });
  });

  it("is not looked at where the list has no witness", () => {
    const tested = witness();
    for (let nowMs = 1_000; nowMs < 20_000; nowMs += 500)
      assert.equal(tested.at(nowMs, { suspicion: false, wanted: false }), undefined);
  });
});

describe("Rule 16: of the API's answers", () => {
  it("one to a request that was given up says nothing", () => {
    const tested = witness();
    tested.at(1_000);
    tested.answer(1_000, 1, free);
    assert.equal(tested.at(1_000)?.kind, "take");
    assert.deepEqual(tested.at(1_500), { id: 3, kind: "take", resourceVersion: "7" });
    assert.equal(tested.answer(1_600, 2, { kind: "written", resourceVersion: "8" }), false);
    assert.equal(tested.untilMs(), Number.NEGATIVE_INFINITY);
  });

  it("each request is given out once, and no second while it is open", () => {
    const tested = witness();
    assert.equal(tested.at(1_000)?.kind, "get");
    assert.equal(tested.at(1_400), undefined);
    assert.equal(tested.at(1_500)?.kind, "get");
  });

  it("seen with another holder the witness is lost at once", () => {
    const tested = taken();
    assert.deepEqual(tested.at(1_500), { id: 3, kind: "get" });
    tested.answer(1_510, 3, { kind: "found", holder: "other", resourceVersion: "9" });
    assert.equal(tested.untilMs(), Number.NEGATIVE_INFINITY);
  });

  it("a Lease that names this node while it is counted, by a write whose answer was lost or by the controller, is renewed", () => {
    const tested = conflicted();
    tested.answer(3_390, 5, { kind: "found", holder: "me", resourceVersion: "9" });
    assert.deepEqual(tested.at(3_391), { id: 6, kind: "renew", resourceVersion: "9" });
    assert.equal(tested.untilMs(), 3_400);
    tested.answer(3_410, 6, { kind: "written", resourceVersion: "10" });
    assert.equal(tested.untilMs(), 5_791);
  });

  it("one that names it when it is not counted any more is waited for as another's", () => {
    const tested = conflicted();
    tested.answer(3_400, 5, { kind: "found", holder: "me", resourceVersion: "9" });
    for (let nowMs = 3_900, id = 6; nowMs < 6_400; nowMs += 500, id++) {
      assert.equal(tested.at(nowMs)?.kind, "get");
      tested.answer(nowMs, id, { kind: "found", holder: "me", resourceVersion: "9" });
    }
    assert.equal(tested.at(6_400)?.kind, "take");
  });

  it("one that names another is lost, however long it would have been counted", () => {
    const tested = conflicted();
    tested.answer(2_530, 5, { kind: "found", holder: "other", resourceVersion: "9" });
    assert.equal(tested.untilMs(), Number.NEGATIVE_INFINITY);
    assert.equal(tested.at(2_540), undefined);
  });
});
