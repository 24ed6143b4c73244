/** Rule 21: whom a forced list left out may still answer, also once another list has followed it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GroupList, Wish } from "../../../../src/announce/votes/member.ts";
import { Outcasts } from "../../../../src/announce/votes/outcasts.ts";
import type { Address } from "../../../../src/net/address.ts";
import { Network } from "./network.ts";

const address: Address = { family: 4, value: 0x0a000001n };
const tenMinutesMs = 600_000;

const list = (epoch: number, members: string, forced = false): GroupList => ({
  epoch,
  members: [...members],
  witness: false,
  forced,
});
const wanted = (node: string): readonly Wish[] => [{ address, node, generation: 1, willing: true }];

describe("Rule 21: whom a forced list leaves out", () => {
  const cases: readonly { name: string; before: GroupList | undefined; forced: GroupList; want: readonly string[] }[] =
    [
      {
        name: "are the others of the list before",
        before: list(1, "abc"),
        forced: list(2, "c", true),
        want: ["a", "b"],
      },
      { name: "are not those of a list that is not forced", before: list(1, "abc"), forced: list(2, "ac"), want: [] },
      { name: "are not this member itself", before: list(1, "cd"), forced: list(2, "d", true), want: [] },
      {
        name: "are unknown ones too, if a list between the two was not seen",
        before: list(1, "abc"),
        forced: list(3, "c", true),
        want: ["a", "b", ""],
      },
      { name: "are unknown to who had no list", before: undefined, forced: list(3, "c", true), want: [""] },
    ];
  for (const { name, before, forced, want } of cases)
    it(name, () => {
      const outcasts = new Outcasts([], 0);
      outcasts.relisted(before, forced, "c");
      assert.deepEqual(outcasts.names, want);
    });

  it("are so for 10 minutes after the list was followed by another, and for as long as it was not", () => {
    const outcasts = new Outcasts([], 0);
    outcasts.relisted(list(1, "abc"), list(2, "c", true), "c");
    outcasts.note(list(2, "c", true), tenMinutesMs);
    outcasts.note(list(2, "c", true), 3 * tenMinutesMs);
    outcasts.note(list(3, "ac"), 4 * tenMinutesMs - 1);
    assert.deepEqual([outcasts.names, outcasts.untilMs], [["a", "b"], 4 * tenMinutesMs]);
    outcasts.note(list(3, "ac"), 4 * tenMinutesMs);
    assert.deepEqual([outcasts.names, outcasts.untilMs], [[], Number.NEGATIVE_INFINITY]);
  });

  it("are so for another 10 minutes if the process that knew it is gone", () => {
    const outcasts = new Outcasts(["a"], 5_000);
    assert.equal(outcasts.untilMs, 5_000 + tenMinutesMs);
    assert.equal(new Outcasts([], 5_000).untilMs, Number.NEGATIVE_INFINITY);
  });
});

/** A group of which a and b are cut off, so that c was made a forced list and holds the address. */
function forced(): Network {
  const network = new Network({ names: ["a", "b", "c", "d"], list: list(1, "abc") });
  network.wish(wanted("c"));
  network.run(1_500);
  network.passes = (from, to) => "ab".includes(from) === "ab".includes(to);
  network.run(1_000);
  network.list(list(2, "c", true), ["c"]);
  network.run(1_000);
  assert.ok(network.answering(address).includes("c"));
  return network;
}

/** Whether c probes before it takes, and yields to other stations. */
const isForced = (network: Network): boolean => network.node("c").member.describe(network.nowMs).forced;

/** Whether the hold of c ends at another station's announcement. */
function yields(network: Network): boolean {
  const { member } = network.node("c");
  assert.equal(member.stateOf(address), "holds");
  member.foreign(address, network.nowMs);
  return member.stateOf(address) !== "holds";
}

describe("Rule 21: probing before taking, and yielding to other stations", () => {
  it("is no matter of a list without force", () => {
    const network = new Network({ names: ["c"] });
    network.wish(wanted("c"));
    network.run(1_500);
    assert.deepEqual([isForced(network), yields(network)], [false, false]);
  });

  it("go on when another list follows, for whom the forced one left out has not heard of it", () => {
    const network = forced();
    network.list(list(3, "cd"), ["c", "d"]);
    network.run(3_000);
    assert.equal(network.node("c").member.describe(network.nowMs).epoch, 3);
    assert.deepEqual([isForced(network), yields(network)], [true, true]);
  });

  it("end 10 minutes later, without any input", () => {
    const network = forced();
    network.list(list(3, "cd"), ["c", "d"]);
    network.run(1_500);
    network.kill("d");
    const { member } = network.node("c");
    let wakeMs = member.wakeAtMs();
    for (let turns = 0; member.describe(0).forced && turns < 50_000; turns++) {
      member.tick(wakeMs);
      member.outbox(wakeMs);
      wakeMs = Math.max(wakeMs + 1, member.wakeAtMs());
    }
    const afterMs = wakeMs - (network.nowMs - 1_500);
    assert.ok(afterMs >= tenMinutesMs && afterMs < tenMinutesMs + 1_000, `${afterMs} ms`);
  });

  it("end once each of them is heard to go by that list or a newer one, and not before the last", () => {
    const network = forced();
    network.passes = (from, to) => from !== "b" && to !== "b";
    network.list(list(3, "ca"), ["c", "a"]);
    network.run(3_000);
    assert.equal(isForced(network), true);
    network.passes = () => true;
    network.list(list(4, "cab"), ["c", "a", "b"]);
    network.run(3_000);
    assert.deepEqual([isForced(network), network.answering(address).length], [false, 1]);
  });

  it("end also when the last of them hears that it is out, and says so", () => {
    const network = forced();
    network.list(list(3, "cd"), ["c", "d"]);
    network.run(2_000);
    network.passes = () => true;
    network.list(list(3, "cd"), ["a", "b"]);
    network.run(3_000);
    assert.equal(isForced(network), false);
  });

  it("go on after a restart, also of one who goes by the next list already", () => {
    const network = forced();
    network.list(list(3, "cd"), ["c", "d"]);
    network.run(3_000);
    assert.deepEqual(network.node("c").memory?.outcasts, ["a", "b"]);
    network.kill("c");
    network.start("c");
    network.run(1_000);
    assert.equal(isForced(network), true);
  });

  it("are over after a restart if they were before", () => {
    const network = forced();
    network.passes = () => true;
    network.list(list(3, "cab"));
    network.run(3_000);
    assert.deepEqual(network.node("c").memory?.outcasts, []);
    network.kill("c");
    network.start("c");
    network.run(1_000);
    assert.equal(isForced(network), false);
  });
});

describe("Rules 11, 21: a move between members under a forced list", () => {
  it("is not undone because the giver, who still answers, answers the probe of its heir", () => {
    const network = forced();
    network.list(list(3, "cd"), ["c", "d"]);
    network.run(3_000);
    network.list(list(4, "cd", true), ["c", "d"]);
    network.run(1_000);
    network.wish([{ address, node: "d", generation: 2, willing: true }]);
    let probed = false;
    network.run(500, () => {
      const { member } = network.node("d");
      if (probed || network.nowMs >= member.answersUntilMs(address)) return;
      probed = true;
      member.foreign(address, network.nowMs);
    });
    assert.deepEqual([probed, network.answering(address).includes("d")], [true, true]);
    network.node("d").member.foreign(address, network.nowMs);
    assert.equal(network.answering(address).includes("d"), false);
  });
});

describe("Rule 21: whom a forced list left out is known, and told so when it speaks", () => {
  it("for as long as that list counts, and 10 minutes after", () => {
    const network = forced();
    const { member } = network.node("c");
    const laterMs = network.nowMs + 3 * tenMinutesMs;
    member.tick(laterMs);
    member.setList(list(3, "cd"), laterMs);
    member.tick(laterMs + 1_000);
    assert.deepEqual(member.memory().departed, ["a", "b"]);
    member.setList(list(4, "c"), laterMs + tenMinutesMs - 1_000);
    member.tick(laterMs + tenMinutesMs);
    assert.deepEqual(member.memory().departed, ["a", "b", "d"]);
    member.setList(list(5, "ce"), laterMs + tenMinutesMs + 2_000);
    assert.deepEqual(member.memory().departed, ["d"]);
  });
});
