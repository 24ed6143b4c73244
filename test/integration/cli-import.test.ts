import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parseAllDocuments } from "yaml";
import { formatTime } from "../../src/api/condition.ts";
import { type Pool, type PoolObject, parsePool } from "../../src/api/ip-pool.ts";
import { formatRange } from "../../src/net/range.ts";
import type { ControlPlane } from "../lab/control-plane.ts";
import { startWithCrds } from "../support/crd-plane.ts";
import { eventually } from "../support/eventually.ts";

const root = join(import.meta.dirname, "../..");
const group = "/apis/herald.dev/v1beta1";
const folder = mkdtempSync(join(tmpdir(), "herald-cli-"));
let plane: ControlPlane;
let kubeconfig: string;

before(async () => {
  plane = await startWithCrds();
  kubeconfig = await plane.kubeconfig("admin");
});
after(async () => {
  await plane?.stop();
  rmSync(folder, { recursive: true });
});

type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs a program as a person does, with the cluster's kubeconfig in the environment. */
function run(program: string, argv: readonly string[], stdin = ""): Promise<Ran> {
  const child = spawn(program, [...argv], { env: { ...process.env, KUBECONFIG: kubeconfig, NO_COLOR: "" } });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

const herald = (argv: readonly string[], stdin?: string): Promise<Ran> =>
  run(process.execPath, [join(root, "src/main.ts"), ...argv], stdin);

async function pools(): Promise<readonly PoolObject[]> {
  return (await plane.api.call<{ items: readonly PoolObject[] }>("GET", `${group}/ippools`)).items;
}

/** What a pool says but for what the API server numbers. */
function meaning(object: PoolObject): object {
  const parsed = parsePool(object);
  const { uid, resourceVersion, generation, status, ...pool }: Pool =
    "value" in parsed ? parsed.value : assert.fail(object.metadata.name);
  return { ...pool, ranges: pool.ranges.map(formatRange), covered: pool.covered.map(formatRange) };
}

const metallb = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: first, namespace: metallb-system}
spec:
  addresses: [198.18.1.0/28, 198.18.1.32-198.18.1.40]
  avoidBuggyIPs: true
  serviceAllocation: {priority: 20, namespaces: ["on"], serviceSelectors: [{matchLabels: {expose: "yes"}}]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: lan, namespace: metallb-system}
spec: {interfaces: [eth0], nodeSelectors: [{matchLabels: {edge: "true"}}]}
`;

const sources: Readonly<Record<string, string>> = {
  metallb,
  "kube-vip": `
apiVersion: v1
kind: ConfigMap
metadata: {name: kubevip, namespace: kube-system}
data:
  cidr-default: 198.18.2.0/29,198.18.2.8/29
  range-finance: 198.18.2.100-198.18.2.110
  cidr-global: 198.18.3.0/29,fd18::/120
  skip-end-ips-in-cidr: "true"
  search-order: desc
  interface-global: eth1
`,
  cilium: `
apiVersion: cilium.io/v2
kind: CiliumLoadBalancerIPPool
metadata: {name: blue}
spec:
  blocks: [{cidr: 198.18.4.0/28}, {start: 198.18.4.32, stop: 198.18.4.40}]
  allowFirstLastIPs: "No"
  disabled: true
  serviceSelector:
    matchExpressions: [{key: io.kubernetes.service.namespace, operator: NotIn, values: [shop]}]
---
apiVersion: cilium.io/v2alpha1
kind: CiliumL2AnnouncementPolicy
metadata: {name: lan}
spec: {loadBalancerIPs: true, interfaces: ["^eth[0-9]+"]}
`,
  purelb: `
apiVersion: purelb.io/v1
kind: ServiceGroup
metadata: {name: other, namespace: purelb}
spec:
  local:
    v4pools: [{subnet: 198.18.5.0/24, pool: 198.18.5.0/28}]
    v6pools: [{subnet: "fd19::/64", pool: "fd19::-fd19::3"}]
`,
};

describe("what is imported is created as it stands, and means the same when it is read back", () => {
  for (const [system, source] of Object.entries(sources))
    it(system, async () => {
      const { code, out } = await herald(["import", system, "-f", "-"], source);
      assert.equal(code, 0);
      const printed = parseAllDocuments(out).map((document) => document.toJS() as PoolObject);
      assert.ok(printed.length > 0);
      await plane.kubectl(["apply", "-f", "-"], { stdin: out });
      const stored = await pools();
      for (const pool of printed) {
        const found = stored.find(({ metadata }) => metadata.name === pool.metadata.name);
        assert.ok(found, pool.metadata.name);
        assert.deepEqual(meaning(found), meaning(pool));
      }
      assert.equal((await herald(["validate", "-f", "-"], out)).code, 0);
    });
});

/** A resource of another system with any content. */
function crd(kind: string, plural: string, apiGroup: string): object {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${apiGroup}` },
    spec: {
      group: apiGroup,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: "v1beta1", served: true, storage: true, schema }],
    },
  };
}

describe("herald import --live", () => {
  it("reads the cluster, and says which resources it does not have", async () => {
    const crds = [
      crd("IPAddressPool", "ipaddresspools", "metallb.io"),
      crd("L2Advertisement", "l2advertisements", "metallb.io"),
    ];
    await plane.kubectl(["apply", "-f", "-"], { stdin: crds.map((each) => JSON.stringify(each)).join("\n---\n") });
    await plane.kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
    await plane.kubectl(["create", "namespace", "metallb-system"]);
    await eventually("the pool is stored", () => plane.kubectl(["apply", "-f", "-"], { stdin: metallb }));
    const [live, file] = await Promise.all([
      herald(["import", "metallb", "--live"]),
      herald(["import", "metallb", "-f", "-"], metallb),
    ]);
    assert.equal(live.code, 0, live.err);
    const [ofCluster, ofFile] = [live, file].map(({ out }) =>
      parseAllDocuments(out).map((each) => each.toJS() as object),
    );
    assert.deepEqual(ofCluster, ofFile);
    assert.match(live.err, /^cluster: bgppeers\.metallb\.io: the cluster has no such resource$/m);
  });

  it("reads ConfigMaps where they lie", async () => {
    await plane.kubectl(["apply", "-f", "-"], { stdin: sources["kube-vip"] ?? "" });
    const { code, out } = await herald(["import", "kube-vip", "--live", "-o", "json"]);
    assert.equal(code, 0);
    const names = (JSON.parse(out) as { pools: readonly PoolObject[] }).pools.map(({ metadata }) => metadata.name);
    assert.deepEqual(names.toSorted(), ["default", "finance", "global"]);
  });

  it("without anything to import fails in words", async () => {
    const { code, err } = await herald(["import", "purelb", "--live"]);
    assert.equal(code, 1);
    assert.match(err, /herald: import purelb: no pool found among \d+ objects\n$/);
  });
});

describe("the lists", () => {
  it("herald pools lists what the API server has, with a context chosen by name", async () => {
    const { code, out, err } = await herald(["pools", "-o", "name", "--context", "lab", "--kubeconfig", kubeconfig]);
    assert.deepEqual([code, err], [0, ""]);
    const names = (await pools()).map(({ metadata }) => `ippool.herald.dev/${metadata.name}`);
    assert.deepEqual(out.trimEnd().split("\n").toSorted(), names.toSorted());
  });

  it("herald pools names a pool that is not there, and a context that is not", async () => {
    assert.match((await herald(["pools", "nowhere"])).err, /^herald: there is no pool nowhere\n$/);
    assert.match(
      (await herald(["pools", "--context", "nowhere"])).err,
      /^herald: read kubeconfig .*: no context "nowhere"\n$/,
    );
  });

  it("herald vips lists held and remembered addresses", async () => {
    const body = (address: string, spec: object) => ({
      apiVersion: "herald.dev/v1beta1",
      kind: "VIPAdvertisement",
      metadata: { name: address.replaceAll(".", "-") },
      spec: { address, pool: "first", ...spec },
    });
    const web = { namespace: "shop", name: "web", uid: "u" };
    const path = `${group}/vipadvertisements`;
    await plane.api.call("POST", path, body("198.18.1.9", { services: [web] }));
    await plane.api.call("POST", path, body("198.18.1.8", { released: { ...web, at: formatTime(Date.now()) } }));
    const { code, out } = await herald(["vips"]);
    assert.equal(code, 0);
    const [, remembered, held] = out.split("\n");
    assert.match(
      remembered ?? "",
      /^198\.18\.1\.8 +first +- .* remembered +remembered for shop\/web until 20\S+, rests until 20\S+$/,
    );
    assert.match(held ?? "", /^198\.18\.1\.9 +first +shop\/web +- .* pending +no agent has reported on it yet$/);
    assert.match((await herald(["vips", "198.18.1.10"])).err, /^herald: nobody holds 198\.18\.1\.10/);
    assert.match((await herald(["vips", "-n", "blog"])).err, /^there are no addresses\n$/);
  });

  it("a server that is not there is said in one line, with code 1", async () => {
    const file = join(folder, "config");
    const cluster = { name: "a", cluster: { server: "http://127.0.0.1:1" } };
    writeFileSync(
      file,
      JSON.stringify({
        clusters: [cluster],
        contexts: [{ name: "a", context: { cluster: "a" } }],
        "current-context": "a",
      }),
    );
    const { code, err } = await herald(["pools", "--kubeconfig", file]);
    assert.equal(code, 1);
    assert.match(err, /^herald: .*ECONNREFUSED.*\n$/);
  });
});

it("as kubectl-herald it is a plugin, started by its own first line", async () => {
  const link = join(folder, "kubectl-herald");
  symlinkSync(join(root, "src/main.ts"), link);
  const { code, out } = await run(link, ["pools", "--help"]);
  assert.equal(code, 0);
  assert.match(out, /^Usage: kubectl herald pools /);
});
