/** Whoever applies manifests, in whichever style, neither fights with Herald nor sees a drift. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ControlPlane } from "../lab/control-plane.ts";
import { applierOf, clientSide, type Manifest, type Style, styles } from "../support/applied-manifests.ts";
import { type FakeAgent, startFakeAgent } from "../support/controller-agent.ts";
import { type RunningController, startController, startHeraldCluster } from "../support/controller-cluster.ts";
import { allocatedOf, type ClusterObjects, ingressOf, objectsOf } from "../support/controller-objects.ts";
import { type ServiceWrites, watchServiceWrites } from "../support/service-writes.ts";

/** What a manifest is changed to. */
type Step = {
  readonly what: string;
  readonly manifest: Manifest;
  /** What the Service's address is like after that; absent: it has nothing of Herald's. */
  readonly address?: RegExp;
  /** How often Herald may write the Service for that; 3 times if absent. */
  readonly most?: number;
};

const mostWrites = 3;

const fromPublic = /^203\.0\.11[23]\.\d+$/;
const fromSecond = /^198\.51\.100\.\d$/;
const fromThird = /^198\.51\.100\.[123]\d$/;

const plain: Manifest = {};
const asking = (address: string): Manifest => ({ annotations: { "herald.dev/addresses": address } });
const naming = (pool: string): Manifest => ({ annotations: { "herald.dev/pool": pool } });
const withPorts = (...ports: readonly number[]): Manifest => ({
  spec: { ports: ports.map((port) => ({ name: `p${port}`, port, protocol: "TCP" })) },
});

let plane: ControlPlane;
let cluster: ClusterObjects;
let controller: RunningController;
let agent: FakeAgent;
let writes: ServiceWrites;

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  controller = await startController(plane);
  agent = await startFakeAgent(plane, "node1", "192.168.50.11");
  await cluster.createPool("public", ["203.0.112.0/23"]);
  await cluster.createPool("second", ["198.51.100.0-198.51.100.9"], { automatic: false });
  await cluster.createPool("third", ["198.51.100.10-198.51.100.39"], { automatic: false });
  writes = watchServiceWrites(plane);
});

after(async () => {
  writes?.stop();
  agent?.stop();
  await controller?.stop();
  await plane?.stop();
});

/** Fails unless the Service has such an address and says so everywhere, or has nothing of Herald's. */
async function assertShows(name: string, address: RegExp | undefined): Promise<void> {
  const service = await cluster.service(name);
  const { spec, status } = service;
  if (address === undefined) {
    assert.deepEqual([allocatedOf(service), spec.loadBalancerIP, status], [undefined, undefined, { loadBalancer: {} }]);
    return;
  }
  const [shown = ""] = ingressOf(service);
  assert.match(shown, address);
  assert.deepEqual([allocatedOf(service), spec.loadBalancerIP], [[shown], shown]);
  assert.deepEqual(
    status.conditions?.map((each) => `${each.type} ${each.status} ${each.reason}`),
    ["herald.dev/Allocated True Allocated", "herald.dev/Announced True Announced"],
  );
}

async function follow(style: Style, name: string, steps: readonly Step[]): Promise<void> {
  const applier = applierOf(plane, style, writes);
  for (const { what, manifest, address, most = mostWrites } of steps) {
    const count = await applier.reactions(name, manifest);
    assert.ok(count <= most, `${what}: Herald wrote ${count} times`);
    await assertShows(name, address);
    await applier.assertNoDrift(name, manifest);
  }
}

/** What is told of each style; `n` keeps the addresses asked for by one from another's. */
const stories: Readonly<Record<string, (n: number) => readonly Step[]>> = {
  "annotation herald.dev/addresses": (n) => [
    { what: "created", manifest: plain, address: fromPublic },
    { what: "added", manifest: asking(`203.0.113.${n}`), address: new RegExp(`\\.113\\.${n}$`) },
    { what: "changed", manifest: asking(`203.0.113.${n + 1}`), address: new RegExp(`\\.113\\.${n + 1}$`) },
    { what: "removed: the address stays", manifest: plain, address: new RegExp(`\\.113\\.${n + 1}$`) },
  ],
  "annotation herald.dev/pool": () => [
    { what: "created", manifest: plain, address: fromPublic },
    { what: "added", manifest: naming("second"), address: fromSecond },
    { what: "changed", manifest: naming("third"), address: fromThird },
    { what: "removed: the address stays", manifest: plain, address: fromThird },
  ],
  "a port": () => [
    { what: "created", manifest: withPorts(80), address: fromPublic },
    { what: "added", manifest: withPorts(80, 443), address: fromPublic, most: 0 },
    { what: "changed", manifest: withPorts(80, 8443), address: fromPublic, most: 0 },
    { what: "removed", manifest: withPorts(8443), address: fromPublic, most: 0 },
  ],
  "a label": () => [
    { what: "created", manifest: plain, address: fromPublic },
    { what: "added", manifest: { labels: { tier: "web" } }, address: fromPublic, most: 0 },
    { what: "changed", manifest: { labels: { tier: "api" } }, address: fromPublic, most: 0 },
    { what: "removed", manifest: plain, address: fromPublic, most: 0 },
  ],
  "the type": () => [
    { what: "created", manifest: plain, address: fromPublic },
    { what: "changed to ClusterIP", manifest: { spec: { type: "ClusterIP" } } },
    { what: "changed back", manifest: plain, address: fromPublic },
    { what: "changed to NodePort", manifest: { spec: { type: "NodePort" } } },
  ],
  "the class": () => [
    { what: "created without", manifest: { spec: { type: "ClusterIP" } } },
    { what: "added", manifest: { spec: { loadBalancerClass: "herald.dev/vip" } }, address: fromPublic },
    { what: "removed", manifest: { spec: { type: "ClusterIP" } } },
    { what: "changed to another's", manifest: { spec: { loadBalancerClass: "example.org/other" } } },
  ],
};

for (const [index, style] of styles.entries())
  describe(`Given manifests are applied ${style.name}`, () => {
    for (const [what, steps] of Object.entries(stories))
      it(`When ${what} is added, changed and removed, Then Herald writes at most 3 times each and nothing drifts`, () =>
        follow(style, `${what.replaceAll(/\W/g, "-")}-${index}`, steps(200 + 10 * index)));
  });

it("Given a Service of type LoadBalancer, When its class is changed, Then it is the API server that refuses", async () => {
  const applier = applierOf(plane, clientSide, writes);
  const manifest = { spec: { loadBalancerClass: "herald.dev/vip" } };
  await applier.reactions("fixed-class", manifest);
  const other = { spec: { loadBalancerClass: "example.org/other" } };
  await assert.rejects(applier.apply("fixed-class", other), /loadBalancerClass.*may not change once set/);
  await assertShows("fixed-class", fromPublic);
});
