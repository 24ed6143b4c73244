import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, it } from "node:test";
import type { ControlPlane } from "../lab/control-plane.ts";
import { freePort } from "../lab/servers.ts";
import {
  controllerAccount,
  type LogLine,
  launchController,
  startHeraldCluster,
} from "../support/controller-cluster.ts";
import { type Forwarder, startForwarder } from "../support/controller-forwarder.ts";
import { allocatedOf, objectsOf } from "../support/controller-objects.ts";
import { eventually } from "../support/eventually.ts";

let plane: ControlPlane;
let forwarder: Forwarder | undefined;

before(async () => {
  plane = await startHeraldCluster();
});

after(async () => {
  await forwarder?.cut();
  await plane?.stop();
});

/** A kubeconfig that leads to a port where nobody listens yet, and that port with the API server's own. */
async function detour(): Promise<{ readonly kubeconfig: string; readonly port: number; readonly apiPort: number }> {
  const port = await freePort();
  const text = readFileSync(await plane.kubeconfig(controllerAccount), "utf8");
  const apiPort = Number(/https:\/\/[^"]*:(\d+)/.exec(text)?.[1]);
  const kubeconfig = `${await plane.kubeconfig(controllerAccount)}-detour`;
  writeFileSync(kubeconfig, text.replace(`:${apiPort}`, `:${port}`), { mode: 0o600 });
  return { kubeconfig, port, apiPort };
}

const about = (log: readonly LogLine[], msg: string): number =>
  log.filter((line) => line.msg === msg && line.level !== "debug").length;

it("Given an API server that is away, When a controller starts, Then it waits, says so once an outage, and works once it is there", async () => {
  const { kubeconfig, port, apiPort } = await detour();
  const controller = await launchController(plane, { kubeconfig });
  try {
    const attempts = (): true | undefined =>
      controller.log.filter(({ msg }) => msg === "api server away").length >= 3 || undefined;
    await eventually("it has tried several times", attempts);
    assert.equal(about(controller.log, "api server away"), 1);
    forwarder = await startForwarder(port, apiPort);
    await controller.ready();
    const cluster = objectsOf(plane);
    await cluster.createPool("public", ["203.0.113.0/29"]);
    await cluster.createService("web");
    await cluster.serviceIs("web", "has an address", (each) => allocatedOf(each) !== undefined);
    await eventually("it says that all is well", () => about(controller.log, "api server back") === 1 || undefined);
    await forwarder.cut();
    await eventually("it notices", () => about(controller.log, "api server away") === 2 || undefined);
    forwarder = await startForwarder(port, apiPort);
    await eventually("it is back again", () => about(controller.log, "api server back") === 2 || undefined);
    assert.equal(about(controller.log, "api server away"), 2);
  } finally {
    await controller.stop();
  }
});
