import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { parse } from "yaml";
import type { AddressReport } from "../../src/cli/explain/address-report.ts";
import { type ApiClient, type KubeObject, openApiClient } from "../lab/api-client.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { controllerAccount, startHeraldCluster } from "../support/controller-cluster.ts";
import { eventually } from "../support/eventually.ts";

const main = join(import.meta.dirname, "../../src/main.ts");
const herald = "/apis/herald.dev/v1beta1";
const leases = "/apis/coordination.k8s.io/v1/namespaces/herald-system/leases";
const groupName = "192-168-50-0-24-1";
const nodes = ["node1", "node2", "node3"];
const addresses = ["203.0.113.7", "203.0.113.8", "203.0.113.9"];

type VipNode = KubeObject & { readonly spec?: { readonly drain?: boolean } };
type Advertisement = KubeObject & { readonly spec: object };

let plane: ControlPlane;
let controller: ApiClient;
let kubeconfig: string;

/** Agents on three nodes, of which node3's is dead; they hear each other, and node1 holds all addresses. */
before(async () => {
  plane = await startHeraldCluster();
  kubeconfig = await plane.kubeconfig("admin");
  controller = openApiClient(await plane.access(controllerAccount));
  const spec = { lan: "192.168.50.0/24", members: nodes };
  await controller.call("POST", `${herald}/vipgroups`, made("VIPGroup", groupName, spec));
  for (const name of nodes) {
    await plane.api.call("POST", "/api/v1/nodes", { metadata: { name } });
    await plane.api.call("POST", `${herald}/vipnodes`, made("VIPNode", name));
    if (name !== "node3") await plane.api.call("POST", leases, leaseOf(name));
  }
  for (const address of addresses) {
    const services = [{ namespace: "shop", name: `web-${address.split(".").at(-1)}`, uid: "u" }];
    const claim = made("VIPAdvertisement", nameOf(address), { address, services, group: groupName, node: "node1" });
    await controller.call("POST", `${herald}/vipadvertisements`, claim);
  }
  await placed(Object.fromEntries(addresses.map((address) => [address, "node1"])));
});

after(async () => {
  await controller?.close();
  await plane?.stop();
});

function made(kind: string, name: string, spec?: object): object {
  return { apiVersion: "herald.dev/v1beta1", kind, metadata: { name }, ...(spec && { spec }) };
}

function nameOf(address: string): string {
  return address.replaceAll(".", "-");
}

function leaseOf(name: string): object {
  const renewTime = new Date().toISOString().replace("Z", "000Z");
  const spec = { holderIdentity: name, leaseDurationSeconds: 3600, renewTime };
  return { metadata: { name: `herald-agent-${name}` }, spec };
}

/** Writes who holds what: the ledger and its status, then what the agents say. */
async function placed(places: Readonly<Record<string, string>>): Promise<void> {
  for (const [address, holder] of Object.entries(places)) {
    const path = `${herald}/vipadvertisements/${nameOf(address)}`;
    const { metadata, spec } = await controller.call<Advertisement>("GET", path);
    const moved = { ...made("VIPAdvertisement", nameOf(address)), metadata, spec: { ...spec, node: holder } };
    const written = await controller.call<Advertisement>("PUT", path, moved);
    const history = [{ time: "2026-01-31T12:00:00Z", node: holder }];
    const status = { holder, protocol: "ARP", history, conditions: [] };
    await controller.call("PUT", `${path}/status`, { ...written, status });
  }
  for (const name of nodes) {
    const hears = nodes.filter((each) => each !== name && each !== "node3");
    const said = addresses.filter((address) => places[address] === name);
    const link = {
      name: "eth0",
      mac: "02:00:00:00:00:01",
      up: true,
      defaultRoute: true,
      subnets: ["192.168.50.11/24"],
    };
    const status = {
      interfaces: [link],
      gateways: [],
      announcing: [{ protocol: "ARP", interface: "eth0", addresses: said }],
      refusing: [],
      groups: [{ name: groupName, epoch: 1, quorum: true, hears }],
      conditions: [],
    };
    await plane.api.call("PATCH", `${herald}/vipnodes/${name}/status`, { status });
  }
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** What a command prints when a person runs it. */
function run(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args, "--kubeconfig", kubeconfig], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

/** The lines of a table, its columns parted by bars. */
function table(text: string): readonly string[] {
  return text.split("\n").map((line) => line.replace(/ {2,}/g, " | "));
}

const vipNode = (name: string): Promise<VipNode> => plane.api.call<VipNode>("GET", `${herald}/vipnodes/${name}`);

it("herald nodes lists them with their agents, a dead one without what it last said", async () => {
  const { code, stdout } = await run(["nodes"]);
  assert.equal(code, 0);
  assert.deepEqual(table(stdout), [
    "NODE | AGENT | QUORUM | HEARS | ADDRESSES | DRAIN | REMARKS",
    "node1 | alive | yes | 1/2 | 3 | no | -",
    "node2 | alive | yes | 1/2 | 0 | no | -",
    "node3 | dead | - | - | 0 | no | AgentDead: no agent runs",
    "",
  ]);
});

it("herald vips shows the votes of each holder", async () => {
  const { stdout } = await run(["vips", "-o", "wide"]);
  assert.match(
    table(stdout)[1] ?? "",
    /^203\.0\.113\.7 \| - \| shop\/web-7 \| node1 \| 2\/3 \| node1 \| 192-168-50-0-24-1 \| ARP \|/,
  );
});

it("herald explain address says who votes on it, and why its holder has it", async () => {
  const report: AddressReport = parse((await run(["explain", "address", "203.0.113.7", "-o", "yaml"])).stdout);
  assert.deepEqual([report.ownership?.ground.rule, report.ownership?.votes], ["Majority", { hear: 2, of: 3 }]);
  assert.deepEqual(
    report.ownership?.members.map(({ node, agent, linked, obstacle }) => [node, agent, linked, obstacle]),
    [
      ["node1", "alive", ["node2"], ""],
      ["node2", "alive", ["node1"], ""],
      ["node3", "dead", [], "AgentDead: the agent on node3 does not renew its Lease"],
    ],
  );
  const { stdout } = await run(["explain", "address", "203.0.113.7"]);
  assert.match(stdout, /Because +Majority: node1 counts on 2 of 3 voters of group 192-168-50-0-24-1 \(epoch 1\)/);
});

it("herald rebalance --dry-run lists what would move, and writes nothing", async () => {
  const { code, stdout } = await run(["rebalance", "--dry-run"]);
  assert.equal(code, 0);
  assert.deepEqual(table(stdout), ["ADDRESS | SERVICES | FROM | TO", "203.0.113.7 | shop/web-7 | node1 | node2", ""]);
  assert.equal((await vipNode("node2")).metadata.annotations, undefined);
});

it("herald rebalance lets addresses move to a node until they have, and takes that back", async () => {
  const annotation = async (): Promise<string | undefined> =>
    (await vipNode("node2")).metadata.annotations?.["herald.dev/rebalance-until"];
  const running = run(["rebalance"]);
  await eventually("it is asked for", annotation);
  await placed({ "203.0.113.7": "node2", "203.0.113.8": "node1", "203.0.113.9": "node1" });
  const { code, stdout } = await running;
  assert.equal(code, 0);
  assert.match(stdout, /^203\.0\.113\.7 \(shop\/web-7\): node1 → node2\ndone: node1 2, node2 1, node3 0\n$/);
  assert.equal(await annotation(), undefined);
});

it("herald drain asks for it, waits, and tells where each address went", async () => {
  const running = run(["drain", "node1", "--wait", "--timeout", "2m"]);
  await eventually("it is asked for", async () => (await vipNode("node1")).spec?.drain);
  await placed({ "203.0.113.7": "node2", "203.0.113.8": "node2", "203.0.113.9": "node2" });
  const { code, stdout } = await running;
  assert.equal(code, 0);
  assert.deepEqual(stdout.split("\n"), [
    "node1 is being drained: 2 addresses move",
    "203.0.113.8 (shop/web-8): node1 → node2",
    "203.0.113.9 (shop/web-9): node1 → node2",
    "node1 has no address any more",
    "",
  ]);
});

it("herald undrain takes it back, and the list shows it", async () => {
  assert.match((await run(["undrain", "node1"])).stdout, /^node1 may be given addresses again;/);
  assert.equal((await vipNode("node1")).spec?.drain, false);
  assert.equal((await run(["undrain", "node1"])).stdout, "node1 is not being drained\n");
});

it("herald drain ends with 1 when addresses stay, and says which and why", async () => {
  const { code, stderr } = await run(["drain", "node2", "--wait", "--timeout", "1s"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^herald: after 1s node2 still answers for 3:\n {2}203\.0\.113\.7 \(shop\/web-7\): no other node is given it\n/,
  );
  assert.match((await run(["nodes", "node2"])).stdout, /node2 +alive +yes +1\/2 +3 +draining/);
});

it("a node that is not there is named, with those that are", async () => {
  const { code, stderr } = await run(["drain", "node9"]);
  assert.deepEqual([code, stderr], [1, "herald: there is no VIPNode node9; there are node1, node2, node3\n"]);
});
