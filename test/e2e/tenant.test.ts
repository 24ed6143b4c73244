/** A namespace's administrator gets no address that no pool gives him (CVE-2020-8554): no claim, no frame, and a reason in words. */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { startLab } from "../lab/lab.ts";
import { type Cluster, clusterOf, poolObject, serviceObject } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";

const tenant = "system:serviceaccount:tenant:admin";

let cluster: Cluster;

type Listed = { readonly items: readonly { readonly spec: { readonly address: string } }[] };

const ledger = async (): Promise<readonly string[]> =>
  (await cluster.get<Listed>("vipadvertisements")).items.map(({ spec }) => spec.address);

async function asTenant(object: object): Promise<void> {
  await cluster.kubectl(["apply", "-n", "tenant", "-f", "-"], { as: tenant, stdin: JSON.stringify(object) });
}

function tenantService(name: string, spec: object, annotations: object = {}): object {
  const service = serviceObject(name, "web", spec, annotations) as { metadata: object };
  return { ...service, metadata: { ...service.metadata, namespace: "tenant" } };
}

async function refusal(name: string): Promise<{ readonly reason: string; readonly message: string }> {
  return eventually(`${name} is refused`, async () => {
    const { status } = await cluster.get<{
      status: { conditions?: { type: string; status: string; reason: string; message: string }[] };
    }>("service", "-n", "tenant", name);
    return status.conditions?.find(({ type, status }) => type === "herald.dev/Allocated" && status === "False");
  });
}

before(async () => {
  cluster = clusterOf(await startLab({ nodes: 2 }));
  const inNamespace = { name: "admin", namespace: "tenant" };
  await cluster.apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant" } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: inNamespace },
    // What the ClusterRole admin is made of; the controller that adds them up does not run here.
    ...["admin", "edit", "view"].map((role) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: role, namespace: "tenant" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `system:aggregate-to-${role}` },
      subjects: [{ kind: "ServiceAccount", ...inNamespace }],
    })),
    poolObject("others", ["192.168.50.200-192.168.50.209"], { services: { namespaces: ["default"] } }),
  );
  await cluster.apply(serviceObject("victim", "web"));
  await cluster.address("victim");
});

after(() => cluster?.lab.stop());

/** What he asks for, and a word that the refusal must hold. */
const attempts: readonly (readonly [what: string, address: () => Promise<string> | string, word: RegExp])[] = [
  ["the LAN's gateway", () => "192.168.50.1", /gateway|pool/],
  ["a node's address", () => "192.168.50.11", /node1|pool/],
  ["a node's IPv6 address", () => "fd50::11", /node1|pool/],
  ["a Service's cluster IP", async () => (await cluster.service("victim")).spec.clusterIP, /Service network|pool/],
  ["the API server", () => "172.30.0.1", /API server|pool/],
  ["another tenant's address", () => cluster.address("victim"), /default\/victim|others/],
  ["a free address of a pool that does not select him", () => "192.168.50.205", /others/],
  ["a host on the LAN outside every pool", () => "192.168.50.77", /pool/],
  ["loopback", () => "127.0.0.1", /loopback/],
  ["a multicast group", () => "224.0.0.1", /multicast/],
];

for (const [index, [what, address, word]] of attempts.entries())
  it(`Given a namespace's administrator, When he asks for ${what}, Then he is refused in words, nothing is claimed and nobody answers for it`, async () => {
    const asked = await address();
    const claimedBefore = await ledger();
    const answeredBefore = await cluster.whoHas(asked).catch(() => []);
    const families = asked.includes(":") ? { ipFamilies: ["IPv6"] } : {};
    await asTenant(tenantService(`by-annotation-${index}`, families, { "herald.dev/addresses": asked }));
    await asTenant(tenantService(`by-field-${index}`, { ...families, loadBalancerIP: asked }));
    for (const name of [`by-annotation-${index}`, `by-field-${index}`]) {
      const { message } = await refusal(name);
      assert.match(message, word);
      assert.ok(message.includes(asked), message);
    }
    assert.deepEqual(await ledger(), claimedBefore);
    assert.deepEqual(await cluster.whoHas(asked).catch(() => []), answeredBefore);
  });

it("Given a namespace's administrator, When he names a pool that does not select him, Then he is refused in words", async () => {
  await asTenant(tenantService("by-pool", {}, { "herald.dev/pool": "others" }));
  assert.match((await refusal("by-pool")).message, /others/);
});

it("Given a namespace's administrator, When he writes the ledger, a pool, a node's report or a Service's status, Then the API server refuses", async () => {
  const forbidden: readonly (readonly string[])[] = [
    ["delete", "vipadvertisements", "--all"],
    ["delete", "ippools.herald.dev", "others"],
    ["patch", "vipnode", "node1", "--type=merge", "--subresource=status", "-p", '{"status":{"announcing":[]}}'],
    [
      "patch",
      "service",
      "by-pool",
      "-n",
      "tenant",
      "--subresource=status",
      "-p",
      '{"status":{"loadBalancer":{"ingress":[{"ip":"192.168.50.1"}]}}}',
    ],
  ];
  for (const args of forbidden)
    await assert.rejects(cluster.kubectl(args, { as: tenant }), /forbidden/i, args.join(" "));
});

it("Given a Service that shows an address which no pool gives it, When Herald starts, Then the address is not adopted", async () => {
  await cluster.lab.kill("controller", "SIGKILL");
  await asTenant(tenantService("adoptee", { loadBalancerIP: "192.168.50.1" }));
  const status = { loadBalancer: { ingress: [{ ip: "192.168.50.1" }] } };
  await cluster.kubectl([
    "patch",
    "service",
    "adoptee",
    "-n",
    "tenant",
    "--subresource=status",
    "-p",
    JSON.stringify({ status }),
  ]);
  await cluster.lab.restart("controller");
  const { message } = await refusal("adoptee");
  assert.ok(message.includes("192.168.50.1"), message);
  assert.ok(!(await ledger()).includes("192.168.50.1"));
});
