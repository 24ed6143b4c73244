import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findAssets } from "../lab/assets.ts";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";
import { applyManifests } from "../lab/manifests.ts";
import { output } from "../lab/programs.ts";
import { freePort } from "../lab/servers.ts";
import { startAdmission } from "./admission-process.ts";
import { startFakeAgent } from "./controller-agent.ts";
import { type RunningController, startController } from "./controller-cluster.ts";
import { objectsOf } from "./controller-objects.ts";
import { eventually } from "./eventually.ts";

const root = join(import.meta.dirname, "../..");
const deployment = "/apis/apps/v1/namespaces/herald-system/deployments/herald-controller";
const pools = "/apis/herald.dev/v1beta1/ippools";

/** A cluster with all of Herald in which a person types what the recipes say. */
export type RecipeCluster = {
  readonly plane: ControlPlane;
  /** Writes a file into the folder in which the commands are run. */
  write(name: string, text: string): void;
  /** Runs commands as a person would, and gives what they print. @throws {Error} if one fails that does not feed another */
  run(commands: string): Promise<Printed>;
  /** Takes away all Services, pools and routers, and what is remembered of them. */
  clear(): Promise<void>;
  stop(): Promise<void>;
};

/** What commands print, on standard output and on standard error. */
export type Printed = { readonly stdout: string; readonly stderr: string };

/** Starts it, with a controller that runs as its Deployment says, and an agent that announces whatever it is told to. */
export async function startRecipeCluster(): Promise<RecipeCluster> {
  const plane = await startControlPlane();
  const port = await freePort();
  await applyManifests(plane, port);
  await plane.kubectl(["apply", "--server-side", "-f", join(root, "deploy/40-controller.yaml")]);
  const admission = await startAdmission(plane, port);
  const controller = await followDeployment(plane);
  const agent = await startFakeAgent(plane, "node1", "192.168.50.11", { routers: true });
  const folder = await personsFolder(plane);
  return {
    plane,
    write: (name, text) => writeFileSync(join(folder, name), text),
    run: (commands) => run(folder, commands, plane),
    clear: () => clear(plane),
    stop: async () => {
      agent.stop();
      await controller.stop();
      admission.kill("SIGKILL");
      await plane.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

type Deployment = {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly [{ readonly command: readonly string[] }];
      };
    };
  };
};

/** Runs the controller as its Deployment's command says, anew whenever that changes. */
async function followDeployment(plane: ControlPlane): Promise<{ stop(): Promise<void> }> {
  const observes = async (): Promise<boolean> => {
    const { spec } = await plane.api.call<Deployment>("GET", deployment);
    return spec.template.spec.containers[0].command.includes("--observe");
  };
  let observe = await observes();
  let running: RunningController = await startController(plane, { observe });
  let stopped = false;
  const following = (async () => {
    while (!stopped) {
      const wanted = await observes();
      if (wanted !== observe) {
        observe = wanted;
        await running.stop();
        running = await startController(plane, { observe });
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await following;
      await running.stop();
    },
  };
}

/** A folder with the programs that the recipes use, and with the repository's manifests. */
async function personsFolder(plane: ControlPlane): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "herald-recipes-"));
  const program = (name: string, command: readonly string[]): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const kubectl = await findAssets(() => undefined)("kubectl");
  program("kubectl", [kubectl, "--cache-dir", join(plane.dir, "kubectl-cache")]);
  program("herald", [process.execPath, join(root, "src/main.ts")]);
  symlinkSync(join(root, "deploy"), join(folder, "deploy"));
  return folder;
}

async function run(folder: string, commands: string, plane: ControlPlane): Promise<Printed> {
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    KUBECONFIG: await plane.kubeconfig("admin"),
  };
  const { code, stdout, stderr } = await output(["bash", "-e", "-c", commands], { cwd: folder, env });
  if (code !== 0) throw new Error(`${commands}\nended with ${code}: ${stdout}${stderr}`);
  return { stdout, stderr };
}

async function clear(plane: ControlPlane): Promise<void> {
  const { api } = plane;
  const cluster = objectsOf(plane);
  const { items } = await api.call<{
    items: readonly { readonly metadata: { readonly name: string } }[];
  }>("GET", pools);
  const names = items.map(({ metadata }) => metadata.name);
  for (const name of names)
    await cluster.patchPool(name, {
      metadata: { annotations: { "herald.dev/force": "true" } },
      spec: { reuse: { rememberFor: "0s", coolDownFor: "0s" } },
    });
  for (const { metadata, spec } of await cluster.services())
    if (spec.type === "LoadBalancer") await cluster.deleteService(`${metadata.namespace}/${metadata.name}`);
  await eventually("the ledger is empty", async () => (await cluster.advertisements()).length === 0 || undefined);
  for (const name of names) await cluster.deletePool(name);
  await plane.kubectl(["delete", "bgppeers", "--all"]);
}
