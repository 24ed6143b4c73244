/** Addresses outside every pool, which only the controller's flag --allow-foreign-addresses lets Services ask for. */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { startLab } from "../lab/lab.ts";
import { type Cluster, clusterOf, deploymentObject, serviceObject } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";

let cluster: Cluster;

before(async () => {
  cluster = clusterOf(await startLab({ nodes: 2, controllerArgs: ["--allow-foreign-addresses"] }));
  await cluster.apply(deploymentObject("web", 2));
});

after(() => cluster?.lab.stop());

it("S19: Given the flag and no pool, When a Service asks for 1.1.1.1, Then exactly 1.1.1.1 is announced, in its status, and serves", async () => {
  await cluster.apply(serviceObject("s19", "web", { loadBalancerIP: "1.1.1.1" }));
  assert.equal(await cluster.address("s19"), "1.1.1.1");
  assert.equal((await cluster.whoHas("1.1.1.1")).length, 1);
  await cluster.lab.exec("client", ["ip", "route", "add", "1.1.1.1/32", "dev", "eth0"]);
  assert.match(await cluster.reach("client", "1.1.1.1"), /web-/);
});

it("S43: Given the flag, When a Service asks for an address outside the CIDR of every pool, Then it is honoured", async () => {
  await cluster.apply(serviceObject("s43", "web", {}, { "herald.dev/addresses": "192.168.50.240" }));
  assert.equal(await cluster.address("s43"), "192.168.50.240");
  assert.match(await cluster.reach("client", "192.168.50.240"), /web-/);
});

it("Given the flag, When a Service asks for the gateway, a node or a cluster IP, Then it is refused all the same", async () => {
  const clusterIp = (await cluster.service("s43")).spec.clusterIP;
  for (const [index, address] of ["192.168.50.1", "192.168.50.12", clusterIp, "172.30.0.1", "127.0.0.1"].entries()) {
    await cluster.apply(serviceObject(`never-${index}`, "web", { loadBalancerIP: address }));
    const condition = await cluster.condition(`never-${index}`, "herald.dev/Allocated", "False");
    assert.equal(condition.reason, "AddressForbidden", `${address}: ${condition.message}`);
  }
  assert.deepEqual((await cluster.heldAddresses()).toSorted(), ["1.1.1.1", "192.168.50.240"]);
});

it("Given an address that another station on the LAN has, When a Service asks for it, Then nobody of ours answers, and the condition names that MAC", async () => {
  await cluster.lab.exec("router", ["ip", "address", "add", "192.168.50.250/32", "dev", "eth0"]);
  await cluster.apply(serviceObject("conflict", "web", { loadBalancerIP: "192.168.50.250" }));
  const condition = await eventually("the conflict is told", async () => {
    const found = await cluster.condition("conflict", "herald.dev/Announced", "False");
    return found.reason === "Conflict" ? found : undefined;
  });
  assert.match(condition.message, /02:00:00:00:50:01/);
  assert.deepEqual(await cluster.whoHas("192.168.50.250"), ["02:00:00:00:50:01"]);
  await cluster.lab.exec("router", ["ip", "address", "del", "192.168.50.250/32", "dev", "eth0"]);
  assert.equal(await cluster.address("conflict"), "192.168.50.250");
});
