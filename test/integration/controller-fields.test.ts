import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlPlane } from "../lab/control-plane.ts";
import { type FakeAgent, startFakeAgent } from "../support/controller-agent.ts";
import {
  type RunningController,
  startController,
  startHeraldCluster,
  writeVerbs,
} from "../support/controller-cluster.ts";
import {
  allocatedCondition,
  allocatedOf,
  type ClusterObjects,
  ingressOf,
  objectsOf,
} from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";
import { type ServiceWrites, watchServiceWrites } from "../support/service-writes.ts";

let plane: ControlPlane;
let cluster: ClusterObjects;
let controller: RunningController;
let agent: FakeAgent;
let writes: ServiceWrites;

/** Longer than the controller waits before it tells of a silent address, or counts a pool's addresses again. */
const restMs = 4_000;

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  controller = await startController(plane);
  agent = await startFakeAgent(plane, "node1", "192.168.50.11");
  await cluster.createPool("public", ["203.0.113.0/24", "2001:db8:5::/120"]);
  writes = watchServiceWrites(plane);
});

after(async () => {
  writes?.stop();
  agent?.stop();
  await controller?.stop();
  await plane?.stop();
});

async function createShown(name: string, spec: object = {}): Promise<void> {
  await cluster.createService(name, spec);
  await cluster.serviceIs(name, "shows an address", (each) => ingressOf(each).length > 0);
}

/** Replaces parts of a Service's status, lists as a whole, under the name of a field manager. */
function writeStatusAs(manager: string, name: string, status: object): Promise<unknown> {
  const path = `/api/v1/namespaces/default/services/${name}/status?fieldManager=${manager}`;
  return plane.api.call("PATCH", path, { status });
}

/** How often the controller has planned. */
async function plans(): Promise<number> {
  return Number(/^herald_plan_duration_seconds_count (\d+)$/m.exec(await controller.metrics())?.[1]);
}

it("Given somebody clears spec.loadBalancerIP again and again, Then Herald writes it 3 times, stops, and says FieldContested", async () => {
  await createShown("cleared");
  for (let i = 0; i < 3; i++) {
    await cluster.patchService("cleared", { spec: { loadBalancerIP: null } });
    if (i < 2)
      await cluster.serviceIs("cleared", "has its field back", ({ spec }) => spec.loadBalancerIP !== undefined);
  }
  const service = await cluster.serviceIs(
    "cleared",
    "is contested",
    (each) => allocatedCondition(each)?.reason === "FieldContested",
  );
  assert.equal(service.spec.loadBalancerIP, undefined);
  assert.equal(allocatedCondition(service)?.status, "True");
  assert.equal(allocatedOf(service)?.length, 1);
  const event = await eventually("an event says so", async () =>
    (await cluster.events()).find(
      ({ reason, involvedObject }) => reason === "FieldContested" && involvedObject.name === "cleared",
    ),
  );
  assert.equal(event.type, "Warning");
});

it("Given somebody asks for an address that cannot be, Then the field stays as written and the Service keeps what it has", async () => {
  await createShown("asker");
  const before = allocatedOf(await cluster.service("asker"));
  await cluster.patchService("asker", { spec: { loadBalancerIP: "192.168.50.11" } });
  const service = await cluster.serviceIs(
    "asker",
    "is refused its request",
    (each) => allocatedCondition(each)?.reason === "RequestRefused",
  );
  assert.equal(service.spec.loadBalancerIP, "192.168.50.11");
  assert.deepEqual(allocatedOf(service), before);
  assert.deepEqual(ingressOf(service), before);
});

it("Given another controller writes the status, Then Herald's entries are repaired, and left alone after the third time, naming it", async () => {
  await createShown("fought");
  const [own] = allocatedOf(await cluster.service("fought")) ?? [];
  for (let i = 0; i < 3; i++) {
    await writeStatusAs("other-balancer", "fought", { loadBalancer: { ingress: [{ ip: "192.0.2.99" }] } });
    if (i < 2) await cluster.serviceIs("fought", "shows its own address", (each) => ingressOf(each)[0] === own);
  }
  const service = await cluster.serviceIs(
    "fought",
    "is contested",
    (each) => allocatedCondition(each)?.reason === "OtherController",
  );
  assert.match(allocatedCondition(service)?.message ?? "", /^status\.loadBalancer\.ingress: .*; other-balancer writes/);
  assert.equal(allocatedCondition(service)?.status, "True");
  assert.deepEqual(ingressOf(service), ["192.0.2.99"]);
});

it("Given the other controller gives the ingress back, Then nothing is contested any more", async () => {
  const [own] = allocatedOf(await cluster.service("fought")) ?? [];
  await writeStatusAs("other-balancer", "fought", { loadBalancer: { ingress: [{ ip: own, ipMode: "VIP" }] } });
  await cluster.serviceIs("fought", "is as it should be", (each) => allocatedCondition(each)?.reason === "Allocated");
});

it("Given somebody replaces the conditions again and again, Then Herald says so, and leaves them alone", async () => {
  await createShown("wiped");
  const theirs = [
    { type: "Theirs", status: "True", reason: "Theirs", message: "", lastTransitionTime: "2026-11-21T00:00:00Z" },
  ];
  await writes.reacted();
  const before = writes.versions("wiped").length;
  for (let wipes = 0; wipes < 20; wipes++) {
    await writeStatusAs("other-balancer", "wiped", { conditions: theirs });
    await writes.reacted();
  }
  const { status } = await cluster.service("wiped");
  assert.deepEqual(
    status.conditions?.map(({ type }) => type),
    ["Theirs"],
  );
  // Two repairs of what was written first, three times the word that it is contested, and what undid those five.
  assert.equal(writes.versions("wiped").length - before, 2 * 5 + 1);
  const event = await eventually("an event says so", async () =>
    (await cluster.events()).find(
      ({ reason, involvedObject }) => reason === "FieldContested" && involvedObject.name === "wiped",
    ),
  );
  assert.match(event.message, /^status\.conditions: changed back 3 times/);
});

it("Given a dual-stack Service, Then both addresses are shown in the order of its families", async () => {
  await cluster.createService("dual", { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv4", "IPv6"] });
  const service = await cluster.serviceIs("dual", "shows both", (each) => ingressOf(each).length === 2);
  assert.deepEqual(ingressOf(service), allocatedOf(service));
});

it("Given a Service stops being a LoadBalancer, Then nothing of Herald is left on it and the address is free", async () => {
  await createShown("changing");
  await cluster.patchService("changing", { spec: { type: "ClusterIP", loadBalancerClass: null } });
  const service = await cluster.serviceIs(
    "changing",
    "is clean",
    (each) =>
      allocatedOf(each) === undefined &&
      (each.status.conditions ?? []).length === 0 &&
      each.spec.loadBalancerIP === undefined,
  );
  assert.deepEqual(service.status.loadBalancer, {});
  await cluster.released("changing");
});

it("Given the agent stops announcing and starts again, Then the ingress never changes", async () => {
  await createShown("steady");
  const before = await cluster.service("steady");
  const [address = ""] = ingressOf(before);
  agent.refuse(address, "NoInterface", "eth0 is gone");
  const silent = await cluster.serviceIs("steady", "says why nobody announces it", ({ status }) =>
    (status.conditions ?? []).some(({ type, reason }) => type === "herald.dev/Announced" && reason === "NoInterface"),
  );
  assert.deepEqual(silent.status.loadBalancer, before.status.loadBalancer);
});

it("Given a pool that cannot be read, Then its condition names every problem and its Services keep their addresses", async () => {
  await cluster.createPool("spoilt", ["198.51.100.0/28"]);
  await cluster.createService("keeper", {}, { "herald.dev/pool": "spoilt" });
  const before = await cluster.allocated("keeper");
  await cluster.patchPool("spoilt", { spec: { announcement: { arp: { interfaces: ["/(/", "/[/"] } } } });
  const pool = await eventually("the pool is not ready", async () => {
    const { status } = await cluster.pool<{ status: { conditions: { status: string; message: string }[] } }>("spoilt");
    return status.conditions.find((each) => each.status === "False" && each.message.includes("interfaces[1]"));
  });
  assert.match(pool.message, /interfaces\[0\].*interfaces\[1\]/);
  assert.deepEqual(allocatedOf(await cluster.service("keeper")), before);
});

it("Given everything is as it must be, Then twenty plans write nothing", async () => {
  await eventually("the controller has come to rest", async () => {
    const before = await controller.requests(writeVerbs);
    await sleep(restMs);
    return (await controller.requests(writeVerbs)) === before || undefined;
  });
  const before = await controller.requests(writeVerbs);
  for (let round = 0; round < 20; round++) {
    const planned = await plans();
    await plane.api.call("PATCH", `/api/v1/namespaces/default`, { metadata: { labels: { round: `${round}` } } });
    await eventually("it has planned", async () => (await plans()) > planned || undefined);
  }
  assert.equal(await controller.requests(writeVerbs), before);
});
