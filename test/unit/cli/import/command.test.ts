import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClusterReader } from "../../../../src/cli/cluster.ts";
import { cliCommands } from "../../../../src/cli/commands.ts";
import { liveObjects } from "../../../../src/cli/import/live.ts";
import { systems } from "../../../../src/cli/import/systems.ts";
import { nameOf } from "../../../../src/cli/manifest.ts";
import { runProgram } from "../../../../src/cli/program.ts";
import { ApiError } from "../../../../src/kube/api-error.ts";
import { terminalStub } from "../terminal-stub.ts";

async function run(stdin: string, ...argv: readonly string[]) {
  const terminal = terminalStub(stdin);
  const frame = { argv: ["import", ...argv], script: "herald", version: "1", rows: cliCommands, terminal };
  return { code: await runProgram(frame), ...terminal.written };
}

const map = (data: string, name = "kubevip"): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}, namespace: kube-system}, data: ${data}}`;

describe("herald import", () => {
  it("prints the pools, and says on standard error what is lost", async () => {
    const { code, out, err } = await run(map("{cidr-a: 192.0.2.0/30, cidr-b: 0.0.0.0/32}"), "kube-vip", "-f", "-");
    assert.equal(code, 0);
    assert.match(out, /kind: IPPool\nmetadata:\n {2}name: a\n/);
    assert.match(err, /^ConfigMap kube-system\/kubevip: data\.cidr-b: .*DHCP.*\n$/);
    assert.ok(out.includes(err.trim()));
  });

  it("gives everything as JSON", async () => {
    const { out } = await run(map("{cidr-a: 192.0.2.0/30}"), "kube-vip", "-f", "-", "-o", "json");
    const { pools, annotations, notes } = JSON.parse(out) as Record<string, readonly object[]>;
    assert.deepEqual([pools?.length, annotations, notes], [1, [], []]);
  });

  it("says which of the pools overlap, for only one of them could be created", async () => {
    const { err } = await run(map("{cidr-a: 192.0.2.0/30, cidr-b: 192.0.2.2/31}"), "kube-vip", "-f", "-");
    assert.equal(err.split("\n").length, 2);
    assert.match(err, /^pool a: spec\.addresses: 192\.0\.2\.2\/31 also in pool b/);
  });

  it("says what Herald would refuse in a pool, or never gives", async () => {
    const many = Array.from({ length: 129 }, (_, i) => `192.0.2.${i}/32`).join(",");
    assert.match((await run(map(`{cidr-a: "${many}"}`), "kube-vip", "-f", "-")).err, /^pool a: spec\.addresses: .*128/);
    assert.match((await run(map("{cidr-a: 'fe80::10/126'}"), "kube-vip", "-f", "-")).err, /never given: link-local/);
  });

  it("takes ConfigMaps of another name where that is said", async () => {
    const both = `${map("{cidr-a: 192.0.2.0/30}")}\n---\n${map("{cidr-b: 192.0.2.8/30}", "mine")}`;
    const { out } = await run(both, "kube-vip", "-f", "-", "--config-map", "kube-system/mine");
    assert.match(out, /name: b\n/);
    assert.doesNotMatch(out, /name: a\n/);
  });

  it("finds nothing in other objects, and fails", async () => {
    const { code, err } = await run("{apiVersion: v1, kind: Pod}", "metallb", "-f", "-");
    assert.deepEqual([code, err], [1, "herald: import metallb: no pool found among 1 objects\n"]);
  });

  it("fails at broken YAML, with its place", async () => {
    const { code, err } = await run("a: [", "metallb", "-f", "-");
    assert.equal(code, 1);
    assert.match(err, /^herald: read <stdin>:1:5: /);
  });

  it("wants files or the cluster, not both and not neither", async () => {
    assert.equal((await run("", "metallb")).code, 2);
    assert.equal((await run("", "metallb", "--live", "-f", "-")).code, 2);
  });
});

describe("what is read of a cluster", () => {
  const lists: Readonly<Record<string, readonly object[]>> = {
    "/v1/services": [{ metadata: { name: "web", namespace: "shop" } }],
    "purelb.io/v1/servicegroups": [{ metadata: { name: "default", namespace: "purelb" } }],
    "/v1/configmaps": [
      { metadata: { name: "kubevip", namespace: "kube-system" } },
      { metadata: { name: "other", namespace: "kube-system" } },
    ],
  };
  const cluster: ClusterReader = {
    list: async ({ group, version, plural }) => {
      const found = lists[`${group}/${version}/${plural}`];
      if (found === undefined) throw new ApiError(`list ${plural}`, 404, { reason: "NotFound" });
      return found as never;
    },
  };
  const system = (name: string) => systems.find((each) => each.name === name) ?? assert.fail(name);

  it("is the newest version that it serves, and what it does not have is said", async () => {
    const { objects, notes } = await liveObjects(cluster, system("purelb"), []);
    assert.deepEqual(
      objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
      ["v1 Service", "purelb.io/v1 ServiceGroup"],
    );
    assert.deepEqual(notes, [
      { object: "cluster", field: "lbnodeagents.purelb.io", message: "the cluster has no such resource" },
    ]);
  });

  it("is of ConfigMaps only those that are named", async () => {
    const { objects } = await liveObjects(cluster, system("kube-vip"), ["kube-system/kubevip"]);
    assert.deepEqual(objects.map(nameOf), ["web", "kubevip"]);
  });

  it("fails where it may not be read", async () => {
    const forbidden: ClusterReader = {
      list: async () => {
        throw new ApiError("list services", 403, { reason: "Forbidden" });
      },
    };
    await assert.rejects(liveObjects(forbidden, system("purelb"), []), /list services/);
  });

  it("has the plurals that the systems' own definitions have", () => {
    const plurals = systems.flatMap(({ resources }) => resources.map(([first]) => `${first?.plural}.${first?.group}`));
    for (const plural of [
      "communities.metallb.io",
      "ciliuml2announcementpolicies.cilium.io",
      "ciliumbgppeeringpolicies.cilium.io",
      "ipaddresspools.metallb.io",
      "bfdprofiles.metallb.io",
    ])
      assert.ok(plurals.includes(plural), plural);
  });
});
