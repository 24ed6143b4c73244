import assert from "node:assert/strict";
import { it } from "node:test";
import { bgpCluster, knownPeer } from "../../../src/agent/bgp-follow.ts";
import { KnownNodes } from "../../../src/agent/bgp-known-node.ts";
import type { SecretObject } from "../../../src/agent/bgp-password-answer.ts";
import type { KnownNode, KnownPeer } from "../../../src/agent/bgp-ports.ts";
import { type NodeObject, parseNode } from "../../../src/api/node.ts";

const nodeObject = { metadata: { name: "node1" } };

function followed(readSecret: (name: string) => Promise<SecretObject>) {
  let peers: readonly (KnownPeer | undefined)[] = [];
  let own: KnownNode | undefined = new KnownNodes("").read(nodeObject);
  const cluster = bgpCluster({
    peers: { store: { synced: true, values: () => peers, get: () => undefined } },
    nodes: { store: { synced: true, values: () => [], get: () => own } },
    node: "node1",
    readSecret,
    isNotFound: (error) => error instanceof RangeError,
  });
  return {
    cluster,
    setNode: (node: KnownNode | undefined) => {
      own = node;
    },
    set: (asn: number) => {
      const parsed = knownPeer({ metadata: { name: "tor" }, spec: { address: "192.0.2.1", asn, localAsn: 1 } });
      peers = "value" in parsed ? [parsed.value, undefined] : [];
    },
  };
}

it("gives the same peers as long as nothing that matters has changed", () => {
  const { cluster, set } = followed(() => Promise.reject(new Error("not asked")));
  set(2);
  const first = cluster.read()?.peers;
  set(2);
  assert.equal(cluster.read()?.peers, first);
  set(3);
  assert.notEqual(cluster.read()?.peers, first);
});

it("takes a Node that was deleted for one that is about to go, and for another once it is back", () => {
  const { cluster, setNode } = followed(() => Promise.reject(new Error("not asked")));
  const before = cluster.read()?.node;
  setNode(undefined);
  const gone = cluster.read()?.node;
  assert.deepEqual(gone, { ...before, going: "was deleted" });
  assert.equal(cluster.read()?.node, gone);
  setNode(before);
  assert.equal(cluster.read()?.node, before);
});

it("knows no Node before one was read", () => {
  const { cluster, setNode } = followed(() => Promise.reject(new Error("not asked")));
  setNode(undefined);
  assert.equal(cluster.read(), undefined);
});

it("gives the same Node for one that only beat, and another when a label or an address is another", () => {
  const nodes = new KnownNodes("cloud.example");
  const first = nodes.read(nodeObject);
  const ready = { type: "Ready", status: "True" };
  assert.equal(nodes.read({ ...nodeObject, status: { conditions: [ready] } }), first);
  assert.equal(nodes.read({ metadata: { name: "node1", annotations: { "other.example/x": "1" } } }), first);
  assert.notEqual(nodes.read({ metadata: { name: "node1", annotations: { "cloud.example/x": "1" } } }), first);
  assert.notEqual(nodes.read({ metadata: { name: "node1", labels: { rack: "a" } } }), first);
});

const notReady = { type: "Ready", status: "False", reason: "KubeletNotReady" };
const goings: readonly (readonly [what: string, object: Partial<NodeObject>, going: string | undefined])[] = [
  ["nothing", {}, undefined],
  ["a cordon", { spec: { unschedulable: true } }, "is cordoned"],
  ["its deletion", { metadata: { name: "node1", deletionTimestamp: "2026-01-31T12:00:00Z" } }, "is being deleted"],
  ["another taint", { spec: { taints: [{ key: "node.kubernetes.io/not-ready" }] } }, undefined],
  ...["node.kubernetes.io/out-of-service", "ToBeDeletedByClusterAutoscaler"].map(
    (key) => [`taint ${key}`, { spec: { taints: [{ key }] } }, `has taint ${key}`] as const,
  ),
  ["kubelet's shutdown", { status: { conditions: [shutDown("False")] } }, "is shutting down"],
  ["a shutdown that is over", { status: { conditions: [shutDown("True")] } }, undefined],
  ["a kubelet that is not ready", { status: { conditions: [notReady] } }, undefined],
];
for (const [what, object, going] of goings)
  it(`${going === undefined ? "does not take" : "takes"} a machine for going by ${what} of its Node`, () => {
    const nodes = new KnownNodes("");
    const before = nodes.read(nodeObject);
    const after = nodes.read({ ...nodeObject, ...object });
    assert.deepEqual([after.going, after === before], [going, going === undefined && what !== "another taint"]);
    assert.equal(parseNode({ ...nodeObject, ...object }).going, going, "the controller takes it for the same");
  });

function shutDown(status: string) {
  return { type: "Ready", status, reason: "KubeletNotReady", message: "node is shutting down" };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const answers: readonly (readonly [string, () => Promise<SecretObject>, string, RegExp])[] = [
  ["a password", async () => ({ data: { password: base64("hunter2") } }), "password", /hunter2/],
  ["no Secret", () => Promise.reject(new RangeError("not found")), "missing", /herald-bgp\/tor does not exist/],
  ["no such key", async () => ({ data: { other: base64("hunter2") } }), "missing", /has no key password/],
  ["an empty one", async () => ({ data: { password: "" } }), "missing", /is empty/],
  ["one too long", async () => ({ data: { password: base64("x".repeat(81)) } }), "missing", /at most 80/],
  ["no answer", () => Promise.reject(new Error("timed out")), "unanswered", /cannot be read: timed out/],
];
for (const [what, readSecret, kind, words] of answers)
  it(`reads of a Secret ${what}`, async () => {
    const answer = await followed(readSecret).cluster.readPassword("tor");
    assert.equal(answer.kind, kind);
    assert.match("password" in answer ? answer.password : answer.message, words);
  });
