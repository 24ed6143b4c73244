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
    network.expel("node1");
    network.run(1_000);
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
