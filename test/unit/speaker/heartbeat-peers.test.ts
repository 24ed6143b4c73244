import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { generateKeyPair } from "../../../src/protocols/heartbeat/keys.ts";
import {
  type HeartbeatPeer,
  type HeartbeatSelf,
  knownPeers,
  peersByTag,
  sourcesOf,
} from "../../../src/speaker/heartbeat-peers.ts";
import { address } from "../../support/builders.ts";

const keys = { "node-a": generateKeyPair(), "node-b": generateKeyPair(), "node-c": generateKeyPair() };

const self = (node: keyof typeof keys, text: string): HeartbeatSelf => ({
  node,
  group: "lan0-1",
  keys: keys[node],
  address: address(text),
  port: 7474,
});

const peer = (node: keyof typeof keys, text: string): HeartbeatPeer => ({
  node,
  address: address(text),
  key: keys[node].publicKey,
});

const a = self("node-a", "192.168.50.11");
const b = peer("node-b", "192.168.50.12");
const c = peer("node-c", "192.168.50.13");
const none = new Map();

it("what one sends is what the other lets in", () => {
  const fromA = knownPeers(a, [b], none).get("node-b");
  const atB = knownPeers(self("node-b", "192.168.50.12"), [peer("node-a", "192.168.50.11")], none).get("node-a");
  assert.deepEqual(fromA?.outgoing, atB?.incoming);
  assert.deepEqual(fromA?.incoming, atB?.outgoing);
  assert.notDeepEqual(fromA?.incoming, fromA?.outgoing);
});

it("a peer is found by the tag that the kernel lets in from its address", () => {
  const peers = knownPeers(a, [b, c], none);
  const byTag = peersByTag(peers);
  assert.deepEqual(
    sourcesOf(peers).map((source) => [source.address, byTag.get(Buffer.from(source.tag).readBigUInt64BE())?.node]),
    [
      [b.address, "node-b"],
      [c.address, "node-c"],
    ],
  );
});

describe("who is no peer", () => {
  const cases: readonly (readonly [string, HeartbeatPeer])[] = [
    ["the node itself", peer("node-a", "192.168.50.11")],
    ["a node that has only an address of the other family", peer("node-b", "fd50::12")],
  ];
  for (const [name, other] of cases)
    it(name, () => assert.deepEqual([...knownPeers(a, [other, c], none).keys()], ["node-c"]));
});

describe("when the peers change", () => {
  const before = knownPeers(a, [b, c], none);
  const after = (changed: HeartbeatPeer): ReturnType<typeof knownPeers> => knownPeers(a, [changed], before);

  it("one that is not among them any more is none", () => assert.deepEqual([...after(b).keys()], ["node-b"]));

  it("a new address or port is taken over, and nothing is computed again", () => {
    const moved = after({ ...b, address: address("192.168.50.99"), port: 7475 }).get("node-b");
    assert.deepEqual(moved?.endpoint, { address: address("192.168.50.99"), port: 7475 });
    assert.equal(moved?.incoming, before.get("node-b")?.incoming);
  });

  it("a new key gives new tags", () => {
    const renewed = after({ ...b, key: generateKeyPair().publicKey }).get("node-b");
    assert.notDeepEqual(renewed?.incoming, before.get("node-b")?.incoming);
  });
});
