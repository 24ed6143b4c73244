import assert from "node:assert/strict";
import { it } from "node:test";
import { Contests } from "../../../src/controller/contests.ts";

const minuteMs = 60_000;
const write = { uid: "1", field: "spec.loadBalancerIP", value: "192.0.2.1" };

function writtenAt(...minutes: readonly number[]): Contests {
  const contests = new Contests();
  for (const minute of minutes) contests.written(write, minute * minuteMs);
  return contests;
}

const cases = [
  { name: "a first write is no fight", at: [], want: false },
  { name: "neither is the second repair", at: [0, 1], want: false },
  { name: "a value written 3 times within 10 minutes is contested", at: [0, 4, 9], want: true },
  { name: "a value written 3 times in 11 minutes is not", at: [0, 5, 11], want: false },
  { name: "only the last three writes count", at: [0, 20, 22, 24], want: true },
];
for (const { name, at, want } of cases) it(name, () => assert.equal(writtenAt(...at).contested(write), want));

it("another value, field or object is another matter", () => {
  const contests = writtenAt(0, 1, 2);
  for (const other of [{ value: "192.0.2.2" }, { field: "annotation" }, { uid: "2" }])
    assert.equal(contests.contested({ ...write, ...other }), false);
});

it("a new value begins anew", () => {
  const contests = writtenAt(0, 1, 2);
  contests.written({ ...write, value: "192.0.2.2" }, 3 * minuteMs);
  assert.equal(contests.contested(write), false);
});
