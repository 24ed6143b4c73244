import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { parse, stringify } from "yaml";
import { type ControlPlane, startControlPlane } from "../lab/control-plane.ts";
import { applyManifests } from "../lab/manifests.ts";
import { freePort } from "../lab/servers.ts";

const main = join(import.meta.dirname, "../../src/main.ts");
let plane: ControlPlane;
let kubeconfig: string;

before(async () => {
  plane = await startControlPlane();
  kubeconfig = await plane.kubeconfig("admin");
});
after(() => plane?.stop());

/** What a command says on standard error, with its exit code. */
function complaint(file: string, ...argv: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...argv, "--kubeconfig", file], (error, _, stderr) =>
      resolve(`${error?.code ?? 0} ${stderr}`),
    );
  });
}

it("in a cluster without Herald, every command says how to get its resources", async () => {
  for (const argv of [["pools"], ["vips"], ["explain", "service", "web"], ["plan", "--delete", "ippool/public"]])
    assert.equal(
      await complaint(kubeconfig, ...argv),
      "1 herald: the cluster has no Herald resources: kubectl apply -f crds/\n",
      argv.join(" "),
    );
});

it("a Service without a namespace is looked for in that of the context", async () => {
  await applyManifests(plane, await freePort());
  const config = parse(await readFile(kubeconfig, "utf8")) as { contexts: { context: { namespace?: string } }[] };
  for (const { context } of config.contexts) context.namespace = "shop";
  const file = join(plane.dir, "in-shop.yaml");
  await writeFile(file, stringify(config));
  assert.equal(await complaint(file, "explain", "service", "web"), "1 herald: there is no Service shop/web\n");
  assert.equal(await complaint(kubeconfig, "explain", "service", "web"), "1 herald: there is no Service default/web\n");
});
