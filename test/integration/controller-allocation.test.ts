import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { ControlPlane } from "../lab/control-plane.ts";
import { type FakeAgent, startFakeAgent } from "../support/controller-agent.ts";
import { type RunningController, startController, startHeraldCluster } from "../support/controller-cluster.ts";
import {
  allocatedCondition,
  allocatedOf,
  type ClusterObjects,
  ingressOf,
  objectsOf,
} from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

/** A pool that only Services which name it use, so that the tests do not meet. */
const named = { automatic: false };

const from = (pool: string): object => ({ "herald.dev/pool": pool });

let plane: ControlPlane;
let cluster: ClusterObjects;
let controller: RunningController;
let agent: FakeAgent;

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  controller = await startController(plane);
});

after(async () => {
  agent?.stop();
  await controller?.stop();
  await plane?.stop();
});

it("S41: Given an empty config, Then the controller starts and stays idle", async () => {
  assert.equal(await controller.requests(["create", "update", "patch", "delete"]), 0);
  assert.deepEqual(await cluster.advertisements(), []);
});

it("S90: Given no pool fits, Then the Service is pending, status.loadBalancer is {}, and an event says why", async () => {
  await cluster.createService("too-early");
  const { reason, message } = await cluster.refusal("too-early");
  assert.equal(reason, "NoPool");
  assert.deepEqual((await cluster.service("too-early")).status.loadBalancer, {});
  const event = await eventually("an event says why", async () =>
    (await cluster.events()).find(({ involvedObject }) => involvedObject.name === "too-early"),
  );
  assert.deepEqual([event.reason, event.message, event.type], [reason, message, "Warning"]);
});

it("S66: Given a Service that waits, When a pool is created by one command, Then it is used at once", async () => {
  await cluster.createPool("first", ["203.0.113.0/30"]);
  assert.deepEqual(await cluster.allocated("too-early"), ["203.0.113.0"]);
  await cluster.deleteService("too-early");
  await cluster.released("too-early");
  await cluster.deletePool("first");
});

it("S3, S4, S58: Given a CIDR pool, When a Service appears, Then it gets an address of it, in spec.loadBalancerIP", async () => {
  await cluster.createPool("cidr", ["203.0.113.8/29"], named);
  await cluster.createService("web", {}, from("cidr"));
  assert.deepEqual(await cluster.allocated("web"), ["203.0.113.8"]);
  const service = await cluster.service("web");
  assert.equal(service.spec.loadBalancerIP, "203.0.113.8");
  const [held] = await cluster.advertisements();
  assert.equal(held?.metadata.name, "203-0-113-8");
  assert.deepEqual(held?.spec.services, [{ namespace: "default", name: "web", uid: service.metadata.uid }]);
});

it("S92: Given an address is allocated and no announcer runs, Then spec.loadBalancerIP is set and the Service stays pending", async () => {
  const service = await cluster.serviceIs("web", "says that nobody announces", ({ status }) =>
    (status.conditions ?? []).some(({ type, reason }) => type === "herald.dev/Announced" && reason === "NoAgent"),
  );
  assert.equal(service.spec.loadBalancerIP, "203.0.113.8");
  assert.deepEqual(service.status.loadBalancer, {});
  assert.equal(allocatedCondition(service)?.status, "True");
});

it("S8: Given a node announces the address, Then and not before status.loadBalancer.ingress carries it", async () => {
  agent = await startFakeAgent(plane, "node1", "192.168.50.11");
  const service = await cluster.serviceIs("web", "shows its address", (each) => ingressOf(each).length > 0);
  assert.deepEqual(service.status.loadBalancer.ingress, [{ ip: "203.0.113.8", ipMode: "VIP" }]);
  const held = await eventually("the ledger names the holder", async () =>
    (await cluster.advertisements()).find(({ status }) => status?.holder === "node1"),
  );
  assert.equal(held.status?.service, "default/web");
});

it("S8: Given the agent announces nothing new, Then a new Service is allocated and has no ingress", async () => {
  agent.mute(true);
  await cluster.createService("quiet", {}, from("cidr"));
  await cluster.allocated("quiet");
  const service = await cluster.serviceIs("quiet", "says who has not announced it", ({ status }) =>
    (status.conditions ?? []).some(({ reason }) => reason === "NotYetAnnounced"),
  );
  assert.deepEqual(ingressOf(service), []);
  agent.mute(false);
  await cluster.serviceIs("quiet", "shows its address", (each) => ingressOf(each).length === 1);
});

it("S2, S88: Given Services of type ClusterIP, NodePort and ExternalName, Then none gets an address", async () => {
  await cluster.createPool("other-types", ["198.51.100.0/29"]);
  const others = [
    { type: "ClusterIP" },
    { type: "NodePort" },
    { type: "ExternalName", externalName: "example.org" },
    { type: "LoadBalancer", loadBalancerClass: "example.org/other" },
  ];
  for (const [i, spec] of others.entries()) await cluster.createService(`other-${i}`, spec);
  await cluster.createService("handled");
  assert.deepEqual(await cluster.allocated("handled"), ["198.51.100.0"]);
  const services = await cluster.services();
  const touched = services.filter((each) => each.metadata.name.startsWith("other-") && allocatedOf(each) !== undefined);
  assert.deepEqual(touched, []);
  await cluster.deletePool("other-types");
});

it("S15: Given a new pool for a namespace, When a Service in it comes, Then it uses that pool without a restart", async () => {
  await cluster.createNamespace("shop");
  await cluster.createPool("of-shop", ["198.51.100.16/29"], { services: { namespaces: ["shop"] } });
  await cluster.createService("shop/web");
  assert.deepEqual(await cluster.allocated("shop/web"), ["198.51.100.16"]);
});

it("S65: Given pools of four namespaces and a Service in a fifth, Then it is pending, without an address", async () => {
  await cluster.createNamespace("fifth");
  await cluster.createService("fifth/web");
  assert.equal((await cluster.refusal("fifth/web")).reason, "NamespaceNotSelected");
});

it("S63, S91: Given a global pool, Then a Service in any namespace takes a free address of it", async () => {
  await cluster.createPool("global", ["198.51.100.32-198.51.100.35"]);
  assert.deepEqual(await cluster.allocated("fifth/web"), ["198.51.100.32"]);
  await cluster.createNamespace("sixth");
  await cluster.createService("sixth/web");
  assert.deepEqual(await cluster.allocated("sixth/web"), ["198.51.100.33"]);
  await cluster.deletePool("global");
});

it("S62: Given a Service asks for an address by spec.loadBalancerIP, Then it gets that address", async () => {
  await cluster.createService("asked", { loadBalancerIP: "203.0.113.14" }, from("cidr"));
  assert.deepEqual(await cluster.allocated("asked"), ["203.0.113.14"]);
});

it("S44: Given a Service whose address changes, Then no entry of the old address is left anywhere", async () => {
  await cluster.serviceIs("asked", "shows its first address", (each) => ingressOf(each).length === 1);
  await cluster.patchService("asked", { spec: { loadBalancerIP: "203.0.113.13" } });
  const service = await cluster.serviceIs(
    "asked",
    "shows the new address",
    (each) => ingressOf(each)[0] === "203.0.113.13",
  );
  assert.deepEqual(ingressOf(service), ["203.0.113.13"]);
  assert.deepEqual(allocatedOf(service), ["203.0.113.13"]);
  await eventually(
    "the old address has left the ledger",
    async () => (await cluster.advertisements()).every(({ spec }) => spec.address !== "203.0.113.14") || undefined,
  );
  const vipNode = await eventually("the node no longer announces it", async () => {
    const text = JSON.stringify(await plane.api.call("GET", "/apis/herald.dev/v1beta1/vipnodes/node1"));
    return text.includes("203.0.113.14") ? undefined : text;
  });
  assert.ok(vipNode.includes("203.0.113.13"));
});

it("S18: Given the controller, Then its log shows which pool and address each Service got", () => {
  const line = controller.log.find(({ msg, service }) => msg === "address assigned" && service === "default/web");
  assert.deepEqual([line?.level, line?.pool, line?.address], ["info", "cidr", "203.0.113.8"]);
});

it("S89: Given Services are pending without an operator, When Herald is installed, Then their addresses are filled in", async () => {
  await controller.stop();
  await cluster.createService("before", {}, from("cidr"));
  assert.deepEqual((await cluster.service("before")).status.loadBalancer, {});
  controller = await startController(plane);
  const service = await cluster.serviceIs("before", "shows its address", (each) => ingressOf(each).length === 1);
  assert.deepEqual(ingressOf(service), allocatedOf(service));
});
