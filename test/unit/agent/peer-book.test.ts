import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { departedMs } from "../../../src/agent/group-plan.ts";
import { PeerBook } from "../../../src/agent/peer-book.ts";
import type { Endpoint } from "../../../src/agent/ports.ts";
import { group } from "../../support/builders.ts";
import { endpoint } from "./agent-world.ts";

/** A book of node1, of whose group node2 and node3 are, both read and linked at 0 ms. */
function book(): PeerBook {
  const peers = new PeerBook();
  const members = ["node1", "node2", "node3"];
  peers.setGroups([group(members)], "node1", 0);
  for (const node of ["node2", "node3"]) peers.read(node, endpoint, 0);
  const { name } = group([]);
  const linked = ["node2", "node3"];
  peers.note({ kind: "groupState", name, epoch: 1, quorum: true, hears: linked, linked, forced: false }, members, 0);
  return peers;
}

const known = (peers: PeerBook): readonly string[] => [...peers.endpoints.keys()];

describe("Rule 21: who left a group", () => {
  it("is known where it was for 10 minutes, without anything being read", () => {
    const peers = book();
    peers.setGroups([group(["node1", "node2"])], "node1", 1_000);
    assert.deepEqual([known(peers), peers.due(500_000)], [["node2", "node3"], []]);
    assert.equal(peers.lookInMs(1_000), departedMs);
    peers.setGroups([group(["node1", "node2"])], "node1", 999 + departedMs);
    assert.deepEqual(known(peers), ["node2", "node3"]);
    peers.setGroups([group(["node1", "node2"])], "node1", 1_000 + departedMs);
    assert.deepEqual([known(peers), peers.lookInMs(2_000 + departedMs)], [["node2"], Number.POSITIVE_INFINITY]);
  });

  it("is read at once when it is a member again: it may be another process by now", () => {
    const peers = book();
    peers.setGroups([group(["node1", "node2"])], "node1", 1_000);
    peers.setGroups([group(["node1", "node2", "node3"])], "node1", 2_000);
    assert.deepEqual([known(peers), peers.due(2_000)], [["node2", "node3"], ["node3"]]);
  });

  it("is forgotten with the group when this node leaves it", () => {
    const peers = book();
    peers.setGroups([group(["node1", "node2"])], "node1", 1_000);
    peers.setGroups([], "node1", 2_000);
    assert.deepEqual([known(peers), peers.departed.size], [[], 0]);
  });

  it("gives the same map of endpoints while nothing is read or forgotten", () => {
    const peers = book();
    peers.setGroups([group(["node1", "node2"])], "node1", 1_000);
    const { endpoints } = peers;
    peers.setGroups([group(["node1", "node2"])], "node1", 2_000);
    assert.equal(peers.endpoints, endpoints);
  });
});

describe("After a restart", () => {
  const endpoints = new Map<string, Endpoint>([
    ["node2", endpoint],
    ["node3", endpoint],
  ]);
  const cases = [
    { name: "who had left a group before is known as before", kept: ["node1", "node2"], now: ["node1", "node2"] },
    { name: "so is who left it meanwhile", kept: ["node1", "node2", "node3"], now: ["node1", "node2"] },
  ];
  for (const { name, kept, now } of cases)
    it(`${name}, for another 10 minutes`, () => {
      const peers = new PeerBook();
      peers.recall({ groups: [group(kept)], endpoints });
      peers.setGroups([group(now)], "node1", 5_000);
      assert.deepEqual([...peers.departed.values()].flat(), [{ node: "node3", sinceMs: 5_000 }]);
      assert.deepEqual([known(peers), peers.due(5_000)], [["node2", "node3"], ["node2"]]);
    });

  it("who was kept and is of no group now is forgotten", () => {
    const peers = new PeerBook();
    peers.recall({ groups: [group(["node1", "node2"], { name: "other" })], endpoints });
    peers.setGroups([group(["node1"])], "node1", 5_000);
    assert.deepEqual(known(peers), []);
  });
});
