import { setImmediate as nextTurn } from "node:timers/promises";
import type { Connection } from "../../../src/kube/connection.ts";
import { openConnection } from "../../../src/kube/connection.ts";
import { controllerPrefix } from "../../simulation/api/rules.ts";
import { ApiServer } from "../../simulation/api/server.ts";
import { Watches } from "../../simulation/api/watches.ts";
import { Chances } from "../../simulation/chances.ts";
import { Scheduler } from "../../simulation/scheduler.ts";
import { Faults } from "../../simulation/world/faults.ts";
import { Link, type Backend as Net } from "../../simulation/world/network.ts";
import { epochMs, Process } from "../../simulation/world/process.ts";
import { controllerAccount, startHeraldCluster } from "../../support/controller-cluster.ts";

/** An API server with Herald's resources and policies, as Herald's controller and as a user call it. */
export type Backend = { readonly controller: Connection; readonly user: Connection; close(): Promise<void> };

/** The one of the simulation. Its time passes whenever nobody does anything else. */
export async function openModel(): Promise<Backend> {
  const scheduler = new Scheduler();
  const server = new ApiServer(() => epochMs + scheduler.nowMs);
  const net = { server, watches: new Watches(server.storage), scheduler, chances: new Chances(1, scheduler) };
  const controller = linkOf(net, `${controllerPrefix}0`);
  const user = linkOf(net, "user");
  let open = true;
  const running = (async () => {
    while (open) if (!(await scheduler.step())) await nextTurn();
  })();
  for (const name of ["default", "herald-system"])
    server.answer({
      method: "POST",
      path: "/api/v1/namespaces",
      body: JSON.stringify({ metadata: { name } }),
      by: "user",
    });
  return {
    controller,
    user,
    close: async () => {
      open = false;
      await running;
    },
  };
}

function linkOf(net: Net, by: string): Link {
  const process = new Process(by, net.scheduler, net.chances);
  const ignored = (): void => {};
  const told = { onTrapped: ignored, log: ignored, onPremature: ignored };
  return new Link(net, { process, by, faults: new Faults(), ...told });
}

/** A kube-apiserver with its etcd. */
export async function openReal(): Promise<Backend> {
  const plane = await startHeraldCluster();
  const controller = await openConnection(await plane.kubeconfig(controllerAccount));
  const user = await openConnection(await plane.kubeconfig("admin"));
  return {
    controller,
    user,
    close: async () => {
      await Promise.all([controller.close(), user.close()]);
      await plane.stop();
    },
  };
}
