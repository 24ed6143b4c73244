import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { overrules } from "../../../../src/announce/votes/lists.ts";
import type { GroupList, Wish } from "../../../../src/announce/votes/member.ts";
import { rules } from "../../../../src/announce/votes/rules.ts";
import type { Address } from "../../../../src/net/address.ts";
import { Network, type NetworkOptions } from "./network.ts";

const address: Address = { family: 4, value: 0x0a000001n };
const names = ["a", "b", "c"];

const list = (epoch: number, members: readonly string[], forced: boolean): GroupList => ({
  epoch,
  members,
  witness: false,
  forced,
});
const wanted = (node: string): readonly Wish[] => [{ address, node, generation: 1, willing: true }];

/** A group of which c is cut off and was made a forced list; a holds the address still, by the votes of a and b. */
function divided(options: Partial<NetworkOptions> = {}): Network {
  const network = new Network({ names, ...options });
  network.wish(wanted("a"));
  network.run(1_500);
  network.passes = (from, to) => from !== "c" && to !== "c";
  network.run(1_000);
  network.list(list(2, ["c"], true), ["c"]);
  network.run(1_000);
  assert.deepEqual(network.answering(address), ["a", "c"]);
  return network;
}

/** For how long a answers on once the first heartbeat of c has come to it. */
function answersOnMs(network: Network, ms: number): number {
  let heard = false;
  let answersMs = 0;
  network.heard = ({ epoch }, to) => {
    heard ||= to === "a" && epoch > 1;
  };
  network.run(ms, () => {
    if (heard && network.answering(address).includes("a")) answersMs += 1;
  });
  assert.ok(heard);
  return answersMs;
}

const readLists = (network: Network): number => network.node("a").news.filter(({ kind }) => kind === "readList").length;

describe("Rule 21: a member is overruled", () => {
  const cases = [
    { name: "by a newer list that is forced", theirs: { epoch: 6, forced: true }, is: true },
    {
      name: "not by a newer list that is not: its votes count no more, that is all",
      theirs: { epoch: 6, forced: false },
      is: false,
    },
    { name: "not by the forced list that it knows itself", theirs: { epoch: 5, forced: true }, is: false },
    { name: "not by an older one", theirs: { epoch: 4, forced: true }, is: false },
  ];
  for (const { name, theirs, is } of cases) it(name, () => assert.equal(overrules(theirs, 5), is));
});

describe("Rule 21: hearing a higher forced epoch", () => {
  it("has a holder with a majority stop at once, and read the list", () => {
    const network = divided();
    assert.equal(readLists(network), 0);
    network.passes = () => true;
    assert.equal(answersOnMs(network, 3_000), 0);
    assert.deepEqual(network.answering(address), ["c"]);
    assert.ok(readLists(network) >= 2, "it is asked for again");
    const causes = network.node("a").news.flatMap((news) => (news.kind === "ended" ? [news.cause] : []));
    assert.deepEqual(causes, ["NewerList"]);
  });

  it("without the rule has two answer on, each by its own list", () => {
    const network = divided({ rules: { ...rules, overrules: () => false } });
    network.passes = () => true;
    assert.ok(answersOnMs(network, 3_000) > 2_000);
  });

  it("is so also when another list has followed the forced one, and after a restart of who knows it", () => {
    const network = divided();
    network.list(list(3, ["c", "d"], false), ["c"]);
    network.run(2_500);
    network.list(list(4, ["c"], false), ["c"]);
    network.run(2_500);
    network.kill("c");
    network.start("c");
    network.passes = (from, to) => from !== "a" || to !== "b";
    assert.equal(answersOnMs(network, 2_000), 0);
  });

  it("is no reason to stop for who goes by that list, or a newer one", () => {
    const network = divided();
    network.list(list(3, ["c", "a"], false), ["a", "c"]);
    network.passes = () => true;
    network.run(3_000);
    assert.equal(network.node("a").member.describe(network.nowMs).quorum, true);
    assert.deepEqual(network.answering(address).length, 1);
  });

  it("lasts as long as it is heard: who says so and falls silent may be gone", () => {
    const network = divided();
    network.passes = () => true;
    network.run(1_000);
    assert.deepEqual(network.answering(address), ["c"]);
    network.kill("c");
    network.run(1_500);
    assert.equal(network.answering(address).length, 1);
  });
});
