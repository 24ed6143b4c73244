import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { faults } from "../../lab/faults.ts";
import { randomRound } from "../../lab/soak/rounds.ts";
import { verdict } from "../../lab/soak/verdict.ts";
import { Random } from "../../simulation/random.ts";

const nodes = ["node1", "node2", "node3"];
const vip = "192.0.2.1";
const quiet = { strokes: [], touched: new Set<string>() };
const onNode1 = new Map([[vip, "node1"]]);
const onNode2 = new Map([[vip, "node2"]]);

describe("the soak's rounds", () => {
  const random = new Random(1);
  const rounds = Array.from({ length: 500 }, () => randomRound(nodes, random));

  it("name faults that there are, with the words that they take", () => {
    for (const { words } of rounds.flatMap(({ strokes }) => strokes)) {
      const [name = "", ...rest] = words;
      assert.equal(rest.length, faults[name]?.takes.length, words.join(" "));
    }
  });

  it("have come to every fault of nodes, and break no node twice at a time", () => {
    const names = new Set(rounds.flatMap(({ strokes }) => strokes.map(({ words }) => words[0])));
    for (const name of Object.keys(faults)) assert.ok(names.has(name), name);
    for (const { strokes, touched } of rounds) {
      const hit = strokes.flatMap(({ words }) => words.filter((word) => nodes.includes(word)));
      assert.equal(hit.length, touched.size);
    }
  });

  it("are the same for the same seed", () => {
    assert.deepEqual(randomRound(nodes, new Random(7)), randomRound(nodes, new Random(7)));
  });
});

describe("the soak's verdict", () => {
  const answer = (atMs: number, mac: string) => ({ atMs, address: vip, mac, unasked: false });
  const both = Array.from({ length: 20 }, (_, i) => [answer(i * 100, "a"), answer(i * 100 + 1, "b")]).flat();

  const away = { words: ["api-stop"], fromMs: 0, toMs: 2_000 };
  const cases = [
    { name: "nothing happened", round: quiet, seen: { answers: [], before: onNode1, after: onNode1 }, broken: 0 },
    {
      name: "two answered for two seconds",
      round: quiet,
      seen: { answers: both, before: onNode1, after: onNode1 },
      broken: 1,
    },
    {
      name: "two answered for two seconds while the API server was away",
      round: { ...quiet, strokes: [away] },
      seen: { answers: both, before: onNode1, after: onNode1 },
      broken: 1,
    },
    {
      name: "two answered for two seconds that did not hear each other, while the API server was away",
      round: { ...quiet, strokes: [away, { words: ["heartbeats", "node1", "node2"], fromMs: 0, toMs: 2_000 }] },
      seen: { answers: both, before: onNode1, after: onNode1 },
      broken: 0,
    },
    {
      name: "it did not come to rest",
      round: quiet,
      seen: { answers: [], before: onNode1, after: undefined },
      broken: 1,
    },
    {
      name: "an untouched node lost its address",
      round: quiet,
      seen: { answers: [], before: onNode1, after: onNode2 },
      broken: 1,
    },
    {
      name: "a touched node lost its address",
      round: { ...quiet, touched: new Set(["node1"]) },
      seen: { answers: [], before: onNode1, after: onNode2 },
      broken: 0,
    },
    {
      name: "most nodes were touched",
      round: { ...quiet, touched: new Set(["node2", "node3"]) },
      seen: { answers: [], before: onNode1, after: onNode2 },
      broken: 0,
    },
  ];
  for (const { name, round, seen, broken } of cases)
    it(`${name}: ${broken === 0 ? "fine" : "broken"}`, () => {
      assert.equal(verdict(round, { ...seen, nodes: 3 }).broken.length, broken);
    });
});
