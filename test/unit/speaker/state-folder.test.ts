import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, it } from "node:test";
import { nodeKeys } from "../../../src/speaker/node-keys.ts";
import { openStateFolder } from "../../../src/speaker/state-folder.ts";

let parent = "";
const unexpected = (message: string): void => assert.fail(message);

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "herald-state-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

it("is made for its owner alone, and what is written is read by the next process", () => {
  const path = join(parent, "a", "node1");
  openStateFolder(path, unexpected).write("votes", { term: 3 });
  assert.deepEqual(openStateFolder(path, unexpected).read("votes"), { term: 3 });
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.equal(statSync(join(path, "votes.json")).mode & 0o777, 0o600);
});

it("holds nothing but the last state, whole", () => {
  const folder = openStateFolder(parent, unexpected);
  folder.write("votes", { term: 3 });
  folder.write("votes", { term: 4 });
  assert.deepEqual([folder.read("votes"), readdirSync(parent)], [{ term: 4 }, ["votes.json"]]);
  folder.remove("votes");
  assert.deepEqual([folder.read("votes"), readdirSync(parent)], [undefined, []]);
});

it("reads nothing from a file that is no JSON, or is not there", () => {
  const folder = openStateFolder(parent, unexpected);
  writeFileSync(join(parent, "votes.json"), '{"term":');
  assert.deepEqual([folder.read("votes"), folder.read("others")], [undefined, undefined]);
});

it("says once what goes wrong, and leaves no older state behind that would be believed", () => {
  const file = join(parent, "file");
  writeFileSync(file, "");
  const problems: string[] = [];
  const folder = openStateFolder(join(file, "node1"), (message) => problems.push(message));
  folder.write("votes", { term: 1 });
  const told = problems.length;
  assert.ok(told > 0);
  const circular: unknown[] = [];
  circular.push(circular);
  const good = openStateFolder(parent, (message) => problems.push(message));
  good.write("votes", { term: 1 });
  good.write("votes", circular);
  good.write("votes", circular);
  assert.deepEqual([good.read("votes"), problems.length], [undefined, told + 1]);
});

it("the node's keys stay the same over restarts, and are made anew only when they are lost", () => {
  const folder = openStateFolder(parent, unexpected);
  const keys = nodeKeys(folder);
  assert.deepEqual(nodeKeys(openStateFolder(parent, unexpected)), keys);
  folder.write("key", { privateKey: "none" });
  assert.notEqual(nodeKeys(folder).publicKey, keys.publicKey);
});
