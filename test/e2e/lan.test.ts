/** The main job, on a real kernel: a Service gets an address, one node answers for it, and traffic arrives. */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { KubeObject, WatchEvent } from "../lab/api-client.ts";
import { startLab } from "../lab/lab.ts";
import { labNodes } from "../lab/layout.ts";
import {
  type Cluster,
  clusterOf,
  deploymentObject,
  poolObject,
  type ServiceObject,
  serviceObject,
} from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";

let cluster: Cluster;

const macOf = (node: string): string => labNodes(3).find(({ name }) => name === node)?.mac ?? assert.fail(node);

before(async () => {
  cluster = clusterOf(await startLab({ nodes: 3 }));
  await cluster.apply(
    poolObject("lan", ["192.168.50.200-192.168.50.229", "fd50::200-fd50::21f"]),
    poolObject("on-interface", ["192.168.50.230-192.168.50.234", "fd50::230-fd50::234"], {
      automatic: false,
      announcement: { arp: { mode: "Address" } },
    }),
    deploymentObject("web", 3),
  );
  await cluster.kubectl(["rollout", "status", "deployment/web"]);
});

after(() => cluster?.lab.stop());

it("S1: Given the operator, When `kubectl expose deployment … --type=LoadBalancer` runs, Then the Service is picked up without further input", async () => {
  await cluster.kubectl(["create", "deployment", "nginx-deployment", "--image=nginx", "--port=80"]);
  await cluster.kubectl([
    "expose",
    "deployment",
    "nginx-deployment",
    "--port=80",
    "--type=LoadBalancer",
    "--name=nginx",
  ]);
  assert.match(await cluster.address("nginx"), /^192\.168\.50\.2[0-2]\d$/);
  assert.equal((await cluster.service("nginx")).spec.type, "LoadBalancer");
});

it("S37 and S6: Given a pool, When a Service is created in ARP mode, Then it gets an address in it and a host on the LAN reaches its Pods through it", async () => {
  await cluster.apply(serviceObject("s6", "web"));
  const ip = await cluster.address("s6");
  assert.match(ip, /^192\.168\.50\.2[0-2]\d$/);
  assert.match(await cluster.reach("client", ip), /web-/);
});

it("S54: Given `kubectl get services`, Then EXTERNAL-IP shows the address", async () => {
  const ip = await cluster.address("s6");
  const row = (await cluster.kubectl(["get", "services"])).split("\n").find((line) => line.startsWith("s6 "));
  assert.ok(row?.split(/\s+/).includes(ip), row);
});

it("S94, S95 and S4: Given spec.loadBalancerIP set, Then an agent notices and announces, and status carries the address", async () => {
  await cluster.apply(serviceObject("s94", "web", { loadBalancerIP: "192.168.50.225" }));
  assert.equal(await cluster.address("s94"), "192.168.50.225");
  assert.equal((await cluster.service("s94")).spec.loadBalancerIP, "192.168.50.225");
  assert.equal((await cluster.whoHas("192.168.50.225")).length, 1);
});

it("S96 and S97: Given ARP, Then exactly one node answers, the one that the ledger names, and the others send nothing for the address", async () => {
  const listener = await cluster.listen();
  await cluster.apply(serviceObject("s96", "web"));
  const ip = await cluster.address("s96");
  const holder = await cluster.holder(ip);
  assert.deepEqual(await cluster.whoHas(ip), [macOf(holder)]);
  const claims = listener.stop().filter(({ address }) => address === ip);
  assert.ok(claims.length > 0);
  assert.deepEqual([...new Set(claims.map(({ mac }) => mac))], [macOf(holder)]);
});

it("S99: Given a holder, Then its gratuitous ARP binds the address to its MAC in a neighbour's table", async () => {
  const listener = await cluster.listen();
  await cluster.apply(serviceObject("s99", "web"));
  const ip = await cluster.address("s99");
  const mac = macOf(await cluster.holder(ip));
  await cluster.reach("client", ip);
  const { stdout } = await cluster.lab.exec("client", ["ip", "neigh", "show", ip]);
  assert.match(stdout, new RegExp(mac));
  await eventually(
    "a gratuitous ARP is heard",
    () => listener.claims().some((claim) => claim.address === ip && claim.unasked && claim.mac === mac) || undefined,
  );
  listener.stop();
});

it("S100 and S8: Given a new Service, Then the field is set first, the address answered next, and status written last", async () => {
  const listener = await cluster.listen();
  const stop = new AbortController();
  const versions: { readonly at: number; readonly field: boolean; readonly status: boolean }[] = [];
  const note = ({ metadata, spec, status }: KubeObject & ServiceObject): void => {
    if (metadata.name !== "s100") return;
    const ingress = status.loadBalancer.ingress ?? [];
    versions.push({ at: Date.now(), field: spec.loadBalancerIP !== undefined, status: ingress.length > 0 });
  };
  const sink = { onList: () => {}, onEvent: ({ object }: WatchEvent<KubeObject & ServiceObject>) => note(object) };
  const following = cluster.lab.api.follow("/api/v1/namespaces/default/services", sink, stop.signal);
  await cluster.apply(serviceObject("s100", "web"));
  const ip = await cluster.address("s100");
  const watched = eventually("the watch saw the status", () => versions.some(({ status }) => status) || undefined);
  await watched.finally(() => stop.abort());
  await following;
  const claim = listener.stop().find(({ address }) => address === ip) ?? assert.fail("nobody announced it");
  const field = versions.findIndex((version) => version.field);
  const status = versions.findIndex((version) => version.status);
  assert.ok(field >= 0 && field < status, JSON.stringify(versions));
  assert.ok(claim.at <= (versions[status]?.at ?? 0), "the status was there before the first announcement");
});

it("S98: Given mode Address, Then the address is an additional one on the service interface, of one node only", async () => {
  await cluster.apply(serviceObject("s98", "web", {}, { "herald.dev/pool": "on-interface" }));
  const ip = await cluster.address("s98");
  const holder = await cluster.holder(ip);
  const carriers = [];
  for (const { name } of labNodes(3)) {
    const { stdout } = await cluster.lab.exec(name, ["ip", "-o", "address", "show"]);
    if (stdout.includes(`${ip}/32`))
      carriers.push(
        `${name} ${
          stdout
            .split("\n")
            .find((line) => line.includes(ip))
            ?.split(/\s+/)[1]
        }`,
      );
  }
  assert.deepEqual(carriers, [`${holder} eth0`]);
  assert.deepEqual(await cluster.whoHas(ip), [macOf(holder)]);
  assert.match(await cluster.reach("client", ip), /web-/);
});

it("S101: Given a holder, Then what it gets reaches Pods on any node, by TCP and UDP, IPv4 and IPv6", async () => {
  await cluster.apply(
    serviceObject("s101", "web", {
      ipFamilyPolicy: "RequireDualStack",
      ports: [
        { name: "http", port: 80, protocol: "TCP" },
        { name: "echo", port: 80, protocol: "UDP" },
      ],
    }),
  );
  const [v4 = "", v6 = ""] = await cluster.ingress("s101", 2);
  for (const ip of [v4, v6]) {
    await eventually(`TCP to ${ip} reaches every node`, async () =>
      reachesThreeNodes(() => cluster.reach("client", ip)),
    );
    await eventually(`UDP to ${ip} reaches every node`, async () =>
      reachesThreeNodes(async () => (await cluster.udp("client", ip)) ?? ""),
    );
  }
});

async function reachesThreeNodes(ask: () => Promise<string>): Promise<true | undefined> {
  const pods = new Set<string>();
  for (let i = 0; i < 30 && pods.size < 3; i++) pods.add((await ask()).match(/web-[a-z0-9-]+/)?.[0] ?? "");
  return pods.size >= 3 ? true : undefined;
}

it("S44: Given a Service whose address changes, Then nothing of the old address is left: ledger, field, status, LAN", async () => {
  await cluster.apply(serviceObject("s44", "web"));
  const old = await cluster.address("s44");
  await cluster.kubectl(["annotate", "service", "s44", "herald.dev/addresses=192.168.50.226"]);
  await eventually("the status moves", async () => (await cluster.address("s44")) === "192.168.50.226" || undefined);
  await eventually("the old address falls silent", async () => (await cluster.whoHas(old)).length === 0 || undefined);
  await eventually(
    "the ledger gives it to nobody",
    async () => !(await cluster.heldAddresses()).includes(old) || undefined,
  );
  assert.equal((await cluster.service("s44")).spec.loadBalancerIP, "192.168.50.226");
});

it("Given a Service is deleted, Then nobody answers for its address and the ledger gives it to nobody", async () => {
  await cluster.apply(serviceObject("deleted", "web"));
  const ip = await cluster.address("deleted");
  await cluster.kubectl(["delete", "service", "deleted"]);
  await eventually("the address falls silent", async () => (await cluster.whoHas(ip)).length === 0 || undefined);
  await eventually(
    "the ledger gives it to nobody",
    async () => !(await cluster.heldAddresses()).includes(ip) || undefined,
  );
  const remembered = await cluster.get<{ readonly spec: { readonly released: { readonly name: string } } }>(
    "vipadvertisement",
    ip.replaceAll(".", "-"),
  );
  assert.equal(remembered.spec.released.name, "deleted");
});

it("Given the holder's agent is killed, Then another node answers, the Service is reached again, and its status never changed", async () => {
  await cluster.apply(serviceObject("killed", "web"));
  const ip = await cluster.address("killed");
  const first = await cluster.holder(ip);
  const before = await cluster.service("killed");
  await cluster.lab.killAgent(first);
  const second = await cluster.holder(ip, first);
  assert.notEqual(second, first);
  await eventually("only the new holder answers", async () => {
    const macs = await cluster.whoHas(ip);
    return (macs.length === 1 && macs[0] === macOf(second)) || undefined;
  });
  await cluster.reach("client", ip);
  assert.deepEqual((await cluster.service("killed")).status.loadBalancer, before.status.loadBalancer);
  await cluster.lab.restart(`agent-${first}`);
  assert.equal(await cluster.holder(ip), second, "a returning node takes nothing back");
});
