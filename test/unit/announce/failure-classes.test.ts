/**
 * The classes of failures that users of the replaced systems report most, each as a run of the real voting rules on a LAN
 * with a virtual clock; the numbers are those of kube-vip's issues unless another system is named.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Lan, type LanOptions } from "./failure-classes-lan.ts";

const names = ["node1", "node2", "node3"] as const;
const others = ["node2", "node3"] as const;

/** So many addresses, wanted on the nodes in turn. */
function wanted(count: number, nodes: readonly string[] = names): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`192.0.2.${i + 1}`, nodes[i % nodes.length] ?? ""]),
  );
}

const six = wanted(6);

/** A group that holds six addresses, two a node, and is at rest. */
function atRest(options: LanOptions = {}): Lan {
  const lan = new Lan(options).want(wanted(6, options.names)).pass(3_000);
  for (const [vip, node] of Object.entries(wanted(6, options.names))) assert.deepEqual(lan.holders(vip), [node]);
  return lan;
}

/** Who answers for each of the six. */
const places = (lan: Lan): readonly string[] => Object.keys(six).map((vip) => lan.holders(vip).join());

describe("Two holders (#577 #588 #665 #788 #947 #996 #1005 #1016 #1385 #1418 #1479; kube-keepalived-vip #65)", () => {
  const faults: Readonly<Record<string, (lan: Lan) => Lan>> = {
    "is cut off from the others": (lan) => lan.cutOff("node1").pass(2_000).heal(),
    "is cut off for a moment shorter than any time of the rules": (lan) => lan.cutOff("node1").pass(90).heal(),
    "comes and goes each 450 ms": (lan) => {
      for (let i = 0; i < 10; i++) lan.cutOff("node1").pass(450).heal().pass(450);
      return lan;
    },
    "stands still, and wakes with what it believed": (lan) => lan.stop("node1", 4_000).pass(5_000),
    "stands still for just less than its authority lasts": (lan) => lan.stop("node1", 390).pass(500),
    "is killed and starts anew": (lan) => lan.kill("node1").pass(300).start("node1").pass(2_000),
    "is killed and starts anew without memory": (lan) => lan.kill("node1").pass(300).start("node1", false).pass(2_000),
  };
  for (const [what, befalls] of Object.entries(faults))
    it(`there are none at any moment when a holder ${what}, and one for each address afterwards`, () => {
      const lan = atRest();
      const fromMs = lan.nowMs;
      befalls(lan).pass(3_000);
      assert.equal(lan.longestOverlap(fromMs), 0);
      for (const vip of Object.keys(six)) assert.equal(lan.holders(vip).length, 1, vip);
    });

  it("#1579: who has lost the votes answers no more, though nobody tells it so", () => {
    const lan = atRest({ withoutQuorum: "Yield" }).cutOff("node1").pass(400);
    assert.deepEqual(lan.holders("192.0.2.1"), []);
  });

  it("two agree on a planned move, and overlap for less than 300 ms, without a moment of nobody", () => {
    const lan = atRest();
    const fromMs = lan.nowMs;
    lan.want({ ...six, "192.0.2.1": "node2" }, 2).pass(2_000);
    assert.deepEqual(lan.holders("192.0.2.1"), ["node2"]);
    assert.ok(lan.longestOverlap(fromMs) < 300);
    assert.ok(lan.since(fromMs, "192.0.2.1").every(({ nodes }) => nodes.length > 0));
  });
});

describe("Left behind (#225 #238 #824 #835 #936 #1413 #1563 #1700)", () => {
  const { "192.0.2.1": _, ...without } = six;

  it("S84: Given the Service is deleted, Then nobody answers for its address, and the others stay where they are", () => {
    const lan = atRest();
    const before = places(lan);
    lan.want(without).pass(1);
    assert.deepEqual(lan.holders("192.0.2.1"), []);
    assert.deepEqual(places(lan).slice(1), before.slice(1));
  });

  it("an address that went while its holder was down is not taken up again by what that remembers", () => {
    const lan = atRest().kill("node1").want(without).pass(50).start("node1").pass(3_000);
    assert.deepEqual(lan.holders("192.0.2.1"), []);
    assert.equal(lan.holders("192.0.2.4").length, 1);
  });

  it("an address that went is free: it may come back on another node at once", () => {
    const lan = atRest()
      .want(without)
      .pass(500)
      .want({ ...without, "192.0.2.1": "node3" }, 2)
      .pass(1_000);
    assert.deepEqual(lan.holders("192.0.2.1"), ["node3"]);
  });
});

describe("Stalled elections (#271 #282 #318 #346 #475 #1011 #1316 #1377)", () => {
  for (const [what, befalls] of Object.entries<(lan: Lan) => Lan>({
    "is killed": (lan) => lan.kill("node1"),
    "is cut off": (lan) => lan.cutOff("node1"),
    "stands still": (lan) => lan.stop("node1", 60_000),
  }))
    it(`50 addresses of a node that ${what} are all held by others within 0.7 s, without the API`, () => {
      const lan = new Lan().want(wanted(50)).pass(3_000);
      lan.api = false;
      assert.ok(befalls(lan).msUntilHeldBy(...others) <= 700);
    });

  it("any order of deaths and returns ends with each address held once", () => {
    const lan = atRest();
    for (const [first, second] of [
      ["node1", "node2"],
      ["node2", "node3"],
      ["node3", "node1"],
    ] as const) {
      lan.kill(first).pass(250).kill(second).pass(900).start(second).pass(120).start(first, false).pass(3_000);
      for (const vip of Object.keys(six)) assert.equal(lan.holders(vip).length, 1, vip);
    }
  });

  it("two nodes: the survivor of a death holds all, by one taking of the witness Lease", () => {
    const lan = atRest({ names: ["node1", "node2"], witness: true });
    lan.kill("node1");
    assert.ok(lan.msUntilHeldBy("node2") <= 1_000);
    assert.equal(lan.requests.filter(({ kind }) => kind === "take").length, 1);
  });

  it("#1425 #563: at rest no member asks the API server for anything, with a witness neither", () => {
    for (const options of [{ witness: false }, { names: ["node1", "node2"], witness: true }]) {
      const lan = atRest(options);
      // At the start each looks once who has the witness Lease.
      assert.ok(lan.requests.every(({ id, kind }) => options.witness && id === 1 && kind === "get"));
      const asked = lan.requests.length;
      assert.equal(lan.pass(60_000).requests.length, asked);
    }
  });

  it("#604: at rest a member wakes no more often than it sends", () => {
    const lan = atRest();
    const { wakes } = lan;
    lan.pass(60_000);
    // Ten a second, each of three members.
    assert.ok(lan.wakes - wakes <= 60 * 10 * 3 * 1.1, `${lan.wakes - wakes} wakes`);
  });

  it("#1665: to be told again what is known makes no second claim, and no news", () => {
    const lan = atRest();
    const heard = lan.news.length;
    for (let i = 0; i < 20; i++) lan.want(six).pass(50);
    assert.equal(lan.news.length, heard);
  });
});

describe("Lost with the API server (#867)", () => {
  it("what is held is held on while the API server is away, however long", () => {
    const lan = atRest();
    const [before, fromMs] = [places(lan), lan.nowMs];
    lan.api = false;
    lan.pass(60_000);
    assert.deepEqual(places(lan), before);
    for (const vip of Object.keys(six)) assert.equal(lan.since(fromMs, vip).length, 1, vip);
  });

  it("a node that hears nobody either keeps what it holds, and takes nothing", () => {
    const lan = atRest();
    lan.api = false;
    for (const name of names) lan.cutOff(name);
    const before = places(lan);
    lan.pass(30_000);
    assert.deepEqual(places(lan), before);
  });

  it("a node that is cut off alone keeps what it holds beside the others, and gives way when it hears them", () => {
    const lan = atRest();
    lan.api = false;
    lan.cutOff("node1").pass(3_000);
    assert.deepEqual(lan.holders("192.0.2.1").length, 2);
    const healedMs = lan.nowMs;
    lan.heal().pass(3_000);
    // An interval and the way.
    assert.ok(lan.longestOverlap(healedMs) <= 110, `${lan.longestOverlap(healedMs)} ms`);
    for (const vip of Object.keys(six)) assert.equal(lan.holders(vip).length, 1, vip);
  });

  it("told to yield instead, it answers for nothing after 0.4 s", () => {
    const lan = atRest({ withoutQuorum: "Yield" });
    lan.api = false;
    for (const name of names) lan.cutOff(name);
    assert.deepEqual(places(lan.pass(400)), ["", "", "", "", "", ""]);
  });

  it("what two had kept apart from each other has one holder once they hear each other, and it is one of the two", () => {
    const lan = atRest({ names: ["node1", "node2"], witness: true });
    lan.api = false;
    const before = places(lan.cutOff("node1").pass(5_000));
    const after = places(lan.heal().pass(3_000));
    assert.deepEqual(after, before);
  });
});

describe("Moves that nobody asked for (S83, external IP controller, #330 #430)", () => {
  it("S83: Given a holder dies, Then its addresses move to live nodes, and those of others stay", () => {
    const lan = atRest();
    const [before, fromMs] = [places(lan), lan.nowMs];
    lan.kill("node1").pass(2_000);
    for (const [i, vip] of Object.keys(six).entries())
      if (before[i] === "node1") assert.ok(others.some((name) => lan.holders(vip).join() === name));
      else
        assert.deepEqual(
          lan.since(fromMs, vip).map(({ nodes }) => nodes.join()),
          [before[i]],
        );
  });

  it("a node that returns takes nothing back, although the ledger still names it", () => {
    const lan = atRest().kill("node1").pass(2_000);
    const before = places(lan);
    const fromMs = lan.nowMs;
    lan.start("node1").pass(10_000);
    assert.deepEqual(places(lan), before);
    for (const vip of Object.keys(six)) assert.equal(lan.since(fromMs, vip).length, 1, vip);
  });

  it("S96: Given a new address, Then there is one holder at any time from the first on, the one that is wanted", () => {
    const lan = atRest();
    const fromMs = lan.nowMs;
    lan.want({ ...six, "192.0.2.77": "node3" }).pass(2_000);
    assert.deepEqual(
      lan.since(fromMs, "192.0.2.77").map(({ nodes }) => nodes),
      [["node3"]],
    );
  });
});

describe("A network without multicast", () => {
  it("S40: Given unicast alone, Then fail-over still works: whatever is said is said to a member by name", () => {
    const lan = atRest().kill("node1").pass(2_000);
    assert.deepEqual([...lan.addressees].sort(), [...names]);
    for (const vip of Object.keys(six)) assert.equal(lan.holders(vip).length, 1, vip);
  });
});

describe("Failover that is too slow (#235 #430 #997; kube-keepalived-vip #78)", () => {
  it("a node that stops in order gives everything away without a moment of nobody", () => {
    const lan = atRest();
    const fromMs = lan.nowMs;
    lan.leave("node1");
    assert.ok(lan.msUntilHeldBy(...others) <= 300);
    lan.pass(300).kill("node1").pass(2_000);
    for (const vip of Object.keys(six))
      assert.ok(
        lan.since(fromMs, vip).every(({ nodes }) => nodes.length > 0),
        vip,
      );
    assert.ok(lan.longestOverlap(fromMs) <= 300);
  });
});
