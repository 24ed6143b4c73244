import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isMajority, votesFor } from "../../../src/cli/votes.ts";
import { allHear, groupName, type VotingParts, voting } from "./voting-of.ts";

type Case = {
  readonly name: string;
  readonly hears: Readonly<Record<string, string>>;
  readonly parts?: VotingParts;
  /** Votes of node1. */
  readonly want: string;
};

const cases: readonly Case[] = [
  { name: "all members that hear it, and itself", hears: allHear, want: "3/3 majority" },
  {
    name: "not those that it hears and that do not hear it",
    hears: { ...allHear, node2: "node3" },
    want: "2/3 majority",
  },
  {
    name: "not those that hear it and that it does not hear",
    hears: { ...allHear, node1: "node2" },
    want: "2/3 majority",
  },
  { name: "nobody but itself when it is cut off", hears: { ...allHear, node1: "" }, want: "1/3 no majority" },
  { name: "itself alone in a group of one", hears: { node1: "" }, want: "1/1 majority" },
  {
    name: "of two members with a witness both",
    hears: { node1: "node2", node2: "node1" },
    parts: { list: { witness: true } },
    want: "2/3 majority",
  },
  {
    name: "the witness while it has it",
    hears: { node1: "", node2: "" },
    parts: { list: { witness: true }, witness: "node1" },
    want: "2/3 majority",
  },
  {
    name: "not the witness that another has",
    hears: { node1: "", node2: "" },
    parts: { list: { witness: true }, witness: "node2" },
    want: "1/3 no majority",
  },
];

describe("a holder counts on", () => {
  for (const { name, hears, parts, want } of cases)
    it(name, () => {
      const votes = votesFor("node1", groupName, voting(hears, parts)) ?? assert.fail("it does not vote");
      assert.equal(`${votes.hear}/${votes.of} ${isMajority(votes) ? "majority" : "no majority"}`, want);
    });
});

describe("nobody votes", () => {
  it("for a node whose agent says nothing of the group", () => {
    const { groups: _, ...older } = voting(allHear).nodes.get("node1") ?? assert.fail();
    const all = voting(allHear);
    assert.equal(votesFor("node1", groupName, { ...all, nodes: new Map([...all.nodes, ["node1", older]]) }), undefined);
  });

  it("for a node that is no member", () => assert.equal(votesFor("node9", groupName, voting(allHear)), undefined));

  it("in a group that is gone", () => assert.equal(votesFor("node1", "gone", voting(allHear)), undefined));
});
