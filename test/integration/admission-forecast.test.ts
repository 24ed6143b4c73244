import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";
import { applyManifests } from "../lab/manifests.ts";
import { freePort } from "../lab/servers.ts";
import { type AdmissionProcess, startAdmission } from "../support/admission-process.ts";
import { type RunningController, startController } from "../support/controller-cluster.ts";
import { type ClusterObjects, objectsOf } from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

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
  await eventually("a pool is reviewed", () => cluster.createPool("public", ["192.0.2.1-192.0.2.2"]));
  for (const name of ["a", "b"]) await created(name);
  for (const name of ["c", "d", "e", "f", "g", "h"]) await cluster.createService(name);
  await cluster.refusal("h");
});
after(async () => {
  await controller?.stop();
  admission?.kill("SIGKILL");
  await plane?.stop();
});

async function created(name: string): Promise<void> {
  await cluster.createService(name);
  await cluster.allocated(name);
}

/** What kubectl prints when it is told to take warnings, and refusals anyway, as errors; "" if there are none. */
async function said(args: readonly string[], stdin?: string): Promise<string> {
  const options = stdin === undefined ? {} : { stdin };
  return plane.kubectl([...args, "--warnings-as-errors"], options).then(
    () => "",
    (error: Error) => error.message,
  );
}

/** What is said to an edit of a pool that is only rehearsed. */
function saidTo(name: string, spec: object): Promise<string> {
  const manifest = { apiVersion: "herald.dev/v1beta1", kind: "IPPool", metadata: { name }, spec };
  const args = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
  return said(args, JSON.stringify(manifest));
}

describe("kubectl apply --dry-run=server of a pool", () => {
  it("names the Services that would get an address, the first four of them", async () => {
    const shown = await saidTo("public", { addresses: ["192.0.2.1-192.0.2.7"] });
    const named = ["c 192.0.2.3", "d 192.0.2.4", "e 192.0.2.5", "f 192.0.2.6"].map((each) => `default/${each}`);
    assert.match(shown, new RegExp(`spec: 5 Services would get addresses: ${named.join(", ")} and 1 more`));
  });

  it("names the Services that would keep what it gives no more", async () => {
    const shown = await saidTo("public", { addresses: ["192.0.2.2"] });
    assert.match(
      shown,
      /spec: 1 Service would keep addresses that they would not be given any more: default\/a 192\.0\.2\.1/,
    );
  });

  it("says which reservations must wait, and which limits are exceeded", async () => {
    const reservations = [{ address: "192.0.2.1", namespace: "default", name: "b" }];
    const shown = await saidTo("public", {
      addresses: ["192.0.2.1-192.0.2.2"],
      reservations,
      limits: { perNamespace: 1 },
    });
    assert.match(
      shown,
      /spec\.reservations: not before it is free: 192\.0\.2\.1 is reserved for default\/b and held by default\/a/,
    );
    assert.match(shown, /spec\.limits: exceeded, nothing is taken away: of 1: default holds 2/);
  });

  it("of a new pool says the same, and of one that changes nothing nothing", async () => {
    assert.match(await saidTo("second", { addresses: ["192.0.2.9"] }), /1 Service would get addresses: default\/c/);
    assert.equal(await saidTo("public", { addresses: ["192.0.2.1-192.0.2.2"], order: "Descending" }), "");
  });

  it("changes nothing", async () => {
    assert.deepEqual(
      (await cluster.advertisements()).map(({ spec }) => spec.address),
      ["192.0.2.1", "192.0.2.2"],
    );
  });
});

describe("deleting a pool", () => {
  it("is refused while Services hold its addresses, with their names", async () => {
    for (const args of [
      ["delete", "ippool.herald.dev/public"],
      ["delete", "ippools.herald.dev", "--all"],
    ])
      assert.match(
        await said(args),
        /denied the request: .*192\.0\.2\.1 belongs to default\/a, 192\.0\.2\.2 belongs to default\/b/,
      );
  });

  it("is let through with the annotation herald.dev/force, with a warning, and the Services keep what they hold", async () => {
    await cluster.patchPool("public", { metadata: { annotations: { "herald.dev/force": "true" } } });
    assert.match(await said(["delete", "ippool.herald.dev/public"]), /its Services keep what they hold: 192\.0\.2\.1 /);
    await cluster.serviceIs("a", "is told that its pool is gone", ({ status }) =>
      (status.conditions ?? []).some(({ reason }) => reason === "OutsidePool"),
    );
    assert.deepEqual(await cluster.allocated("a"), ["192.0.2.1"]);
  });

  it("is let through while nobody holds its addresses", async () => {
    await cluster.createPool("unused", ["198.51.100.0/24"], { automatic: false });
    assert.equal(await said(["delete", "ippool.herald.dev/unused"]), "");
  });

  it("is refused while admission is away", async () => {
    await cluster.createPool("unreviewed", ["198.51.100.0/24"], { automatic: false });
    admission.kill("SIGKILL");
    await admission.ended;
    assert.match(await said(["delete", "ippool.herald.dev/unreviewed"]), /failed calling webhook/);
  });
});
