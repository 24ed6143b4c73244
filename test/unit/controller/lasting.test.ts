import assert from "node:assert/strict";
import { it } from "node:test";
import { Lasting } from "../../../src/controller/lasting.ts";

it("counts what was true without a break, and says when it is next long enough", () => {
  const lasting = new Lasting(100);
  const at = (names: readonly string[], nowMs: number) => [...lasting.at(names, nowMs)];
  assert.deepEqual(at(["a"], 0), []);
  assert.deepEqual(at(["a", "b"], 60), []);
  assert.equal(lasting.changesInMs(60), 40);
  assert.deepEqual(at(["a", "b"], 100), ["a"]);
  assert.equal(lasting.changesInMs(100), 60);
  assert.deepEqual(at(["b"], 120), []);
  assert.deepEqual(at(["a", "b"], 160), ["b"]);
  assert.equal(lasting.changesInMs(160), 100);
  assert.deepEqual(at([], 300), []);
  assert.equal(lasting.changesInMs(300), undefined);
});
