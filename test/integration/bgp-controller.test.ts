import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { ApiError, type KubeObject } from "../lab/api-client.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { type RunningController, startController, startHeraldCluster } from "../support/controller-cluster.ts";
import { type ClusterObjects, objectsOf } from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

const herald = "/apis/herald.dev/v1beta1";
const leases = "/apis/coordination.k8s.io/v1/namespaces/herald-system/leases";
const nodes = ["node1", "node2"];
const began = "2026-01-31T12:00:00Z";

type Spec = { readonly announcers?: readonly string[]; readonly node?: string; readonly group?: string };
type Status = {
  readonly protocol?: string;
  readonly holders?: readonly string[];
  readonly summary?: string;
  readonly down?: readonly { readonly node: string; readonly message: string }[];
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
};
type Kind = KubeObject & { readonly spec: Spec; readonly status?: Status };

let plane: ControlPlane;
let cluster: ClusterObjects;
let controller: RunningController;
let renewing: NodeJS.Timeout;

before(async () => {
  plane = await startHeraldCluster();
  cluster = objectsOf(plane);
  for (const name of nodes) await plane.api.call("POST", "/api/v1/nodes", { metadata: { name } });
  controller = await startController(plane);
  for (const name of nodes) {
    await eventually(`VIPNode ${name} is made`, () => plane.api.call("GET", `${herald}/vipnodes/${name}`));
    await plane.api.call("POST", leases, { metadata: { name: leaseOf(name) }, spec: leaseSpec(name) });
  }
  renewing = setInterval(() => void Promise.allSettled(nodes.map(renew)), 500);
});
after(async () => {
  clearInterval(renewing);
  await controller?.stop();
  await plane?.stop();
});

function leaseOf(node: string): string {
  return `herald-agent-${node}`;
}

function leaseSpec(node: string): object {
  const renewTime = new Date().toISOString().replace("Z", "000Z");
  return { holderIdentity: node, leaseDurationSeconds: 5, renewTime };
}

function renew(node: string): Promise<unknown> {
  return plane.api.call("PATCH", `${leases}/${leaseOf(node)}`, { spec: leaseSpec(node) });
}

/** What an agent says that has a session with `tor`, or has none, and announces these addresses by it. */
async function say(node: string, session: object, addresses: readonly string[]): Promise<void> {
  const bgp = [{ peer: "tor", since: began, message: "", announced: addresses.length, ...session }];
  const conditions = [{ type: "Ready", status: "True", reason: "Ready", message: "", lastTransitionTime: began }];
  const announcing = addresses.length === 0 ? [] : [{ protocol: "BGP", interface: "", addresses }];
  const status = { interfaces: [], gateways: [], refusing: [], groups: [], announcing, bgp, conditions };
  await plane.api.call("PATCH", `${herald}/vipnodes/${node}/status`, { status });
}

function held(): Promise<Kind | undefined> {
  return plane.api
    .call<{ readonly items: readonly Kind[] }>("GET", `${herald}/vipadvertisements`)
    .then(({ items: [first] }) => first);
}

const up = { state: "Established" };
const down = { state: "Active", message: "connection refused" };

it("an address of a BGP pool is claimed with its announcers, in no group and on no node", async () => {
  for (const node of nodes) await say(node, up, []);
  const spec = { address: "192.0.2.1", asn: 64_512, localAsn: 64_513 };
  await plane.api.call("POST", `${herald}/bgppeers`, {
    apiVersion: "herald.dev/v1beta1",
    kind: "BGPPeer",
    metadata: { name: "tor" },
    spec,
  });
  await cluster.createPool("routed", ["203.0.113.0/28"], { announcement: { bgp: { nodes: { count: 1 } } } });
  await cluster.createService("web");
  const found = await eventually("it is claimed", async () => {
    const advertisement = await held();
    return advertisement?.spec.announcers?.length === 1 ? advertisement : undefined;
  });
  assert.deepEqual([found.spec.node ?? "", found.spec.group ?? ""], ["", ""]);
});

it("it is published once a router was told of it, and its status says by whom", async () => {
  const [announcer = ""] = (await held())?.spec.announcers ?? [];
  await say(announcer, up, ["203.0.113.0"]);
  const { status } = await eventually("its status says so", async () => {
    const advertisement = await held();
    return advertisement?.status?.holders?.length === 1 ? advertisement : undefined;
  });
  assert.deepEqual([status?.protocol, status?.holders], ["BGP", [announcer]]);
});

it("the BGPPeer sums up the sessions, and says which node is down and why", async () => {
  const read = (): Promise<Kind> => plane.api.call("GET", `${herald}/bgppeers/tor`);
  await eventually("both are up", async () => ((await read()).status?.summary === "2/2" ? true : undefined));
  await say("node2", down, []);
  const { status } = await eventually("one is down", async () => {
    const peer = await read();
    return peer.status?.summary === "1/2" ? peer : undefined;
  });
  assert.deepEqual(
    status?.down?.map(({ node, message }) => [node, message]),
    [["node2", "connection refused"]],
  );
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  assert.deepEqual([ready?.status, ready?.reason], ["False", "NotEstablished"]);
  assert.match(await controller.metrics(), /herald_bgp_peer_sessions\{peer="tor",state="established"\} 1/);
});

it("announcers without an announcement by BGP are refused by the schema", async () => {
  const object = {
    apiVersion: "herald.dev/v1beta1",
    kind: "VIPAdvertisement",
    metadata: { name: "203-0-113-9" },
    spec: { address: "203.0.113.9", announcers: ["node1"] },
  };
  await assert.rejects(
    plane.api.call("POST", `${herald}/vipadvertisements`, object),
    (error) => error instanceof ApiError && /announcers is only there with announcement\.bgp/.test(error.message),
  );
});
