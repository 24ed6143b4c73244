import assert from "node:assert/strict";
import { it } from "node:test";
import { Pace } from "../../../src/controller/pace.ts";

it("lets 100 writes through at once and 50 a second after that, and rests when it is full again", () => {
  const pace = new Pace();
  assert.deepEqual([pace.left(60_000), pace.changesInMs()], [100, undefined]);
  for (let i = 0; i < 100; i++) pace.spent(60_000);
  assert.deepEqual([pace.left(60_000), pace.changesInMs()], [0, 1_000]);
  assert.equal(pace.left(60_500), 25);
  assert.deepEqual([pace.left(63_000), pace.changesInMs()], [100, undefined]);
});

it("never owes any", () => {
  const pace = new Pace();
  for (let i = 0; i < 200; i++) pace.spent(0);
  assert.equal(pace.left(1_000), 50);
});
