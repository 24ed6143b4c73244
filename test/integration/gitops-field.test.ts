/** `spec.loadBalancerIP` is the one field that both users and Herald write: what that costs whom, in each style. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ControlPlane } from "../lab/control-plane.ts";
import {
  applierOf,
  clientSide,
  forced,
  type Manifest,
  reactions,
  type Style,
  serverSide,
  styles,
} from "../support/applied-manifests.ts";
import { type FakeAgent, startFakeAgent } from "../support/controller-agent.ts";
import { type RunningController, startController, startHeraldCluster } from "../support/controller-cluster.ts";
import {
  allocatedCondition,
  allocatedOf,
  type ClusterObjects,
  ingressOf,
  objectsOf,
  type ServiceObject,
} from "../support/controller-objects.ts";
import { type ServiceWrites, watchServiceWrites } from "../support/service-writes.ts";

const mostWrites = 3;
const plain: Manifest = {};
const asking = (address: string): Manifest => ({ spec: { loadBalancerIP: address } });
const conflict = /conflict with "herald-controller".*: \.spec\.loadBalancerIP/s;

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
  writes = watchServiceWrites(plane);
});

after(async () => {
  writes?.stop();
  agent?.stop();
  await controller?.stop();
  await plane?.stop();
});

/** The address of the Service; fails unless the ingress and the annotation agree on it. */
async function shownAddress(name: string): Promise<string> {
  const service = await cluster.service(name);
  assert.deepEqual(allocatedOf(service), ingressOf(service));
  return ingressOf(service)[0] ?? assert.fail("no address");
}

type Story = {
  readonly name: string;
  readonly style: Style;
  /** What is applied one after another, and the address and the field after that; undefined: any, but the same. */
  readonly steps: readonly (readonly [Manifest, address: string | undefined, field?: string])[];
};

async function follow({ name, style, steps }: Story): Promise<void> {
  const applier = applierOf(plane, style, writes);
  for (const [manifest, address, field = address] of steps) {
    const count = await applier.reactions(name, manifest);
    assert.ok(count <= mostWrites, `Herald wrote ${count} times`);
    const shown = await shownAddress(name);
    if (address !== undefined) assert.equal(shown, address);
    assert.equal((await cluster.service(name)).spec.loadBalancerIP, field ?? shown);
    await applier.assertNoDrift(name, manifest);
  }
}

describe("Given Herald writes spec.loadBalancerIP, as it does by default", () => {
  const [a, b] = ["203.0.113.10", "203.0.113.11"];
  const later: readonly Style[] = [clientSide, forced];
  for (const [index, style] of later.entries())
    it(`When the field is added, changed and removed ${style.name}, Then there is no conflict, no fight and no drift, and the address stays in the end`, () => {
      const [first, second] = [`203.0.113.${20 + index}`, `203.0.113.${30 + index}`];
      const steps = [plain, asking(first), asking(second), plain] as const;
      const addresses = [undefined, first, second, second];
      const story = steps.map((manifest, i) => [manifest, addresses[i]] as const);
      return follow({ name: `added-${index}`, style, steps: story });
    });

  it("When the field is there from the beginning, server-side, Then it can be changed and removed without conflict", () =>
    follow({
      name: "owned",
      style: serverSide,
      steps: [
        [asking(a), a],
        [asking(b), b],
        [plain, b],
      ],
    }));

  it("When another value is added server-side without force, Then that is a conflict which names Herald, and nothing changes", async () => {
    const applier = applierOf(plane, serverSide, writes);
    await applier.reactions("refused", plain);
    const before = await cluster.service("refused");
    await assert.rejects(applier.apply("refused", asking("203.0.113.40")), conflict);
    await writes.reacted();
    assert.equal((await cluster.service("refused")).metadata.resourceVersion, before.metadata.resourceVersion);
  });

  it("When the very value is added server-side that Herald wrote, Then there is no conflict", async () => {
    const applier = applierOf(plane, serverSide, writes);
    const shown = await shownAddress("refused");
    assert.equal(await applier.reactions("refused", asking(shown)), 0);
    await applier.assertNoDrift("refused", asking(shown));
  });

  it("When the address is asked for by annotation instead, Then there is no conflict either", async () => {
    const applier = applierOf(plane, serverSide, writes);
    await applier.reactions("by-annotation", plain);
    await applier.reactions("by-annotation", { annotations: { "herald.dev/addresses": "203.0.113.41" } });
    assert.equal(await shownAddress("by-annotation"), "203.0.113.41");
  });
});

describe("Given a controller that puts its whole Service back again and again", () => {
  /** What it knows of its Service: neither Herald's annotation nor the field. */
  const known = {
    metadata: { name: "gateway", namespace: "default", annotations: { "example.org/gateway": "edge" } },
    spec: { type: "LoadBalancer", selector: { app: "gateway" }, ports: [{ name: "http", port: 80, protocol: "TCP" }] },
  };
  const path = "/api/v1/namespaces/default/services";

  it("When it has done so 20 times, each after Herald's answer, Then Herald wrote at most 3 times in all, keeps the address and says FieldContested", async () => {
    await plane.api.call("POST", path, known);
    await writes.reacted();
    const address = await shownAddress("gateway");
    let count = 0;
    for (let times = 0; times < 20; times++)
      count += await reactions(writes, "gateway", () => plane.api.call<ServiceObject>("PUT", `${path}/gateway`, known));
    assert.ok(count <= mostWrites, `Herald wrote ${count} times`);
    const after = await cluster.service("gateway");
    assert.deepEqual([ingressOf(after), allocatedOf(after)], [[address], undefined]);
    assert.equal(allocatedCondition(after)?.reason, "FieldContested");
    assert.equal(allocatedCondition(after)?.status, "True");
  });
});

describe("Given a controller with --write-load-balancer-ip=false", () => {
  before(async () => {
    await controller.stop();
    controller = await startController(plane, { writeLoadBalancerIP: false });
  });

  for (const [index, style] of styles.entries())
    it(`When the field is added, changed and removed ${style.name}, Then there is no conflict, and Herald never writes it`, async () => {
      const [first, second] = [`203.0.113.${50 + index}`, `203.0.113.${60 + index}`];
      const applier = applierOf(plane, style, writes);
      for (const [manifest, address, field] of [
        [plain, undefined, undefined],
        [asking(first), first, first],
        [asking(second), second, second],
        [plain, second, undefined],
      ] as const) {
        assert.ok((await applier.reactions(`unwritten-${index}`, manifest)) <= mostWrites);
        const shown = await shownAddress(`unwritten-${index}`);
        assert.equal(shown, address ?? shown);
        assert.equal((await cluster.service(`unwritten-${index}`)).spec.loadBalancerIP, field);
        await applier.assertNoDrift(`unwritten-${index}`, manifest);
      }
    });
});
