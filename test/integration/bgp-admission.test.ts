import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ApiClient, openApiClient } from "../lab/api-client.ts";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";
import { applyManifests } from "../lab/manifests.ts";
import { freePort } from "../lab/servers.ts";
import { type AdmissionProcess, startAdmission } from "../support/admission-process.ts";
import { eventually } from "../support/eventually.ts";
import { said } from "../support/write-answer.ts";

const herald = "/apis/herald.dev/v1beta1";
let plane: ControlPlane;
let admission: AdmissionProcess;

before(async () => {
  plane = await startControlPlane();
  const port = await freePort();
  await applyManifests(plane, port);
  admission = await startAdmission(plane, port);
  for (const [name, rack] of [
    ["node1", "a"],
    ["node2", "b"],
  ])
    await plane.api.call("POST", "/api/v1/nodes", { metadata: { name, labels: { rack } } });
  const addresses = [{ type: "InternalIP", address: "192.0.2.11" }];
  await plane.api.call("PATCH", "/api/v1/nodes/node1/status", { status: { addresses } });
  await eventually(
    "a peer is reviewed",
    async () => (await create("first", { address: "198.51.100.1" })) === "" || undefined,
  );
});
after(async () => {
  admission?.kill("SIGKILL");
  await plane?.stop();
});

function create(name: string, spec: object): Promise<string> {
  const whole = { asn: 64_512, localAsn: 64_513, ...spec };
  const body = { apiVersion: "herald.dev/v1beta1", kind: "BGPPeer", metadata: { name }, spec: whole };
  return said(plane.api.call("POST", `${herald}/bgppeers`, body));
}

const onRack = (rack: string): object => ({ nodeSelector: { matchLabels: { rack } } });

describe("a BGPPeer", () => {
  it("that is another one's router on a node is refused, naming both", async () => {
    assert.match(
      await create("second", { address: "198.51.100.1", ...onRack("b") }),
      /denied the request: spec\.address: 198\.51\.100\.1 is also the peer first of node node2$/,
    );
  });

  it("that is a selected node's own address is refused, for other nodes it is taken", async () => {
    assert.match(await create("reflector", { address: "192.0.2.11" }), /is the own address of node node1, which/);
    assert.equal(await create("reflector", { address: "192.0.2.11", ...onRack("b") }), "");
  });

  it("is told every conflict at once", async () => {
    assert.match(
      await create("both", { address: "192.0.2.11" }),
      /is also the peer reflector of node node2; spec\.address: 192\.0\.2\.11 is the own address of node node1/,
    );
  });

  it("may be changed without meeting itself", async () => {
    assert.equal(await said(plane.api.call("PATCH", `${herald}/bgppeers/first`, { spec: { holdTime: "9s" } })), "");
  });

  it("that selects no node is taken with a warning", async () => {
    const stdin = `{apiVersion: herald.dev/v1beta1, kind: BGPPeer, metadata: {name: early},
      spec: {address: 198.51.100.3, asn: 64512, localAsn: 64513, nodeSelector: {matchLabels: {rack: z}}}}`;
    const args = ["create", "--dry-run=server", "--warnings-as-errors", "-f", "-"];
    await assert.rejects(plane.kubectl(args, { stdin }), /spec\.nodeSelector: selects no node now/);
  });
});

describe("an agent's token", () => {
  const secrets = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets`;
  let agent: ApiClient;

  before(async () => {
    agent = openApiClient(await plane.access("system:serviceaccount:herald-system:herald-agent"));
    for (const namespace of ["herald-bgp", "herald-system"])
      await plane.api.call("POST", secrets(namespace), { metadata: { name: "tor" }, stringData: { password: "x" } });
  });
  after(() => agent?.close());

  it("reads the peers, its Node and a password by name", async () => {
    for (const path of [`${herald}/bgppeers`, "/api/v1/nodes/node1", `${secrets("herald-bgp")}/tor`])
      assert.equal(await said(agent.call("GET", path)), "", path);
  });

  it("lists no passwords, reads no other Secret, and writes neither peers nor their status", async () => {
    for (const path of [secrets("herald-bgp"), `${secrets("herald-system")}/tor`, "/api/v1/secrets"])
      assert.match(await said(agent.call("GET", path)), /forbidden/i, path);
    for (const path of [`${herald}/bgppeers/first`, `${herald}/bgppeers/first/status`])
      assert.match(await said(agent.call("PATCH", path, {})), /forbidden/i, path);
  });
});
