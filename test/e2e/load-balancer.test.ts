/** Kubernetes' own scenarios for Services of type LoadBalancer that need no failover, in both modes of kube-proxy. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startLab } from "../lab/lab.ts";
import { labNodes } from "../lab/layout.ts";
import { type Cluster, clusterOf, deploymentObject, poolObject, serviceObject } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";

const tcp = [{ name: "port", port: 80, protocol: "TCP" }];
const udp = [{ name: "port", port: 80, protocol: "UDP" }];
const clientAddress = "192.168.50.100";

async function patch(cluster: Cluster, name: string, spec: object): Promise<void> {
  await cluster.kubectl(["patch", "service", name, "--type=merge", "-p", JSON.stringify({ spec })]);
}

async function silent(ask: () => Promise<string | undefined>, what: string): Promise<void> {
  await eventually(what, async () => (await ask()) === undefined || undefined);
}

async function changesTypeAndPorts(cluster: Cluster, protocol: "TCP" | "UDP"): Promise<void> {
  const name = `mutable-${protocol.toLowerCase()}`;
  const ask = (ip: string, port: number) =>
    protocol === "TCP" ? cluster.fetch("client", ip, port) : cluster.udp("client", ip, port);
  const reached = (ip: string, port: number) => eventually(`${ip}:${port}/${protocol}`, () => ask(ip, port));
  await cluster.apply(serviceObject(name, "web", { type: "ClusterIP", ports: protocol === "TCP" ? tcp : udp }));
  await patch(cluster, name, { type: "NodePort" });
  const nodePort = (await cluster.service(name)).spec.ports[0]?.nodePort ?? assert.fail("no node port");
  await reached("192.168.50.11", nodePort);

  const wanted = protocol === "TCP" ? "192.168.50.224" : "192.168.50.223";
  await patch(cluster, name, { type: "LoadBalancer", loadBalancerIP: wanted });
  assert.equal(await cluster.address(name), wanted);
  assert.equal((await cluster.service(name)).spec.ports[0]?.nodePort, nodePort);
  await reached(wanted, 80);

  await patch(cluster, name, { ports: [{ name: "port", port: 81, targetPort: 80, protocol }] });
  await reached(wanted, 81);
  assert.equal(await cluster.address(name), wanted);

  await patch(cluster, name, { selector: { app: "nobody" } });
  await silent(() => ask(wanted, 81), "nothing answers without endpoints");
  assert.equal(await cluster.address(name), wanted);
  await patch(cluster, name, { selector: { app: "web" } });
  await reached(wanted, 81);

  await patch(cluster, name, { type: "ClusterIP" });
  await cluster.ingress(name, 0);
  await silent(() => ask(wanted, 81), "the address is closed");
}

async function sourceRanges(cluster: Cluster): Promise<void> {
  await cluster.apply(serviceObject("ranges", "web", { loadBalancerSourceRanges: [`${clientAddress}/32`] }));
  const ip = await cluster.address("ranges");
  await cluster.reach("client", ip);
  await silent(() => cluster.fetch("router", ip), "another source is refused");
  await patch(cluster, "ranges", { loadBalancerSourceRanges: ["0.0.0.0/1", "128.0.0.0/1"] });
  await cluster.reach("router", ip);
  await patch(cluster, "ranges", { loadBalancerSourceRanges: ["192.0.2.1/32"] });
  await silent(() => cluster.fetch("client", ip), "the client is refused");
  await patch(cluster, "ranges", { loadBalancerSourceRanges: null });
  await cluster.reach("client", ip);
}

async function sessionAffinity(cluster: Cluster): Promise<void> {
  await cluster.apply(serviceObject("sticky", "web", { sessionAffinity: "ClientIP" }));
  const ip = await cluster.address("sticky");
  await cluster.reach("client", ip);
  const pods = async (): Promise<number> => {
    const answers = [];
    for (let i = 0; i < 15; i++) answers.push((await cluster.reach("client", ip)).match(/web-[a-z0-9-]+/)?.[0]);
    return new Set(answers).size;
  };
  await eventually("one Pod answers", async () => (await pods()) === 1 || undefined);
  await patch(cluster, "sticky", { sessionAffinity: "None" });
  await eventually("several Pods answer", async () => (await pods()) > 1 || undefined);
}

async function noFinalizer(cluster: Cluster): Promise<void> {
  await cluster.apply(serviceObject("final", "web"));
  const ip = await cluster.address("final");
  const { metadata } = await cluster.get<{ metadata: { finalizers?: string[] } }>("service", "final");
  assert.deepEqual(metadata.finalizers ?? [], []);
  await cluster.kubectl(["delete", "service", "final", "--wait=true", "--timeout=10s"]);
  await eventually("the address falls silent", async () => (await cluster.whoHas(ip)).length === 0 || undefined);
}

async function withoutNodePorts(cluster: Cluster): Promise<void> {
  await cluster.apply(serviceObject("portless", "web", { allocateLoadBalancerNodePorts: false }));
  const ip = await cluster.address("portless");
  await cluster.reach("client", ip);
  assert.equal((await cluster.service("portless")).spec.ports[0]?.nodePort, undefined);
  await patch(cluster, "portless", { allocateLoadBalancerNodePorts: true, ports: [{ ...tcp[0], port: 80 }] });
  await cluster.reach("client", ip);
  assert.equal(await cluster.address("portless"), ip);
}

async function localPolicy(cluster: Cluster): Promise<void> {
  await cluster.apply(deploymentObject("single", 1));
  await cluster.kubectl(["rollout", "status", "deployment/single"]);
  await cluster.apply(serviceObject("local", "single", { externalTrafficPolicy: "Local" }));
  const ip = await cluster.address("local");
  const { items } = await cluster.get<{ items: { spec: { nodeName: string } }[] }>("pods", "-l", "app=single");
  const node = items[0]?.spec.nodeName ?? assert.fail("no Pod");
  await eventually("the node with the Pod holds it", async () => (await cluster.holder(ip)) === node || undefined);
  assert.match(await cluster.reach("client", ip), new RegExp(clientAddress.replaceAll(".", "\\.")));
  const checkPort = (await cluster.service("local")).spec.healthCheckNodePort ?? assert.fail("no health check port");
  for (const each of labNodes(3)) {
    const check = [
      "curl",
      "-s",
      "-o",
      "/dev/null",
      "-m",
      "2",
      "-w",
      "%{http_code}",
      `http://${each.lan4}:${checkPort}/healthz`,
    ];
    const expected = each.name === node ? "200" : "503";
    await eventually(
      `${each.name} answers the health check with ${expected}`,
      async () => (await cluster.lab.exec("client", check)).stdout === expected || undefined,
    );
  }
  await patch(cluster, "local", { externalTrafficPolicy: "Cluster" });
  await cluster.reach("client", ip);
  assert.equal(await cluster.address("local"), ip);
}

async function mixedProtocols(cluster: Cluster): Promise<void> {
  const ports = [
    { name: "http", port: 80, protocol: "TCP" },
    { name: "echo", port: 80, protocol: "UDP" },
  ];
  await cluster.apply(serviceObject("mixed", "web", { ports }));
  const ip = await cluster.address("mixed");
  await cluster.reach("client", ip);
  await eventually("UDP answers", () => cluster.udp("client", ip));
}

/** What conformance does to a Service's status; Herald's own part must come back, the rest must stay. */
async function statusByOthers(cluster: Cluster): Promise<void> {
  await cluster.apply(serviceObject("status", "web"));
  const ip = await cluster.address("status");
  const foreign = {
    loadBalancer: { ingress: [{ ip: "203.0.113.1" }] },
    conditions: [
      {
        type: "StatusUpdate",
        status: "True",
        reason: "E2E",
        message: "set by a test",
        lastTransitionTime: "2026-01-01T00:00:00Z",
      },
    ],
  };
  await cluster.kubectl([
    "patch",
    "service",
    "status",
    "--subresource=status",
    "-p",
    JSON.stringify({ status: foreign }),
  ]);
  await eventually("the address is back", async () => {
    const { status } = await cluster.service("status");
    return status.loadBalancer.ingress?.[0]?.ip === ip || undefined;
  });
  assert.ok((await cluster.service("status")).status.conditions?.some(({ type }) => type === "StatusUpdate"));
}

async function nodePortBeside(cluster: Cluster): Promise<void> {
  await cluster.apply(serviceObject("beside", "web"));
  await cluster.address("beside");
  const nodePort = (await cluster.service("beside")).spec.ports[0]?.nodePort ?? assert.fail("no node port");
  for (const { lan4 } of labNodes(3)) await cluster.reach("client", lan4, nodePort);
}

const scenarios: readonly (readonly [string, (cluster: Cluster) => Promise<void>])[] = [
  ["change of type and ports of a TCP Service", (cluster) => changesTypeAndPorts(cluster, "TCP")],
  ["change of type and ports of a UDP Service", (cluster) => changesTypeAndPorts(cluster, "UDP")],
  ["only the load balancer's source ranges get through", sourceRanges],
  ["session affinity is switched on and off", sessionAffinity],
  ["no finalizer, and deleting never blocks", noFinalizer],
  ["a Service without node ports, and with them later", withoutNodePorts],
  ["policy Local: only where endpoints are, the client's address is kept, the health check says so", localPolicy],
  ["TCP and UDP on one address", mixedProtocols],
  ["somebody else writes the status", statusByOthers],
  ["S110: Given a node port of the same Service, Then it works beside the address", nodePortBeside],
];

for (const proxyMode of ["nftables", "iptables"] as const)
  describe(`kube-proxy in mode ${proxyMode}`, () => {
    let cluster: Cluster;
    before(async () => {
      cluster = clusterOf(await startLab({ nodes: 3, proxyMode }));
      await cluster.apply(poolObject("lan", ["192.168.50.200-192.168.50.229"]), deploymentObject("web", 3));
      await cluster.kubectl(["rollout", "status", "deployment/web"]);
    });
    after(() => cluster?.lab.stop());

    for (const [name, scenario] of scenarios) it(`${proxyMode}: ${name}`, () => scenario(cluster));

    if (proxyMode === "iptables")
      it("S93: Given status is set and kube-proxy runs, Then `iptables-save` shows the address's rule for port 80", async () => {
        await cluster.apply(serviceObject("s93", "web"));
        const ip = await cluster.address("s93");
        await eventually("the rule is there", async () => {
          const { stdout } = await cluster.lab.exec("node1", ["iptables-save"]);
          return stdout.split("\n").some((line) => line.includes(ip) && line.includes("--dport 80")) || undefined;
        });
      });
  });
