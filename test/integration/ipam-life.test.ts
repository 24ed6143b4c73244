import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { ControlPlane } from "../lab/control-plane.ts";
import {
  controllerAccount,
  type RunningController,
  startController,
  startHeraldCluster,
} from "../support/controller-cluster.ts";
import {
  allocatedCondition,
  allocatedOf,
  type ClusterObjects,
  ingressOf,
  objectsOf,
} from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

/** Pools that only Services which name them use, so that the tests do not meet. */
const named = { automatic: false };
const from = (pool: string): object => ({ "herald.dev/pool": pool });
const sharing = (pool: string): object => ({ ...from(pool), "herald.dev/sharing-key": "front" });
const port = (number: number): object => ({ ports: [{ port: number }], allocateLoadBalancerNodePorts: false });

let plane: ControlPlane;
let cluster: ClusterObjects;
let controller: RunningController;

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  controller = await startController(plane);
});

after(async () => {
  await controller?.stop();
  await plane?.stop();
});

it("S42: Given CIDR 10.210.38.100/26, When test2 then test are exposed, Then 10.210.38.65 and 10.210.38.66", async () => {
  await cluster.createPool("s42", ["10.210.38.100/26"], { ...named, skipEnds: true });
  await cluster.createService("test2", {}, from("s42"));
  assert.deepEqual(await cluster.allocated("test2"), ["10.210.38.65"]);
  await cluster.createService("test", {}, from("s42"));
  assert.deepEqual(await cluster.allocated("test"), ["10.210.38.66"]);
});

it("S46: Given what Herald wrote is damaged by hand, Then it is made whole again", async () => {
  await cluster.createPool("s46", ["10.46.0.0/30"], named);
  await cluster.createService("damaged", {}, from("s46"));
  const [address = ""] = await cluster.allocated("damaged");
  await cluster.patchService("damaged", {
    metadata: { annotations: { "herald.dev/allocated": "10.46.0.99" } },
    spec: { loadBalancerIP: null },
  });
  const isWhole = async (): Promise<true | undefined> => {
    const now = await cluster.service("damaged");
    return (allocatedOf(now)?.join() === address && now.spec.loadBalancerIP === address) || undefined;
  };
  await eventually("the Service says again what it has", isWhole);
  const [held] = (await cluster.advertisements()).filter(({ spec }) => spec.address === address);
  assert.ok(held, "and the ledger never took it away");
});

it("S55: Given a foreign announcer that follows the conventions, Then it announces what Herald gave, and its status stays", async () => {
  await cluster.createPool("s55", ["10.55.0.0/30"], named);
  await cluster.createService("announced-elsewhere", {}, from("s55"));
  const [address = ""] = await cluster.allocated("announced-elsewhere");
  assert.equal((await cluster.service("announced-elsewhere")).spec.loadBalancerIP, address);
  await cluster.patchServiceStatus("announced-elsewhere", { status: { loadBalancer: { ingress: [{ ip: address }] } } });
  await cluster.createService("witness", {}, from("s55"));
  await cluster.allocated("witness");
  assert.deepEqual(ingressOf(await cluster.service("announced-elsewhere")), [address]);
});

it("S56: Given nobody announces, Then Herald writes the Service and its own objects, and leaves the ingress alone", async () => {
  const services = (await cluster.services()).filter(({ spec }) => spec.type === "LoadBalancer");
  assert.ok(services.length > 3);
  for (const each of services.filter(({ metadata }) => metadata.name !== "announced-elsewhere"))
    assert.deepEqual(each.status.loadBalancer, {}, each.metadata.name);
});

it("S57: Given the IPAM part, Then it may not touch nodes, routes or zones", async () => {
  const user = { user: controllerAccount, groups: ["system:authenticated"] };
  type Review = { readonly status: { readonly allowed: boolean } };
  const allowed = async (verb: string, group: string, resource: string): Promise<boolean> => {
    const spec = { ...user, resourceAttributes: { verb, group, resource } };
    const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    return (await plane.api.call<Review>("POST", path, { spec })).status.allowed;
  };
  assert.ok(await allowed("patch", "", "services"), "it may write Services");
  assert.ok(!(await allowed("patch", "", "nodes")));
  assert.ok(!(await allowed("create", "", "pods")));
  assert.ok(!(await allowed("get", "", "secrets")));
  assert.ok(!(await allowed("update", "discovery.k8s.io", "endpointslices")));
});

it("S72: Given a Service is destroyed and created anew by the same name, Then it gets the same address, also after a restart", async () => {
  await cluster.createPool("s72", ["10.72.0.0/29"], named);
  for (const name of ["one", "two", "three"]) await cluster.createService(name, {}, from("s72"));
  const [before] = await cluster.allocated("two");
  await cluster.deleteService("two");
  await cluster.released("two");
  const remembered = (await cluster.remembered()).filter(({ spec }) => spec.address === before);
  assert.equal(remembered.length, 1);
  await controller.stop();
  await cluster.createService("four", {}, from("s72"));
  controller = await startController(plane);
  assert.notDeepEqual(await cluster.allocated("four"), [before]);
  await cluster.createService("two", {}, from("s72"));
  assert.deepEqual(await cluster.allocated("two"), [before]);
});

it("S79: Given pools as YAML, Then `kubectl create` accepts them", async () => {
  const said = await plane.kubectl(["create", "-f", "samples/ippool-tenant.yaml"]);
  assert.match(said, /created/);
  await plane.kubectl(["delete", "-f", "samples/ippool-tenant.yaml"]);
});

it("S109: Given other systems that hold addresses, Then valid ones can be requested from them, by field and by annotation", async () => {
  await cluster.createPool("s109", ["10.109.0.0/24"], named);
  await cluster.createService("by-field", { loadBalancerIP: "10.109.0.77" }, from("s109"));
  await cluster.createService("by-annotation", {}, { ...from("s109"), "herald.dev/addresses": "10.109.0.78" });
  assert.deepEqual(await cluster.allocated("by-field"), ["10.109.0.77"]);
  assert.deepEqual(await cluster.allocated("by-annotation"), ["10.109.0.78"]);
  await cluster.createService("too-late", { loadBalancerIP: "10.109.0.77" }, from("s109"));
  const { reason, message } = await cluster.refusal("too-late");
  assert.deepEqual([reason, message], ["AddressTaken", "10.109.0.77 belongs to default/by-field"]);
});

it("Services with one key share an address, the one that changes leaves alone, and the last takes it to memory", async () => {
  await cluster.createPool("shared", ["10.5.0.0/30"], named);
  await cluster.createService("left", port(80), sharing("shared"));
  const [address] = await cluster.allocated("left");
  await cluster.createService("right", port(81), sharing("shared"));
  assert.deepEqual(await cluster.allocated("right"), [address]);
  await cluster.patchService("right", { spec: { ports: [{ port: 80 }] } });
  await cluster.serviceIs(
    "right",
    "has moved",
    (each) => allocatedOf(each)?.[0] !== address && allocatedOf(each) !== undefined,
  );
  assert.deepEqual(await cluster.allocated("left"), [address]);
  await cluster.deleteService("left");
  await cluster.released("left");
  assert.ok((await cluster.remembered()).some(({ spec }) => spec.address === address));
});

it("a reservation waits for whoever holds the address, is told of, and keeps everybody else away", async () => {
  await cluster.createPool("reserving", ["10.6.0.0/30"], named);
  await cluster.createService("squatter", {}, from("reserving"));
  const [address = ""] = await cluster.allocated("squatter");
  await cluster.patchPool("reserving", {
    spec: { reservations: [{ address, namespace: "default", name: "guest" }], reuse: { coolDownFor: "0s" } },
  });
  type Status = {
    readonly status: { readonly conditions: readonly { type: string; status: string; message: string }[] };
  };
  const blocked = await eventually("the pool says who blocks the reservation", async () => {
    const { status } = await cluster.pool<Status>("reserving");
    return status.conditions.find((each) => each.type === "ReservationsBlocked" && each.status === "True");
  });
  assert.equal(blocked.message, `${address} is reserved for default/guest and held by default/squatter`);
  await cluster.createService("guest", {}, from("reserving"));
  const [other] = await cluster.allocated("guest");
  assert.notEqual(other, address);
  const told = await cluster.serviceIs(
    "guest",
    "is told",
    (each) => allocatedCondition(each)?.message.includes(`${address} belongs to default/squatter`) === true,
  );
  assert.equal(allocatedCondition(told)?.status, "True");
  await cluster.deleteService("guest");
  await cluster.deleteService("squatter");
  await cluster.released("squatter");
  await cluster.createService("stranger", {}, from("reserving"));
  assert.notDeepEqual(await cluster.allocated("stranger"), [address]);
  await cluster.createService("guest", {}, from("reserving"));
  assert.deepEqual(await cluster.allocated("guest"), [address]);
});

it("a strict cool-down ends by itself", async () => {
  const reuse = { rememberFor: "0s", coolDownFor: "3s", coolDown: "Strict" };
  await cluster.createPool("strict", ["10.7.0.1"], { ...named, reuse });
  await cluster.createService("first", {}, from("strict"));
  await cluster.allocated("first");
  await cluster.createService("second", {}, from("strict"));
  assert.equal((await cluster.refusal("second")).reason, "PoolExhausted");
  await cluster.deleteService("first");
  await cluster.serviceIs(
    "second",
    "waits for the rest",
    (each) => allocatedCondition(each)?.message.includes("1 cooling") === true,
  );
  assert.deepEqual(await cluster.allocated("second"), ["10.7.0.1"]);
});

it("a limit is told with numbers, and what must rest counts", async () => {
  const reuse = { rememberFor: "0s", coolDownFor: "3s", coolDown: "Strict" };
  await cluster.createPool("limited", ["10.9.0.0/28"], { ...named, reuse, limits: { perNamespace: 1 } });
  await cluster.createService("within", {}, from("limited"));
  await cluster.allocated("within");
  await cluster.createService("beyond", {}, from("limited"));
  const { reason, message } = await cluster.refusal("beyond");
  assert.deepEqual(
    [reason, message],
    ["QuotaExceeded", "pool limited: namespace default holds 1 of at most 1 addresses"],
  );
  await cluster.deleteService("within");
  const [other] = await cluster.allocated("beyond");
  const rested = (await cluster.remembered()).every(({ spec }) => spec.address !== other);
  assert.ok(rested);
});

it("`--observe` writes claims of what Services show, and nothing else", async () => {
  await controller.stop();
  await cluster.createPool("watched", ["10.8.0.0/24"]);
  await cluster.createService("served-by-another");
  await cluster.createService("pending");
  await cluster.patchServiceStatus("served-by-another", {
    status: { loadBalancer: { ingress: [{ ip: "10.8.0.9" }] } },
  });
  const before = await Promise.all([cluster.service("served-by-another"), cluster.service("pending")]);
  controller = await startController(plane, { observe: true });
  const claim = await eventually("the shown address is claimed", async () =>
    (await cluster.advertisements()).find(({ spec }) => spec.address === "10.8.0.9"),
  );
  assert.deepEqual([claim.spec.services.map(({ name }) => name), claim.spec.node], [["served-by-another"], ""]);
  await cluster.patchServiceStatus("served-by-another", {
    status: { loadBalancer: { ingress: [{ ip: "10.8.0.10" }] } },
  });
  await eventually("the claim follows", async () => {
    const held = (await cluster.advertisements()).map(({ spec }) => spec.address);
    return (held.includes("10.8.0.10") && !held.includes("10.8.0.9")) || undefined;
  });
  const [served, pending] = await Promise.all([cluster.service("served-by-another"), cluster.service("pending")]);
  assert.deepEqual(pending, before[1]);
  assert.deepEqual([served.spec, served.metadata.annotations], [before[0].spec, before[0].metadata.annotations]);
  assert.equal(await controller.requests(["patch"]), 0);
});
