import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Condition } from "../../../src/api/condition.ts";
import { Contests, conditionWrite, fieldWrites, statusWrites } from "../../../src/controller/contests.ts";
import { service } from "../../support/builders.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const write = { uid: "1", field: "spec.loadBalancerIP", value: "192.0.2.1" };

function writtenAt(...minutes: readonly number[]): Contests {
  const contests = new Contests();
  for (const minute of minutes) contests.written(write, minute * minuteMs);
  return contests;
}

describe("whether a field is contested", () => {
  const cases = [
    { name: "a first write is no fight", at: [], now: 0, want: false },
    { name: "neither is the second repair", at: [0, 1], now: 1, want: false },
    { name: "a value written 3 times within 10 minutes is contested", at: [0, 4, 9], now: 9, want: true },
    { name: "a value written 3 times in 11 minutes is not", at: [0, 5, 11], now: 11, want: false },
    { name: "only the last three writes count", at: [0, 20, 22, 24], now: 24, want: true },
    { name: "it rests for an hour", at: [0, 1, 2], now: 61, want: true },
    { name: "a fight that ended an hour ago is forgotten", at: [0, 1, 2], now: 62, want: false },
    { name: "a try after an hour that is undone starts the next hour", at: [0, 1, 2, 62], now: 121, want: true },
    { name: "and there is one try an hour", at: [0, 1, 2, 62], now: 122, want: false },
    {
      name: "who leaves the try alone for two hours more is a stranger again",
      at: [0, 1, 2, 62],
      now: 183,
      want: false,
    },
  ];
  for (const { name, at, now, want } of cases)
    it(name, () => assert.equal(writtenAt(...at).contested(write, now * minuteMs), want));

  it("another value, field or object is another matter", () => {
    const contests = writtenAt(0, 1, 2);
    for (const other of [{ value: "192.0.2.2" }, { field: "annotation" }, { uid: "2" }])
      assert.equal(contests.contested({ ...write, ...other }, 2 * minuteMs), false);
  });

  it("a new value begins anew", () => {
    const contests = writtenAt(0, 1, 2);
    contests.written({ ...write, value: "192.0.2.2" }, 3 * minuteMs);
    assert.equal(contests.contested(write, 3 * minuteMs), false);
  });

  it("a value that comes and goes for good reasons is never contested", () => {
    const contests = new Contests();
    for (let i = 0; i < 20; i++) contests.written({ ...write, value: `192.0.2.${i % 2}` }, i * 1_000);
    assert.equal(contests.contested({ ...write, value: "192.0.2.0" }, 20_000), false);
  });
});

describe("what is remembered", () => {
  it("what was written once is forgotten after 10 minutes, with the next write", () => {
    const contests = new Contests();
    for (let i = 0; i < 1_000; i++) contests.written({ ...write, uid: `old-${i}` }, 0);
    contests.written(write, 11 * minuteMs);
    assert.equal(contests.size, 1);
  });

  it("a fight is forgotten two hours after its last write", () => {
    const contests = writtenAt(0, 1, 2);
    contests.written({ ...write, uid: "2" }, 2 * hourMs + 2 * minuteMs);
    assert.equal(contests.size, 2);
    contests.written({ ...write, uid: "2" }, 2 * hourMs + 3 * minuteMs);
    assert.equal(contests.size, 1);
  });

  it("however much is written, the memory has an end, and the newest is in it", () => {
    const contests = new Contests();
    for (let i = 0; i < 100_100; i++) contests.written({ ...write, uid: `${i}` }, 0);
    for (let i = 0; i < 3; i++) contests.written(write, 0);
    assert.equal(contests.size, 100_000);
    assert.ok(contests.contested(write, 0));
  });

  it("says when the next field may be tried again", () => {
    assert.equal(writtenAt(0, 1).restEndsInMs(0), undefined);
    const contests = writtenAt(0, 1, 2);
    for (const minute of [10, 11, 12]) contests.written({ ...write, uid: "2" }, minute * minuteMs);
    assert.equal(contests.restEndsInMs(12 * minuteMs), 50 * minuteMs);
    assert.equal(contests.restEndsInMs(62 * minuteMs), 10 * minuteMs);
    assert.equal(contests.restEndsInMs(72 * minuteMs), undefined);
  });
});

describe("what a patch writes", () => {
  const condition: Condition = {
    type: "herald.dev/Allocated",
    status: "True",
    reason: "Allocated",
    message: "192.0.2.1 from pool public",
    lastTransitionTime: "2026-11-21T00:00:00Z",
  };

  it("a field that is removed has an empty value", () => {
    const writes = fieldWrites(service(), { allocated: null, loadBalancerIP: "192.0.2.1" });
    assert.deepEqual(
      writes.map(({ field, value }) => [field, value]),
      [
        ["annotation herald.dev/allocated", ""],
        ["spec.loadBalancerIP", "192.0.2.1"],
      ],
    );
  });

  it("the parts of a status are written one by one", () => {
    const patch = { ingress: [{ ip: "192.0.2.1" }, { ip: "192.0.2.2" }], conditions: [condition], removed: ["other"] };
    assert.deepEqual(
      statusWrites(service(), patch).map(({ field, value }) => [field, value]),
      [
        ["status.loadBalancer.ingress", "192.0.2.1,192.0.2.2"],
        ["condition herald.dev/Allocated", "True Allocated  192.0.2.1 from pool public"],
        ["condition other", ""],
      ],
    );
    assert.deepEqual(statusWrites(service(), { conditions: [], removed: [] }), []);
  });

  it("since when a condition is so does not count, what it says does", () => {
    const same = conditionWrite(service(), condition);
    assert.deepEqual(conditionWrite(service(), { ...condition, lastTransitionTime: "later" } as Condition), same);
    const others: readonly Partial<Condition>[] = [
      { status: "False" },
      { reason: "OutsidePool" },
      { message: "" },
      { observedGeneration: 2 },
    ];
    for (const other of others)
      assert.notEqual(conditionWrite(service(), { ...condition, ...other }).value, same.value);
  });

  it("saying that a condition is contested does not end the memory of the fight over it", () => {
    const contests = new Contests();
    const said = conditionWrite(service(), { ...condition, reason: "FieldContested" });
    const fought = conditionWrite(service(), condition);
    for (const each of [fought, fought, fought, said]) contests.written(each, 0);
    assert.ok(contests.contested(fought, 0));
    assert.ok(!contests.contested(said, 0));
  });
});
