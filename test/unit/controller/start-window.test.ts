import assert from "node:assert/strict";
import { it } from "node:test";
import type { Liveness } from "../../../src/announce/eligibility.ts";
import type { VipNode } from "../../../src/api/vip-node.ts";
import { nodeReport } from "../../../src/controller/node-reports.ts";
import { StartWindow } from "../../../src/controller/start-window.ts";
import { advertisement, clusterNode, service, vipNode, voter } from "../../support/builders.ts";

const nodes = ["a", "b"].map((name) => clusterNode(name));
const placed = [advertisement("192.0.2.1", { owner: service(), node: "a" })];
const silent = (name: string): VipNode => vipNode(name, { interfaces: [] });

function view(all: readonly VipNode[], liveness: Liveness, advertisements = placed.slice(1)) {
  return { nodes, reports: new Map(all.map((node) => [node.name, nodeReport(node, liveness)])), advertisements };
}

it("waits 2 s from the first agent that is heard, however long after our own start", () => {
  const window = new StartWindow(0);
  const none = view([silent("a"), silent("b")], "dead");
  const one = view([voter("a"), silent("b")], "alive");
  assert.equal(window.leftMs(none, 0), undefined);
  assert.equal(window.leftMs(one, 60_000), 2_000);
  assert.equal(window.leftMs(one, 61_500), 500);
  assert.equal(window.leftMs(one, 62_000), undefined);
});

it("waits no longer once every Node was heard, judged or not", () => {
  const window = new StartWindow(0);
  assert.equal(window.leftMs(view([voter("a"), silent("b")], "unknown"), 0), 2_000);
  assert.equal(window.leftMs(view([voter("a"), voter("b")], "unknown"), 100), undefined);
});

it("does not wait where something is placed already", () => {
  assert.equal(new StartWindow(0).leftMs(view([voter("a"), silent("b")], "alive", placed), 0), undefined);
});

it("waits for agents that do not vote until they are judged, 2 s from our own start", () => {
  const window = new StartWindow(0);
  const old = view([vipNode("a"), vipNode("b")], "unknown", placed);
  assert.equal(window.leftMs(old, 0), 2_000);
  assert.equal(window.leftMs(old, 2_000), undefined);
});
