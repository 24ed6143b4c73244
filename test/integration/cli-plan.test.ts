import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Report } from "../../src/cli/plan/report.ts";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";
import { applyManifests } from "../lab/manifests.ts";
import { freePort } from "../lab/servers.ts";
import { type AdmissionProcess, startAdmission } from "../support/admission-process.ts";
import { type RunningController, startController } from "../support/controller-cluster.ts";
import { allocatedCondition, allocatedOf, type ClusterObjects, objectsOf } from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

const main = join(import.meta.dirname, "../../src/main.ts");
let plane: ControlPlane;
let admission: AdmissionProcess;
let controller: RunningController;
let cluster: ClusterObjects;

before(async () => {
  plane = await startControlPlane();
  const port = await freePort();
  await applyManifests(plane, port);
  admission = await startAdmission(plane, port);
  controller = await startController(plane);
  cluster = objectsOf(plane);
  await eventually("a pool is reviewed", () =>
    plane.kubectl(["apply", "-f", "-"], { stdin: pool("192.0.2.1-192.0.2.2") }),
  );
  await cluster.createNamespace("shop");
  await applied(service("web") + service("api") + service("dns"));
});
after(async () => {
  await controller?.stop();
  admission?.kill("SIGKILL");
  await plane?.stop();
});

const pool = (addresses: string, more = "", name = "public"): string => `---
apiVersion: herald.dev/v1beta1
kind: IPPool
metadata: { name: ${name} }
spec: { addresses: [${addresses}]${more} }
`;

const service = (name: string, annotations = "", type = "LoadBalancer"): string => `---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop, annotations: {${annotations}} }
spec: { type: ${type}, ports: [{ port: 80 }] }
`;

type Answer = { readonly code: number; readonly out: string; readonly err: string };

/** Runs `herald plan` over a text, against the test's cluster. */
async function planned(text: string, ...options: readonly string[]): Promise<Answer> {
  const file = join(plane.dir, "planned.yaml");
  await writeFile(file, text);
  const files = text === "" ? [] : ["-f", file];
  const argv = [main, "plan", ...files, "--kubeconfig", await plane.kubeconfig("admin"), ...options];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

type Lines = Readonly<Record<string, string>>;

const linesOf = (out: string): Lines =>
  Object.fromEntries(
    (JSON.parse(out) as Report).services.map(({ service, after, reason, message }) => [
      service,
      `${after.join(",")} ${reason}: ${message}`,
    ]),
  );

/** What every LoadBalancer has by its annotation and is told by its condition. */
async function told(): Promise<Lines> {
  const services = (await cluster.services()).filter(({ spec }) => spec.type === "LoadBalancer");
  return Object.fromEntries(
    services.map((each) => {
      const { reason, message } = allocatedCondition(each) ?? {};
      const addresses = (allocatedOf(each) ?? []).join(",");
      return [`${each.metadata.namespace}/${each.metadata.name}`, `${addresses} ${reason}: ${message}`];
    }),
  );
}

/** Applies a text with kubectl, and waits until every LoadBalancer has been told something about what it is now. */
async function applied(text: string, ...options: readonly string[]): Promise<void> {
  await plane.kubectl(["apply", ...options, "-f", "-"], { stdin: text });
  await eventually("every Service is told", async () => {
    const services = (await cluster.services()).filter(({ spec }) => spec.type === "LoadBalancer");
    return services.every((each) => allocatedCondition(each) !== undefined) || undefined;
  });
}

/** Plans an edit, makes it, and expects the cluster to become what was said. */
async function plannedAndDone(text: string, ...options: readonly string[]): Promise<Answer> {
  const answer = await planned(text, "-o", "json", ...options);
  await applied(text);
  const said = linesOf(answer.out);
  await eventually(`the cluster is as was said: ${answer.out}`, async () => {
    const now = await told();
    return Object.keys(now).every((key) => now[key] === said[key]) || undefined;
  });
  return answer;
}

describe("herald plan", () => {
  it("says nothing changes, with 0, where that is so", async () => {
    const unchanged = pool("192.0.2.1-192.0.2.2") + service("web");
    assert.deepEqual(await planned(unchanged), {
      code: 0,
      out: "3 Services: 1 waits, 2 keeps; none changes\n",
      err: "",
    });
    const { code, out } = await planned(unchanged, "--all");
    assert.equal(code, 0);
    assert.match(out, /shop\/(api|dns|web) +waits +- +PoolExhausted +pool public: 2 of 2 allocated/);
    assert.match(out, /3 Services: 1 waits, 2 keeps; none changes/);
  });

  const edits = [
    { name: "a wider pool serves who waits", text: pool("192.0.2.1-192.0.2.5"), code: 2 },
    { name: "a smaller pool takes nothing away", text: pool("192.0.2.2-192.0.2.5"), code: 2 },
    { name: "a new Service gets what is free", text: service("new"), code: 2 },
    {
      name: "a Service that asks for another address moves",
      text: service("web", "herald.dev/addresses: 192.0.2.5"),
      code: 3,
    },
    {
      name: "a Service that asks for what is taken keeps its own",
      text: service("api", "herald.dev/addresses: 192.0.2.5"),
      code: 2,
    },
    { name: "a Service that asks no more keeps its own", text: service("api"), code: 2 },
    {
      name: "a pool and Services in one go",
      text: pool("198.51.100.1", "", "second") + service("z0") + service("z1"),
      code: 2,
    },
    {
      name: "a Service that is no LoadBalancer any more loses its address",
      text: service("dns", "", "ClusterIP"),
      code: 3,
    },
  ];
  for (const { name, text, code } of edits)
    it(`says what is then done: ${name}`, async () => assert.equal((await plannedAndDone(text)).code, code));

  it("says the same with what the API server makes of the objects", async () => {
    assert.equal((await plannedAndDone(service("served"), "--server")).code, 2);
  });

  it("tells what a deleted Service loses, and writes nothing", async () => {
    const { code, out } = await planned("", "--delete", "service/shop/web");
    assert.equal(code, 3);
    assert.match(out, /shop\/web +loses +192\.0\.2\.5 → - +ServiceGone +the service is gone/);
    assert.deepEqual(allocatedOf(await cluster.service("shop/web")), ["192.0.2.5"]);
  });
});

describe("herald plan ends with 1", () => {
  it("at the line of a manifest that is wrong", async () => {
    const { code, err } = await planned(`${pool("192.0.2.1")}${pool("web", "", "third")}`);
    assert.equal(code, 1);
    assert.match(err, /planned\.yaml:10:21: InvalidAddress: IPPool third: spec\.addresses\[0\]: /);
  });

  it("at the line of a pool that overlaps one of the cluster", async () => {
    const { code, err } = await planned(pool("198.51.100.0/24", "", "third"));
    assert.equal(code, 1);
    assert.match(
      err,
      /planned\.yaml:5:\d+: PoolsOverlap: IPPool third: spec\.addresses: 198\.51\.100\.1 also in pool second/,
    );
  });

  it("with the words of the API server and of admission, if they are asked", async () => {
    const text =
      service("odd", "herald.dev/addresses: 192.0.2.9").replace("80", "800000") + pool("198.51.100.0/24", "", "third");
    const { code, err } = await planned(text, "--server");
    assert.equal(code, 1);
    assert.match(err, /planned\.yaml:2:\d+: apply: Service "odd" is invalid: \[?spec\.ports\[0\]\.port: /);
    assert.match(err, /planned\.yaml:7:\d+: apply: admission webhook .* also in pool second/);
  });

  it("for a pool that cannot be deleted, with the words of admission", async () => {
    const { code, err } = await planned("", "--delete", "ippool/public");
    assert.equal(code, 1);
    assert.match(err, /^IPPool\/public: metadata\.annotations\[herald\.dev\/force\]: .* belongs to shop\/api/);
  });
});
