import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Keeping } from "../../../../src/announce/votes/address-state.ts";
import { newAddressState } from "../../../../src/announce/votes/address-state.ts";
import { keepIsOver, mayKeep, yieldsToForeign } from "../../../../src/announce/votes/keeping.ts";
import { timing } from "../../../../src/announce/votes/timing.ts";
import { address, claim, claimant, holder, peer, view } from "./views.ts";

const lost: Keeping = {
  allowed: true,
  quorum: false,
  suspectSinceMs: 9_900,
  apiAnsweredAtMs: 9_000,
  gateway: true,
  newerList: false,
};

describe("Rule 17: without a quorum a hold is kept", () => {
  const cases = [
    { name: "if the API has said nothing since the suspicion began", keeping: {}, may: true },
    { name: "not if it has", keeping: { apiAnsweredAtMs: 9_950 }, may: false },
    {
      name: "if it had, but then for 1.2 s no more: it was lost after the witness was taken",
      keeping: { suspectSinceMs: 8_000, apiAnsweredAtMs: 8_800 },
      may: true,
    },
    {
      name: "not if that is less than 1.2 s ago",
      keeping: { suspectSinceMs: 8_000, apiAnsweredAtMs: 8_801 },
      may: false,
    },
    { name: "not if the gateway is silent", keeping: { gateway: false }, may: false },
    { name: "not with a quorum, whose votes went to another", keeping: { quorum: true }, may: false },
    { name: "not without suspicion", keeping: { suspectSinceMs: undefined }, may: false },
    { name: "not if somebody goes by a newer list", keeping: { newerList: true }, may: false },
    { name: "never under Yield", keeping: { allowed: false }, may: false },
  ];
  for (const { name, keeping, may } of cases)
    it(name, () => assert.equal(mayKeep({ ...lost, ...keeping }, 10_000, timing), may));
});

describe("Rule 17: keeping", () => {
  const kept = claim({ state: "keeps", keptSinceMs: 9_500 });
  const cases = [
    { name: "goes on while nothing is heard", sayings: [], keeping: {}, quorum: false, want: undefined },
    {
      name: "ends when a hold is heard",
      sayings: [holder(peer("x"))],
      keeping: {},
      quorum: false,
      want: "OtherHolder",
    },
    {
      name: "goes on before a mere claim",
      sayings: [claimant(peer("x"))],
      keeping: {},
      quorum: false,
      want: undefined,
    },
    {
      name: "ends when the gateway falls silent",
      sayings: [],
      keeping: { gateway: false },
      quorum: false,
      want: "GatewaySilent",
    },
    {
      name: "ends when the API answers",
      sayings: [],
      keeping: { apiAnsweredAtMs: 9_600 },
      quorum: false,
      want: "ApiAnswered",
    },
    {
      name: "goes on when the API answers and the quorum is back",
      sayings: [],
      keeping: { apiAnsweredAtMs: 9_600 },
      quorum: true,
      want: undefined,
    },
    {
      name: "ends when somebody goes by a newer list (rule 21)",
      sayings: [],
      keeping: { newerList: true },
      quorum: false,
      want: "NewerList",
    },
  ];
  for (const { name, sayings, keeping, quorum, want } of cases) {
    it(name, () => {
      const self = { quorum, keeping: { ...lost, quorum, ...keeping } };
      assert.equal(keepIsOver(view(sayings, kept, self)), want);
    });
  }
});

describe("Rules 17, 21: another station's announcement or probe answer", () => {
  const cases = [
    { name: "ends a kept hold", state: "keeps", forced: false, besideUntilMs: 0, ends: true },
    { name: "ends no hold by votes", state: "holds", forced: false, besideUntilMs: 0, ends: false },
    { name: "ends any hold under a forced list", state: "holds", forced: true, besideUntilMs: 10_000, ends: true },
    {
      name: "ends none that another member gives just now: it answers beside its heir (rule 11)",
      state: "holds",
      forced: true,
      besideUntilMs: 10_001,
      ends: false,
    },
    { name: "ends no claim that does not answer", state: "claims", forced: true, besideUntilMs: 0, ends: false },
  ] as const;
  for (const { name, state, forced, besideUntilMs, ends } of cases) {
    it(name, () => {
      const seen = { ...newAddressState(address), ...claim({ state }), besideUntilMs, foreign: true };
      assert.equal(yieldsToForeign(seen, { forced, nowMs: 10_000 }), ends);
      assert.equal(yieldsToForeign({ ...seen, foreign: false }, { forced, nowMs: 10_000 }), false);
    });
  }
});
