import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Placeable } from "../../../src/announce/field.ts";
import { defaultArp } from "../../../src/api/announcement.ts";
import type { Endpoint } from "../../../src/api/endpoint-slice.ts";
import { excludeLabel, outOfServiceTaint } from "../../../src/api/node.ts";
import { clusterNode, nodeInterface, vipNode, voter } from "../../support/builders.ts";
import { type Changes, names, placed, placeOne, vip } from "./placement-view.ts";

const voters = (changes: Readonly<Record<string, Parameters<typeof voter>[1]>> = {}): Changes => ({
  vipNodes: names.map((name) => voter(name, changes[name])),
});

const nodes = (changes: Readonly<Record<string, Parameters<typeof clusterNode>[1]>>): Changes => ({
  ...voters(),
  nodes: names.map((name) => clusterNode(name, changes[name])),
});

const loose = {
  type: "StrictARPOff",
  status: "True",
  reason: "StrictARPOff",
  message: "on eth0 arp_ignore is 0",
  lastTransitionTime: "2026-01-31T12:00:00Z",
} as const;

const respect = { cordon: true, outOfService: true };

describe("who may hold an address that is on node1", () => {
  const rows: readonly {
    readonly name: string;
    readonly changes: Changes;
    readonly want: readonly string[] | undefined;
  }[] = [
    { name: "every member, without a word", changes: voters(), want: undefined },
    {
      name: "also one that is dead: that is for the votes",
      changes: { ...voters(), live: { node2: "dead" } },
      want: undefined,
    },
    {
      name: "also one whose interface is down",
      changes: voters({ node2: { interfaces: [nodeInterface({ up: false })] } }),
      want: undefined,
    },
    {
      name: "no node with the label that excludes it",
      changes: nodes({ node2: { labels: { [excludeLabel]: "" } } }),
      want: ["node1", "node3"],
    },
    { name: "no node that is drained", changes: voters({ node3: { drain: true } }), want: ["node1", "node2"] },
    {
      name: "no node without a pod network",
      changes: nodes({ node2: { networkUnavailable: true } }),
      want: ["node1", "node3"],
    },
    { name: "a cordoned one all the same", changes: nodes({ node2: { cordoned: true } }), want: undefined },
    {
      name: "no cordoned one if that is respected",
      changes: { ...nodes({ node2: { cordoned: true } }), respect },
      want: ["node1", "node3"],
    },
    {
      name: `none with ${outOfServiceTaint} if that is respected`,
      changes: { ...nodes({ node2: { outOfService: true } }), respect },
      want: ["node1", "node3"],
    },
    {
      name: "none whose kernel answers for others",
      changes: voters({ node2: { conditions: [loose] } }),
      want: ["node1", "node3"],
    },
    {
      name: "one that was not heard since its VIPNode was made anew",
      changes: voters({ node2: { interfaces: [] } }),
      want: undefined,
    },
  ];
  for (const { name, changes, want } of rows)
    it(name, () => assert.deepEqual(placeOne(placed(1, "node1"), changes).candidates, want));

  it("the drained ones too when there is nobody else: the address stays, and it is said why", () => {
    const drained = voters(Object.fromEntries(names.map((name) => [name, { drain: true }])));
    const { node, candidates, misplaced } = placeOne(placed(1, "node1"), drained);
    assert.deepEqual([node, candidates], ["node1", undefined]);
    assert.match(misplaced?.message ?? "", /^node node1 is being drained; /);
  });

  it("a drained node loses what it has to one that is not", () => {
    const { node, candidates } = placeOne(placed(1, "node1"), voters({ node1: { drain: true } }));
    assert.deepEqual([node, candidates], ["node2", ["node2", "node3"]]);
  });

  it("only those that vote, while others do not; and what is on one that does not is its alone", () => {
    const mixed = { vipNodes: [voter("node1"), voter("node2"), vipNode("node3")] };
    assert.deepEqual(placeOne(placed(1, "node1"), mixed).candidates, ["node1", "node2"]);
    assert.deepEqual(placeOne(placed(1, "node3"), mixed).candidates, ["node3"]);
  });

  it("S39: Given nodes that a selector leaves out, Then only matching nodes can hold it", () => {
    const announcement = { nodeSelector: { matchLabels: { edge: "" } }, arp: defaultArp };
    const changes = nodes({ node2: { labels: { edge: "" } }, node3: { labels: { edge: "" } } });
    const { node, candidates } = placeOne({ ...vip(1), announcement }, changes);
    assert.deepEqual([node, candidates], ["node2", ["node2", "node3"]]);
  });
});

describe("under policy Local", () => {
  const at = (node: string, kind: "ready" | "terminating" | "neither"): Endpoint => ({
    node,
    ready: kind === "ready",
    servingTerminating: kind === "terminating",
  });
  const local = (changes: Partial<Placeable> = {}): Placeable => ({
    ...placed(1, "node1"),
    trafficPolicy: "Local",
    ...changes,
  });
  const withEndpoints = (...endpoints: readonly Endpoint[]): Changes => ({
    ...voters(),
    endpointSlices: [{ service: "shop/web", endpoints }],
  });

  it("S87: Given pods come and go, Then only nodes with a ready one may hold the address", () => {
    const two = withEndpoints(at("node1", "ready"), at("node2", "ready"), at("node3", "terminating"));
    const { node, candidates, readySeen } = placeOne(local(), two);
    assert.deepEqual([node, candidates, readySeen], ["node1", ["node1", "node2"], true]);
  });

  it("those whose endpoints still serve come after all that are ready", () => {
    const last = withEndpoints(at("node1", "neither"), at("node3", "terminating"));
    const { node, candidates } = placeOne(local({ readySeen: true }), last);
    assert.deepEqual([node, candidates], ["node3", ["node3"]]);
  });

  it("everybody may before there has been a ready endpoint: some make their pods after the address", () => {
    const { node, candidates, readySeen } = placeOne(local(), withEndpoints(at("node2", "neither")));
    assert.deepEqual([node, candidates, readySeen], ["node1", undefined, undefined]);
  });

  it("nobody may once there has been one and there is none any more; the address keeps its place", () => {
    const { node, candidates, misplaced } = placeOne(local({ readySeen: true }), withEndpoints());
    assert.deepEqual([node, candidates, misplaced?.reason], ["node1", [], "NoEndpoints"]);
    assert.match(misplaced?.message ?? "", /no node has a ready endpoint of shop\/web/);
  });

  it("the first ready endpoint after that brings the address to its node", () => {
    const { node, candidates } = placeOne(local({ readySeen: true }), withEndpoints(at("node3", "ready")));
    assert.deepEqual([node, candidates], ["node3", ["node3"]]);
  });

  it("an address stays on a drained node while all its endpoints are there", () => {
    const changes = { ...withEndpoints(at("node1", "ready")), ...voters({ node1: { drain: true } }) };
    const { node, candidates } = placeOne(local(), changes);
    assert.deepEqual([node, candidates], ["node1", ["node1"]]);
    const elsewhere = { ...changes, ...withEndpoints(at("node1", "ready"), at("node2", "ready")) };
    assert.equal(placeOne(local(), { ...elsewhere, ...voters({ node1: { drain: true } }) }).node, "node2");
  });

  it("a change to Cluster lets everybody hold it again, and forgets what was seen", () => {
    const { candidates, readySeen } = placeOne({ ...placed(1, "node1"), readySeen: true }, withEndpoints());
    assert.deepEqual([candidates, readySeen], [undefined, undefined]);
  });
});
