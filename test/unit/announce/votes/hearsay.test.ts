/** Rule 20: a newer list that more than half of the present one send, without the API server. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { listOfMost, sendable } from "../../../../src/announce/votes/hearsay.ts";
import type { SentList } from "../../../../src/announce/votes/heartbeat.ts";
import { majority } from "../../../../src/announce/votes/holding.ts";
import type { GroupList, Wish } from "../../../../src/announce/votes/member.ts";
import { rules } from "../../../../src/announce/votes/rules.ts";
import type { Address } from "../../../../src/net/address.ts";
import { Network } from "./network.ts";

const address: Address = { family: 4, value: 0x0a000001n };

function list(epoch: number, members: string, values: Partial<GroupList> = {}): GroupList {
  return { epoch, members: [...members], witness: false, forced: false, ...values };
}

function sent(epoch: number, members: string, values: Partial<GroupList> = {}): SentList {
  return { ...list(epoch, members, values), uid: "" };
}

const next = sent(2, "abcd");

describe("Rule 20: the list that more than half of the present one send", () => {
  const cases: readonly { name: string; members: number; sends: readonly SentList[]; want: number | undefined }[] = [
    { name: "both others of three", members: 3, sends: [next, next], want: 2 },
    {
      name: "not one of two others: with this member, who has it not, that is a third",
      members: 3,
      sends: [next],
      want: undefined,
    },
    { name: "never the other one of two", members: 2, sends: [next], want: undefined },
    { name: "not half of four", members: 4, sends: [next, next], want: undefined },
    { name: "three of five", members: 5, sends: [next, next, next], want: 2 },
    { name: "not two who send different members", members: 3, sends: [next, sent(2, "abce")], want: undefined },
    { name: "nor different epochs", members: 3, sends: [next, sent(3, "abcd")], want: undefined },
    { name: "nor a witness or none", members: 3, sends: [next, sent(2, "abcd", { witness: true })], want: undefined },
    { name: "whatever the others send", members: 5, sends: [sent(9, "z"), next, sent(8, "y"), next, next], want: 2 },
    {
      name: "not a forced one (rule 21)",
      members: 3,
      sends: [sent(2, "ab", { forced: true }), sent(2, "ab", { forced: true })],
      want: undefined,
    },
  ];
  for (const { name, members, sends, want } of cases)
    it(name, () => assert.equal(listOfMost(sends, majority(members))?.epoch, want));

  it("is never one that only the liars send, as long as they are no majority, in whatever order", () => {
    const lie = fc.tuple(fc.integer({ min: 3, max: 5 }), fc.constantFrom("z", "abc"), fc.boolean());
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 7 }), fc.array(lie, { maxLength: 7 }), fc.nat(), (members, lies, turn) => {
        const liars = lies
          .slice(0, majority(members) - 1)
          .map(([epoch, names, forced]) => sent(epoch, names, { forced }));
        const honest = Array.from({ length: Math.max(0, members - 1 - liars.length) }, () => next);
        const all = [...liars, ...honest];
        const at = turn % Math.max(1, all.length);
        const found = listOfMost([...all.slice(at), ...all.slice(0, at)], majority(members));
        assert.deepEqual(found, honest.length >= majority(members) ? next : undefined);
      }),
    );
  });
});

describe("Rule 20: a list is sent", () => {
  const cases: readonly { name: string; of: GroupList | undefined; uid: string; sends: boolean }[] = [
    { name: "with the uid of its VIPGroup", of: list(1, "abcdefg"), uid: "1-2", sends: true },
    { name: "not before there is one", of: undefined, uid: "1-2", sends: false },
    { name: "not with more members than a group can have", of: list(1, "abcdefgh"), uid: "", sends: false },
    { name: "not with a name that no node can have", of: list(1, "aä"), uid: "", sends: false },
    {
      name: "not with a name that is too long",
      of: { ...list(1, ""), members: ["a".repeat(254)] },
      uid: "",
      sends: false,
    },
    { name: "not with a uid that no API server gives", of: list(1, "a"), uid: "a b", sends: false },
  ];
  for (const { name, of, uid, sends } of cases)
    it(name, () => assert.deepEqual(sendable(of, uid), sends ? { ...of, uid } : undefined));
});

const names = ["a", "b", "c", "d"];
const wanted = (node: string): readonly Wish[] => [{ address, node, generation: 1, willing: true }];

/** a, b and c are a group, c holds the address; d is not in it yet. */
function three(): Network {
  const network = new Network({ names, list: list(1, "abc"), withoutQuorum: "Yield" });
  network.wish(wanted("c"));
  network.run(1_500);
  assert.deepEqual(network.answering(address), ["c"]);
  return network;
}

const epochOf = (network: Network, name: string): number => network.node(name).member.describe(network.nowMs).epoch;

describe("Rule 20: without the API server", () => {
  it("a member goes by the list that both others send, with whom that names, and holds by it", () => {
    const network = three();
    network.list(list(2, "abcd"), ["a", "b", "d"]);
    network.run(3_000);
    assert.equal(epochOf(network, "c"), 2);
    assert.deepEqual(network.node("c").member.describe(network.nowMs).linked.toSorted(), ["a", "b", "d"]);
    assert.deepEqual(network.node("c").memory?.list, list(2, "abcd"));
    network.kill("a");
    network.run(2_000);
    assert.equal(network.answering(address).length, 1);
  });

  it("without the rule it holds nothing: its votes and theirs do not count for each other", () => {
    const network = new Network({ names, list: list(1, "abc"), rules: { ...rules, listOfMost: () => undefined } });
    network.run(1_500);
    network.list(list(2, "abcd"), ["a", "b", "d"]);
    network.run(3_000);
    assert.deepEqual([epochOf(network, "c"), network.node("c").member.describe(network.nowMs).quorum], [1, false]);
  });

  it("a member that the list leaves out holds nothing any more, though nobody sends to it but in answer", () => {
    const network = three();
    network.list(list(2, "ab"), ["a", "b"]);
    network.run(3_000);
    assert.deepEqual(network.node("c").member.memory().list, list(2, "ab"));
    assert.notEqual(network.answering(address)[0], "c");
    const causes = network.node("c").news.flatMap((news) => (news.kind === "ended" ? [news.cause] : []));
    assert.equal(causes.length, 1);
  });

  it("a member that missed two lists goes by the newest", () => {
    const network = three();
    network.list(list(2, "abd"), ["a", "b", "d"]);
    network.list(list(3, "abcd"), ["a", "b", "d"]);
    network.run(3_000);
    assert.equal(epochOf(network, "c"), 3);
  });

  it("one who has the list is not enough", () => {
    const network = three();
    network.list(list(2, "abcd"), ["a", "d"]);
    network.run(5_000);
    assert.deepEqual([epochOf(network, "b"), epochOf(network, "c")], [1, 1]);
  });

  it("a list waits for its members to be linked, and to be shown, as one of the API server does", () => {
    const network = three();
    network.passes = (_, to) => to !== "d";
    network.list(list(2, "abcd"), ["a", "b"]);
    let countedMs = 0;
    let shownMs = 0;
    const { member } = network.node("c");
    network.run(5_000, () => {
      if (countedMs === 0 && member.memory().list?.epoch === 2) countedMs = network.nowMs;
      if (shownMs === 0 && epochOf(network, "c") === 2) shownMs = network.nowMs;
    });
    assert.ok(countedMs > 0);
    assert.ok(shownMs >= countedMs + 500, `counted at ${countedMs}, shown at ${shownMs}`);
  });

  it("what a list of another VIPGroup of the same name says is not believed", () => {
    const network = three();
    network.heard = (each, to) => {
      const from = each.boot === 1n ? "a" : "b";
      if (to !== "c" || each.boot > 2n) return;
      const told = { ...each, seq: each.seq + 1, list: { ...sent(2, "ab"), uid: "another" } };
      network.node("c").member.heard(from, told, network.nowMs);
    };
    network.run(2_000);
    assert.equal(network.node("c").member.memory().list?.epoch, 1);
    assert.deepEqual(network.answering(address), ["c"]);
  });

  it("a broken member that sends whatever lists changes nothing, and two of three are believed", () => {
    for (const [liars, epoch] of [
      [1n, 1],
      [2n, 7],
    ] as const) {
      const network = three();
      network.heard = (each, to) => {
        if (to !== "c" || each.boot > liars) return;
        const told = { ...each, seq: each.seq + 1, list: sent(7, "ab") };
        network.node("c").member.heard(each.boot === 1n ? "a" : "b", told, network.nowMs);
      };
      network.run(2_000);
      assert.equal(network.node("c").member.memory().list?.epoch, epoch);
      assert.equal(network.answering(address)[0] === "c", epoch === 1);
    }
  });
});

describe("Rule 20: heartbeats carry a list", () => {
  const carried = (network: Network, ms: number): number => {
    let count = 0;
    network.heard = (each) => {
      if (each.list !== undefined) count += 1;
    };
    network.run(ms);
    return count;
  };

  it("to who goes by an older one, until it does not", () => {
    const network = three();
    network.list(list(2, "abcd"), ["a", "b", "d"]);
    assert.ok(carried(network, 3_000) > 0);
    assert.equal(carried(network, 3_000), 0);
  });

  it("not at rest, at the start, or to the dead", () => {
    const network = new Network({ names, list: list(1, "abc") });
    assert.equal(carried(network, 3_000), 0);
    network.kill("c");
    network.start("a");
    assert.equal(carried(network, 3_000), 0);
  });
});

describe("Rules 20, 21: a forced list is not taken from the others", () => {
  it("those who have it are no majority of the list before, so that they could not make anybody believe it", () => {
    for (let voters = 2; voters <= 7; voters++)
      for (let living = 1; 2 * living <= voters; living++) {
        const forced = sent(2, "abcdefg".slice(0, living), { forced: true });
        const sends = Array.from({ length: living }, () => ({ ...forced, forced: false }));
        assert.equal(listOfMost(sends, majority(voters)), undefined);
      }
  });

  it("who goes by a still older and smaller one stops at what they say, and waits for the API server", () => {
    const network = three();
    network.list(list(3, "abd", { forced: true }), ["a", "b", "d"]);
    network.run(2_000);
    assert.equal(network.node("c").member.memory().list?.epoch, 1);
    assert.notEqual(network.answering(address)[0], "c");
    assert.ok(network.node("c").news.some(({ kind }) => kind === "readList"));
  });

  it("the list that follows it is", () => {
    const network = three();
    network.list(list(3, "abd", { forced: true }), ["a", "b", "d"]);
    network.run(2_000);
    network.list(list(4, "abdc"), ["a", "b", "d"]);
    network.run(3_000);
    assert.equal(epochOf(network, "c"), 4);
    assert.equal(network.node("c").member.describe(network.nowMs).quorum, true);
  });
});
