/** A node that leaves a group and comes back, all in one process. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { address } from "../../support/builders.ts";
import { GroupNetwork } from "./group-network.ts";

const names = ["node1", "node2", "node3"];
const vips = names.map((_, i) => address(`192.168.50.${200 + i}`));
const wanted = new Map(vips.map((vip, i) => [vip, names[i] ?? ""]));

/** Three members that have been together for a while. */
function together(ms: number): GroupNetwork {
  const network = new GroupNetwork(names);
  network.list(names, 1);
  for (const name of names) network.wish(name, wanted);
  network.run(ms);
  return network;
}

function assertLinked(network: GroupNetwork): void {
  for (const [name, { state }] of network.nodes)
    assert.deepEqual(
      state?.linked,
      names.filter((other) => other !== name),
    );
}

describe("a node that was out of the group's list and is back in it", () => {
  function returned(): GroupNetwork {
    const network = together(60_000);
    network.list(["node2", "node3"], 2);
    network.expel("node1", ["node2", "node3"], 2);
    network.run(2_000);
    assert.equal(network.nodes.get("node1")?.receive, undefined);
    network.list(names, 3);
    network.wish("node1", wanted);
    network.run(3_000);
    return network;
  }

  it("is heard at once, though it counts its heartbeats anew", () => {
    assertLinked(returned());
  });

  it("votes: all addresses are held after another one is lost", () => {
    const network = returned();
    network.lose("node2");
    network.run(2_000);
    for (const vip of vips) assert.equal(network.answering(vip).length, 1);
  });
});

describe("a node that a list leaves out", () => {
  /** For how long nobody answered for its address. */
  function silentMs(network: GroupNetwork): number {
    const [vip] = vips;
    assert.ok(vip !== undefined);
    assert.deepEqual(network.answering(vip), ["node1"]);
    network.list(["node2", "node3"], 2);
    network.expel("node1", ["node2", "node3"], 2);
    for (let ms = 0; ms < 2_000; ms++) {
      if (network.answering(vip).length > 0 && ms > 0) return ms;
      network.run(1);
    }
    return Number.POSITIVE_INFINITY;
  }

  it("says that it has given up what it held: another has it before it would have been missed", () => {
    const network = together(60_000);
    assert.ok(silentMs(network) < 400);
  });

  it("is not heard after ten intervals, and forgets its votes then", () => {
    const network = together(60_000);
    silentMs(network);
    network.run(2_000);
    assert.equal(network.nodes.get("node1")?.receive, undefined);
    assert.equal(network.nodes.get("node1")?.groups.counters().length, 0);
    assert.equal(network.nodes.get("node1")?.disk.size, 0);
  });

  it("and is taken back before that goes on where it was", () => {
    const network = together(60_000);
    silentMs(network);
    network.list(names, 3);
    network.wish("node1", wanted);
    network.run(5_000);
    assertLinked(network);
    for (const vip of vips) assert.equal(network.answering(vip).length, 1);
  });
});

it("members that learn one after another that their VIPGroup was made anew hear each other, and hold everything", () => {
  const network = together(60_000);
  for (const name of names) {
    network.tell(name, names, { epoch: 1, uid: "2" });
    network.wish(name, wanted);
    network.run(60);
  }
  network.run(5_000);
  assertLinked(network);
  for (const vip of vips) assert.equal(network.answering(vip).length, 1);
});

it("a member that was lost and is back is announced to anew, once, and nobody else ever", () => {
  const network = together(60_000);
  const backs = (): readonly number[] =>
    [...network.nodes.values()].map(({ log }) => log.filter((line) => line === "memberBack").length);
  const atFirst = backs();
  const risen = (): readonly number[] => backs().map((count, i) => count - (atFirst[i] ?? 0));
  for (let i = 0; i < 10; i++) network.run(1_000);
  assert.deepEqual(risen(), [0, 0, 0]);
  network.lose("node1");
  network.run(1_000);
  network.find("node1");
  for (let i = 0; i < 3; i++) network.run(1_000);
  assert.deepEqual(risen().slice(1), [1, 1]);
});
