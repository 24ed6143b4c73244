/** Kubernetes' scenarios for Services of type LoadBalancer whose endpoints move. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { counts, goodSince } from "../lab/flows.ts";
import { startLab } from "../lab/lab.ts";
import { monotonicMs } from "../lab/monotonic.ts";
import { watchFlows } from "../lab/watch.ts";
import { type Cluster, clusterOf, deploymentObject, poolObject, serviceObject } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";

const ports = [
  { name: "http", port: 80, protocol: "TCP" },
  { name: "echo", port: 80, protocol: "UDP" },
];
/** So long a Pod that is told to end serves on, as one with a preStop hook does; the default is 30 s. */
const graceSeconds = 4;

type Pods = {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly nodeName: string };
  }[];
};

function deployment(name: string, replicas: number, spec: object = {}): object {
  const object = deploymentObject(name, replicas) as { spec: { strategy?: object; template: { spec: object } } };
  object.spec.strategy = { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  Object.assign(object.spec.template.spec, { terminationGracePeriodSeconds: graceSeconds, ...spec });
  return object;
}

describe("endpoints that move", () => {
  let cluster: Cluster;
  before(async () => {
    cluster = clusterOf(await startLab({ nodes: 3, report: () => undefined }));
    await cluster.apply(poolObject("lan", ["192.168.50.200-192.168.50.229"]));
  });
  after(() => cluster?.lab.stop());

  const patch = async (kind: string, name: string, spec: object): Promise<void> =>
    void (await cluster.kubectl(["patch", kind, name, "--type=merge", "-p", JSON.stringify({ spec })]));

  const nodesOf = async (app: string): Promise<readonly string[]> =>
    (await cluster.get<Pods>("pods", "-l", `app=${app}`)).items.map(({ spec }) => spec.nodeName);

  for (const policy of ["Cluster", "Local"])
    it(`Given policy ${policy}, When the servers are replaced one by one, Then 99.9 % of the connects succeed`, async () => {
      const name = `rolling-${policy.toLowerCase()}`;
      await cluster.apply(deployment(name, 3), serviceObject(name, name, { ports, externalTrafficPolicy: policy }));
      await cluster.kubectl(["rollout", "status", `deployment/${name}`]);
      const ip = await cluster.address(name);
      await cluster.reach("client", ip);
      const connects = await watchFlows(cluster.lab, { ip, protocol: "TCP", everyMs: 5 });
      await cluster.kubectl(["rollout", "restart", `deployment/${name}`]);
      await cluster.kubectl(["rollout", "status", `deployment/${name}`]);
      await eventually("the old ones are gone", async () => (await nodesOf(name)).length === 3 || undefined);
      await sleep(1_000);
      const { attempts, lost } = counts(connects.stop());
      assert.ok(attempts >= 1_000, `${attempts} attempts`);
      assert.ok(lost <= attempts / 1_000, `${lost} of ${attempts} lost`);
      assert.equal(await cluster.address(name), ip);
    });

  it("Given policy Local, When its only endpoint moves, Then the address moves with it", async () => {
    const on = (node: string): object => ({ nodeSelector: { "kubernetes.io/hostname": node } });
    await cluster.apply(
      deployment("single", 1, on("node2")),
      serviceObject("single", "single", { ports, externalTrafficPolicy: "Local" }),
    );
    const ip = await cluster.address("single");
    for (const node of ["node2", "node3", "node1"]) {
      await patch("deployment", "single", { template: { spec: on(node) } });
      await cluster.kubectl(["rollout", "status", "deployment/single"]);
      await eventually(`${node} holds it`, async () => (await cluster.holder(ip)) === node || undefined);
      await eventually(`the server on ${node} answers`, async () => {
        return (await cluster.fetch("client", ip))?.includes(`"node":"${node}"`) || undefined;
      });
    }
    assert.equal(await cluster.address("single"), ip);
  });

  it("When the policy changes from Cluster to Local and back, Then the address stays, and its endpoints are reached", async () => {
    await cluster.apply(deployment("changing", 1), serviceObject("changing", "changing", { ports }));
    await cluster.kubectl(["rollout", "status", "deployment/changing"]);
    const ip = await cluster.address("changing");
    const [node = ""] = await nodesOf("changing");
    for (const policy of ["Local", "Cluster", "Local"]) {
      await patch("service", "changing", { externalTrafficPolicy: policy });
      if (policy === "Local")
        await eventually("it is there", async () => (await cluster.holder(ip)) === node || undefined);
      await cluster.reach("client", ip);
      assert.equal(await cluster.address("changing"), ip);
    }
  });

  it("Given one long UDP flow, When the server behind it is replaced by one on another node, Then the flow goes on", async () => {
    const on = (node: string): object => ({ nodeSelector: { "kubernetes.io/hostname": node } });
    await cluster.apply(deployment("flow", 1, on("node1")), serviceObject("flow", "flow", { ports }));
    await cluster.kubectl(["rollout", "status", "deployment/flow"]);
    const ip = await cluster.address("flow");
    await eventually("UDP answers", () => cluster.udp("client", ip));
    const flow = await watchFlows(cluster.lab, { ip, protocol: "UDP", everyMs: 20, oneFlow: true });
    await patch("deployment", "flow", { template: { spec: on("node2") } });
    await cluster.kubectl(["rollout", "status", "deployment/flow"]);
    await eventually("the old one is gone", async () => (await nodesOf("flow")).join() === "node2" || undefined);
    await eventually("the flow goes on", () => goodSince(flow.seen(), monotonicMs() - 1_500) || undefined);
    flow.stop();
    assert.match((await cluster.udp("client", ip)) ?? "", /^flow-/);
  });
});
