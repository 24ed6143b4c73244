import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { advertisementObject } from "../../src/api/vip-advertisement.ts";
import { vipNodeObject, vipNodeStatusObject } from "../../src/api/vip-node.ts";
import { witnessObject } from "../../src/controller/witness-lease.ts";
import { type ApiClient, ApiError, openApiClient } from "../lab/api-client.ts";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";
import { applyManifests } from "../lab/manifests.ts";
import { advertisement, nodeInterface, service } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";

const herald = "/apis/herald.dev/v1beta1";
const leases = "/apis/coordination.k8s.io/v1/namespaces/herald-system/leases";
const closedPort = 9;
const clients: ApiClient[] = [];
let plane: ControlPlane;
let controller: ApiClient;
let agent: ApiClient;
let unboundAgent: ApiClient;

before(async () => {
  plane = await startControlPlane();
  await applyManifests(plane, closedPort);
  for (const name of ["node1", "node2"]) {
    await plane.api.call("POST", "/api/v1/nodes", { metadata: { name } });
    await createAgentPod(name);
  }
  controller = await clientOf("controller");
  agent = await clientOf("agent", "agent-node1");
  unboundAgent = await clientOf("agent");
  for (const name of ["node1", "node2"]) {
    await eventually(`vipnode ${name}`, () =>
      controller.call("POST", `${herald}/vipnodes`, vipNodeObject({ name, uid: "u" })),
    );
  }
  await eventually("the policies are enforced", async () => {
    const body = advertisementObject(advertisement("203.0.113.99"));
    const answer = await refusal(plane.api.call("POST", `${herald}/vipadvertisements?dryRun=All`, body));
    return answer === "" ? undefined : answer;
  });
});
after(async () => {
  for (const client of clients) await client.close();
  await plane?.stop();
});

async function clientOf(account: string, pod?: string): Promise<ApiClient> {
  const client = openApiClient(await plane.access(`system:serviceaccount:herald-system:herald-${account}`, pod));
  clients.push(client);
  return client;
}

function createAgentPod(node: string): Promise<unknown> {
  return plane.api.call("POST", "/api/v1/namespaces/herald-system/pods", {
    metadata: { name: `agent-${node}` },
    spec: { nodeName: node, serviceAccountName: "herald-agent", containers: [{ name: "agent", image: "herald" }] },
  });
}

/** Why a call was refused; "" if it was not. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "";
  } catch (error) {
    return error instanceof ApiError ? error.message : assert.fail(String(error));
  }
}

/** Reads an object and puts it back with these parts changed, as Herald writes what it has seen. */
async function rewrite(client: ApiClient, path: string, parts: object, subresource = ""): Promise<unknown> {
  const object = await client.call<object>("GET", path);
  return client.call("PUT", path + subresource, { ...object, ...parts });
}

function writeNodeStatus(client: ApiClient, name: string): Promise<unknown> {
  const parts = { gateways: [], announcing: [], refusing: [], conditions: [], interfaces: [nodeInterface()] };
  return rewrite(client, `${herald}/vipnodes/${name}`, { status: vipNodeStatusObject(parts) }, "/status");
}

function createLease(client: ApiClient, name: string): Promise<unknown> {
  return client.call("POST", leases, { metadata: { name }, spec: { holderIdentity: "x" } });
}

describe("an agent's token", () => {
  it("reads the groups", async () => {
    await eventually("vipgroups", () => agent.call("GET", `${herald}/vipgroups`));
  });

  it("writes the status of its own VIPNode and its own Lease", async () => {
    await writeNodeStatus(agent, "node1");
    await createLease(agent, "herald-agent-node1");
    await rewrite(agent, `${leases}/herald-agent-node1`, { spec: { holderIdentity: "y" } });
  });

  it("writes no other node's", async () => {
    assert.match(await refusal(writeNodeStatus(agent, "node2")), /agent of node node1 may not write vipnodes node2/);
    for (const name of ["herald-agent-node2", "herald-controller", "node1"]) {
      assert.match(
        await refusal(createLease(agent, name)),
        new RegExp(`agent of node node1 may not write leases ${name}`),
      );
    }
  });

  it("writes nothing at all if it is not bound to a Pod", async () => {
    assert.match(await refusal(writeNodeStatus(unboundAgent, "node1")), /token does not say on which node/);
    assert.match(await refusal(createLease(unboundAgent, "herald-agent-node1")), /token does not say on which node/);
  });

  const claim = advertisementObject(advertisement("203.0.113.1"));
  const writes: readonly (readonly [Parameters<ApiClient["call"]>[0], path: string, body?: object])[] = [
    ["POST", `${herald}/vipadvertisements`, claim],
    ["PATCH", `${herald}/vipadvertisements/203-0-113-1`, {}],
    ["PATCH", `${herald}/vipadvertisements/203-0-113-1/status`, {}],
    ["DELETE", `${herald}/vipadvertisements/203-0-113-1`],
    ["POST", `${herald}/vipgroups`, {}],
    ["POST", `${herald}/ippools`, {}],
    ["PATCH", `${herald}/ippools/public/status`, {}],
    ["POST", `${herald}/vipnodes`, { metadata: { name: "node1" } }],
    ["PATCH", `${herald}/vipnodes/node1`, {}],
    ["DELETE", `${herald}/vipnodes/node1`],
    ["DELETE", `${leases}/herald-agent-node1`],
    ["PATCH", "/api/v1/namespaces/default/services/web", {}],
    ["PATCH", "/api/v1/namespaces/default/services/web/status", {}],
    ["PATCH", "/api/v1/nodes/node1", {}],
    ["POST", "/api/v1/namespaces/default/events", {}],
    ["POST", "/api/v1/namespaces/herald-system/pods", {}],
    ["GET", "/api/v1/secrets"],
    ["GET", "/api/v1/services"],
    ["GET", leases],
  ];
  for (const [method, path, body] of writes) {
    it(`may not ${method} ${path}`, async () => {
      await assert.rejects(agent.call(method, path, body), (error: ApiError) => error.status === 403);
    });
  }
});

describe("the ledger", () => {
  const held = advertisementObject(advertisement("203.0.113.7", { owner: service() }));
  const path = `${herald}/vipadvertisements`;

  it("is written by the controller", async () => {
    await controller.call("POST", path, held);
    await rewrite(controller, `${path}/203-0-113-7`, { status: { holder: "node1" } }, "/status");
  });

  it("is written by nobody else, not even an administrator", async () => {
    const message = /only Herald's controller writes vipadvertisements: change the Service or its IPPool/;
    const other = advertisementObject(advertisement("203.0.113.8"));
    assert.match(await refusal(plane.api.call("POST", path, other)), message);
    assert.match(await refusal(plane.api.call("PATCH", `${path}/203-0-113-7`, { spec: { node: "x" } })), message);
    assert.match(
      await refusal(plane.api.call("PATCH", `${path}/203-0-113-7/status`, { status: { holder: "x" } })),
      message,
    );
    const group = { metadata: { name: "lan" }, spec: { lan: "192.168.50.0/24", members: ["node1"] } };
    const whole = { apiVersion: "herald.dev/v1beta1", kind: "VIPGroup", ...group };
    assert.match(await refusal(plane.api.call("POST", `${herald}/vipgroups`, whole)), /writes vipgroups/);
    await controller.call("POST", `${herald}/vipgroups`, whole);
    assert.match(await refusal(plane.api.call("DELETE", `${herald}/vipgroups/lan`)), /writes vipgroups/);
  });

  it("loses no address that a Service holds, whoever deletes it", async () => {
    for (const client of [plane.api, controller]) {
      const message = await refusal(client.call("DELETE", `${path}/203-0-113-7`));
      assert.match(message, /the address belongs to shop\/web: delete that Service, or change its type/);
    }
    await rewrite(controller, `${path}/203-0-113-7`, { spec: { ...held.spec, services: [] } });
    await plane.api.call("DELETE", `${path}/203-0-113-7`);
  });
});

describe("a witness Lease", () => {
  const path = `${leases}/herald-witness-lan-1`;
  const members = (names: string) => ({ annotations: { "herald.dev/members": names } });

  before(async () => {
    await controller.call("POST", leases, witnessObject("lan-1", ["node1", "node2"], "herald-system"));
    await controller.call("POST", leases, witnessObject("lan-2", ["node2", "node3"], "herald-system"));
  });

  it("is taken, renewed and emptied by an agent whose node it names", async () => {
    const renewTime = "2026-01-31T12:00:00.000000Z";
    await rewrite(agent, path, { spec: { holderIdentity: "node1", renewTime } });
    await rewrite(agent, path, { spec: { holderIdentity: "node1", renewTime: renewTime.replace("00.0", "01.0") } });
    await rewrite(agent, path, { spec: { holderIdentity: "" } });
  });

  it("is written by no agent whose node it does not name", async () => {
    const taking = rewrite(agent, `${leases}/herald-witness-lan-2`, { spec: { holderIdentity: "node1" } });
    assert.match(await refusal(taking), /node node1 is no voter of herald-witness-lan-2/);
  });

  it("is taken for no other node", async () => {
    const taking = rewrite(agent, path, { spec: { holderIdentity: "node2" } });
    assert.match(await refusal(taking), /takes a witness Lease for its own node or for none, not for node2/);
  });

  it("lets no agent say who may hold it", async () => {
    const { metadata } = await agent.call<{ metadata: object }>("GET", path);
    const naming = rewrite(agent, path, { metadata: { ...metadata, ...members("node1,node9") } });
    assert.match(await refusal(naming), /an agent writes the spec alone/);
  });

  it("is neither made nor deleted by an agent", async () => {
    const made = createLease(agent, "herald-witness-lan-9");
    assert.match(await refusal(made), /may not write leases herald-witness-lan-9/);
    await assert.rejects(agent.call("DELETE", path), (error: ApiError) => error.status === 403);
  });

  it("has its voters named by the controller, who also deletes it", async () => {
    await controller.call("PATCH", path, { metadata: members("node1") });
    await controller.call("DELETE", path);
  });
});

describe("the controller's token", () => {
  it("renews its own Lease and no agent's", async () => {
    await createLease(controller, "herald-controller");
    await rewrite(controller, `${leases}/herald-controller`, { spec: { holderIdentity: "y" } });
    await assert.rejects(
      rewrite(controller, `${leases}/herald-agent-node1`, { spec: { holderIdentity: "y" } }),
      (error: ApiError) => error.status === 403,
    );
    const patch = controller.call("PATCH", `${leases}/herald-agent-node1`, { metadata: { labels: { a: "b" } } });
    assert.match(await refusal(patch), /the controller may not write leases herald-agent-node1/);
    const deletion = controller.call("DELETE", `${leases}/herald-agent-node1`);
    assert.match(await refusal(deletion), /the controller may not write leases herald-agent-node1/);
  });

  it("writes what belongs to Herald in a Service, and publishes Events", async () => {
    const services = "/api/v1/namespaces/default/services";
    const spec = { type: "LoadBalancer", ports: [{ port: 80 }] };
    await plane.api.call("POST", services, { metadata: { name: "web" }, spec });
    await controller.call("PATCH", `${services}/web`, { metadata: { annotations: { "herald.dev/allocated": "x" } } });
    await controller.call("PATCH", `${services}/web/status`, {
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } },
    });
    const involvedObject = { kind: "Service", namespace: "default", name: "web" };
    const event = { metadata: { name: "web.1" }, involvedObject, reason: "Allocated", type: "Normal" };
    await controller.call("POST", "/api/v1/namespaces/default/events", event);
    await controller.call("PATCH", "/api/v1/namespaces/default/events/web.1", { count: 2 });
    await assert.rejects(controller.call("DELETE", `${services}/web`), (error: ApiError) => error.status === 403);
  });

  it("cannot speak for a node", async () => {
    await assert.rejects(writeNodeStatus(controller, "node1"), (error: ApiError) => error.status === 403);
  });
});
