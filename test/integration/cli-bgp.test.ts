import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { parse } from "yaml";
import type { PeerRow } from "../../src/cli/bgp/peer-row.ts";
import type { RouteRow } from "../../src/cli/bgp/route-row.ts";
import { type ApiClient, openApiClient } from "../lab/api-client.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { controllerAccount, startHeraldCluster } from "../support/controller-cluster.ts";

const main = join(import.meta.dirname, "../../src/main.ts");
const herald = "/apis/herald.dev/v1beta1";
const leases = "/apis/coordination.k8s.io/v1/namespaces/herald-system/leases";
const began = "2026-01-31T12:00:00Z";
const nodes = ["node1", "node2"];

let plane: ControlPlane;
let controller: ApiClient;
let kubeconfig: string;

/** Two nodes with a router each has a session with; node1's is established and was told of the address, node2's is not. */
before(async () => {
  plane = await startHeraldCluster();
  kubeconfig = await plane.kubeconfig("admin");
  controller = openApiClient(await plane.access(controllerAccount));
  await plane.api.call("POST", `${herald}/bgppeers`, {
    ...made("BGPPeer", "tor"),
    spec: { address: "192.0.2.1", asn: 64_512, localAsn: 64_513, bfd: {} },
  });
  for (const name of nodes) {
    await plane.api.call("POST", "/api/v1/nodes", { metadata: { name } });
    await plane.api.call("POST", `${herald}/vipnodes`, made("VIPNode", name));
    const renewTime = new Date().toISOString().replace("Z", "000Z");
    const spec = { holderIdentity: name, leaseDurationSeconds: 3600, renewTime };
    await plane.api.call("POST", leases, { metadata: { name: `herald-agent-${name}` }, spec });
  }
  const services = [{ namespace: "shop", name: "web", uid: "u" }];
  const spec = { address: "203.0.113.7", services, announcement: { bgp: { communities: ["64513:100"] } } };
  const claim = await controller.call<object>("POST", `${herald}/vipadvertisements`, {
    ...made("VIPAdvertisement", "203-0-113-7"),
    spec,
  });
  const status = { holder: "node1", holders: ["node1"], protocol: "BGP", conditions: [] };
  await controller.call("PUT", `${herald}/vipadvertisements/203-0-113-7/status`, { ...claim, status });
  await say("node1", { state: "Established", bfd: "Up", announced: 1 }, ["203.0.113.7"]);
  await say("node2", { state: "Active", message: "connection refused", announced: 0 }, []);
});

after(async () => {
  await controller?.close();
  await plane?.stop();
});

function made(kind: string, name: string): object {
  return { apiVersion: "herald.dev/v1beta1", kind, metadata: { name } };
}

async function say(node: string, session: object, addresses: readonly string[]): Promise<void> {
  const bgp = [{ peer: "tor", since: began, message: "", ...session }];
  const conditions = [{ type: "Ready", status: "True", reason: "Ready", message: "", lastTransitionTime: began }];
  const announcing = addresses.length === 0 ? [] : [{ protocol: "BGP", interface: "", addresses }];
  const status = { interfaces: [], gateways: [], refusing: [], announcing, bgp, conditions };
  await plane.api.call("PATCH", `${herald}/vipnodes/${node}/status`, { status });
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** What a command prints when a person runs it. */
function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args, "--kubeconfig", kubeconfig], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

async function items<Row>(...args: readonly string[]): Promise<readonly Row[]> {
  const { stdout } = await run(...args, "-o", "yaml");
  return (parse(stdout) as { readonly items: readonly Row[] }).items;
}

it("herald bgp peers lists each session, with why one is down", async () => {
  const rows = await items<PeerRow>("bgp", "peers");
  assert.deepEqual(
    rows.map(({ peer, node, state, bfd, announced, planned, message }) => [
      ...[peer, node, state, bfd, announced, planned, message],
    ]),
    [
      ["tor", "node1", "Established", "Up", 1, 1, ""],
      ["tor", "node2", "Active", "", 0, 1, "connection refused"],
    ],
  );
  const { code, stdout } = await run("bgp", "peers", "tor", "--node", "node2");
  assert.equal(code, 0);
  assert.match(stdout, /^PEER +ROUTER +NODE .*\ntor +192\.0\.2\.1 +node2 +Active .* connection refused; .*\n$/);
});

it("herald bgp routes lists what each node tells whom, with the attributes", async () => {
  const rows = await items<RouteRow>("bgp", "routes");
  assert.deepEqual(
    rows.map(({ node, peer, prefix, state, reason }) => [node, peer, prefix, state, reason]),
    [
      ["node1", "tor", "203.0.113.7/32", "announced", ""],
      ["node2", "tor", "203.0.113.7/32", "pending", "NoSession"],
    ],
  );
  assert.deepEqual(rows[0]?.attributes, { asPath: [64_513], communities: ["64513:100"], largeCommunities: [] });
  assert.match((await run("bgp", "routes", "203.0.113.7", "--peer", "tor", "--node", "node1")).stdout, /\nnode1 +tor /);
});

it("herald explain address has the same in its words", async () => {
  const { stdout } = await run("explain", "address", "203.0.113.7");
  assert.match(stdout, /Announced +by node1 \(BGP\), wanted from every eligible node\n/);
  assert.match(stdout, /node2 +tor +203\.0\.113\.7\/32 +to be told: NoSession: connection refused\n/);
  assert.doesNotMatch(stdout, /NotVoting/);
});

it("herald vips names who announces it", async () =>
  assert.match((await run("vips")).stdout, /\n203\.0\.113\.7 +- +shop\/web +node1 +- .* announced +-\n$/));

const wrong: readonly (readonly [args: readonly string[], code: number, stderr: RegExp])[] = [
  [["bgp", "peers", "--node", "node9"], 1, /^herald: there is no node node9\n/],
  [["bgp", "peers", "gone"], 1, /^herald: there is no BGPPeer gone\n/],
  [["bgp", "routes", "--peer", "gone"], 1, /^herald: there is no BGPPeer gone\n/],
  [["bgp", "routes", "203.0.113.9"], 1, /^herald: 203\.0\.113\.9 is not announced by BGP: nobody holds it\n/],
  [["bgp", "routes", "203.0.113.900"], 2, /^herald: "203\.0\.113\.900" is no IP address/],
  [["bgp", "sessions"], 2, /peers, routes/],
];
for (const [args, code, stderr] of wrong)
  it(`herald ${args.join(" ")} is answered with what is wrong`, async () => {
    const ended = await run(...args);
    assert.match(ended.stderr, stderr);
    assert.equal(ended.code, code);
  });
