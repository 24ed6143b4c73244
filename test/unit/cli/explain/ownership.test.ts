import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Advertisement } from "../../../../src/api/vip-advertisement.ts";
import { type Ownership, ownershipOf } from "../../../../src/cli/explain/ownership.ts";
import { memberTable, ownershipParagraphs } from "../../../../src/cli/explain/ownership-text.ts";
import { printExplanation } from "../../../../src/cli/explain/text.ts";
import { address, advertisement, clusterNode, service, vipNode } from "../../../support/builders.ts";
import { terminalStub } from "../terminal-stub.ts";
import { allHear, groupName, type VotingParts, voting } from "../voting-of.ts";

type Parts = VotingParts & {
  readonly hears?: Readonly<Record<string, string>>;
  readonly spec?: Partial<Advertisement>;
  readonly holder?: string;
  readonly conditions?: Advertisement["status"]["conditions"];
  /** Labels of node3. */
  readonly labels?: Readonly<Record<string, string>>;
};

/** The ownership of 203.0.113.7, which node2 holds and which is wanted there, in a group of three that hear each other. */
function ownership({
  hears = allHear,
  spec,
  holder = "node2",
  conditions = [],
  labels = {},
  ...rest
}: Parts = {}): Ownership {
  const status = { holder, service: "shop/web", protocol: "ARP" as const, history: [], conditions };
  const held = advertisement("203.0.113.7", { owner: service(), node: "node2", group: groupName, status, ...spec });
  const seen = voting(hears, rest);
  const names = [...seen.nodes.keys()];
  const parts = {
    vipNodes: [...seen.nodes.values()],
    nodes: names.map((name) => clusterNode(name, name === "node3" ? { labels } : {})),
    liveness: new Map([...seen.agents].map(([name, { liveness }]) => [name, liveness])),
    groups: [...seen.groups.values()],
    endpointSlices: [],
  };
  return ownershipOf(held, { voting: seen, parts });
}

const unannounced = {
  type: "Announced",
  status: "False" as const,
  reason: "NoQuorum",
  message: "no member has a quorum",
  lastTransitionTime: "",
};
const pair = { node1: "node2", node2: "node1" };
const deaf = { node1: "", node2: "" };
const drained = vipNode("node2", { drain: true });

describe("a node holds an address", () => {
  const cases: readonly {
    readonly name: string;
    readonly parts: Parts;
    readonly rule: string;
    readonly message: RegExp;
  }[] = [
    {
      name: "by more than half of the votes",
      parts: {},
      rule: "Majority",
      message:
        /^node2 counts on 3 of 3 voters of group 192-168-50-0-24-1 \(epoch 4\), itself included: more than half; each vote counts until 4 heartbeat intervals after/,
    },
    {
      name: "by a majority of a list that was forced",
      parts: { list: { forced: true } },
      rule: "Majority",
      message: /\(epoch 4, forced\)/,
    },
    {
      name: "of two, by the other one's vote",
      parts: { hears: pair, list: { witness: true } },
      rule: "Majority",
      message: /counts on 2 of 3 voters/,
    },
    {
      name: "of two, by the witness when the other is lost",
      parts: { hears: deaf, list: { witness: true }, witness: "node2" },
      rule: "Witness",
      message: /^node2 and the witness are 2 of 3 voters/,
    },
    {
      name: "as the only member",
      parts: { hears: { node2: "" } },
      rule: "Alone",
      message: /^node2 is the only member of group/,
    },
    {
      name: "by its Lease where heartbeats are blocked",
      parts: { hears: { node2: "" }, list: { byLease: true } },
      rule: "ByLease",
      message:
        /answers for four fifths of its Lease's duration after it last renewed it, which was at 2026-01-31T11:59:55Z$/,
    },
    {
      name: "without a quorum, because nobody else is heard to",
      parts: { hears: { ...allHear, node2: "" } },
      rule: "Kept",
      message: /^node2 has no quorum, 1 of 3 voters of group/,
    },
    {
      name: "by its own word, while the others have not said yet that they hear it",
      parts: { hears: { ...allHear, node1: "node3", node3: "node1" } },
      rule: "Deciding",
      message: /by what the others last said$/,
    },
    {
      name: "where it was told to, while its agent does not vote",
      parts: { spec: { group: "gone" } },
      rule: "NotVoting",
      message: /^the agent on node2 does not vote/,
    },
  ];
  for (const { name, parts, rule, message } of cases)
    it(name, () => {
      const { ground } = ownership(parts);
      assert.equal(ground.rule, rule);
      assert.match(ground.message, message);
    });
});

describe("nobody holds an address", () => {
  it("for the reason of its condition", () => {
    const { ground, votes } = ownership({ holder: "", conditions: [unannounced] });
    assert.deepEqual([ground.rule, ground.message, votes], ["NoHolder", "NoQuorum: no member has a quorum", undefined]);
  });

  it("as long as no agent has reported", () =>
    assert.equal(ownership({ holder: "" }).ground.message, "no agent has reported on it yet"));
});

describe("what comes next is", () => {
  const cases: readonly { readonly name: string; readonly parts: Parts; readonly want: string }[] = [
    { name: "nothing where it is wanted", parts: {}, want: "" },
    {
      name: "a move to where it is wanted",
      parts: { spec: { node: "node1" } },
      want: "wanted on node1, which asks node2 for it",
    },
    {
      name: "no move to a dead node",
      parts: { spec: { node: "node1" }, agents: { node1: { liveness: "dead" } } },
      want: "wanted on node1, whose agent is dead; it stays on node2 until another place is chosen",
    },
    {
      name: "to leave a node that is drained",
      parts: { nodes: { node2: { drain: drained.drain } } },
      want: "node2 is being drained: it gives it to another as soon as one can take it",
    },
  ];
  for (const { name, parts, want } of cases) it(name, () => assert.equal(ownership(parts).ground.next, want));
});

describe("a member of the group", () => {
  const of = (name: string, parts: Parts) =>
    ownership(parts).members.find(({ node }) => node === name) ?? assert.fail();

  it("says with whom it is linked, and whom it hears in vain", () => {
    const { linked, hears } = of("node1", { hears: { ...allHear, node3: "node2" } });
    assert.deepEqual([linked, hears], [["node2"], ["node2", "node3"]]);
  });

  it("says nothing once its agent is dead", () => {
    const { linked, hears, quorum, epoch } = of("node3", {
      hears: { ...allHear, node1: "node2", node2: "node1" },
      agents: { node3: { liveness: "dead" } },
    });
    assert.deepEqual([linked, hears, quorum, epoch], [[], [], false, undefined]);
  });

  const obstacles: readonly { readonly name: string; readonly parts: Parts; readonly want: string }[] = [
    { name: "may hold it if nothing is in the way", parts: {}, want: "" },
    {
      name: "may not with the label that excludes it",
      parts: { labels: { "node.kubernetes.io/exclude-from-external-load-balancers": "" } },
      want: "NodeExcluded: node node3 has label node.kubernetes.io/exclude-from-external-load-balancers",
    },
    {
      name: "may not while its agent is dead",
      parts: { agents: { node3: { liveness: "dead" } } },
      want: "AgentDead: the agent on node3 does not renew its Lease",
    },
    {
      name: "refuses it in its own words",
      parts: {
        nodes: {
          node3: {
            refusing: [{ address: address("203.0.113.7"), reason: "Conflict", message: "02:00:00:00:00:09 has it" }],
          },
        },
      },
      want: "Conflict: 02:00:00:00:00:09 has it",
    },
    {
      name: "may not if it is no candidate",
      parts: { spec: { candidates: ["node2"] } },
      want: "not among the candidates",
    },
  ];
  for (const { name, parts, want } of obstacles) it(name, () => assert.equal(of("node3", parts).obstacle, want));

  it("is also a holder that is none", () =>
    assert.deepEqual(
      ownership({ hears: { node1: "", node2: "" }, holder: "node9" }).members.map(({ node }) => node),
      ["node1", "node2", "node9"],
    ));
});

it("the explanation shows the group, the votes, the rule, and every member", () => {
  const terminal = terminalStub();
  const told = ownership({
    hears: { ...allHear, node3: "node2" },
    spec: { node: "node1", candidates: ["node1", "node2"] },
  });
  printExplanation("Address 203.0.113.7", ownershipParagraphs(told), [memberTable(told)], terminal);
  assert.deepEqual(
    terminal.written.out.split("\n").map((line) => line.replace(/(?<=\S) {2,}/g, " | ")),
    [
      "Address 203.0.113.7",
      "  Group | 192-168-50-0-24-1 on 192.168.50.0/24, epoch 4",
      "  Votes | 3 of 3",
      "  Because | Majority: node2 counts on 3 of 3 voters of group 192-168-50-0-24-1 (epoch 4), itself included: more than half; each vote counts until 4 heartbeat intervals after what its voter acknowledged was sent",
      "  Next | wanted on node1, which asks node2 for it",
      "",
      "Members of its group:",
      "  NODE | AGENT | QUORUM | EPOCH | LINKED WITH | ONLY HEARS | MAY HOLD IT",
      "  node1 | alive | yes | 4 | node2 | node3 | yes",
      "  node2 | alive | yes | 4 | node1,node3 | - | yes",
      "  node3 | alive | yes | 4 | node2 | - | no, not among the candidates",
      "",
    ],
  );
});
