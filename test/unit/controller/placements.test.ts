import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { replacedSpec } from "../../../src/controller/placements.ts";
import { advertisement, service } from "../../support/builders.ts";

const at = (node: string, changes: Parameters<typeof advertisement>[1] = {}) =>
  advertisement("192.0.2.1", { owner: service(), group: "lan", node, ...changes });

describe("how often an address was moved is counted, because members move an address once for each", () => {
  const cases = [
    { name: "a first placement is no move", before: at(""), to: "node1", want: undefined },
    { name: "another node is one", before: at("node1"), to: "node2", want: 1 },
    { name: "and one more", before: at("node2", { move: 1 }), to: "node1", want: 2 },
    { name: "another word on who may hold it is none", before: at("node1", { move: 4 }), to: "node1", want: 4 },
    { name: "nor is one where it never moved", before: at("node1"), to: "node1", want: undefined },
  ];
  for (const { name, before, to, want } of cases)
    it(name, () => {
      assert.equal(replacedSpec(before, { group: "lan", node: to, candidates: ["node1", "node2"] }).move, want);
    });
});
