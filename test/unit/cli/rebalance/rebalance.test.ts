import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { preview, rebalance } from "../../../../src/cli/rebalance/rebalance.ts";
import type { RebalanceCluster } from "../../../../src/cli/rebalance/rebalance-cluster.ts";
import { advertisement, clusterNode, group, noonMs, service, vipNode } from "../../../support/builders.ts";
import { terminalStub } from "../terminal-stub.ts";
import { groupName } from "../voting-of.ts";

const names = ["node1", "node2"];

type World = RebalanceCluster & { readonly allowed: string[]; pauses: number };

/** Two nodes whose three addresses are where `moments` say, `holder` or `holder>wanted`, a moment further each time that is waited. */
function world(moments: readonly (readonly string[])[]): World {
  const made: World = {
    allowed: [],
    pauses: 0,
    spread: async () => {
      const moment = moments[Math.min(made.pauses, moments.length - 1)] ?? [];
      const advertisements = moment.map((place, i) => {
        const [holder = "", node = holder] = place.split(">");
        const status = { holder, service: "", protocol: "ARP" as const, history: [], conditions: [] };
        return advertisement(`203.0.113.${i + 1}`, { owner: service(), node, group: groupName, status });
      });
      const parts = {
        vipNodes: names.map((name) => vipNode(name, { groups: [] })),
        nodes: names.map((name) => clusterNode(name)),
        liveness: new Map(names.map((name) => [name, "alive" as const])),
        groups: [group(names)],
        endpointSlices: [],
      };
      return { advertisements, parts };
    },
    allow: async (node, until) => void made.allowed.push(`${node} ${until ?? "no more"}`),
    pause: async () => {
      made.pauses += 1;
    },
    monotonicMs: () => made.pauses * 1000,
    wallMs: () => noonMs,
  };
  return made;
}

async function rebalanced(cluster: World, only: readonly string[] = []) {
  const terminal = terminalStub();
  const code = await rebalance({ only, waitMs: 5_000 }, cluster, terminal);
  return { code, ...terminal.written };
}

const full = ["node1", "node1", "node1"];
const under = ["node1>node2", "node1", "node1"];
const even = ["node2", "node1", "node1"];

describe("herald rebalance", () => {
  it("lets the controller move addresses to the node that has too few, tells each, and takes that back", async () => {
    const cluster = world([full, under, even]);
    assert.deepEqual(await rebalanced(cluster), {
      code: 0,
      out: "203.0.113.1 (shop/web): node1 → node2\ndone: node1 2, node2 1\n",
      err: "",
    });
    assert.deepEqual(cluster.allowed, ["node2 2026-01-31T12:00:05Z", "node2 no more"]);
  });

  it("writes nothing where nothing is to be moved", async () => {
    const cluster = world([even]);
    assert.deepEqual(await rebalanced(cluster), { code: 0, out: "nothing to move: node1 2, node2 1\n", err: "" });
    assert.deepEqual(cluster.allowed, []);
  });

  it("ends with 1 after its time, says what is to come next, and takes back what it wrote", async () => {
    const cluster = world([full]);
    const { code, err } = await rebalanced(cluster);
    assert.equal(code, 1);
    assert.match(
      err,
      /^herald: after 5s not all is where it should be \(node1 3, node2 0\); does the controller run\?\n/,
    );
    assert.match(err, / {2}203\.0\.113\.1: node1 → node2 is the next to come\n/);
    assert.equal(cluster.allowed.at(-1), "node2 no more");
  });

  it("says which address is wanted elsewhere and does not get there", async () =>
    assert.match(
      (await rebalanced(world([full, under]))).err,
      /203\.0\.113\.1 \(shop\/web\): wanted on node2, held by node1/,
    ));

  it("takes back what it wrote when the cluster fails it", async () => {
    const cluster = world([full]);
    cluster.pause = () => Promise.reject(new Error("lost"));
    await assert.rejects(rebalanced(cluster), /lost/);
    assert.equal(cluster.allowed.at(-1), "node2 no more");
  });

  it("does not know a node that is not there", async () =>
    assert.rejects(rebalanced(world([full]), ["node9"]), /there is no VIPNode node9/));

  it("--dry-run tells the moves and writes nothing", async () => {
    const cluster = world([full]);
    assert.deepEqual(await preview([], cluster), [
      { address: "203.0.113.1", services: ["shop/web"], from: "node1", to: "node2" },
    ]);
    assert.deepEqual(cluster.allowed, []);
  });
});
